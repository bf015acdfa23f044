"""Finds what must not stand in free text (DOMAIN 9, R2): numbers and addresses that point at one person.

Findings carry kind and place only. The text matched is in no message, repr or exception, so that it reaches no log.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from personnummer import personnummer  # type: ignore[import-untyped, unused-ignore]

from platssamverkan.core import clock
from platssamverkan.core.columns import LabelledEnum
from platssamverkan.core.plain_text import PlainText, mixed_script_words

__all__ = [
    "GUIDANCE",
    "Finding",
    "FindingKind",
    "find",
    "hard",
    "mixed_script_words",
    "reason_message",
    "repeated_message",
    "soft",
    "stop_message",
]

#: Shown at every field where persons could be described.
GUIDANCE = "Skriv om plats, tid och händelse – aldrig om person."


class FindingKind(LabelledEnum):
    """What was found. The first two stop the save, the others need a reason."""

    PERSONNUMMER = "personnummer", "Personnummer"
    COORDINATION_NUMBER = "coordination_number", "Samordningsnummer"
    PHONE = "phone", "Telefonnummer"
    EMAIL = "email", "E-postadress"
    VEHICLE = "vehicle", "Fordons registreringsnummer"
    DWELLING = "dwelling", "Lägenhet eller bostad"

    @property
    def is_hard(self) -> bool:
        return self in {FindingKind.PERSONNUMMER, FindingKind.COORDINATION_NUMBER}

    def in_words(self, found: int) -> str:
        """Return "ett telefonnummer" or "flera telefonnummer"."""
        one, many = {
            "personnummer": ("ett personnummer", "flera personnummer"),
            "coordination_number": ("ett samordningsnummer", "flera samordningsnummer"),
            "phone": ("ett telefonnummer", "flera telefonnummer"),
            "email": ("en e-postadress", "flera e-postadresser"),
            "vehicle": ("ett registreringsnummer för fordon", "flera registreringsnummer för fordon"),
            "dwelling": ("en uppgift om bostad", "flera uppgifter om bostad"),
        }[self.value]
        return one if found == 1 else many


@dataclass(frozen=True)
class Finding:
    """A finding, as places in the text that was searched."""

    kind: FindingKind
    start: int
    end: int


def find(text: str) -> list[Finding]:
    """Return all findings in `text`, in its order, none overlapping. Takes time in proportion to the length."""
    plain = PlainText.of(text)
    taken: list[tuple[int, int, FindingKind]] = []
    for search in (_identity_numbers, _emails, _dwellings, _phones, _vehicles):
        found = list(search(plain.text))
        taken = _merge(taken, found)
    return [Finding(kind, plain.origin(start), plain.origin(end)) for start, end, kind in taken]


def hard(findings: Iterable[Finding]) -> list[Finding]:
    """Return those that stop the save."""
    return [finding for finding in findings if finding.kind.is_hard]


def soft(findings: Iterable[Finding]) -> list[Finding]:
    """Return those that need a stated reason."""
    return [finding for finding in findings if not finding.kind.is_hard]


def stop_message(findings: Iterable[Finding], what: str = "Texten") -> str:
    """Return what to tell the writer of `what` about the findings that stop the save; "" when there are none."""
    stopping = hard(findings)
    if not stopping:
        return ""
    return f"{what} innehåller {_in_words(stopping)}. Ta bort {_pronoun(stopping)}. {GUIDANCE}"


def reason_message(findings: Iterable[Finding], what: str = "Texten") -> str:
    """Return what to ask the writer of `what` about the findings that need a reason; "" when there are none."""
    asking = soft(findings)
    if not asking:
        return ""
    it = _pronoun(asking)
    subject = "de" if it == "dem" else it
    return (
        f"{what} ser ut att innehålla {_in_words(asking)}. Ta bort {it}, eller skriv varför {subject} måste stå kvar."
    )


def repeated_message(findings: list[Finding]) -> str:
    """Return what to tell who repeats, in the reason for keeping it, what was found in a text; "" when nothing is."""
    return f"Skälet innehåller {_in_words(findings)}. Skriv skälet utan {_pronoun(findings)}." if findings else ""


def _in_words(findings: list[Finding]) -> str:
    kinds = [finding.kind for finding in findings]
    words = [kind.in_words(kinds.count(kind)) for kind in FindingKind if kind in kinds]
    return " och ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _pronoun(findings: list[Finding]) -> str:
    if len(findings) > 1:
        return "dem"
    return "den" if findings[0].kind in {FindingKind.EMAIL, FindingKind.DWELLING} else "det"


_Span = tuple[int, int, FindingKind]


def _merge(taken: list[_Span], found: list[_Span]) -> list[_Span]:
    """Return `taken` and what of `found` overlaps nothing before it, in order."""
    starts = [span[0] for span in taken]
    kept: list[_Span] = []
    for span in sorted(found):
        index = bisect_left(starts, span[1])
        if (index == 0 or taken[index - 1][1] <= span[0]) and (not kept or kept[-1][1] <= span[0]):
            kept.append(span)
    return sorted(taken + kept)


# Personnummer and samordningsnummer. Each repetition is bounded, here and below, so that no text is slow to search.

_ADDED_DAYS = 60  # What a samordningsnummer adds to the day.
_IDENTITY = re.compile(
    r"(?<![0-9])(?<![0-9][.,])(18|19|20)?([0-9]{2})([-./ ]?)(0[1-9]|1[0-2])\3"
    r"(0[1-9]|[12][0-9]|3[01]|6[1-9]|[78][0-9]|9[01])"
    r"([ _\t\n]{0,2}(?:[-+:~=*·•⁃⁓]|/(?!19|20)){1,2}[ _\t\n]{0,2}|[ _\t]{1,3})?([0-9]{4})(?![0-9])"
    # Not the year of a second date, as in 2024-01-01 – 2024-06-30.
    r"(?!(?<=20[0-9]{2}|19[0-9]{2})\3(?:0[1-9]|1[0-2])(?![0-9]))"
)
#: With a space after each digit, as no date or hour is written.
_SPACED = re.compile(r"(?<![0-9])(?<![0-9][ .,])(?:[0-9] ){6}(?:[0-9] [0-9] )?(?:[-+] ?)?(?:[0-9] ){3}[0-9](?! ?[0-9])")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9]|2400")


def _identity_numbers(text: str) -> Iterator[_Span]:
    for match in _IDENTITY.finditer(text):
        *_, date_mark, _, _, mark, last = match.groups()
        # A date with marks inside, then what may be an hour, is more likely a date and an hour.
        if date_mark.strip() and not (mark or "").strip(" _\t") and _CLOCK.fullmatch(last):
            continue
        if kind := _identity_kind(match):
            yield match.start(), match.end(), kind
    for match in _SPACED.finditer(text):
        written = _IDENTITY.fullmatch(match.group().replace(" ", ""))
        if written and (kind := _identity_kind(written)):
            yield match.start(), match.end(), kind


def _identity_kind(match: re.Match[str]) -> FindingKind | None:
    """Return what the number written so is; None when it is nobody's."""
    century, year, _, month, day, mark, last = match.groups()
    sign = "" if century or not mark else "+" if "+" in mark else "-"
    if not personnummer.valid(f"{century or ''}{year}{month}{day}{sign}{last}"):
        return None
    if century and date(int(century + year), int(month), int(day) % _ADDED_DAYS) > clock.today():
        return None
    return FindingKind.COORDINATION_NUMBER if int(day) > _ADDED_DAYS else FindingKind.PERSONNUMMER


# E-mail: from each @ outwards.

_AFTER_AT = re.compile(
    r"(?:@|[ ]?[(\[](?:at|a|snabel-?a)[)\]][ ]?)((?:[^\W_][\w-]{0,62}\.){1,8}[^\W\d_]{2,24})(?![^\W_])", re.IGNORECASE
)
_BEFORE_AT = re.compile(r"[\w.+%'-]*[^\W_][\w.+%'-]*\Z")


def _emails(text: str) -> Iterator[_Span]:
    for match in _AFTER_AT.finditer(text):
        window = max(0, match.start() - 64)
        if local := _BEFORE_AT.search(text[window : match.start()]):
            yield window + local.start(), match.end(), FindingKind.EMAIL


# Dwellings: an apartment number, with the street before it when there is one, or a street with stairs or floor.

_APARTMENT = re.compile(
    r"(?<![^\W_])(?:lgh|lght|lägenhet(?:en)?|lägenhetsn(?:ummer|r))\.?"
    r"[ _-]{0,2}(?:nr\.?|nummer)?[ :_-]{0,2}[0-9]{1,4}(?![0-9])",
    re.IGNORECASE,
)
_STREET_END = (
    r"(?:gatan|gata|vägen|väg|gränd|stigen|stig|allén|allé|torget|torg|backen|plan|platsen|kroken|slingan|ringen)"
)
_STREET_NUMBER = r"[ _]{1,2}[0-9]{1,3}(?:[ ]?[A-H](?![^\W_]))?"
_STREET_BEFORE = re.compile(rf"[^\W\d_]{{0,30}}{_STREET_END}{_STREET_NUMBER}[ ,_]{{1,3}}\Z", re.IGNORECASE)
_FLOOR = re.compile(
    rf"{_STREET_END}{_STREET_NUMBER}[ ,_]{{1,3}}"
    r"(?:[0-9]{1,2}[ ]?tr\.?(?![^\W_])|(?:vån|våning|vån\.)[ ]?[0-9]{1,2}(?![0-9])|[0-9]{1,2}[ ]?vån)",
    re.IGNORECASE,
)
_LETTERS_BEFORE = re.compile(r"[^\W\d_]*\Z")


def _dwellings(text: str) -> Iterator[_Span]:
    for match in _APARTMENT.finditer(text):
        window = max(0, match.start() - 60)
        street = _STREET_BEFORE.search(text[window : match.start()])
        yield (window + street.start() if street else match.start()), match.end(), FindingKind.DWELLING
    for match in _FLOOR.finditer(text):
        window = max(0, match.start() - 30)
        name = _LETTERS_BEFORE.search(text[window : match.start()])
        yield (window + name.start() if name else match.start()), match.end(), FindingKind.DWELLING


# Telephone: international, mobile, and area code with a mark or the number in one piece; or any number said to be one.

_PHONE = re.compile(
    r"(?<![0-9+])(?<![0-9][ .,:/-])(?:"
    r"(?:\+|(?<![^\W_])00)[ ]?46[ -]{0,3}(?:\(0\)[ -]{0,2})?[1-9](?:[ -]{0,3}[0-9]){6,8}"
    r"|07[02369](?:[ /-]{0,3}[0-9]){7}"
    r"|(?:08|0[1-9][0-9]{1,2})[ ]?[-/][ ]?[1-9](?:[ -]?[0-9]){4,7}"
    r"|08[ ][1-9](?:[ ]?[0-9]){6,7}|0[1-9][0-9]{1,2}[ ][1-9](?:[ ]?[0-9]){5,6}"
    r"|0[1-9][0-9]{7,8}"
    r")(?![0-9])"
)
_SAID_PHONE = re.compile(
    r"(?<![^\W_])(?:tel|tfn|telefon|telefonnr|telefonnummer|mobil|mobilnr|mobilnummer|ring|sms|sms:a)[.:]{0,2}[ ]{0,2}"
    r"(?!(?:19|20)[0-9]{2}-?[0-9]{2}-?[0-9]{2})([0-9](?:[ -]?[0-9]){5,9})(?![0-9])",
    re.IGNORECASE,
)
_DATE_LIKE = re.compile(r"[0-9]{2}[-/ ]{1,2}[0-9]{2}[-/ ]{1,2}(?:19|20)[0-9]{2}$")
_REFERENCE_BEFORE = re.compile(
    r"(?:dnr|diarie\w{0,10}|ärende\w{0,10}|beteckning|id|isbn|issn)[.: ]{0,3}[\w .-]{0,6}\Z", re.IGNORECASE
)
_REFERENCE_AFTER = re.compile(r"/[0-9]{2,4}")


def _phones(text: str) -> Iterator[_Span]:
    for match in _PHONE.finditer(text):
        before = text[max(0, match.start() - 30) : match.start()]
        is_reference = _REFERENCE_AFTER.match(text, match.end()) or _REFERENCE_BEFORE.search(before)
        if not is_reference and not _DATE_LIKE.fullmatch(match.group()):
            yield match.start(), match.end(), FindingKind.PHONE
    for match in _SAID_PHONE.finditer(text):
        yield match.start(1), match.end(1), FindingKind.PHONE


# Vehicles: three letters (never I Q V Å Ä Ö), two digits, and a digit or a letter (not O).

_VEHICLE = re.compile(
    r"(?<![^\W_])(?<!-)([A-HJ-PR-UW-Z]{3})[ _-]?(?!000)[0-9]{2}[0-9A-HJ-NPR-UW-Z]"
    r"(?![^\W_])(?![:/-][0-9])(?![ ][0-9]{3})"
)
#: Short words in capitals that stand before a number for other reasons: series of law, standards, units, offices.
_NOT_PLATES = frozenset(
    re.findall(
        "[A-Z]{3}",
        "ABF ABK ABT AFS ALL AMA AMF ART BAR BBR BEK BFS BOX BUP CAD CET COM CSN DAG DEL DET DNR DOC DOK DOM DUB EES "
        "EKO ELF EST EUR FAX FHM FMH FOU FRA FSB FTP FYR GBP GDP GPS GSM HBT HSB HSL HTA HTM HUS JPG KAP KBT KFS KLM "
        "KOM KPH KRR KSL KTH KUB LAG LAN LED LGH LOU LPT LSS LSU LTE LUX MAJ MAX MED MHZ MOM MSB NOK NOR NTU OCH OSL "
        "PAR PBL PDF PER PGM PKT PNG POS PPM PTS RAM REF RFC RPS RUM SAL SBK SCB SEK SFS SKL SKR SLU SMS SOS SOU SPF "
        "SSR STH STR SUM TAB TAX TEL TFN TNC TOM TOT TRE TXT UNT URL USB USD WHO XLS XML ZON",
    )
)


def _vehicles(text: str) -> Iterator[_Span]:
    for match in _VEHICLE.finditer(text):
        if match[1] not in _NOT_PLATES:
            yield match.start(), match.end(), FindingKind.VEHICLE
