"""Platssamverkan: the coordination with which a district administration, the police, property owners and others take
back a public place from open drug dealing. This file wires the rooms together and knows all of them."""

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from flask import Flask, g, session
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import bindparam, exists, select

from platssamverkan.core import (
    access,
    addresses,
    audit,
    drafts,
    errors,
    forms,
    headers,
    leases,
    once,
    outbox,
    privacy,
    read_log,
    sources,
    static_files,
    worker,
)
from platssamverkan.core import db as database
from platssamverkan.core.db import db
from platssamverkan.core.formatting import FILTERS
from platssamverkan.core.icons import icon
from platssamverkan.core.registry import registry

ROOT = Path(__file__).resolve().parent.parent
#: From the ground floor up. Each has models; most have views, connections to the registry and commands.
ROOMS = (
    "accounts", "actors", "places", "partnerships", "agreements", "goals", "measures", "meetings", "briefings",
    "activations", "surveys", "reports", "overview", "public", "demo",
)  # fmt: skip

#: Models of the ground floor, known to the migrations like those of the rooms.
CORE_MODELS = (
    sources.Source, audit.AuditEntry, drafts.Draft, forms.PrivacyOverride, outbox.OutboxMail, outbox.MailChoice,
    leases.TaskLease, once.SentForm,
)  # fmt: skip

csrf = CSRFProtect()
login_manager = LoginManager()


def create_app(config: object) -> Flask:
    """Return the application with `config` (an instance of config.Config). Raises SystemExit with one line when a
    setting is wrong or the database holds demo accounts without PLATSSAMVERKAN_DEMO."""
    app = addresses.Site(
        __name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"),
        instance_path=str(config.INSTANCE),  # type: ignore[attr-defined]
    )  # fmt: skip
    app.config.from_object(config)
    app.config["MIGRATIONS"] = ROOT / "migrations"
    Path(app.config["INSTANCE"]).mkdir(parents=True, exist_ok=True)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(
        icon=icon, saved_drafts=drafts.saved_keys, briefing_label=app.config["BRIEFING_LABEL"],
        privacy_guidance=privacy.GUIDANCE,
    )  # fmt: skip

    addresses.init_app(app)
    database.init_app(app)
    csrf.init_app(app)
    headers.init_app(app)
    static_files.init_app(app)
    errors.init_app(app)
    access.init_app(app)
    once.init_app(app)
    audit.init_app(app)
    read_log.init_app(app)
    worker.init_app(app)
    _init_sign_in(app)
    for room in ROOMS:
        _open_room(app, room)
    if app.config["COMPONENTS_PAGE"]:
        from platssamverkan.core import components_page  # noqa: PLC0415  (only in development)

        app.register_blueprint(components_page.bp)
    return app


def _module(name: str) -> Any:
    return importlib.import_module(name) if importlib.util.find_spec(name) else None


def _open_room(app: Flask, room: str) -> None:
    """Load the room's models, register its blueprints and commands, and let it tell the registry what it knows."""
    package = f"platssamverkan.{room}"
    _module(f"{package}.models")
    views = _module(f"{package}.views")
    if views:
        for blueprint in getattr(views, "blueprints", None) or [views.bp]:
            app.register_blueprint(blueprint)
    connections = _module(f"{package}.connections")
    if connections:
        connections.connect(registry)
    commands = _module(f"{package}.cli")
    if commands:
        commands.init_app(app)
    workspace = _module(f"{package}.workspace")
    if workspace:
        workspace.init_app(app)


def _init_sign_in(app: Flask) -> None:
    from platssamverkan.accounts.models import EndedSession, User  # noqa: PLC0415  (models need the database set up)

    is_ended = exists().where(EndedSession.key == bindparam("key"))
    by_token = select(User).where(User.session_token == bindparam("token"), ~is_ended)
    login_manager.init_app(app)
    login_manager.session_protection = "basic"

    @login_manager.user_loader  # type: ignore[untyped-decorator]
    def _load(token: str) -> User | None:
        if "user" not in g:
            g.user = db.session.scalar(by_token, {"token": token, "key": session.get("key", "")})
            if g.user is None:
                session.pop("_user_id", None)
            # Renews the cookie. One that lets nobody in must not outlive what is known of its end.
            session.modified = True
        user: User | None = g.user
        return user
