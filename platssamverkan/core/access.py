"""Access, denied by default. Each view states its rule; a request to a view without one is refused.

Below /samverkan/<slug>/ the workspace is loaded once per request: a user who is no member gets 404, a member without
the right 403. What a role may do is one table, `partnerships/roles.py`; this module only enforces it.

Those who save in the same partnership do it one after the other: each waits before anything is read, so that what a
view reads still holds when it writes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Rule:
    """What a view asks of its caller. `permission` is a value of the partnership's permission table."""

    kind: str
    permission: str | None = None


class Workspace(Protocol):
    """What the enforcer needs to know of a partnership's workspace."""

    @property
    def ended(self) -> str | None: ...

    def holds(self, permission: str) -> bool: ...

    def allows(self, permission: str) -> bool: ...


PUBLIC = Rule("public")
SIGNED_IN = Rule("signed_in")
ADMIN = Rule("admin")


def _mark(rule: Rule) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        view.access = rule  # type: ignore[attr-defined]
        return view

    return decorate


def requires(permission: str) -> Callable[[View], View]:
    """Let members of the URL's partnership in whose role holds `permission`."""
    return _mark(Rule("permission", str(permission)))


def public(view: View) -> View:
    """Let anyone in. The few open views are listed by a test."""
    return _mark(PUBLIC)(view)


def signed_in(view: View) -> View:
    """Let any signed-in user in; the view itself shows only what that user may see."""
    return _mark(SIGNED_IN)(view)


def admin_only(view: View) -> View:
    """Let administrators in. They read no partnership by that."""
    return _mark(ADMIN)(view)


def lets_others_save(view: View) -> View:
    """Let others save while the view works: it is slow, and locks what it must itself, when it comes to saving."""
    view.lets_others_save = True  # type: ignore[attr-defined]
    return view


def rule_of(endpoint: str, app: Flask) -> Rule | None:
    """Return the rule that the view of `endpoint` states, or None when it states none."""
    return getattr(app.view_functions.get(endpoint), "access", None)


def ended_sentence() -> str | None:
    """Return the sentence that tells why a request was refused whose caller would else be let in: the partnership has
    ended. None when it was refused for another reason."""
    workspace: Workspace | None = g.get("workspace")
    rule = rule_of(request.endpoint, current_app) if request.endpoint else None
    if workspace is None or rule is None or not workspace.holds(rule.permission or ""):
        return None
    return workspace.ended


def _sign_in_first() -> BaseResponse:
    from platssamverkan.core.held import hold_for_sign_in  # noqa: PLC0415  (held renders pages, which need access)

    return hold_for_sign_in()


def _enforce() -> Response | BaseResponse | None:
    if request.endpoint is None:
        # No such address. Strangers and members get the same answer.
        return None
    if request.endpoint == "static":
        return None
    rule = rule_of(request.endpoint, current_app)
    if rule is None:
        abort(403, description="no access rule")
    if rule == PUBLIC:
        return None
    if not current_user.is_authenticated:
        return _sign_in_first()
    if rule == ADMIN and not current_user.is_admin:
        abort(403)
    if rule.permission is not None:
        view = current_app.view_functions[request.endpoint]
        alone = request.method == "POST" and not getattr(view, "lets_others_save", False)
        workspace: Workspace | None = current_app.extensions["workspace_loader"](g.slug, alone=alone)
        if workspace is None:
            abort(404)
        g.workspace = workspace
        if not workspace.allows(rule.permission):
            abort(403)
    return None


def init_app(app: Flask) -> None:
    """Enforce the rules on every request and take the partnership's slug out of the URL values."""

    @app.url_value_preprocessor
    def _pull_slug(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.slug = values.pop("slug", None) if values and (request.path.startswith("/samverkan/")) else None

    @app.url_defaults
    def _push_slug(endpoint: str, values: dict[str, Any]) -> None:
        if "slug" not in values and g.get("slug") and app.url_map.is_endpoint_expecting(endpoint, "slug"):
            values["slug"] = g.slug

    app.before_request(_enforce)


def to_sign_in() -> BaseResponse:
    """Return the redirect to the sign-in page that leads back to the page asked for."""
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    target = url_for("accounts.sign_in", nasta=wanted)
    if "HX-Request" in request.headers:
        response = Response(status=204)
        response.headers["HX-Redirect"] = url_for("accounts.sign_in", nasta=request.headers.get("HX-Current-URL"))
        return response
    return redirect(target)
