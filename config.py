"""Settings, read from the environment here and nowhere else. A wrong value stops the start with one clear line."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent


class SettingError(SystemExit):
    """A setting has a value that the program cannot run with; the message names it and says what is allowed."""


def _flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value in {"1", "true", "yes", "ja"}:
        return True
    if value in {"", "0", "false", "no", "nej"}:
        return False
    raise SettingError(f"{name} ska vara 1 eller 0, inte {value!r}.")


def _integer(name: str, default: int, *, minimum: int) -> int:
    value = os.environ.get(name, str(default)).strip()
    if not value.isdecimal() or int(value) < minimum:
        raise SettingError(f"{name} ska vara ett heltal som är minst {minimum}, inte {value!r}.")
    return int(value)


def database_url(value: str | None, instance: Path) -> str:
    """Return the SQLAlchemy address for DATABASE_URL; an SQLite file in `instance` when it is not set."""
    if not value:
        return f"sqlite:///{instance / 'platssamverkan.sqlite3'}"
    if value.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + value.split("://", 1)[1]
    if value.startswith(("postgresql+psycopg://", "sqlite:///")):
        return value
    raise SettingError("DATABASE_URL ska börja med postgresql:// eller sqlite:///.")


def secret_key(instance: Path) -> str:
    """Return SECRET_KEY, or a key kept in `instance` so that sessions outlive a restart on one machine."""
    given = os.environ.get("SECRET_KEY", "")
    if given:
        if len(given) < 16:
            raise SettingError("SECRET_KEY ska ha minst 16 tecken.")
        return given
    instance.mkdir(parents=True, exist_ok=True)
    path = instance / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_text().strip()


def site_url(value: str) -> str | None:
    """Return SITE_URL with a slash last, or None when it is not set: then the address of each request is used."""
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingError("SITE_URL ska vara webbplatsens adress, till exempel https://platssamverkan.exempel.se/.")
    return f"{parts.scheme}://{parts.netloc}/"


class Config:
    """What every start has in common; the values are documented in README's settings table."""

    def __init__(self) -> None:
        self.INSTANCE = Path(os.environ.get("INSTANCE_PATH") or ROOT / "instance")
        self.SECRET_KEY = secret_key(self.INSTANCE)
        self.SQLALCHEMY_DATABASE_URI = database_url(os.environ.get("DATABASE_URL"), self.INSTANCE)
        self.DEMO = _flag("PLATSSAMVERKAN_DEMO")
        self.COMPONENTS_PAGE = _flag("COMPONENTS_PAGE", default=self.DEMO)
        #: Where links in documents lead.
        self.SITE_URL = site_url(os.environ.get("SITE_URL", "").strip())
        self.BRIEFING_LABEL = os.environ.get("BRIEFING_LABEL", "samverkansutställning")
        self.BRIEFING_HORIZON_DAYS = _integer("BRIEFING_HORIZON_DAYS", 60, minimum=7)
        self.SESSION_COOKIE_SECURE = _flag("SESSION_COOKIE_SECURE")
        self.SESSION_COOKIE_HTTPONLY = True
        self.SESSION_COOKIE_SAMESITE = "Lax"
        self.PERMANENT_SESSION_LIFETIME = 60 * _integer("SESSION_MINUTES", 720, minimum=5)
        # The token lives as long as the session: a form left open over a meeting must still save.
        self.WTF_CSRF_TIME_LIMIT = None
        # Above what any field allows, so that too long a text meets the form's message and not a dead end.
        self.MAX_CONTENT_LENGTH = 32 * 1024 * 1024
        self.MAX_FORM_MEMORY_SIZE = 16 * 1024 * 1024
        self.MAX_FORM_PARTS = 5000


class Testing(Config):
    """For the tests: a database of its own and no secrets on disk."""

    #: Not a test class, whatever its name looks like.
    __test__ = False

    def __init__(self, uri: str, instance: Path) -> None:
        os.environ.setdefault("SECRET_KEY", "a test key of no use elsewhere")
        super().__init__()
        self.INSTANCE = instance
        self.SQLALCHEMY_DATABASE_URI = uri
        self.TESTING = True
        self.COMPONENTS_PAGE = True
        self.DEMO = True
