"""Charts as SVG text: the same picture on the page and in the PDF.

The look comes from the chart-* classes of the style sheet. The presentation attributes say the same again, since
WeasyPrint does not let a page's style sheet into an inline svg. A figure is never drawn where no one has observed
one: a missing value is a gap, and observations in words ("minskat") have no place here but in the table beside.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from platssamverkan.core.chart_axis import Axis, Number, decimals_of, nice_axis
from platssamverkan.core.chart_canvas import (
    COMPARISON,
    LABEL,
    NO_BREAK_SPACE,
    PAPER,
    SERIES,
    TARGET,
    TEXT,
    VALUE_SIZE,
    Canvas,
    left_margin,
    text_width,
)
from platssamverkan.core.formatting import number

#: How close to a line above or below a value may stand, in the units of the drawing, before it moves away.
ABOVE_LINE, BELOW_LINE = 4, 24
#: Closer than this the rings of neighbouring points run together, and the line alone says more.
ROOM_FOR_RING = 16


class Point(NamedTuple):
    """One observation; `value` is None where there is no figure, `approximate` where the source says about."""

    label: str
    value: Number | None
    approximate: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """The level to reach, with the words that stand at its line, such as "Målnivå: högst 30"."""

    value: Number
    label: str
    lower_is_better: bool = False

    def reached_by(self, value: float) -> bool:
        """Say whether `value` is at the level or on its good side."""
        return value <= float(self.value) if self.lower_is_better else value >= float(self.value)


def _checked_id(chart_id: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", chart_id):
        raise ValueError(f"A chart's id must be a plain word, not {chart_id!r}.")
    return chart_id


def _value_text(point: Point, decimals: int, unit: str = "") -> str:
    if point.value is None:
        return ""
    about = f"ca{NO_BREAK_SPACE}" if point.approximate else ""
    return f"{about}{number(point.value, decimals)}{NO_BREAK_SPACE + unit if unit else ''}"


def _floats(points: Sequence[Point]) -> list[float | None]:
    return [None if value is None else float(value) for _, value, _ in points]


def _value_decimals(values: Sequence[float | None], decimals: int | None) -> int:
    if decimals is not None:
        return decimals
    return max((decimals_of(value) for value in set(values) if value is not None), default=0)


def _paths(xs: Sequence[float], canvas: Canvas, values: Sequence[float | None]) -> str:
    """Return path data that joins neighbours that both have a value, and stops at each gap."""
    data, command = [], "M"
    for x, value in zip(xs, values, strict=True):
        if value is None:
            command = "M"
        else:
            data.append(f"{command}{x:.1f} {canvas.y(value):.1f}")
            command = "L"
    return " ".join(data)


def line_chart(
    chart_id: str,
    title: str,
    description: str,
    points: Sequence[Point],
    *,
    target: Target | None = None,
    comparison: Sequence[Point] = (),
    comparison_label: str = "",
    unit: str = "",
    decimals: int | None = None,
    from_zero: bool = True,
    width: int = 440,
    height: int = 236,
) -> Markup:
    """Return a line over time with the first and the last value written out; empty when no point has a value.

    :param chart_id: unique on the page; starts the ids inside
    :param comparison: a second line, dotted, with as many points as the first
    :param unit: written after the last value, such as "procent"
    :param decimals: of the values written out; as many as they need when None
    :raises ValueError: if `chart_id` is no plain word or `comparison` has another length
    """
    known = [index for index, point in enumerate(points) if point.value is not None]
    if not known:
        return Markup("")
    if comparison and len(comparison) != len(points):
        raise ValueError("The comparison must have as many points as the line.")
    values = _floats(points)
    decimals = _value_decimals(values, decimals)
    axis = nice_axis([*values, *_floats(comparison)], target.value if target else None, from_zero=from_zero)
    first, last = points[known[0]], points[known[-1]]
    last_text = _value_text(last, decimals, unit)
    right = max(46.0, 16 + text_width(last_text, VALUE_SIZE))
    canvas = Canvas(axis, width, height, left=left_margin(axis), right=right)
    span = width - canvas.left - canvas.right - 26
    xs = [
        canvas.left + 18 + (span * i / (len(points) - 1) if len(points) > 1 else span / 2) for i in range(len(points))
    ]

    canvas.grid()
    canvas.labels(xs, [point.label for point in points])
    if target:
        canvas.target(float(target.value), target.label, above=_room_above(canvas, xs, points, target))
    if any(point.value is not None for point in comparison):
        _draw_comparison(canvas, xs, comparison, points, label=comparison_label, decimals=decimals)
    canvas.draw("path", d=_paths(xs, canvas, values), class_="chart-line", fill="none", stroke=SERIES, stroke_width=2.5)
    for index in _ringed(points, known, is_dense=len(xs) > 1 and xs[1] - xs[0] < ROOM_FOR_RING):
        _draw_point(canvas, xs[index], points[index], is_last=index == known[-1])
    if first is not last:
        below = _first_value_below(canvas, _float(first), _float(points[known[1]]), comparison)
        y = canvas.y(_float(first)) + (18 if below else -10)
        canvas.text(xs[known[0]], y, _value_text(first, decimals), anchor="middle")
    canvas.text(xs[known[-1]] + 9, canvas.y(_float(last)) + 5, last_text, kind="chart-value", fill=TEXT)
    return canvas.svg(_checked_id(chart_id), title, description)


def _float(point: Point) -> float:
    if point.value is None:
        raise ValueError("A point without a value can't be drawn.")
    return float(point.value)


def _ringed(points: Sequence[Point], known: Sequence[int], *, is_dense: bool) -> Sequence[int]:
    """Return which of the `known` points get a ring: all, or where they stand too close those that the line hides."""
    if not is_dense:
        return known
    joined = {index for pair in itertools.pairwise(known) if pair[1] == pair[0] + 1 for index in pair}
    ends = {known[0], known[-1]}
    return [index for index in known if index in ends or index not in joined or points[index].approximate]


def _room_above(canvas: Canvas, xs: Sequence[float], points: Sequence[Point], target: Target) -> bool:
    """Say whether the target's words stand clear of the line when written above the target."""
    line, end = canvas.y(float(target.value)), canvas.left + 4 + text_width(target.label)
    near = [canvas.y(_float(p)) for x, p in zip(xs, points, strict=True) if p.value is not None and x <= end + 20]
    return line > canvas.top + 14 and not any(line - 26 < y < line + 2 for y in near)


def _first_value_below(canvas: Canvas, first: float, second: float, comparison: Sequence[Point]) -> bool:
    """Say whether the first value is better written under its point: the line rises, or the comparison lies above."""
    y = canvas.y(first)
    rises = canvas.y(second) < y - 6
    crowded = any(p.value is not None and 0 < y - canvas.y(float(p.value)) < BELOW_LINE for p in comparison[:1])
    return (rises or crowded) and y + 18 < canvas.height - canvas.bottom


def _draw_point(canvas: Canvas, x: float, point: Point, *, is_last: bool) -> None:
    css = "chart-point chart-point-last" if is_last else "chart-point"
    css += " chart-point-approximate" if point.approximate else ""
    fill = SERIES if is_last and not point.approximate else PAPER
    dashes = ' stroke-dasharray="2 2"' if point.approximate else ""
    # Written out, as the bars are: a page has a few charts with a point for each month of two years.
    canvas.parts.append(
        f'<circle cx="{x:.1f}" cy="{canvas.y(_float(point)):.1f}" r="{4.5 if is_last else 3.5}" class="{css}"'
        f' fill="{fill}" stroke="{SERIES}" stroke-width="2"{dashes}/>'
    )


def _draw_comparison(
    canvas: Canvas, xs: Sequence[float], points: Sequence[Point], line: Sequence[Point], *, label: str, decimals: int
) -> None:
    known = [index for index, point in enumerate(points) if point.value is not None]
    first, last = known[0], known[-1]
    canvas.draw(
        "path", d=_paths(xs, canvas, _floats(points)), class_="chart-line-comparison", fill="none", stroke=COMPARISON,
        stroke_width=2, stroke_dasharray="1 5", stroke_linecap="round",
    )  # fmt: skip
    if label:
        is_upper = line[first].value is None or _float(points[first]) >= _float(line[first])
        y = canvas.y(_float(points[first])) + (-8 if is_upper else 18)
        canvas.text(max(canvas.left + 4, xs[first] - 14), y, label)
    for index in known:
        y = canvas.y(_float(points[index]))
        canvas.draw("circle", cx=xs[index], cy=y, r=2, class_="chart-point-comparison", fill=COMPARISON)
    canvas.text(xs[last] + 9, canvas.y(_float(points[last])) + 4.5, _value_text(points[last], decimals))


def bar_chart(
    chart_id: str,
    title: str,
    description: str,
    points: Sequence[Point],
    *,
    target: Target | None = None,
    decimals: int | None = None,
    width: int = 440,
    height: int = 236,
) -> Markup:
    """Return one bar for each point, from zero, with its value; empty when no point has a value.

    Bars that reach the target are dark. A point without a value keeps its place and its label. Where the bars stand
    too close for a value each, the last one's is written beside them.

    :param chart_id: unique on the page; starts the ids inside
    :param decimals: of the values written out; as many as they need when None
    :raises ValueError: if `chart_id` is no plain word
    """
    if all(point.value is None for point in points):
        return Markup("")
    values = _floats(points)
    decimals = _value_decimals(values, decimals)
    axis = nice_axis(values, target.value if target else None)
    known = [index for index, point in enumerate(points) if point.value is not None]
    last_text = _value_text(points[known[-1]], decimals)
    left, right = left_margin(axis), 10.0
    has_room = _fit((width - left - right) / len(points), [points[index] for index in known], decimals)
    if not has_room:
        right = max(right, 12 + text_width(last_text, VALUE_SIZE))
    canvas = Canvas(axis, width, height, left=left, right=right)
    slot = (width - left - right) / len(points)
    middles = [left + slot * (index + 0.5) for index in range(len(points))]

    canvas.grid()
    canvas.labels(middles, [point.label for point in points])
    for index in known:
        _draw_bar(canvas, middles[index], slot * 0.64, points[index], target)
    if target:
        canvas.target(float(target.value), target.label)
    if has_room:
        for index in known:
            text = _value_text(points[index], decimals)
            _write_bar_value(canvas, middles[index], points[index], text, target, is_last=index == known[-1])
    else:
        y = min(canvas.y(_float(points[known[-1]])) + 5, canvas.height - canvas.bottom)
        x = middles[known[-1]] + slot / 2 + 4
        canvas.text(x, y, last_text, kind="chart-value", fill=TEXT)
    return canvas.svg(_checked_id(chart_id), title, description)


def _fit(slot: float, points: Sequence[Point], decimals: int) -> bool:
    """Say whether the value of every bar can be written above it; stops at the first that can't."""
    return all(text_width(_value_text(point, decimals), VALUE_SIZE) <= slot for point in points)


def _draw_bar(canvas: Canvas, middle: float, thickness: float, point: Point, target: Target | None) -> None:
    value = _float(point)
    reached = target is None or target.reached_by(value)
    top, bottom = canvas.y(max(value, 0)), canvas.y(min(value, 0))
    css, fill = ("chart-bar-reached", SERIES) if reached else ("chart-bar", COMPARISON)
    edge = ""
    if point.approximate:
        css += " chart-bar-approximate"
        edge = f' stroke="{TEXT}" stroke-width="1.5" stroke-dasharray="3 3"'
    # Written out: a chart of ten years has a bar for each month.
    canvas.parts.append(
        f'<rect x="{middle - thickness / 2:.1f}" y="{top:.1f}" width="{thickness:.1f}" height="{bottom - top:.1f}"'
        f' class="{css}" fill="{fill}"{edge}/>'
    )


def _write_bar_value(
    canvas: Canvas, middle: float, point: Point, text: str, target: Target | None, *, is_last: bool
) -> None:
    """Write the value at the end of its bar; inside the bar where it would stand on the target's line or words."""
    value = _float(point)
    y = canvas.y(value)
    below = value < 0
    inside = target is not None and -ABOVE_LINE < y - canvas.y(float(target.value)) < BELOW_LINE and not below
    kinds, fill = (["chart-value"], TEXT) if is_last else ([], LABEL)
    if inside:
        on_dark = target is not None and target.reached_by(value)
        kinds.append("chart-inside-reached" if on_dark else "chart-inside")
        fill = PAPER if on_dark else TEXT
    baseline = y + 17 if inside or below else y - 6
    x = canvas.inside(middle, text, VALUE_SIZE)
    canvas.text(x, baseline, text, kind=" ".join(kinds), anchor="middle", fill=fill)


def sparkline(values: Sequence[Number | None], target: Number | None = None) -> Markup:
    """Return a small line without scale, hidden from screen readers: the word beside it carries the meaning.

    Empty when fewer than two values are known, since one point shows no direction.
    """
    width, height = 72, 24
    known = [(index, float(value)) for index, value in enumerate(values) if value is not None]
    if len(known) <= 1:
        return Markup("")
    levels = [value for _, value in known] + ([float(target)] if target is not None else [])
    low, high = min(levels), max(levels)
    flat = low == high
    axis = Axis(low - 1 if flat else low, high + 1 if flat else high, 1, 0)
    canvas = Canvas(axis, width, height, left=0, right=0, top=3, bottom=3)
    xs = [2 + (width - 6) * index / (len(values) - 1) for index in range(len(values))]
    if target is not None:
        level = f"M0 {canvas.y(float(target)):.1f}H{width}"
        canvas.draw("path", class_="spark-target", d=level, fill="none", stroke=TARGET, stroke_dasharray="3 2")
    line = _paths(xs, canvas, [None if value is None else float(value) for value in values])
    canvas.draw("path", d=line, fill="none", stroke=SERIES, stroke_width=1.75)
    last, value = known[-1]
    canvas.draw("circle", cx=xs[last], cy=canvas.y(value), r=2.75, fill=SERIES)
    return Markup(  # noqa: S704  (holds nothing but numbers)
        f'<svg class="spark" viewBox="0 0 {width} {height}" width="{width}" height="{height}" aria-hidden="true">'
        f"{''.join(canvas.parts)}</svg>"
    )
