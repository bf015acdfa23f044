"""The seed file as the loaders read it: each field is taken into a column or printed in the row's source note.

A field that nobody takes and that has no words here stops the load, so that nothing of the file is lost unseen.
"""

import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from platssamverkan.core.columns import Sourced
from platssamverkan.core.db import db

#: The same safe loader, in C where the installation has it.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SEED_FILE = Path(__file__).with_name("seed-data.yaml")

#: What the file says beside the fields, as a Swedish sentence. `{}` is the value; one with parts has each by its name.
SENTENCES = {
    "agreement": "Överenskommelse: {}",
    "area": "Område: {}",
    "change_decade_percent": "Förändring på tio år: {} procent",
    "cities": "Städer: {}",
    "coordinated_by": "Samordnas av {}",
    "count_text": "Antal: {}",
    "county": "Län: {}",
    "cpted": "CPTED, klassat: {}",
    "displacement": "Förflyttning: {}",
    "document_year": "Dokumentets år: {}",
    "documents_min": "Minst {} dokument",
    "duration_text": "Varaktighet: {}",
    "ended_in_round": "Upphörde i kartläggningen {}",
    "effect_after": "Effekt efter avslut: {}",
    "effect_during": "Effekt under åtgärden: {}",
    "first_signed_year": "Året är den första överenskommelsens",
    "focus_area_count": "Antal fokusområden: {}",
    "frame_agreement": "Ramöverenskommelse: {}",
    "from_count": "Från antal: {}",
    "handled_by_function": "Handläggs av: {}",
    "has_follow_up_report": "En uppföljning hör till kartläggningen",
    "interviews": "{} intervjuer",
    "model": "Modell: {}",
    "municipality_count": "Antal kommuner: {}",
    "net_change": "Nettoförändring: {}",
    "new_property_owners_count": "Antal nya fastighetsägare: {}. Vilka framgår inte",
    "note": "{}",
    "occasion": "Tillfälle: {}",
    "partners": "Medverkande: {}",
    "partners_note": "Medverkande anges med orden: {}",
    "partnerships": "Delas av: {}",
    "per_subgoal": "Per delmål: {}",
    "performed_with": "Utförd tillsammans med {}",
    "pilot": "Pilot: {season} {year}",
    "pilot_2019": "Var med i piloten 2019",
    "place": "Plats: {}",
    "places": "Platser: {}",
    "police_area": "Polisområde: {}",
    "prioritised": "Prioriterat: {}",
    "prioritised_places": "Prioriterade platser: {}",
    "process": "Arbetsgång: {}",
    "professionals": "Yrkesgrupper: {}",
    "quarter": "Kvartal: {}",
    "report_due": "Rapport väntas: {}",
    "scene_state_by": "Klassad av: {}",
    "scope": "Omfattning: {}",
    "season": "Årstid: {}",
    "share_bruk_percent": "Andel bruk: {} procent",
    "signed_by_functions": "Undertecknas av: {}",
    "start_basis": "Grund för startåret: {}",
    "start_month_day": "Start: {}, året framgår inte",
    "start_season": "Start på {}",
    "text": "{}",
    "text_note": "{}",
    "to_count": "Till antal: {}",
    "tool": "Verktyg: {}",
    "used_for_meetings": "Möten: {}",
    "within": "Tid: {}",
    "working_group": "{name}, bildad {formed_year}. Uppgift: {task}",
}
WORDS = {
    "2024-04": "april 2024",
    "03-01": "den 1 mars",
    "county": "länet",
    "improved": "förbättring",
    "operative": "operativa",
    "relapse": "återfall efter avslut",
    "sommar": "sommaren",
    "strategic": "strategiska",
    "ssr-2023": "för Stockholms län 2023",
    "vår": "våren",
    "Tryckt datum kan inte stämma: skrivelsen som besvaras inkom 2023-12-14.": (
        "Tryckt datum kan inte stämma: skrivelsen som besvaras inkom 14 december 2023."
    ),
    "Skolans namn som i seeden; kan vara tolkningsfel": "Skolans namn som i källan; kan vara tolkningsfel",
}


class SeedError(Exception):
    """The seed file holds something that the loader does not know how to keep."""


class Record:
    """One item of the file. What is not taken goes into the source note."""

    def __init__(self, kind: str, fields: dict[str, Any]) -> None:
        self.kind = kind
        self.left = dict(fields)
        self.key = str(fields.get("id", ""))

    def take(self, name: str) -> Any:
        """Return the field, or None when the file does not say; it then belongs to a column."""
        return self.left.pop(name, None)

    def texts(self, name: str) -> list[str]:
        """Return a list field; empty when the file does not say."""
        return [str(text) for text in self.take(name) or []]

    def day(self, name: str) -> date | None:
        """Return a field that is a whole date."""
        text = self.take(name)
        return date.fromisoformat(str(text)) if text else None

    def when(self, name: str) -> str | None:
        """Return a partial date as the columns keep it."""
        value = self.take(name)
        return None if value is None else str(value)


class Seed:
    """The file, and the rows made from it so far, by kind and key."""

    def __init__(self, path: Path = SEED_FILE) -> None:
        self.data: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506  (a safe one)
        self.rows: dict[tuple[str, str], Any] = {}
        self.sources: dict[str, int] = {}
        #: Key → name, so that a note says "Trafikförvaltningen" and not the key.
        self.names: dict[str, str] = {
            item["id"]: item.get("name") or item.get("title") or item["id"]
            for items in self.data.values()
            if isinstance(items, list)
            for item in items
            if "id" in item and ("name" in item or "title" in item)
        }

    def records(self, kind: str) -> list[Record]:
        """Return the file's items of one kind, in its order."""
        return [Record(kind, item) for item in self.data[kind]]

    def find(self, kind: str, key: str | None) -> Any:
        """Return the row made from `key`; None for None. Raises SeedError for a key that the file does not define."""
        if key is None:
            return None
        try:
            return self.rows[kind, key]
        except KeyError:
            raise SeedError(f"{kind}: {key} finns inte i filen") from None

    def id_of(self, kind: str, key: str | None) -> int | None:
        """Return the id of the row made from `key`; None for None."""
        row = self.find(kind, key)
        return None if row is None else int(row.id)

    def keep(self, record: Record, row: Any) -> Any:
        """Give the row its origin, save it, and return it with its id."""
        self.mark(record, row)
        self.rows[record.kind, record.key] = row
        db.session.add(row)
        db.session.flush()
        return row

    def mark(self, record: Record, row: Sourced) -> None:
        """Set source, key, basis, and what no column took as note."""
        record.take("id")
        row.source_id = self.sources[record.take("source")]
        row.seed_key = record.key
        firmness = {"stated", "read", "classified"}
        found = {name: value for name, value in record.left.items() if name.endswith("_basis") and value in firmness}
        for name in found:
            record.take(name)
        row.basis = {**(row.basis or {}), **{name.removesuffix("_basis"): value for name, value in found.items()}}
        row.source_note = self.note(record) or row.source_note

    def note(self, record: Record) -> str | None:
        """Return what is left of the record in sentences. Raises SeedError for a field without words."""
        sentences = []
        for name, value in record.left.items():
            if value is None or value == []:
                continue
            parts = {part: self.words(said) for part, said in value.items()} if isinstance(value, dict) else {}
            if name not in SENTENCES or any(f"{{{part}}}" not in SENTENCES[name] for part in parts):
                raise SeedError(f"{record.kind} {record.key}: fältet {name} har ingen plats")
            sentences.append(SENTENCES[name].format(self.words(value), **parts).rstrip("."))
        return ". ".join(sentences) + "." if sentences else None

    def words(self, value: Any) -> str:
        """Return a value of the file as it reads in Swedish."""
        if value is True:
            return "ja"
        if isinstance(value, list):
            return ", ".join(self.words(part) for part in value)
        text = str(value)
        return self.names.get(text) or WORDS.get(text) or text.replace("-", "−" if isinstance(value, int) else "-")


def city_slug(city: str) -> str:
    """Return the slug of a city: "Örebro" → "orebro"."""
    plain = unicodedata.normalize("NFKD", city.lower())
    return "".join(sign for sign in plain if sign.isascii() and sign.isalpha())
