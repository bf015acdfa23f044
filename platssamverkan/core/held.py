"""No word is lost when a session ends or a form has gone stale: the posted text is held on the page shown instead.

The fields travel as a signed-in user's own form back to the address they were meant for, so nothing is stored for
someone who is not signed in, and it works without JavaScript.
"""

from urllib.parse import urlsplit

from flask import Response, current_app, make_response, render_template, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

#: Never carried over: the token is made anew. Nor is any password, whatever its field is called.
DROPPED = {"csrf_token"}
#: Where a held form's own target stands in the sign-in form.
TARGET = "_held_url"
PREFIX = "_held."


def held_fields() -> list[tuple[str, str]]:
    """Return the (name, value) pairs of the posted form that are worth keeping."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in DROPPED and "password" not in name
    ]


def _own_hosts() -> set[str]:
    """Return what this site is called: by the request, to which a proxy may have given a name of its own, and by
    SITE_URL."""
    return {request.host, urlsplit(current_app.config["SITE_URL"] or "").netloc} - {""}


def safe_path(target: str | None) -> str | None:
    """Return `target` as a path inside this site, or None when it leads elsewhere or nowhere."""
    if not target:
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    if parts.netloc and parts.netloc not in _own_hosts():
        return None
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        return None
    return path


def is_foreign() -> bool:
    """Say whether a page of another site sent the form. Its text is nobody's here: held and handed to whoever signs in,
    it would be saved in that user's name."""
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched:
        return fetched not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    # A proxy may speak https with the browser and http with us: the host alone tells.
    return origin is not None and origin.partition("://")[2] not in _own_hosts()


def hold_for_sign_in() -> BaseResponse:
    """Return the sign-in page: a redirect for a page asked for, the form with the posted text kept for a save."""
    from platssamverkan.core.access import to_sign_in  # noqa: PLC0415  (access enforces through this module)

    if request.method in {"GET", "HEAD"} or not request.form:
        return to_sign_in()
    return _sign_in_again(request.path, held_fields())


def _sign_in_again(url: str, fields: list[tuple[str, str]]) -> Response:
    """Return the sign-in page that carries `fields` along; where nothing was written it leads back to the page that was
    left. The header tells the page's own script, which shows no new page for a box that saves itself, what the matter
    is."""
    back = safe_path(request.referrer)
    page = render_template("accounts/sign_in.html", form=None, held_url=url, held=fields, expired=True, back=back)
    return make_response(page, 400, {"Session-Ended": "1"})


def hold_stale_form() -> BaseResponse:
    """Return the page for a form whose token does not hold. When the session has ended, it is the sign-in page with the
    text, and so again when that sign-in form has itself become too old."""
    from platssamverkan.core.access import PUBLIC, rule_of  # noqa: PLC0415  (access enforces through this module)

    if current_user.is_authenticated:
        return stale_form()
    carried = held_after_sign_in(request.form)
    if carried:
        return _sign_in_again(*carried)
    if request.endpoint and rule_of(request.endpoint, current_app) == PUBLIC:
        return stale_form()
    return hold_for_sign_in()


def held_after_sign_in(form: "MultiDict[str, str]") -> tuple[str, list[tuple[str, str]]] | None:
    """Return the address and fields that a sign-in form carried along, or None when it carried none."""
    target = safe_path(form.get(TARGET))
    if target is None:
        return None
    fields = [(name[len(PREFIX) :], value) for name, value in form.items(multi=True) if name.startswith(PREFIX)]
    return (target, fields) if fields else None


def stale_form() -> Response:
    """Return the 400 page of a form whose token no longer holds, with what was written ready to be sent again."""
    fields = held_fields()
    html = render_template("errors/stale.html", held_url=request.path, held=fields)
    return make_response(html, 400)
