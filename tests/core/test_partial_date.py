from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Table, create_engine, insert, select
from sqlalchemy.exc import StatementError

from platssamverkan.core.partial_date import MONTHS, PartialDateText, Precision, earliest, latest, parse, precision


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("2016", "2016"),
        (" 2016-05 ", "2016-05"),
        ("2016-05-12", "2016-05-12"),
        ("maj 2016", "2016-05"),
        ("12 maj 2016", "2016-05-12"),
        ("den 2  Sept. 2016", "2016-09-02"),
        ("29 februari 2024", "2024-02-29"),
        ("12\N{NO-BREAK SPACE}maj 2016", "2016-05-12"),
    ],
)
def test_dates_are_read_as_people_write_them(written, stored):
    assert parse(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "i våras",
            "2019-2021",
            "2016-13",
            "2016-00",
            "29 februari 2023",
            "2016-05-32",
            "20016",
            "0016",
            "12 mai 2016",
        ),
        *("2016-5", "maj", "12/5 2016", "２０１６"),
    ],
)
def test_anything_else_is_refused_in_swedish(written):
    with pytest.raises(ValueError, match=r"^(Skriv|Året|Månaden|Den) .*\.$"):
        parse(written)


@pytest.mark.parametrize(
    ("stored", "first", "last", "known"),
    [
        ("2016", date(2016, 1, 1), date(2016, 12, 31), Precision.YEAR),
        ("2016-02", date(2016, 2, 1), date(2016, 2, 29), Precision.MONTH),
        ("2016-05-12", date(2016, 5, 12), date(2016, 5, 12), Precision.DAY),
    ],
)
def test_a_partial_date_spans_the_days_it_can_mean(stored, first, last, known):
    assert (earliest(stored), latest(stored), precision(stored)) == (first, last, known)


@given(st.dates(date(1800, 1, 1), date(2199, 12, 31)))
def test_every_day_reads_back(day):
    assert parse(f"{day.day} {MONTHS[day.month - 1]} {day.year}") == day.isoformat()
    assert earliest(day.isoformat()) == latest(day.isoformat()) == day
    assert earliest(str(day.year)) <= day <= latest(str(day.year))
    assert earliest(day.isoformat()[:7]) <= day <= latest(day.isoformat()[:7])


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading(text):
    try:
        stored = parse(text)
    except ValueError:
        return
    assert parse(stored) == stored


def test_the_column_takes_stored_form_only():
    table = Table("event", MetaData(), Column("held", PartialDateText()))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table), [{"held": "2016"}, {"held": "2016-05"}, {"held": None}])
        assert connection.scalars(select(table.c.held)).all() == ["2016", "2016-05", None]
        with pytest.raises(StatementError, match="Skriv ett år"):
            connection.execute(insert(table), {"held": "maj 2016"})
    engine.dispose()
