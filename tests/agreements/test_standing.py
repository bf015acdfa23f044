"""Whether an agreement holds on a day, as lists, pages and the partnership's own page tell it."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from platssamverkan.agreements.models import Agreement, AgreementStatus
from platssamverkan.core import clock
from platssamverkan.core.db import db
from platssamverkan.core.formatting import NBSP
from platssamverkan.core.partial_date import earliest, latest
from tests.agreements.builders import LIST, titles
from tests.conftest import SignIn

Parse = Callable[..., BeautifulSoup]


def test_a_draft_frames_nothing_and_takes_no_place(
    reader: FlaskClient, parse: Parse, saved: Callable[..., int]
) -> None:
    def frames() -> list[str]:
        return [link.text for link in parse(reader.get("/samverkan/sergels/om")).select(f'dd a[href^="{LIST}/"]')]

    old = saved(title="Avtal 2023–2025")
    new = saved(title="Avtal 2026–2028", extends_id=old, status=AgreementStatus.DRAFT)
    assert frames() == ["Avtal 2023–2025"]
    with reader.application.app_context():
        db.session.get(Agreement, new).status = AgreementStatus.ACTIVE
        db.session.commit()
    assert frames() == ["Avtal 2026–2028"]


@pytest.mark.parametrize("ends", ["2026-10-24", "2026-10", "2026"])
def test_what_is_said_to_hold_holds_to_the_end_of_its_last_day(
    sign_in: SignIn, parse: Parse, saved: Callable[..., int], ends: str
) -> None:
    agreement_id = saved(title="Avtalet", status=AgreementStatus.ACTIVE, starts="2023", ends=ends)
    saved(title="Utan slut", status=AgreementStatus.ACTIVE)
    last = latest(ends)

    def told() -> tuple[object, ...]:
        reader = sign_in("reader")
        row = next(row for row in parse(reader.get(LIST)).select("tbody tr") if "Avtalet" in row.text)
        facts = parse(reader.get(f"{LIST}/{agreement_id}")).select_one("#facts").find_next("dd")
        about = parse(reader.get("/samverkan/sergels/om")).select(f'dd a[href^="{LIST}/"]')
        words = row.select_one("[data-label=Läge]").text.strip(), facts.text.strip()
        assert words[0] in next(
            line for line in reader.get(f"{LIST}?format=csv").text.splitlines() if "Avtalet" in line
        )
        return *words, titles(reader, parse, "?status=active"), len(about)

    with time_machine.travel(clock.at_local(last, time(23, 59)), tick=False):
        assert told() == ("Gäller", "Gäller", ["Avtalet", "Utan slut"], 2)
    with time_machine.travel(clock.at_local(last + timedelta(days=1), time(0, 1)), tick=False):
        assert told() == ("Utgången", "Utgången", ["Utan slut"], 1)
        assert titles(sign_in("reader"), parse, "?status=expired") == ["Avtalet"]


@pytest.mark.parametrize(
    ("starts", "words"),
    [
        ("2026-12-01", "1 december 2026"),
        ("2026-12", "december 2026"),
        ("2027", "2027"),
        ("2027-01-01", "1 januari 2027"),
    ],
)
def test_what_has_not_begun_does_not_hold_yet(
    sign_in: SignIn, parse: Parse, saved: Callable[..., int], starts: str, words: str
) -> None:
    old = saved(title="Det gamla", status=AgreementStatus.EXTENDED, starts="2023", ends="2027-06")
    new = saved(title="Det nya", status=AgreementStatus.ACTIVE, starts=starts, ends="2029", extends_id=old)
    first = earliest(starts)

    def told() -> tuple[object, ...]:
        reader = sign_in("reader")
        row = next(row for row in parse(reader.get(LIST)).select("tbody tr") if "Det nya" in row.text)
        status = row.select_one("[data-label=Läge]").text.strip()
        assert parse(reader.get(f"{LIST}/{new}")).select_one("#facts").find_next("dd").text.strip() == status
        assert status in next(line for line in reader.get(f"{LIST}?format=csv").text.splitlines() if "Det nya" in line)
        frames = parse(reader.get("/samverkan/sergels/om")).select(f'dd a[href^="{LIST}/"]')
        found = [titles(reader, parse, f"?status={one}") for one in ("active", "coming")]
        return status.replace(NBSP, " "), *found, [link.text for link in frames]

    with time_machine.travel(clock.at_local(first - timedelta(days=1), time(23, 59)), tick=False):
        assert told() == (f"Börjar gälla {words}", [], ["Det nya"], ["Det gamla"])
    with time_machine.travel(clock.at_local(first, time(0, 1)), tick=False):
        assert told() == ("Gäller", ["Det nya"], [], ["Det nya"])


def test_nothing_frames_between_what_is_over_and_what_has_not_begun(
    reader: FlaskClient, parse: Parse, saved: Callable[..., int]
) -> None:
    last_year, next_year = clock.today().year - 1, clock.today().year + 1
    old = saved(title="Det gamla", status=AgreementStatus.EXTENDED, ends=str(last_year))
    saved(title="Det nya", status=AgreementStatus.ACTIVE, starts=str(next_year), extends_id=old)
    saved(title="Utan status", starts=str(next_year))
    assert not parse(reader.get("/samverkan/sergels/om")).select(f'dd a[href^="{LIST}/"]')
