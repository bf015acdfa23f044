"""Loads measures and what the sources say came of them."""

from collections import Counter

from platssamverkan.core.db import db
from platssamverkan.core.visibility import Visibility
from platssamverkan.demo.load_partnerships import home_of
from platssamverkan.demo.seed import Record, Seed
from platssamverkan.measures.models import (
    CptedCategory,
    Displacement,
    FollowUp,
    FollowUpDone,
    FollowUpEffect,
    Measure,
    MeasureCptedLink,
    MeasureMethod,
    MeasureMethodLink,
    MeasureStatus,
)


def load_measures(seed: Seed) -> None:
    """Make the measures, numbered within their partnership in the file's order, with methods and follow-ups."""
    numbers: Counter[int] = Counter()
    for record in seed.records("measures"):
        partnership_id = home_of(seed, record)
        numbers[partnership_id] += 1
        methods = [MeasureMethod(value) for value in record.texts("method")]
        categories = _cpted(record, methods)
        status = record.take("status")
        partners = list(record.left.get("partners") or [])
        measure = Measure(
            partnership_id=partnership_id,
            number=numbers[partnership_id],
            title=record.take("title"),
            place_id=seed.id_of("places", record.take("place")),
            place_text=record.take("place_name") or record.take("area"),
            responsible_actor_id=seed.id_of("actors", record.take("responsible")),
            status=MeasureStatus(status) if status else None,
            starts=record.when("start_year"),
            ends=record.when("end_year"),
            planned_count=record.take("planned_count"),
            is_especially_valuable=bool(record.take("especially_valuable")),
            outcome_text=record.take("outcome_text"),
            affected=[seed.find("actors", key) for key in [*record.texts("affected"), *partners]],
            # Where guards and cameras are is never public (DOMAIN 9, R7).
            visibility=Visibility.PARTNERSHIP if CptedCategory.SURVEILLANCE in categories else Visibility.PUBLIC,
        )
        follow_ups = _follow_ups(record, measure)
        source = record.left["source"]
        seed.keep(record, measure)
        db.session.add_all(MeasureMethodLink(measure_id=measure.id, method=method) for method in methods)
        db.session.flush()
        db.session.add_all(MeasureCptedLink(measure_id=measure.id, category=category) for category in categories)
        for number, follow_up in enumerate(follow_ups, start=1):
            follow_up.measure_id = measure.id
            seed.keep(Record("follow_ups", {"id": f"{record.key}#{number}", "source": source}), follow_up)


def _cpted(record: Record, methods: list[MeasureMethod]) -> list[CptedCategory]:
    """Return the categories; of a measure that is not situational they stay words (DOMAIN 6.1, invariant 2)."""
    categories = [CptedCategory(value) for value in record.texts("cpted")]
    if MeasureMethod.SITUATIONAL in methods:
        return categories
    if categories:
        record.take("cpted_basis")
        record.left["cpted"] = [category.label for category in categories]
    return []


def _follow_ups(record: Record, measure: Measure) -> list[FollowUp]:
    """Return one follow-up for each effect that the file gives; none where it gives no effect."""
    moved = bool(record.take("displacement"))
    found = []
    for name, when in (("effect_during", "Under åtgärden."), ("effect_after", "Efter avslut.")):
        effect = record.take(name)
        if effect is None:
            continue
        found.append(
            FollowUp(
                done=FollowUpDone.YES if measure.status is MeasureStatus.COMPLETED else FollowUpDone.PARTLY,
                effect=FollowUpEffect(effect),
                text=None if moved else measure.outcome_text,
                displacement=Displacement.YES if moved else Displacement.UNKNOWN,
                displacement_text=measure.outcome_text if moved else None,
                visibility=measure.visibility,
                source_note=when,
            )
        )
    # The file's words tell what came of it in the end.
    for earlier in found[:-1]:
        earlier.text = None
    return found
