"""When a party may join and leave: inside the period of its agreement (DOMAIN 6.1, invariant 1)."""

from platssamverkan.core.partial_date import earliest, latest


def ends_before(start: str | None, end: str | None) -> bool:
    """Say whether `end` is over before `start` can begin; never when either is unsaid."""
    return bool(start and end and latest(end) < earliest(start))


def party_faults(*, joined: str | None, withdrew: str | None, starts: str | None, ends: str | None) -> dict[str, str]:
    """Return field → what is wrong with when a party joined and left an agreement of this period; empty when nothing
    is."""
    faults = {}
    if ends_before(joined, ends):
        faults["joined"] = "Parten ansluter sig efter att avtalet har slutat. Skriv en tidigare tid."
    elif ends_before(starts, joined):
        faults["joined"] = "Parten ansluter sig innan avtalet börjar. Skriv en senare tid."
    if ends_before(joined, withdrew):
        faults["withdrew"] = "Parten lämnar innan den anslöt sig. Ändra någon av tiderna."
    elif ends_before(starts, withdrew):
        faults["withdrew"] = "Parten lämnar innan avtalet börjar. Skriv en senare tid."
    elif ends_before(withdrew, ends):
        faults["withdrew"] = "Parten lämnar efter att avtalet har slutat. Skriv en tidigare tid."
    return faults
