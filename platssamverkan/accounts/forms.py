"""Forms of signing in and of accounts."""

import re

from wtforms import EmailField, Field, HiddenField, PasswordField
from wtforms.validators import ValidationError

from platssamverkan.core.fields import KeyMany, TextField, Tick, strip
from platssamverkan.core.forms import BaseForm, VersionedForm
from platssamverkan.core.validators import Limit, Needed


class SignInForm(BaseForm):
    """Address and password."""

    unchecked = frozenset({"email", "password"})
    email = EmailField("E-postadress", filters=[strip], validators=[Needed("Skriv din e-postadress."), Limit(200)])
    password = PasswordField("Lösenord", validators=[Needed("Skriv ditt lösenord."), Limit(200)])


SHORTEST_PASSWORD = 12


#: Addresses to sign in with and passwords, which are no free text.
CREDENTIALS = frozenset({"email", "current_password", "new_password", "new_password_again"})


# Fields stand in the order that they are written in below, and so do the errors above a form.
class _Account(BaseForm):
    unchecked = CREDENTIALS

    email = EmailField(
        "E-postadress",
        description="Tjänsteadress. Används för att logga in och för de brev som användaren själv väljer.",
        filters=[strip],
        validators=[Needed("Skriv användarens e-postadress."), Limit(200)],
    )
    function = TextField(
        "Funktion",
        description="Visas för andra, till exempel: Samordnare, stadsdelsförvaltningen. Aldrig ett namn.",
        validators=[Needed("Skriv användarens funktion, aldrig ett namn."), Limit(120)],
    )
    is_admin = Tick("Administratör", description="Lägger upp användare och samverkan. Läser ingen samverkan.")

    def validate_email(self, field: Field) -> None:
        if not re.fullmatch(r"[^\s@]+@[^\s@]+\.[^\s@]+", field.data or ""):
            raise ValidationError("Skriv en hel e-postadress, till exempel samordnare@staden.se.")


class _OldPassword(BaseForm):
    unchecked = CREDENTIALS

    current_password = PasswordField(
        "Lösenordet du har nu", validators=[Needed("Skriv lösenordet som du har nu."), Limit(200)]
    )


class _NewPassword(BaseForm):
    unchecked = CREDENTIALS

    new_password = PasswordField(
        "Nytt lösenord",
        description=f"Minst {SHORTEST_PASSWORD} tecken. Flera ord efter varandra är lätt att minnas.",
        validators=[Needed("Skriv ett lösenord."), Limit(200)],
    )
    new_password_again = PasswordField(
        "Samma lösenord en gång till", validators=[Needed("Skriv lösenordet en gång till."), Limit(200)]
    )

    def validate_new_password(self, field: Field) -> None:
        if len(field.data or "") < SHORTEST_PASSWORD:
            raise ValidationError(f"Lösenordet är för kort. Skriv minst {SHORTEST_PASSWORD} tecken.")

    def validate_new_password_again(self, field: Field) -> None:
        if field.data != self.new_password.data:
            raise ValidationError("Lösenorden är inte lika. Skriv samma lösenord i båda fälten.")


class AccountForm(VersionedForm, _Account):
    """Facts of an account."""


class NewAccountForm(_Account, _NewPassword):
    """A new account with its first password."""


class PasswordForm(_NewPassword):
    """A new password, set by an administrator."""


class OwnPasswordForm(_OldPassword, _NewPassword):
    """One's own new password, proved by the old one."""


class MailForm(BaseForm):
    """Which mails one wants."""

    topics = KeyMany("Skicka mig e-post")
    #: What was ticked when the page was made.
    base = HiddenField()
