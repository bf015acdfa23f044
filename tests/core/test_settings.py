"""Settings of mail and background work: what is missing or wrong stops the start with one line."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import Config, SettingError, mail_settings

MAIL = {"SMTP_HOST": "smtp.staden.example", "MAIL_SENDER": "plats@staden.example", "SITE_URL": "https://plats.example"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """An environment with nothing of mail in it."""
    for name in ("SMTP_HOST", "SMTP_PORT", "SMTP_SECURITY", "SMTP_USER", "SMTP_PASSWORD", "MAIL_SENDER", "SITE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("INSTANCE_PATH", str(tmp_path))


def test_without_a_server_nothing_has_to_be_said() -> None:
    config = Config()
    assert (config.SMTP_HOST, config.REDIS_URL, config.MAIL_WAIT_MINUTES) == (None, None, 5)


def test_any_password_of_the_database_may_stand_in_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://plats:p[a#s/s@dator/plats")
    assert Config().SQLALCHEMY_DATABASE_URI == "postgresql+psycopg://plats:p[a#s/s@dator/plats"


def test_an_empty_name_of_the_briefing_is_its_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRIEFING_LABEL", " ")
    assert Config().BRIEFING_LABEL == "samverkansutställning"


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_each_kind_of_connection_has_its_port(monkeypatch: pytest.MonkeyPatch, security: str, port: int) -> None:
    for name, value in (MAIL | {"SMTP_SECURITY": security}).items():
        monkeypatch.setenv(name, value)
    assert mail_settings(MAIL["SITE_URL"])["SMTP_PORT"] == port


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"MAIL_SENDER": ""}, "MAIL_SENDER ska anges när SMTP_HOST är angiven"),
        ({"MAIL_SENDER": "plats"}, "MAIL_SENDER ska vara en e-postadress"),
        ({"SITE_URL": ""}, "SITE_URL ska anges när SMTP_HOST är angiven"),
        ({"SMTP_PORT": "smtp"}, "SMTP_PORT ska vara ett heltal"),
        ({"SMTP_PORT": "70000"}, "SMTP_PORT ska vara högst 65535"),
        ({"SMTP_SECURITY": "ssl"}, "SMTP_SECURITY ska vara starttls, tls eller none"),
        ({"SMTP_USER": "plats"}, "SMTP_USER och SMTP_PASSWORD ska anges båda två"),
        ({"SMTP_USER": "a", "SMTP_PASSWORD": "b", "SMTP_SECURITY": "none"}, "SMTP_USER kräver"),
        ({"MAIL_WAIT_MINUTES": "-1"}, "MAIL_WAIT_MINUTES ska vara ett heltal"),
        ({"MAIL_KEEP_DAYS": "7"}, "MAIL_KEEP_DAYS ska vara ett heltal som är minst 8"),
        ({"DRAFT_KEEP_DAYS": "0"}, "DRAFT_KEEP_DAYS ska vara ett heltal"),
        ({"REDIS_URL": "127.0.0.1:6379"}, "REDIS_URL ska börja med"),
        ({"ACCESSIBILITY_STATEMENT": "javascript:alert(1)"}, "ACCESSIBILITY_STATEMENT ska vara en webbadress"),
        ({"SESSION_MINUTES": "99999999999"}, "SESSION_MINUTES ska vara högst 1000000"),
        ({"SITE_URL": "https://plats.example:port/"}, "SITE_URL ska vara webbplatsens adress"),
        ({"SITE_URL": "https://[plats"}, "SITE_URL ska vara webbplatsens adress"),
        ({"DATABASE_URL": "mysql://dator/plats"}, "DATABASE_URL ska börja med"),
        ({"DATABASE_URL": "postgresql://dator:port/plats"}, "DATABASE_URL går inte att läsa"),
        ({"DATABASE_URL": "sqlite:///"}, "DATABASE_URL ska ange en fil"),
        ({"DATABASE_URL": "sqlite:///:memory:"}, "DATABASE_URL ska ange en fil"),
        ({"SITE_URL": "https://plats samverkan.example/"}, "SITE_URL ska vara webbplatsens adress"),
        ({"INSTANCE_PATH": "/proc/plats"}, "INSTANCE_PATH: mappen /proc/plats går inte att skapa"),
    ],
)
def test_a_wrong_value_stops_the_start(monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], message: str) -> None:
    for name, value in (MAIL | changed).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingError, match=message):
        Config()


def test_a_folder_that_keeps_no_key_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("INSTANCE_PATH", "/proc/self")
    with pytest.raises(SettingError, match="Nyckeln i /proc/self/secret_key går inte att spara"):
        Config()


def test_the_site_is_called_what_browsers_call_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", "HTTPS://Plats.Example")
    config = Config()
    assert (config.SITE_URL, config.SESSION_COOKIE_SECURE) == ("https://plats.example/", True)


def test_spaces_around_the_database_are_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", " postgresql://dator/plats ")
    assert Config().SQLALCHEMY_DATABASE_URI == "postgresql+psycopg://dator/plats"


def test_a_wrong_value_stops_the_web_server_too(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", "127.0.0.1:0", "--no-control-socket"]
    setting = {"INSTANCE_PATH": str(tmp_path), "SESSION_MINUTES": "kort"}
    ended = subprocess.run(command, env=os.environ | setting, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    assert ended.stderr.count("SESSION_MINUTES ska vara ett heltal som är minst 5, inte 'kort'.") == 1


def test_a_key_that_was_only_half_written_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first = Config().SECRET_KEY
    assert (first, tmp_path.joinpath("secret_key").stat().st_mode & 0o777) == (Config().SECRET_KEY, 0o600)
    tmp_path.joinpath("secret_key").write_text("")
    with pytest.raises(SettingError, match="secret_key är för kort"):
        Config()
