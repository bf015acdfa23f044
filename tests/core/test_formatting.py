from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import Markup

from platssamverkan.core import formatting as f
from platssamverkan.core.formatting import DASH, MINUS, NBSP

MARCH = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)


def plain(text):
    """Return text with ordinary spaces and dashes, to compare with what one reads."""
    return text.replace(NBSP, " ").replace(DASH, "-").replace(MINUS, "-")


def at(*parts):
    return datetime(*parts, tzinfo=UTC)


def test_moments_are_shown_in_stockholm_with_spaces_that_hold_together():
    assert f.moment(MARCH) == f"2{NBSP}mars{NBSP}2026 kl.{NBSP}18.00"
    assert f.moment(at(2026, 7, 1, 22, 30)) == f"2{NBSP}juli{NBSP}2026 kl.{NBSP}0.30"
    assert f.clock(at(2026, 7, 1, 7, 5)) == "9.05"


def test_days():
    assert f.day(date(2026, 11, 21)) == f"21{NBSP}november{NBSP}2026"
    assert plain(f.day(at(2026, 12, 31, 23, 30))) == "1 januari 2027"
    assert f.short_day(date(2026, 3, 2)) == f"2{NBSP}mar"
    assert plain(f.weekday_day(date(2026, 11, 21))) == "Lördag 21 november"


def test_a_naive_moment_is_refused():
    with pytest.raises(ValueError, match="without time zone"):
        f.moment(datetime(2026, 3, 2))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (MARCH, at(2026, 3, 2, 19), "kl. 18.00-20.00"),
        (MARCH, None, "kl. 18.00"),
        (MARCH, MARCH, "kl. 18.00"),
        (at(2026, 3, 2, 20), at(2026, 3, 3, 1), "kl. 21.00-2.00"),
        (at(2026, 3, 2, 20), at(2026, 3, 2, 23), "kl. 21.00-24.00"),
        (at(2026, 3, 1, 23), at(2026, 3, 2, 23), "kl. 0.00-24.00"),
        (at(2026, 10, 24, 22), at(2026, 10, 25, 23), "kl. 0.00-24.00"),
        (at(2026, 3, 2, 8), at(2026, 3, 3, 9), "2 mars kl. 9.00-3 mars kl. 10.00"),
        (at(2026, 3, 2, 8), at(2026, 3, 3, 23), "2 mars kl. 9.00-3 mars kl. 24.00"),
        (at(2026, 12, 30, 8), at(2026, 12, 31, 23), "30 december kl. 9.00-31 december kl. 24.00"),
        (at(2026, 11, 21, 17), at(2026, 11, 23, 11), "21 november kl. 18.00-23 november kl. 12.00"),
        (at(2026, 12, 31, 20), at(2027, 1, 2, 11), "31 december 2026 kl. 21.00-2 januari 2027 kl. 12.00"),
    ],
)
def test_spans_of_hours(start, end, expected):
    assert plain(f.span(start, end)) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 3, 2), None, "2 mars 2026"),
        (None, date(2026, 3, 2), "2 mars 2026"),
        (date(2026, 3, 2), date(2026, 3, 2), "2 mars 2026"),
        (date(2026, 3, 2), date(2026, 3, 5), "2-5 mars 2026"),
        (date(2026, 3, 30), date(2026, 4, 2), "30 mars-2 april 2026"),
        (date(2026, 12, 30), date(2027, 1, 2), "30 december 2026-2 januari 2027"),
        (at(2026, 3, 2, 23, 30), at(2026, 3, 4, 12), "3-4 mars 2026"),
    ],
)
def test_spans_of_days(start, end, expected):
    assert plain(f.day_span(start, end)) == expected


def test_machine_readable_times():
    assert f.iso(MARCH) == "2026-03-02T18:00+01:00"
    assert f.iso(date(2026, 3, 2)) == "2026-03-02"


@pytest.mark.parametrize(
    ("value", "decimals", "expected"),
    [
        (1250, None, "1 250"),
        (1234567, None, "1 234 567"),
        (999, None, "999"),
        (-5, None, "-5"),
        (0.5, None, "0,5"),
        (12.0, None, "12"),
        (Decimal("8.50"), None, "8,5"),
        (12.5, 2, "12,50"),
        (0.125, 2, "0,13"),
        (-0.125, 2, "-0,13"),
        (2.5, 0, "3"),
        (999.96, 1, "1 000,0"),
        (-0.001, 1, "0,0"),
        (1e21, None, "1 000 000 000 000 000 000 000"),
        (None, None, ""),
    ],
)
def test_numbers(value, decimals, expected):
    assert plain(f.number(value, decimals)) == expected
    assert " " not in f.number(value, decimals)


def test_a_negative_number_has_a_minus_sign():
    assert f.number(-1250) == f"{MINUS}1{NBSP}250"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=4))
def test_numbers_read_back(value):
    text = f.number(value).replace(NBSP, "").replace(MINUS, "-").replace(",", ".")
    assert Decimal(text) == value
    rounded = f.number(value, 2).replace(NBSP, "").replace(MINUS, "-").replace(",", ".")
    assert abs(Decimal(rounded) - value) <= Decimal("0.005")


def test_a_number_without_end_is_refused():
    with pytest.raises(ValueError, match="finite"):
        f.number(float("nan"))


def test_counts():
    assert f.count(1, "åtgärd", "åtgärder") == f"1{NBSP}åtgärd"
    assert plain(f.count(0, "åtgärd", "åtgärder")) == "0 åtgärder"
    assert plain(f.count(2400, "åtgärd", "åtgärder")) == "2 400 åtgärder"
    assert [plain(f.small_count(n)) for n in (0, 1, 4, 5)] == ["0", "färre än 5", "färre än 5", "5"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2026, 11, 7), "14 dagar sen"),
        (date(2026, 11, 20), "i går"),
        (date(2026, 11, 21), "i dag"),
        (date(2026, 11, 22), "i morgon"),
        (date(2026, 11, 24), "om 3 dagar"),
        (at(2026, 11, 20, 23, 30), "i dag"),
    ],
)
def test_distance_in_days(value, expected):
    assert plain(f.ago(value, date(2026, 11, 21))) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("kl.~18.00", "den 21~november", "3~av~4 delmål", "Mål~2", "§~5", "5~procent", "1~250~kr", "vecka~47"),
        *("1~234~567 besökare", "år 2024 kom många", "torg och park", "till kl.~9.00 i dag", "i 2 24 av"),
        *("15~december~2026", "mars~2026", "högst 2~MB och 1~000 rader", "i mars 20 personer"),
    ],
)
def test_no_break_spaces_are_put_where_lines_must_not_break(text):
    assert f.nb(text.replace("~", " ")) == text.replace("~", NBSP)


def test_markup_stays_markup():
    assert isinstance(f.nb(Markup("<b>kl. 18.00</b>")), Markup)
    assert not isinstance(f.nb("<b>"), Markup)


def test_swedish_order():
    names = ["Örebro", "Ängby", "Åkersberga", "Zinken", "mål 10", "Mål 2", "Émile", "Eva", "Ü", "y", "Z"]
    expected = ["Émile", "Eva", "Mål 2", "mål 10", "y", "Ü", "Z", "Zinken", "Åkersberga", "Ängby", "Örebro"]
    assert sorted(names, key=f.swedish_sort_key) == expected
    assert sorted(["o\N{COMBINING DIAERESIS}", "z", "a\N{COMBINING RING ABOVE}"], key=f.swedish_sort_key)[0] == "z"


@given(st.lists(st.text()))
def test_any_texts_can_be_sorted(texts):
    ordered = sorted(texts, key=f.swedish_sort_key)
    texts.reverse()
    assert sorted(texts, key=f.swedish_sort_key) == ordered


def test_a_sentence_ends_once():
    assert [f.sentence(text) for text in ("Så är det", "Så är det. ", "Är det så?", "", None)] == [
        "Så är det.", "Så är det.", "Är det så?", "", "",
    ]  # fmt: skip


def test_paragraphs_are_escaped():
    assert (
        f.paragraphs("Ett <torg>\r\nmed träd\n \n\n& park\n")
        == "<p>Ett &lt;torg&gt;<br>\nmed träd</p>\n<p>&amp; park</p>"
    )
    assert f.paragraphs("  ") == f.paragraphs(None) == Markup("")


@given(st.text())
def test_no_text_slips_markup_into_a_paragraph(text):
    html = f.paragraphs(text).replace("<p>", "").replace("</p>", "").replace("<br>", "")
    assert "<" not in html


def test_partial_dates():
    assert [plain(f.partial(text)) for text in ("2016", "2016-05", "2016-05-12", "", None)] == [
        *("2016", "maj 2016", "12 maj 2016", "", "")
    ]
    assert f.partial("2016-05") == f"maj{NBSP}2016"
    assert f.partial_span("2023", "2025") == f"2023{DASH}2025"
    assert plain(f.partial_span("2023-05", "2023-05-12")) == "maj 2023-12 maj 2023"
    assert [f.partial_span("2016"), f.partial_span(None, "2020"), f.partial_span(None)] == [
        "från 2016",
        "till 2020",
        "",
    ]
    assert f.partial_span("2016", "2016") == "2016"


def test_every_filter_works_in_a_template_and_shows_nothing_for_nothing():
    environment = Environment(autoescape=True)
    environment.filters.update(f.FILTERS)
    assert environment.from_string("{{ when|moment }}").render(when=MARCH) == f.moment(MARCH)
    assert plain(environment.from_string("{{ 3|count('mål', 'mål') }}").render()) == "3 mål"
    one_value = f.FILTERS.keys() - {"count", "ago"}
    assert [name for name in one_value if environment.from_string(f"{{{{ none|{name} }}}}").render(none=None)] == []
    assert all(name == function.__name__ for name, function in f.FILTERS.items())


def test_the_hours_of_a_shift_are_told_as_far_as_they_are_known():
    assert f.hours(time(16), time(2)) == "16.00–02.00"
    assert f.hours(time(16), time(0)) == "16.00–24.00"
    assert f.hours(None, time(0)) == "till 24.00"
    assert f.hours(time(0), None) == "från 00.00"
    assert f.hours(None, None) == ""
