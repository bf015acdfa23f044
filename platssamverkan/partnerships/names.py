"""Names as they are written in addresses, and lists written one entry a line."""

import re
import unicodedata

#: The slug of the page that makes a partnership, which no partnership may have.
RESERVED = {"ny"}


def slug_of(name: str) -> str:
    """Return `name` as it stands in an address: "Vällingby centrum" → "vallingby-centrum"; "" when nothing is left."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss").replace("ø", "o").replace("æ", "ae"))
    ascii_only = plain.encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:60].strip("-")


def free_slug(name: str, taken: set[str]) -> str:
    """Return a slug of `name` that is neither reserved nor among `taken`."""
    base = slug_of(name) or "samverkan"
    slug, number = base, 2
    while slug in taken | RESERVED:
        slug, number = f"{base}-{number}", number + 1
    return slug


def lines(text: str | None) -> list[str]:
    """Return the lines of `text` that hold something, each once."""
    return list(dict.fromkeys(line.strip() for line in (text or "").splitlines() if line.strip()))


def joined(entries: list[str] | None) -> str:
    """Return the entries one a line, as a form shows them."""
    return "\n".join(entries or [])
