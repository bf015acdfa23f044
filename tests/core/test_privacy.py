from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from platssamverkan.core import privacy
from platssamverkan.core.privacy import FindingKind, find, hard, reason_message, soft, stop_message

P, C = FindingKind.PERSONNUMMER, FindingKind.COORDINATION_NUMBER


def luhn(nine):
    total = sum(sum(divmod(int(sign) * (2 - index % 2), 10)) for index, sign in enumerate(nine))
    return str(-total % 10)


def number(day, serial="001", *, added=0, mark="-", century=True):
    """Return a made-up number of someone born on `day`."""
    short = f"{day:%y%m}{day.day + added:02}"
    return f"{str(day.year)[:2] if century else ''}{short}{mark}{serial}{luhn(short + serial)}"


def kinds(text):
    return [finding.kind for finding in find(text)]


BORN = date(1990, 1, 1)


@pytest.mark.parametrize(
    "text",
    [
        *("19900101-0017", "199001010017", "19900101 0017", "900101-0017", "900101+0017", "900101 0017", "9001010017"),
        *("1990-01-01-0017", "19900101 - 0017", "900101_0017", "(900101-0017)", "pnr:900101-0017,", "x900101-0017x"),
        *("1990 01 01 0017", "1990 01 01-0017", "90 01 01-0017", "90.01.01-0017", "1990.01.01-0017", "90 01 01 0017"),
        *("900101--0017", "900101/0017", "900101:0017", "900101~0017", "900101   0017", "900101-\n0017"),
        *("9 0 0 1 0 1 - 0 0 1 7", "1 9 9 0 0 1 0 1 0 0 1 7", "900101\x08-0017", "1985-05-15 8884"),
    ],
)
def test_personnummer_are_found_however_they_are_written(text):
    assert kinds(f"Vid torget {text} i går") == [P]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "19900101\N{EN DASH}0017",
            "19900101\N{MINUS SIGN}0017",
            "900101\N{NON-BREAKING HYPHEN}0017",
            "１９９００１０１－００１７",
        ),
        *("19900101\N{NO-BREAK SPACE}0017", "1990\N{ZERO WIDTH SPACE}0101-0017", "900101\N{SOFT HYPHEN}0017"),
        *("٩٠٠١٠١-٠٠١٧", "9\N{COMBINING ACUTE ACCENT}00101-0017", "logg_19900101-0017.pdf", "19900101_0017.jpg"),
    ],
)
def test_odd_signs_and_file_names_hide_no_personnummer(text):
    before = "På torget… "
    (finding,) = find(f"{before}{text} sågs")
    assert finding.kind is P
    matched = f"{before}{text} sågs"[finding.start : finding.end]
    assert matched in text
    assert matched[-1] in "7７٧"


@given(
    st.dates(date(1850, 1, 1), date(2020, 12, 31)),
    st.integers(1, 999),
    st.sampled_from(["", "-", "+", " "]),
    st.booleans(),
    st.booleans(),
)
def test_every_number_is_found(day, serial, mark, century, coordination):
    text = number(day, f"{serial:03}", added=60 if coordination else 0, mark=mark, century=century)
    # Written without century, 29 February 1900 can't be told from a day that never was.
    if century or (day.month, day.day) != (2, 29):
        assert kinds(f"A {text}.") == [C if coordination else P]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "19900101-0018",
            "19901301-0017",
            "19900230-0017",
            "20991231-0017",
            "556036-0793",
            "121990010100171",
            "0,9001010017",
        ),
        *("2024-05-12 18.00", "64 - 12 + 11 = 63", "100 000–200 000", "E 6580822, N 674032", "1990-01-01 0017"),
        *("556012-5790", "16556012-5790", "212000-0142", "Dnr 2026-123456", "070-123 45 67", "1 2 3 4 5 6 7 8 9 0"),
    ],
)
def test_other_numbers_stop_nothing(text):
    assert hard(find(text)) == []


@pytest.mark.parametrize("mark", [" – ", "–", "-", "--", "/"])
def test_a_span_of_days_is_no_personnummer(mark):
    first = date(2024, 1, 1)
    days = [first + timedelta(days=count) for count in range(300)]
    assert [day for day in days if kinds(f"Gäller {day}{mark}{day + timedelta(days=90)}.")] == []


@time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC))
def test_a_birth_date_to_come_is_no_personnummer():
    assert kinds(number(date(2025, 12, 31))) == [P]
    assert kinds(number(date(2026, 2, 1))) == []


@pytest.mark.parametrize(
    ("text", "kind", "matched"),
    [
        ("Ring 070-123 45 67 i kväll", FindingKind.PHONE, "070-123 45 67"),
        ("072 123 45 67", FindingKind.PHONE, "072 123 45 67"),
        ("Telefon: 08-50809062**Till", FindingKind.PHONE, "08-50809062"),
        ("08-508 090 62", FindingKind.PHONE, "08-508 090 62"),
        ("0500-12 34 56", FindingKind.PHONE, "0500-12 34 56"),
        ("018 727 00 00", FindingKind.PHONE, "018 727 00 00"),
        ("031123456", FindingKind.PHONE, "031123456"),
        ("+46 (0)70 123 45 67", FindingKind.PHONE, "+46 (0)70 123 45 67"),
        ("0046701234567", FindingKind.PHONE, "0046701234567"),
        ("tfn 123 45 67", FindingKind.PHONE, "123 45 67"),
        ("<namn.namnsson@stockholm.se>", FindingKind.EMAIL, "namn.namnsson@stockholm.se"),
        ("skriv till torg (at) exempel.se", FindingKind.EMAIL, "torg (at) exempel.se"),
        ("bilen ABC 123.", FindingKind.VEHICLE, "ABC 123"),
        ("foto_ABC12A.jpg", FindingKind.VEHICLE, "ABC12A"),
        ("ABC-12D", FindingKind.VEHICLE, "ABC-12D"),
        ("i lgh 1203", FindingKind.DWELLING, "lgh 1203"),
        ("Lägenhet 1203", FindingKind.DWELLING, "Lägenhet 1203"),
        ("La\N{COMBINING DIAERESIS}genhet 1203", FindingKind.DWELLING, "La\N{COMBINING DIAERESIS}genhet 1203"),
        ("på Storgatan 5 A, lgh 1203", FindingKind.DWELLING, "Storgatan 5 A, lgh 1203"),
        ("på Odengatan 5, 3 tr", FindingKind.DWELLING, "Odengatan 5, 3 tr"),
    ],
)
def test_what_points_at_one_person_needs_a_reason(text, kind, matched):
    (finding,) = find(text)
    assert (finding.kind, text[finding.start : finding.end]) == (kind, matched)
    assert soft([finding]) == [finding]
    assert hard([finding]) == []


@pytest.mark.parametrize(
    "text",
    [
        *("2019-2021", "Dnr 2024/123", "1.2.3-123/2024", "Dnr: A102.918/2017", "Dnr 08-123456/2024", "kl. 18.00–20.00"),
        *("08-12-2026", "112, 114 14 och 1177", "1 070 123 456 kr", "100 000–200 000 invånare", "2026-03-02 18.00"),
        *("RA-FS 2009:2", "SFS 2023:196", "SFS 123", "SOU 2021:49", "EN 301 549", "PDF 123", "BOX 123", "SOS 112"),
        *("EUR 100 000", "abc 123", "Abc 123", "IQV 123", "ABC 1234", "PBL 2010:900", "och 202 personer", "KFS 201:15"),
        *(
            "120 lägenheter",
            "lägenheter",
            "Storgatan 5",
            "Storgatan 5 A",
            "Sergels torg 1, 3 personer",
            "@namn",
            "a @ b",
        ),
        *("18.26f506e0167c605d5693cf5e/1551096020979", "SWEREF 99 TM 6580822.12 674032.55", "0,5–1,5 hektar"),
    ],
)
def test_ordinary_texts_raise_no_questions(text):
    assert kinds(text) == []


def test_findings_come_in_order_and_never_overlap():
    text = "Lgh 1203, 070-123 45 67, 900101-0017, ABC 123, a@exempel.se"
    findings = find(text)
    expected = [FindingKind.DWELLING, FindingKind.PHONE, P, FindingKind.VEHICLE, FindingKind.EMAIL]
    assert [finding.kind for finding in findings] == expected
    assert kinds("19900101-0017@exempel.se") == [P]


@given(st.text(st.sampled_from("0179 -+@.a_lghABC123…½é\N{ZERO WIDTH SPACE}\N{COMBINING ACUTE ACCENT}"), max_size=80))
def test_findings_lie_inside_the_text(text):
    findings = find(text)
    places = [place for finding in findings for place in (finding.start, finding.end)]
    assert places == sorted(places)
    assert all(0 <= finding.start < finding.end <= len(text) for finding in findings)


def test_messages_say_what_to_do():
    guidance = "Skriv om plats, tid och händelse – aldrig om person."
    assert stop_message(find("900101-0017")) == f"Texten innehåller ett personnummer. Ta bort det. {guidance}"
    assert stop_message(find("900101-0017 och 900101-0017, 070-123 45 67")) == (
        f"Texten innehåller flera personnummer. Ta bort dem. {guidance}"
    )
    assert reason_message(find("070-123 45 67")) == (
        "Texten ser ut att innehålla ett telefonnummer. Ta bort det, eller skriv varför det måste stå kvar."
    )
    assert reason_message(find("a@exempel.se")).endswith("Ta bort den, eller skriv varför den måste stå kvar.")
    assert reason_message(find("a@exempel.se, ABC 123, lgh 12")) == (
        "Texten ser ut att innehålla en e-postadress, ett registreringsnummer för fordon och en uppgift om bostad. "
        "Ta bort dem, eller skriv varför de måste stå kvar."
    )
    assert stop_message(find("ABC 123")) == reason_message(find("900101-0017")) == ""


def test_the_text_matched_is_in_no_message_or_repr():
    text = "900101-0017, 070-123 45 67, a@exempel.se, ABC 123, lgh 1203"
    findings = find(text)
    told = f"{findings!r} {stop_message(findings)} {reason_message(findings)}"
    assert [part for part in text.split(", ") if part in told] == []
    assert {kind.label for kind in FindingKind} >= {"Personnummer", "Telefonnummer"}


@pytest.mark.parametrize("piece", ["1", "1 ", "19900101 0018 ", "\N{NO-BREAK SPACE}1"])
def test_two_megabytes_of_digits_and_spaces_are_searched(piece):
    assert find(piece * (2_000_000 // len(piece))) == []


@pytest.mark.parametrize(
    "piece", [" ", "0 ", "07 ", "a@", "a.", "gatan 5 ", "lgh ", "tel 1", "å", "…", "a\N{COMBINING TILDE}"]
)
def test_long_runs_of_anything_are_searched(piece):
    assert find(piece * (200_000 // len(piece))) == []


def test_words_of_mixed_script_are_found():
    text = "Öppna drogs\u0446\u0435\u043der och drogs\u0446\u0435\u043der i Москва, drogscener på torget"
    assert privacy.mixed_script_words(text) == ["drogs\u0446\u0435\u043der"]
    assert privacy.mixed_script_words("drogscener på torget") == []
