"""Icons as inline SVG: they take the colour of the text, pass a strict CSP and print in WeasyPrint."""

from functools import cache
from pathlib import Path

from markupsafe import Markup

_FOLDER = Path(__file__).resolve().parents[2] / "static" / "icons"


@cache
def _icons() -> dict[str, Markup]:
    """Return every icon by name, read once per process."""
    opening = '<svg class="icon" aria-hidden="true" focusable="false" '
    return {
        # The files are our own and hold nothing but paths.
        path.stem: Markup(path.read_text(encoding="utf-8").strip().replace("<svg ", opening, 1))  # noqa: S704
        for path in sorted(_FOLDER.glob("*.svg"))
    }


def icon(name: str) -> Markup:
    """Return the icon as inline SVG, hidden from screen readers: a word always stands beside it.

    :raises KeyError: if there is no such file in `static/icons`
    """
    return _icons()[name]


def icon_names() -> list[str]:
    """Return the names that `icon` knows, in alphabetical order."""
    return list(_icons())
