"""The base of every form: Swedish messages, unreadable characters refused, and the privacy check on every free text."""

from collections.abc import Iterable
from typing import Any

from flask import g, has_request_context, request
from flask_login import current_user
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, StringField, TextAreaField

from platssamverkan.core import clock, privacy
from platssamverkan.core.columns import UTCDateTime
from platssamverkan.core.db import Model, db
from platssamverkan.core.fields import TextField, VersionField, strip

#: Where no limit is stated, one is: no field takes a text without end.
DEFAULT_LIMIT = 10_000
#: Longer texts are refused by every field for their length, and not read through first: that would take seconds.
MOST_READ = 200_000


class PrivacyOverride(Model):
    """Someone kept a text that looks like it holds contact data, and said why. The matched text is never stored."""

    __tablename__ = "privacy_override"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[Any] = mapped_column(UTCDateTime)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    endpoint: Mapped[str] = mapped_column(String(120))
    field: Mapped[str] = mapped_column(String(80))
    kinds: Mapped[str] = mapped_column(String(200))
    reason: Mapped[str] = mapped_column(String(300))


class TextArea(TextAreaField):
    """Text of several lines."""

    def __init__(self, label: str, **kwargs: Any) -> None:
        super().__init__(label, filters=[strip], **kwargs)


class BaseForm(FlaskForm):
    """A form whose every text is checked (DOMAIN 9, R2). `unchecked` names fields that hold no free text, like the
    work address a user signs in with."""

    unchecked: frozenset[str] = frozenset()
    #: Asked for only when a text looks like it holds a phone number, an address of mail, a vehicle or a dwelling.
    privacy_reason = TextField("Varför måste uppgiften stå kvar?")
    asks_reason = False

    class Meta(FlaskForm.Meta):
        locales = ("sv",)

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Return what was posted as a form. A file counts only where a field takes one, and JSON never: a field of
            text would not know what to do with them."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            if request.files and any(isinstance(field, FileField) for field in form):
                return super().wrap_formdata(form, formdata)
            return request.form or None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self._texts():
            field.flags.privacy = True
        if has_request_context():
            # Pages of errors say what was written in the words of the form that the view had made.
            g.setdefault("forms_made", []).append(self)

    def _texts(self) -> list[Field]:
        return [
            field
            for field in self
            if isinstance(field, StringField)
            and not isinstance(field, HiddenField)
            and field.short_name not in self.unchecked | {"privacy_reason", "csrf_token"}
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Return whether everything holds; the messages stand at their fields."""
        valid = super().validate(extra_validators)
        for field in self:
            if not self._readable(field):
                valid = False
        for field in self._texts():
            if not self._private(field):
                valid = False
        return bool(valid)

    def _readable(self, field: Field) -> bool:
        """Refuse what could not be decoded and what no database column holds."""
        for value in [] if isinstance(field, VersionField) else field.raw_data or []:
            if isinstance(value, str) and ("\ufffd" in value or "\x00" in value):
                field.errors = [*field.errors, "Texten innehåller tecken som inte går att läsa. Skriv dem på nytt."]
                return False
        if isinstance(field, StringField) and not getattr(field.flags, "max_length", None):
            length = len(field.data or "")
            if length > DEFAULT_LIMIT:
                over = f"Texten är {length - DEFAULT_LIMIT} tecken för lång. Högst {DEFAULT_LIMIT} får plats."
                field.errors = [*field.errors, over]
                return False
        return True

    def _private(self, field: Field) -> bool:
        if len(field.data or "") > MOST_READ:
            return False
        findings = privacy.find(field.data or "")
        if privacy.hard(findings):
            field.errors = [privacy.stop_message(findings), *field.errors]
            return False
        if not privacy.soft(findings) or self.may_keep(field.short_name, findings):
            return True
        field.errors = [privacy.reason_message(findings), *field.errors]
        return False

    def may_keep(self, name: str, findings: Iterable[privacy.Finding]) -> bool:
        """Return whether a reason was given for what was found in the text called `name`; it is logged without the
        text. Without one the form asks for it."""
        self.asks_reason = True
        field, limit = self.privacy_reason, PrivacyOverride.reason.type.length
        reason = field.data or ""
        if len(reason) > limit:
            field.errors = [f"Skälet är {len(reason) - limit} tecken för långt. Högst {limit} får plats."]
            return False
        # What may not stand in the log is no less of it when it is given as the reason.
        repeated = privacy.find(reason)
        if told := privacy.stop_message(repeated, "Skälet") or privacy.repeated_message(repeated):
            field.errors = [told]
            return False
        if not reason or field.errors:
            return False
        kinds = ", ".join(sorted({finding.kind.value for finding in privacy.soft(findings)}))
        db.session.add(_override(name, kinds, reason))
        return True


class VersionedForm(BaseForm):
    """A form on a row that several people edit: carries the version it was made from."""

    version = VersionField("")


def _override(field: str, kinds: str, reason: str) -> PrivacyOverride:
    user_id = current_user.id if current_user.is_authenticated else None
    return PrivacyOverride(
        at=clock.now(), user_id=user_id, endpoint=request.endpoint or "", field=field, kinds=kinds, reason=reason
    )
