"""What every form refuses, and that it keeps what the user wrote."""

import io
import tempfile
from collections.abc import Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask, current_app, request
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import stream_encode_multipart

from platssamverkan.core.db import db
from platssamverkan.core.fields import (
    DateField,
    DecimalField,
    EnumSelect,
    IdMany,
    IntegerField,
    PartialDateField,
    TextField,
    Tick,
    TimeField,
)
from platssamverkan.core.forms import DEFAULT_LIMIT, BaseForm, PrivacyOverride, TextArea, VersionedForm
from platssamverkan.core.privacy import GUIDANCE
from platssamverkan.core.validators import Limit, Needed, OnDay, Voluntary
from platssamverkan.core.visibility import Visibility


class Example(BaseForm):
    """One field of each kind."""

    title = TextField("Rubrik", validators=[Needed("Skriv en rubrik."), Limit(20)])
    text = TextArea("Text")
    on = DateField("Datum", validators=[Voluntary()])
    at = TimeField("Klockslag", validators=[Voluntary()])
    count = IntegerField("Antal", validators=[Voluntary()])
    value = DecimalField("Värde", validators=[Voluntary()])
    since = PartialDateField("Sedan", validators=[Voluntary()])
    visibility = EnumSelect("Vem får läsa?", Visibility, validators=[Needed("Välj vem som får läsa.")])
    places = IdMany("Platser")
    joint = Tick("Gemensamt")


def filled(**values: object) -> Example:
    form = Example(MultiDict({"title": "Belysning", "visibility": "partnership", **values}))
    form.places.offer([(1, "Torget"), (2, "Parken")])
    form.validate()
    return form


@pytest.fixture(autouse=True)
def _request(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", method="POST"):
        yield


def test_swedish_ways_of_writing_are_understood() -> None:
    form = filled(on="2026-11-21", at="kl. 18.30", count="1 250", value="−4,6", since="maj 2016", places="2")
    assert form.errors == {}
    assert form.data["on"] == date(2026, 11, 21)
    assert form.data["at"] == time(18, 30)
    assert (form.data["count"], form.data["value"], form.data["since"]) == (1250, Decimal("-4.6"), "2016-05")
    assert (form.data["visibility"], form.data["places"]) == (Visibility.PARTNERSHIP, [2])


@pytest.mark.parametrize(
    ("written", "meant"),
    [("18:30", time(18, 30)), ("18,30", time(18, 30)), ("1830", time(18, 30)), ("900", time(9)), ("17", time(17))],
)
def test_a_time_takes_any_mark_or_none_between_hour_and_minute(written: str, meant: time) -> None:
    assert filled(at=written).data["at"] == meant


@pytest.mark.parametrize(("field", "keys"), [("at", "decimal"), ("count", "numeric"), ("value", None), ("on", None)])
def test_a_phone_shows_the_keys_that_the_field_needs(field: str, keys: str | None) -> None:
    shown = str(filled()[field]())
    assert ("inputmode" in shown, f'inputmode="{keys}"' in shown) == (keys is not None, keys is not None)


def test_midnight_is_24_where_it_ends_the_day_and_else_0_the_day_after() -> None:
    class Shift(BaseForm):
        starts = TimeField("Från kl.")
        ends = TimeField("Till kl.", to_midnight=True)

    form = Shift(MultiDict({"starts": "24.00", "ends": "24.00"}))
    assert not form.validate()
    assert form.errors == {"starts": ["Klockan 24.00 är 0.00 dagen efter. Skriv 0.00 och den dagen."]}
    assert form.ends.data == time(0)


@pytest.mark.parametrize(
    ("field", "written"),
    [
        ("on", "2026-02-30"), ("on", "i morgon"), ("at", "25.00"), ("at", "2560"), ("at", "kvart i"),
        ("at", "24.00"), ("value", "1_000"), ("value", "4.6.1"),
        ("on", "2027-02-29"), ("at", "24.01"), ("count", "många"), ("count", "99999999999999"),
        ("value", "NaN"), ("value", "1e99"), ("since", "2016-13"), ("visibility", "hemlig"), ("visibility", "None"),
        ("places", "7"), ("places", "x"), ("title", ""), ("title", "x" * 21),
    ],
)  # fmt: skip
def test_a_wrong_value_gets_a_message_at_its_field_and_stays_as_written(field: str, written: str) -> None:
    form = filled(**{field: written})
    assert list(form.errors) == [field]
    assert form.errors[field][0].endswith(".")
    shown = form[field]()
    assert written in shown or field in {"visibility", "places"}


@pytest.mark.parametrize(("sent", "ticked"), [({}, False), ({"joint": ""}, False), ({"joint": "y"}, True)])
def test_a_box_is_ticked_by_its_own_value(sent: dict[str, str], ticked: bool) -> None:
    form = filled(**sent)
    assert form.errors == {}
    assert form.data["joint"] is ticked


@pytest.mark.parametrize("sent", ["1", "on", "true", "false", "nej", "None"])
def test_a_made_up_value_ticks_nothing_and_is_told_at_the_box(sent: str) -> None:
    form = filled(joint=sent)
    assert list(form.errors) == ["joint"]
    assert form.data["joint"] is False
    assert 'value="y"' in form["joint"]()
    assert "checked" not in form["joint"]()


def test_a_personnummer_stops_the_save_and_is_not_repeated() -> None:
    form = filled(text="Sågs vid trappan, 19900101-0017.")
    assert "personnummer" in form.errors["text"][0]
    assert "0017" not in form.errors["text"][0]


def test_a_phone_number_asks_for_a_reason_and_passes_with_one() -> None:
    asked = filled(text="Ring 08-508 00 000 vid fel på belysningen.")
    assert asked.asks_reason
    assert "text" in asked.errors
    given = filled(
        text="Ring 08-508 00 000 vid fel på belysningen.", privacy_reason="Kontaktcentrets växel, ingen persons nummer."
    )
    assert given.errors == {}


def test_a_reason_does_not_repeat_what_was_found() -> None:
    form = filled(text="Ring 08-508 00 000 vid fel på belysningen.", privacy_reason="Växeln svarar på 08-508 00 000.")
    assert form.errors["privacy_reason"] == ["Skälet innehåller ett telefonnummer. Skriv skälet utan det."]
    assert not [row for row in db.session.new if isinstance(row, PrivacyOverride)]


def test_unreadable_characters_are_refused() -> None:
    assert "text" in filled(text="Mörkt \ufffd vid trappan").errors
    assert "title" in filled(title="Mörkt\x00").errors


@pytest.mark.parametrize("written", [b"\xff\xfe", b"%FF%FE"])
def test_bytes_that_are_not_utf_8_are_told_at_their_field_and_the_rest_is_kept(app: Flask, written: bytes) -> None:
    body = b"title=M%C3%B6rkt&text=vid+" + written + b"+trappan&visibility=partnership"
    sent = {"method": "POST", "data": body, "content_type": "application/x-www-form-urlencoded"}
    with app.test_request_context("/", **sent):
        form = Example()
        form.places.offer([])
        assert not form.validate()
        assert list(form.errors) == ["text"]
        assert form.title.data == "Mörkt"
        assert "trappan" in (form.text.data or "")


def test_a_text_without_stated_limit_has_one() -> None:
    form = filled(text="x" * 2_000_000)
    assert (
        form.errors["text"][0]
        == f"Texten är {2_000_000 - DEFAULT_LIMIT} tecken för lång. Högst {DEFAULT_LIMIT} får plats."
    )


def test_a_text_far_too_long_is_not_read_through() -> None:
    (message,) = filled(text="19900101-0017 " * 20_000).errors["text"]
    assert "tecken för lång" in message


@pytest.mark.parametrize(
    "sent",
    [
        {"data": {"text": (io.BytesIO(b"a;b"), "x.csv"), "title": "Mörkt"}},
        {"json": {"text": 5, "title": ["Mörkt"], "visibility": {}}},
        {"json": 5},
        {"json": [1]},
        {"data": "{", "content_type": "application/json"},
    ],
)
def test_a_file_or_json_is_never_taken_for_the_text_of_a_field(app: Flask, sent: dict[str, Any]) -> None:
    with app.test_request_context("/", method="POST", **sent):
        form = Example()
        form.places.offer([])
        assert not form.validate()
        assert not form.text.data


class Spoken(BaseForm):
    """Lines and an area."""

    name = TextField("Namn", validators=[Limit(120)])
    reason = TextField("Varför?", validators=[Limit(200)])
    text = TextArea("Text")


def test_a_large_file_needs_no_room_on_the_disk(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = {"title": "Mörkt", "file": FileStorage(io.BytesIO(bytes(2_000_000)), "bild.png")}
    stream, _, boundary = stream_encode_multipart(sent, use_tempfile=False)
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    kind = f"multipart/form-data; boundary={boundary}"
    with app.test_request_context("/", method="POST", data=stream.read(), content_type=kind):
        assert request.form["title"] == "Mörkt"
        assert len(request.files["file"].read()) == 2_000_000


def test_every_field_that_holds_a_sentence_says_what_may_stand_in_it() -> None:
    form = Spoken()
    row = current_app.jinja_env.from_string('{% import "components/forms.html" as f %}{{ f.field_row(field) }}')
    guided = [field.short_name for field in (form.name, form.reason, form.text) if GUIDANCE in row.render(field=field)]
    assert guided == ["reason", "text"]


def test_signs_that_nobody_sees_are_no_answer_and_are_not_saved() -> None:
    assert filled(title="\u200b \u00a0\u202e").errors["title"] == ["Skriv en rubrik."]
    form = filled(title="Mörkt\r\nvid\x08 \u202etrappan", text="Rad ett\r\nrad\x0btvå\x1b\ufffe 👩\u200d👧")
    assert form.errors == {}
    assert form.data["title"] == "Mörkt vid trappan"
    assert form.data["text"] == "Rad ett\nrad\ntvå 👩\u200d👧"


def test_a_box_sent_twice_is_ticked_once() -> None:
    assert filled(places=["2", "2", "1"]).data["places"] == [2, 1]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("Gäller 19900101-0017.", "Skälet innehåller ett personnummer. Ta bort det."),
        ("x" * 310, "Skälet är 10 tecken för långt. Högst 300 får plats."),
    ],
)
def test_a_reason_that_does_not_do_is_told_where_it_is_written(reason: str, told: str) -> None:
    form = filled(text="Ring 08-508 00 000 vid fel på belysningen.", privacy_reason=reason)
    assert set(form.errors) == {"text", "privacy_reason"}
    assert told in form.errors["privacy_reason"][0]
    assert reason in form["privacy_reason"]()
    assert form.asks_reason


def test_a_garbled_version_is_an_old_one_and_no_fault_of_the_writer() -> None:
    class Row(VersionedForm):
        """A row that several edit."""

    form = Row(MultiDict({"version": "1\x00"}))
    assert form.validate()
    assert form.version.data == -1


def test_a_day_that_never_comes_is_told_apart_from_one_that_is_written_wrong() -> None:
    how = "Skriv datumet som år-månad-dag, till exempel 2026-11-21."
    assert filled(on="2027-02-29").errors["on"] == [f"Dagen finns inte. {how}"]
    assert filled(on="29/2").errors["on"] == [how]


@pytest.mark.parametrize(
    ("on", "at", "there_is"),
    [
        ("2026-03-29", "2.30", False),
        ("2026-03-29", "2.00", False),
        ("2026-03-29", "1.59", True),
        ("2026-03-29", "3.00", True),
        ("2026-10-25", "2.30", True),
        ("2026-03-28", "2.30", True),
        ("", "2.30", True),
    ],
)
def test_an_hour_that_is_skipped_in_spring_is_told_at_its_field(on: str, at: str, there_is: bool) -> None:
    class Night(BaseForm):
        """A time on a day."""

        on = DateField("Datum", validators=[Voluntary()])
        at = TimeField("Klockslag", validators=[Voluntary(), OnDay("on")])

    form = Night(MultiDict({"on": on, "at": at}))
    assert form.validate() is there_is
    assert (list(form.errors) == ["at"]) is not there_is
    assert at in form["at"]()
