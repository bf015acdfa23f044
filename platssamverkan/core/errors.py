"""Domain exceptions and the Swedish pages that say what happened and what to do next."""

from flask import Flask, g, make_response, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, InternalError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from platssamverkan.core import held, schema
from platssamverkan.core.access import ended_sentence
from platssamverkan.core.db import AWAY, Away, undo
from platssamverkan.core.posted import said


class DomainError(Exception):
    """A rule of the field forbids this. `message` is a Swedish sentence for the user."""

    status = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class EditConflict(DomainError):
    """Someone saved first. The view shows both texts; nothing is overwritten."""

    def __init__(self, message: str = "Någon annan har sparat under tiden.") -> None:
        super().__init__(message)


class Locked(DomainError):
    """The record is approved and can only be corrected by a dated correction."""


def check_version(row: object, posted: int | None) -> None:
    """Raise `EditConflict` unless the form was made from the row's present version."""
    if posted != getattr(row, "version"):  # noqa: B009  (a Versioned row; the type is open)
        raise EditConflict


#: What PostgreSQL calls a deadlock, a save that no order fits, and a lock that was waited for too long.
GIVEN_UP = {"40P01", "40001", "55P03"}
#: What PostgreSQL calls a save where nothing may be saved.
READ_ONLY = "25006"
PAGES = {
    400: ("Sidan kunde inte läsas", "Det som skickades gick inte att läsa. Gå tillbaka och försök igen."),
    403: ("Du har inte behörighet", "Be samordnaren om behörighet om du behöver göra det här."),
    404: ("Sidan finns inte", "Adressen kan vara fel, eller så har du inte tillgång till samverkan den hör till."),
    405: ("Så kan sidan inte användas", "Gå tillbaka och använd knapparna på sidan."),
    413: (
        "Det som skickades är för stort",
        "Inget är sparat. Högst 16 MB kan tas emot på en gång, och filer på högst 2 MB.",
    ),
    500: ("Något gick fel hos oss", "Felet är noterat. Försök igen om en stund."),
    503: ("Det gick inte just nu", "Vänta en stund och ladda om sidan."),
}

#: Pages that tell what was written: a right was withdrawn, a row removed or something broke while someone wrote.
TELLING = {403, 404, 500, 503}
FOREIGN = "Formuläret kom från en annan webbplats. Inget är sparat. Öppna sidan här i Platssamverkan i stället."


def _page(code: int, message: str | None = None) -> ResponseReturnValue:
    title, text = PAGES.get(code, PAGES[500 if code >= 500 else 400])
    if request_ctx.url_adapter is None:
        # Asked for at a host that there can't be: no page can tell where its links lead.
        return make_response(f"{title}. {text}", code, {"Content-Type": "text/plain; charset=utf-8"})
    fields = held.held_fields() if code in TELLING and request.endpoint else []
    return make_response(
        render_template("errors/page.html", code=code, title=title, text=message or text, fields=fields), code
    )


def _refused(message: str, status: int = 409) -> ResponseReturnValue:
    return make_response(render_template("errors/refused.html", message=message, fields=held.held_fields()), status)


def _is_in_the_way(error: Away) -> bool:
    """Say whether the database gave up the save for another's: a deadlock or a lock too long waited for."""
    return getattr(error.orig, "sqlstate", None) in GIVEN_UP or "database is locked" in str(error.orig)


def _is_fault(error: BaseException | None) -> bool:
    """Say whether the program itself is why: only where PostgreSQL may but be read is its refusal no fault of ours."""
    return isinstance(error, InternalError) and getattr(error.orig, "sqlstate", None) != READ_ONLY


def _told(error: IntegrityError | Away) -> str:
    """Return what the database says of its refusal, without the row that PostgreSQL quotes after it."""
    told = getattr(getattr(error.orig, "diag", None), "message_primary", None)
    return str(told or error.orig).partition("\n")[0]


def _without_database() -> ResponseReturnValue:
    """Return the page of a database that is out of reach or out of space. It asks it nothing, not even who reads."""
    g.user = None
    html = render_template(
        "errors/no_database.html", fields=held.held_fields(), current_user=AnonymousUserMixin(),
        is_saving=request.method == "POST",
    )  # fmt: skip
    return make_response(html, 503, {"Retry-After": "30"})


def _undo() -> None:
    """Undo what the request began. The workspace was read in the transaction that ends here, so pages of errors do
    without it; they show nothing of the rows that were read, so there is no reading to log."""
    undo()
    g.pop("workspace", None)
    g.pop("authorities_read", None)


def init_app(app: Flask) -> None:
    """Answer every error with a page in plain Swedish; a failed request leaves nothing half-saved."""

    app.jinja_env.filters["said"] = said

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> ResponseReturnValue:
        original = getattr(error, "original_exception", None)
        if isinstance(original, AWAY) and not _is_fault(original):
            # It was lost while another answer was being made.
            _undo()
            return _without_database()
        ended = ended_sentence() if error.code == 403 else None
        _undo()
        if ended:
            return make_response(render_template("errors/ended.html", ended=ended, fields=held.held_fields()), 403)
        page = make_response(_page(error.code or 500))
        if isinstance(error, MethodNotAllowed):
            page.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return page

    @app.errorhandler(CSRFError)
    def _csrf(_error: CSRFError) -> ResponseReturnValue:
        _undo()
        return _page(400, FOREIGN) if held.is_foreign() else held.hold_stale_form()

    @app.errorhandler(DomainError)
    def _domain(error: DomainError) -> ResponseReturnValue:
        _undo()
        # What is our own doing has nothing to do with what someone wanted to save.
        return _page(error.status, error.message) if error.status >= 500 else _refused(error.message, error.status)

    @app.errorhandler(StaleDataError)
    def _stale(_error: StaleDataError) -> ResponseReturnValue:
        # Two saves within the same instant: the second one meets the database's own check.
        _undo()
        return _refused("Någon annan hann spara samtidigt. Ladda om sidan och spara igen.")

    @app.errorhandler(IntegrityError)
    def _refused_by_database(error: IntegrityError) -> ResponseReturnValue:
        # The services refuse first and say why; this is what meets two saves at once and forgotten rules.
        _undo()
        app.logger.warning("the database refused a save at %s: %s", request.endpoint, _told(error))
        return _refused("Det gick inte att spara. Uppgiften är låst, eller så ändrades den samtidigt av någon annan.")

    def _no_answer(error: Away) -> ResponseReturnValue:
        _undo()
        if _is_fault(error):
            app.logger.exception("unexpected error at %s %s", request.method, request.endpoint, exc_info=error)
            return _page(500)
        if _is_in_the_way(error):
            app.logger.warning("a save gave way to another at %s: %s", request.endpoint, _told(error))
            if request.method != "POST":
                return _page(503, "Flera sparar samtidigt. Vänta en stund och ladda om sidan.")
            return _refused("Flera sparade samtidigt, och det här hann inte sparas. Vänta en stund och spara igen.")
        app.logger.error("%s %s: %s", request.method, request.endpoint, schema.silence(error))
        return _without_database()

    for kind in AWAY:
        app.register_error_handler(kind, _no_answer)

    if not app.testing:

        @app.errorhandler(Exception)
        def _unexpected(error: Exception) -> ResponseReturnValue:
            _undo()
            app.logger.exception("unexpected error at %s %s", request.method, request.endpoint, exc_info=error)
            return _page(500)
