"""Settings, read from the environment here and nowhere else. A wrong value stops the start with one clear line."""

import os
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parent
LARGEST_PORT = 65535
#: Of days and minutes: no more than moments can be reckoned with.
LARGEST_NUMBER = 1_000_000
SHORTEST_KEY = 16


class SettingError(SystemExit):
    """A setting has a value that the program cannot run with; the message names it and says what is allowed."""


def _flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value in {"1", "true", "yes", "ja"}:
        return True
    if value in {"", "0", "false", "no", "nej"}:
        return False
    raise SettingError(f"{name} ska vara 1 eller 0, inte {value!r}.")


def _integer(name: str, default: int, *, minimum: int, maximum: int = LARGEST_NUMBER) -> int:
    value = os.environ.get(name, str(default)).strip()
    if not value.isdecimal() or int(value) < minimum:
        raise SettingError(f"{name} ska vara ett heltal som är minst {minimum}, inte {value!r}.")
    if int(value) > maximum:
        raise SettingError(f"{name} ska vara högst {maximum}, inte {value}.")
    return int(value)


def _choice(name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = os.environ.get(name, default).strip().lower()
    if value not in allowed:
        raise SettingError(f"{name} ska vara {', '.join(allowed[:-1])} eller {allowed[-1]}, inte {value!r}.")
    return value


def _text(name: str) -> str | None:
    return os.environ.get(name, "").strip() or None


def redis_url(value: str | None) -> str | None:
    """Return REDIS_URL, or None when it is not set: then tasks wait in a file in the instance folder."""
    if value and not value.startswith(("redis://", "rediss://", "unix://")):
        raise SettingError("REDIS_URL ska börja med redis://, rediss:// eller unix://.")
    return value


def mail_settings(site: str | None) -> dict[str, str | int | None]:
    """Return how mail leaves, by the name of each setting. `site` is SITE_URL, where the links of a mail lead."""
    host, sender = _text("SMTP_HOST"), _text("MAIL_SENDER")
    security = _choice("SMTP_SECURITY", "starttls", ("starttls", "tls", "none"))
    usual_port = {"starttls": 587, "tls": 465, "none": 25}[security]
    port = _integer("SMTP_PORT", usual_port, minimum=1, maximum=LARGEST_PORT)
    user, password = _text("SMTP_USER"), os.environ.get("SMTP_PASSWORD") or None
    if sender and not re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", sender):
        raise SettingError("MAIL_SENDER ska vara en e-postadress, till exempel platssamverkan@staden.se.")
    if bool(user) != bool(password):
        raise SettingError("SMTP_USER och SMTP_PASSWORD ska anges båda två eller ingen av dem.")
    if user and security == "none":
        raise SettingError("SMTP_USER kräver att SMTP_SECURITY är starttls eller tls, så att lösenordet går krypterat.")
    if host and not sender:
        raise SettingError("MAIL_SENDER ska anges när SMTP_HOST är angiven: adressen som breven kommer från.")
    if host and not site:
        raise SettingError("SITE_URL ska anges när SMTP_HOST är angiven: adressen som brevens länkar leder till.")
    return {
        "SMTP_HOST": host,
        "SMTP_PORT": port,
        "SMTP_SECURITY": security,
        "SMTP_USER": user,
        "SMTP_PASSWORD": password,
        "MAIL_SENDER": sender,
    }


def database_url(value: str | None, instance: Path) -> str:
    """Return the SQLAlchemy address for DATABASE_URL; an SQLite file in `instance` when it is not set."""
    if not value:
        return f"sqlite:///{instance / 'platssamverkan.sqlite3'}"
    if not value.startswith(("postgresql://", "postgres://", "postgresql+psycopg://", "sqlite:///")):
        raise SettingError("DATABASE_URL ska börja med postgresql:// eller sqlite:///.")
    try:
        database = make_url(value).database
    except (ArgumentError, ValueError):
        raise SettingError(
            "DATABASE_URL går inte att läsa. Skriv den som postgresql://namn:lösenord@dator:5432/databas."
        ) from None
    if value.startswith("sqlite") and database in {None, "", ":memory:"}:
        raise SettingError("DATABASE_URL ska ange en fil, till exempel sqlite:////srv/platssamverkan.sqlite3.")
    if value.startswith(("postgresql://", "postgres://")):
        return "postgresql+psycopg://" + value.split("://", 1)[1]
    return value


def secret_key(instance: Path) -> str:
    """Return SECRET_KEY, or a key kept in `instance` so that sessions outlive a restart on one machine."""
    given = os.environ.get("SECRET_KEY", "")
    if given:
        if len(given) < SHORTEST_KEY:
            raise SettingError(f"SECRET_KEY ska ha minst {SHORTEST_KEY} tecken.")
        return given
    path = instance / "secret_key"
    try:
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        key = path.read_text().strip()
    except OSError as error:
        raise SettingError(
            f"Nyckeln i {path} går inte att spara eller läsa ({error.strerror}). Ange SECRET_KEY."
        ) from None
    if len(key) < SHORTEST_KEY:
        raise SettingError(f"Nyckeln i {path} är för kort. Ta bort filen, så skapas en ny, eller ange SECRET_KEY.")
    return key


def site_url(value: str) -> str | None:
    """Return SITE_URL with a slash last, or None when it is not set: then the address of each request is used."""
    if not value:
        return None
    try:
        parts = urlsplit(value)
        # A port that is no number is found out when it is asked for.
        is_address = bool(parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0)
    except ValueError:
        is_address = False
    if not is_address or re.search(r"\s", value) or parts.path.strip("/") or parts.query:
        raise SettingError("SITE_URL ska vara webbplatsens adress, till exempel https://platssamverkan.exempel.se/.")
    # Browsers tell of hosts in small letters, and are compared with this.
    return f"{parts.scheme}://{parts.netloc.lower()}/"


def instance_folder(value: str | None) -> Path:
    """Return the folder of INSTANCE_PATH, which is made if it is not there; `instance` here when it is not set."""
    folder = Path(value) if value else ROOT / "instance"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(f"INSTANCE_PATH: mappen {folder} går inte att skapa ({error.strerror}).") from None
    return folder


def statement_address(value: str | None) -> str | None:
    """Return ACCESSIBILITY_STATEMENT, or None when it is not set: then the page says what is missing."""
    if value and not value.startswith(("https://", "http://")):
        raise SettingError("ACCESSIBILITY_STATEMENT ska vara en webbadress som börjar med https://.")
    return value


class Config:
    """What every start has in common; the values are documented in README's settings table."""

    def __init__(self) -> None:
        self.INSTANCE = instance_folder(_text("INSTANCE_PATH"))
        self.SECRET_KEY = secret_key(self.INSTANCE)
        self.SQLALCHEMY_DATABASE_URI = database_url(_text("DATABASE_URL"), self.INSTANCE)
        self.DEMO = _flag("PLATSSAMVERKAN_DEMO")
        self.COMPONENTS_PAGE = _flag("COMPONENTS_PAGE", default=self.DEMO)
        #: Where links in documents lead.
        self.SITE_URL = site_url(os.environ.get("SITE_URL", "").strip())
        #: Where the authority that answers for the site gives its own account of how accessible it is.
        self.ACCESSIBILITY_STATEMENT = statement_address(_text("ACCESSIBILITY_STATEMENT"))
        self.BRIEFING_LABEL = _text("BRIEFING_LABEL") or "samverkansutställning"
        self.BRIEFING_HORIZON_DAYS = _integer("BRIEFING_HORIZON_DAYS", 60, minimum=7)
        #: Where tasks wait for the worker; None: a file in the instance folder.
        self.REDIS_URL = redis_url(_text("REDIS_URL"))
        mail = mail_settings(self.SITE_URL)
        self.SMTP_HOST, self.SMTP_PORT, self.SMTP_SECURITY = mail["SMTP_HOST"], mail["SMTP_PORT"], mail["SMTP_SECURITY"]
        self.SMTP_USER, self.SMTP_PASSWORD = mail["SMTP_USER"], mail["SMTP_PASSWORD"]
        self.MAIL_SENDER = mail["MAIL_SENDER"]
        #: So long a mail waits for more about the same thing.
        self.MAIL_WAIT_MINUTES = _integer("MAIL_WAIT_MINUTES", 5, minimum=0)
        #: Sent mails are listed so long. Longer than a week: the weekly reminder asks them when it was last sent.
        self.MAIL_KEEP_DAYS = _integer("MAIL_KEEP_DAYS", 30, minimum=8)
        self.DRAFT_KEEP_DAYS = _integer("DRAFT_KEEP_DAYS", 60, minimum=1)
        self.SESSION_COOKIE_SECURE = _flag("SESSION_COOKIE_SECURE", default=(self.SITE_URL or "").startswith("https:"))
        self.SESSION_COOKIE_HTTPONLY = True
        self.SESSION_COOKIE_SAMESITE = "Lax"
        self.PERMANENT_SESSION_LIFETIME = 60 * _integer("SESSION_MINUTES", 720, minimum=5)
        # Only what asks who the reader is renews the cookie (`create_app`), no style sheet.
        self.SESSION_REFRESH_EACH_REQUEST = False
        # The token lives as long as the session: a form left open over a meeting must still save.
        self.WTF_CSRF_TIME_LIMIT = None
        # The token tells whose form it is. Of a proxy that speaks https with the browser, the host would be asked too,
        # and that is only what the proxy calls us.
        self.WTF_CSRF_SSL_STRICT = False
        # Above what any field allows, so that too long a text meets the form's message and not a dead end.
        self.MAX_CONTENT_LENGTH = self.MAX_FORM_MEMORY_SIZE = 16 * 1024 * 1024
        self.MAX_FORM_PARTS = 5000

    @property
    def SQLALCHEMY_ENGINE_OPTIONS(self) -> dict[str, object]:  # noqa: N802  (Flask-SQLAlchemy reads this name)
        """How the database is called upon."""
        # What people write does not belong in the messages of errors, which end in the log.
        options: dict[str, object] = {"hide_parameters": True}
        if make_url(self.SQLALCHEMY_DATABASE_URI).get_backend_name() == "postgresql":
            # A server that was restarted has closed the connections kept here.
            options["pool_pre_ping"] = True
        return options


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
