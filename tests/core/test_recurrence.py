from datetime import UTC, date, datetime, time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platssamverkan.core import clock
from platssamverkan.core.recurrence import RULES, Recurrence, describe, holiday_name, occurrences, rule_for, validate


def local_days(rule, start, until, at=time(18)):
    return [clock.to_local(moment).date() for moment in occurrences(rule, start=start, at=at, until=until)]


def test_twice_a_week_keeps_its_hour_over_both_shifts():
    moments = list(
        occurrences(RULES[Recurrence.TWICE_WEEKLY], start=date(2026, 3, 24), at=time(18), until=date(2026, 4, 2))
    )
    assert moments == [
        datetime(2026, 3, 24, 17, tzinfo=UTC),
        datetime(2026, 3, 26, 17, tzinfo=UTC),
        datetime(2026, 3, 31, 16, tzinfo=UTC),
        datetime(2026, 4, 2, 16, tzinfo=UTC),
    ]
    autumn = occurrences(
        RULES[Recurrence.TWICE_WEEKLY], start=date(2026, 10, 22), at=time(18), until=date(2026, 10, 27)
    )
    assert [clock.to_local(moment).hour for moment in autumn] == [18, 18]


def test_a_year_has_104_briefings():
    assert len(local_days(RULES[Recurrence.TWICE_WEEKLY], date(2026, 1, 1), date(2026, 12, 31))) in {104, 105}


def test_first_thursday_of_each_month():
    assert local_days("FREQ=MONTHLY;BYDAY=1TH", date(2026, 1, 1), date(2026, 3, 31)) == [
        date(2026, 1, 1),
        date(2026, 2, 5),
        date(2026, 3, 5),
    ]
    assert local_days("FREQ=MONTHLY;BYDAY=TH;BYSETPOS=-1", date(2026, 1, 1), date(2026, 2, 28)) == [
        date(2026, 1, 29),
        date(2026, 2, 26),
    ]


def test_the_last_day_belongs_to_the_series_and_nothing_comes_after_it():
    assert local_days("FREQ=WEEKLY", date(2026, 1, 5), date(2026, 1, 19)) == [date(2026, 1, day) for day in (5, 12, 19)]
    assert local_days("FREQ=WEEKLY", date(2026, 1, 5), date(2026, 1, 4)) == []
    assert local_days("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", date(2026, 1, 5), date(2030, 1, 4)) == []


@pytest.mark.parametrize(
    ("recurrence", "start", "rule", "words"),
    [
        ("TWICE_WEEKLY", date(2026, 3, 3), "FREQ=WEEKLY;BYDAY=TU,TH", "två gånger i veckan, tisdag och torsdag"),
        ("WEEKLY", date(2026, 3, 4), "FREQ=WEEKLY;BYDAY=WE", "varje vecka, onsdag"),
        ("BIWEEKLY", date(2026, 3, 4), "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", "varannan vecka, onsdag"),
        ("MONTHLY", date(2026, 3, 5), "FREQ=MONTHLY;BYDAY=1TH", "varje månad, första torsdagen"),
        ("MONTHLY", date(2026, 1, 29), "FREQ=MONTHLY;BYDAY=-1TH", "varje månad, sista torsdagen"),
        ("QUARTERLY", date(2026, 3, 10), "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU", "varje kvartal, andra tisdagen"),
        ("TERTIAL", date(2026, 3, 16), "FREQ=MONTHLY;INTERVAL=4;BYDAY=3MO", "varje tertial, tredje måndagen"),
        ("YEARLY", date(2026, 5, 7), "FREQ=YEARLY;BYMONTH=5;BYDAY=1TH", "varje år, första torsdagen i maj"),
        (
            "BIENNIAL",
            date(2026, 5, 22),
            "FREQ=YEARLY;INTERVAL=2;BYMONTH=5;BYDAY=4FR",
            "vartannat år, fjärde fredagen i maj",
        ),
    ],
)
def test_rules_of_recurrences(recurrence, start, rule, words):
    assert rule_for(Recurrence[recurrence], start) == rule
    assert describe(rule) == words
    assert local_days(rule, start, start) == [start]


def test_weekdays_can_be_chosen():
    assert rule_for(Recurrence.TWICE_WEEKLY, date(2026, 3, 2), [3, 0]) == "FREQ=WEEKLY;BYDAY=MO,TH"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "varje dag"),
        ("FREQ=DAILY;INTERVAL=2", "varannan dag"),
        ("FREQ=WEEKLY", "varje vecka"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "måndag till fredag varje vecka"),
        ("FREQ=WEEKLY;BYDAY=FR,MO,WE", "tre gånger i veckan, måndag, onsdag och fredag"),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=MO", "var tredje vecka, måndag"),
        ("FREQ=MONTHLY;BYMONTHDAY=15", "varje månad, den 15"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "varje månad, sista dagen i månaden"),
        ("FREQ=MONTHLY;BYDAY=1TU,3TU", "varje månad, första tisdagen och tredje tisdagen"),
        ("FREQ=MONTHLY;INTERVAL=21", "var 21:a månad"),
        ("FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=12", "varje år, den 12 maj"),
    ],
)
def test_rules_in_words(rule, words):
    assert describe(rule).replace("\N{NO-BREAK SPACE}", " ") == words


def test_every_recurrence_but_when_needed_has_a_rule_that_can_be_described():
    assert RULES.keys() == set(Recurrence) - {Recurrence.AD_HOC}
    assert all(describe(rule) for rule in RULES.values())


def test_a_rule_is_tidied():
    assert validate(" rrule:freq=weekly;byday=tu;wkst=mo; ") == "FREQ=WEEKLY;BYDAY=TU"


@pytest.mark.parametrize(
    "rule",
    [
        *("", "varje vecka", "FREQ=HOURLY", "FREQ=SECONDLY", "FREQ=WEEKLY;COUNT=3", "FREQ=WEEKLY;UNTIL=20260101"),
        *("FREQ=WEEKLY;BYDAY=XX", "FREQ=WEEKLY;BYDAY=1TU", "FREQ=WEEKLY;INTERVAL=0", "FREQ=WEEKLY;INTERVAL=-1"),
        *("FREQ=MONTHLY;BYMONTHDAY=32", "FREQ=MONTHLY;BYSETPOS=1", "FREQ=MONTHLY;BYDAY=MO;BYMONTHDAY=13"),
        *("FREQ=YEARLY;BYMONTHDAY=1", "FREQ=YEARLY;BYMONTH=13", "FREQ=WEEKLY;FREQ=DAILY", "FREQ=WEEKLY;BYHOUR=1"),
        *("FREQ=WEEKLY;INTERVAL=" + "9" * 5000, "FREQ=MONTHLY;BYMONTHDAY=²", "FREQ=WEEKLY;WKST=SU"),
    ],
)
def test_rules_that_cannot_be_followed_are_refused_in_swedish(rule):
    for check in (validate, describe, lambda rule: occurrences(rule, start=date.min, at=time(), until=date.max)):
        with pytest.raises(ValueError, match=r"^[A-ZÅÄÖ].*[a-zåäö]+.*\.$"):
            check(rule)


@given(
    st.sampled_from(list(RULES)),
    st.dates(date(2000, 1, 1), date(2090, 1, 1)),
    st.times().map(lambda t: t.replace(fold=0)),
)
def test_occurrences_begin_on_the_first_day_and_rise(recurrence, start, at):
    rule = rule_for(recurrence, start, [start.weekday()])
    until = date(start.year + 5, 12, 31)
    moments = list(occurrences(rule, start=start, at=at, until=until))
    assert clock.to_local(moments[0]).date() == start
    assert all(one < other for one, other in pairwise(moments))
    assert clock.to_local(moments[-1]).date() <= until


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 4, 3), "Långfredagen"),
        (date(2026, 6, 19), "Midsommarafton"),
        (date(2026, 12, 24), "Julafton"),
        (date(2026, 6, 6), "Nationaldagen"),
        (date(2026, 11, 22), None),
        (date(2026, 11, 21), None),
    ],
)
def test_holidays(day, name):
    assert holiday_name(day) == name
