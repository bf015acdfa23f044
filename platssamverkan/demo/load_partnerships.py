"""Loads sources, actors, places, partnerships and who takes part in them."""

from platssamverkan.activations.models import OrganisationRole
from platssamverkan.actors.models import Actor, ActorKind
from platssamverkan.core.db import db
from platssamverkan.core.recurrence import Recurrence
from platssamverkan.core.sources import Source, SourceKind
from platssamverkan.demo.seed import WORDS, Record, Seed, SeedError, city_slug
from platssamverkan.partnerships.models import (
    MeetingKind,
    MeetingSeries,
    Membership,
    Partnership,
    RepresentationLevel,
    Representative,
)
from platssamverkan.places.models import Place, PlaceBand, SceneState, SharedPremises

BANDS = {
    "sergels-torg": PlaceBand.TRIANGLES,
    "klara": PlaceBand.TRIANGLES,
    "blackeberg": PlaceBand.ARCS,
}
#: The report that tells of the six cities.
CITY_SOURCE = "001_4ede08c9168b71b4.txt"
COUNTY = "ssr-oppna-drogscener"


def load_sources(seed: Seed) -> None:
    """Make one source per document of the file."""
    for item in seed.data["meta"]["sources"]:
        year = item.get("years") or item.get("year")
        source = Source(
            key=item["file"],
            title=item["title"],
            kind=SourceKind(item["kind"]),
            publisher=item.get("publisher"),
            years=str(year) if year else None,
            note=WORDS.get(item.get("note"), item.get("note")),
        )
        record = Record("sources", item)
        source.printed_on, source.attested_on = record.day("printed_date"), record.day("attested_date")
        db.session.add(source)
        db.session.flush()
        seed.sources[item["file"]] = source.id


def load_actors(seed: Seed) -> None:
    """Make the actors. Kind and duty under the secrecy act are classified here, not said by the sources."""
    for record in seed.records("actors"):
        kind = ActorKind(record.take("kind"))
        actor = Actor(
            name=record.take("name"),
            former_name=record.take("formerly"),
            kind=kind,
            subject_to_osl=kind.usually_subject_to_osl,
            is_group=bool(record.take("group_actor")),
            member_count=record.take("count"),
            basis={"kind": "classified", "subject_to_osl": "classified"},
        )
        seed.keep(record, actor)


def load_places(seed: Seed) -> None:
    """Make the places; a part comes after what it is part of, as in the file."""
    for record in seed.records("places"):
        record.take("ended_year")
        if "place_types_basis" in record.left:
            record.left["types_basis"] = record.take("place_types_basis")
        place = Place(
            slug=record.key,
            name=record.take("name"),
            municipality=record.take("municipality"),
            district=record.take("district"),
            part_of_id=seed.id_of("places", record.take("part_of")),
            types=record.texts("place_types"),
            scene_state=SceneState(record.take("scene_state")),
            scene_state_note=record.take("scene_state_note"),
            scene_counted=record.take("scene_counted") is not False,
            prioritised=record.take("prioritised"),
            prioritised_since=record.take("prioritised_since"),
            note=record.take("note"),
            band=BANDS.get(record.key, PlaceBand.SQUARES),
        )
        seed.keep(record, place)


def load_partnerships(seed: Seed) -> None:
    """Make the partnerships of the file, and one for each city that the report for Brå tells of."""
    for record in seed.records("partnerships"):
        partnership = Partnership(
            slug=record.key,
            name=record.take("name"),
            aliases=record.texts("aliases"),
            municipality=record.take("municipality"),
            lead_actor_id=seed.id_of("actors", record.take("lead_actor")),
            co_lead_actor_id=seed.id_of("actors", record.take("co_lead")),
            started_year=record.take("started_year"),
            started_note=record.take("started_note"),
            mandate=record.take("mandate"),
            mandate_source=record.take("mandate_source"),
            focus=record.texts("focus"),
            places=[seed.find("places", key) for key in record.texts("places")],
        )
        seed.keep(record, partnership)
    for city in seed.data["cities"]:
        slug = city_slug(city["name"])
        record = Record("partnerships", {"id": slug, "source": CITY_SOURCE})
        partnership = Partnership(slug=slug, name=city["name"], municipality=city["name"], from_report=True)
        partnership.source_note = "Hämtat ur rapporten. Staden deltar inte här."
        seed.keep(record, partnership)


def home_of(seed: Seed, record: Record) -> int:
    """Return the id of the partnership that the record names, or that of its city, or the county's."""
    key, city = record.take("partnership"), record.take("city")
    home = seed.id_of("partnerships", key or (city_slug(city) if city else COUNTY))
    if home is None:
        raise SeedError(f"{record.kind} {record.key}: hör till ingen samverkan")
    return home


def load_memberships(seed: Seed) -> None:
    """Make who takes part, and the functions that speak for them."""
    for record in seed.records("memberships"):
        actor, partnership = record.take("actor"), record.take("partnership")
        record.key = f"{actor}@{partnership}"
        levels = set(record.texts("levels"))
        functions = record.take("representatives") or []
        levels |= {function["level"] for function in functions}
        membership = Membership(
            actor_id=seed.id_of("actors", actor),
            partnership_id=seed.id_of("partnerships", partnership),
            task=record.take("role"),
            is_strategic="strategic" in levels,
            is_operative="operative" in levels,
        )
        source = record.left["source"]
        seed.keep(record, membership)
        for number, function in enumerate(functions, start=1):
            part = Record("representatives", {**function, "id": f"{record.key}#{number}", "source": source})
            representative = Representative(
                membership_id=membership.id,
                level=RepresentationLevel(part.take("level")),
                function=part.take("function"),
            )
            seed.keep(part, representative)


def load_premises_and_rhythms(seed: Seed) -> None:
    """Make shared premises, the rhythms of meetings, and the roles of the place organisation."""
    for record in seed.records("shared_premises"):
        record.take("opened_year")
        premises = SharedPremises(
            place_id=seed.id_of("places", record.take("place")),
            name=record.take("name"),
            access=record.take("access"),
            uses=record.texts("uses"),
        )
        seed.keep(record, premises)
    for record in seed.records("meeting_rhythms"):
        recurrence, location = record.take("recurrence"), record.take("location")
        series = MeetingSeries(
            partnership_id=home_of(seed, record),
            kind=MeetingKind(record.take("kind")),
            recurrence=Recurrence(recurrence) if recurrence else None,
            min_per_year=record.take("min_per_year"),
            location=seed.names[location] if location else None,
            led_by_id=seed.id_of("actors", record.take("led_by")),
            started_year=record.take("developed_year"),
            contents=record.texts("contents"),
            purpose=record.texts("purpose"),
            participants=record.texts("participants"),
        )
        seed.keep(record, series)
    for record in seed.records("organisation_roles"):
        role = OrganisationRole(
            partnership_id=home_of(seed, record), title=record.take("title"), is_group=record.take("group")
        )
        seed.keep(record, role)
