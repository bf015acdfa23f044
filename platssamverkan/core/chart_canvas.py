"""The drawing area of a chart: its scale, its lines and its words, as SVG text."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from markupsafe import Markup, escape

from platssamverkan.core.chart_axis import NEGLIGIBLE, Axis
from platssamverkan.core.formatting import number

SERIES, COMPARISON, TARGET = "#17406d", "#8995a0", "#7a4a00"
TEXT, LABEL, ZERO, GRID, PAPER = "#15202b", "#5b6772", "#44505c", "#d3dae0", "#ffffff"
NO_BREAK_SPACE = "\u00a0"
LABEL_SIZE, VALUE_SIZE = 13, 15


@dataclass(slots=True)
class Canvas:
    """The drawing area: margins, scale, and what is drawn so far."""

    axis: Axis
    width: int
    height: int
    left: float
    right: float
    top: float = 16
    bottom: float = 30
    parts: list[str] = field(default_factory=list)
    #: How high one unit of the axis is drawn.
    unit_height: float = field(init=False)

    def __post_init__(self) -> None:
        room = self.height - self.top - self.bottom
        self.unit_height = room / (self.axis.maximum - self.axis.minimum)

    def y(self, value: float) -> float:
        return self.top + (self.axis.maximum - value) * self.unit_height

    def draw(self, name: str, **attributes: object) -> None:
        written = " ".join(
            f'{key.rstrip("_").replace("_", "-")}="{_attribute(value)}"' for key, value in attributes.items()
        )
        self.parts.append(f"<{name} {written}/>")

    def text(
        self, x: float, y: float, content: str, *, kind: str = "", anchor: str = "start", fill: str = LABEL
    ) -> None:
        """Write `content`: values larger and bolder than the words around them, targets bolder."""
        is_value = kind.startswith("chart-value")
        strong = is_value or kind == "chart-target"
        size = VALUE_SIZE if is_value else LABEL_SIZE
        css = f' class="{kind}"' if kind else ""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}"{css} text-anchor="{anchor}" fill="{fill}" font-size="{size}"'
            f' font-weight="{600 if strong else 400}">{escape(content)}</text>'
        )

    def horizontal(self, value: float, **attributes: object) -> None:
        y = self.y(value)
        self.draw("line", x1=self.left, x2=self.width - self.right, y1=y, y2=y, **attributes)

    def grid(self) -> None:
        x1, x2 = _figure(self.left), _figure(self.width - self.right)
        for tick, text in _tick_texts(self.axis):
            css, stroke = ("chart-zero", ZERO) if abs(tick) < NEGLIGIBLE else ("chart-grid", GRID)
            y = self.y(tick)
            at = _figure(y)
            self.parts.append(f'<line x1="{x1}" x2="{x2}" y1="{at}" y2="{at}" class="{css}" stroke="{stroke}"/>')
            self.text(self.left - 6, y + 4.5, text, anchor="end")

    def target(self, value: float, label: str, *, above: bool = True) -> None:
        self.horizontal(value, class_="chart-target-line", stroke=TARGET, stroke_width=1.5, stroke_dasharray="5 4")
        y = self.y(value) + (-6 if above else 16)
        self.text(self.left + 4, y, label, kind="chart-target", fill=TARGET)

    def inside(self, x: float, text: str, size: float = LABEL_SIZE) -> float:
        """Return `x`, moved so that `text` centred there does not leave the drawing."""
        half = text_width(text, size) / 2
        return min(max(x, half), self.width - half)

    def labels(self, places: Sequence[float], labels: Sequence[str]) -> None:
        """Write what stands under the axis; where there is no room for all, every second or third and the last."""
        if not labels:
            return
        room = abs(places[1] - places[0]) if len(places) > 1 else self.width
        every = max(1, math.ceil((text_width(max(labels, key=len)) + 8) / room))
        for index, (x, label) in enumerate(zip(places, labels, strict=True)):
            if (len(labels) - 1 - index) % every == 0:
                self.text(self.inside(x, label), self.height - 9, label, anchor="middle")

    def svg(self, chart_id: str, title: str, description: str) -> Markup:
        return Markup(  # noqa: S704  (title, description and every part are escaped; the id is checked)
            f'<svg viewBox="0 0 {self.width} {self.height}" width="{self.width}" height="{self.height}" role="img"'
            f' aria-labelledby="{chart_id}-title {chart_id}-desc" font-family="Source Sans 3, sans-serif">'
            f'<title id="{chart_id}-title">{escape(title)}</title>'
            f'<desc id="{chart_id}-desc">{escape(description)}</desc>{"".join(self.parts)}</svg>'
        )


def _attribute(value: object) -> str:
    return _figure(value) if isinstance(value, float) else str(escape(value))


def _figure(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def text_width(text: str, size: float = LABEL_SIZE) -> float:
    """Return about how wide `text` gets in Source Sans, in the units of the drawing."""
    return len(text) * size * 0.53


@lru_cache(maxsize=256)
def _tick_texts(axis: Axis) -> tuple[tuple[float, str], ...]:
    # Scales are round and therefore few: the charts of a page share theirs.
    return tuple((tick, number(tick, axis.decimals)) for tick in axis.ticks)


def left_margin(axis: Axis) -> float:
    """Return the room that the words of the scale take."""
    return max(34.0, 10 + max(text_width(text) for _, text in _tick_texts(axis)))
