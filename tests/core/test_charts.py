import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from platssamverkan.core.chart_axis import nice_axis
from platssamverkan.core.charts import Point, Target, bar_chart, line_chart, sparkline

SVG_FIGURES = re.compile(r"-?\d+(?:\.\d+)?")


def parse(svg):
    return etree.fromstring(str(svg))


def texts(svg):
    return [element.text for element in parse(svg).iter("text")]


def a_line(*values, **changes):
    points = [Point(f"K{i}", value) for i, value in enumerate(values, start=1)]
    return line_chart("demo", "Otrygghet", "Sjunker.", **({"points": points} | changes))


def bars(*values, **changes):
    points = [Point(f"K{i}", value) for i, value in enumerate(values, start=1)]
    return bar_chart("demo", "Räkning", "Varierar.", **({"points": points} | changes))


@pytest.mark.parametrize(
    ("values", "target", "ticks"),
    [
        ([12, 34, 38], None, [0, 10, 20, 30, 40]),
        ([182, 305], 260, [0, 100, 200, 300, 400]),
        ([0.2, 0.9], None, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ([1, 2], None, [0, 1, 2]),
        ([-3, 4], None, [-4, -2, 0, 2, 4]),
        ([-8, -2], None, [-8, -6, -4, -2, 0]),
        ([10], 50, [0, 10, 20, 30, 40, 50]),
        ([0, 0], None, [0, 1]),
        ([], None, [0, 1]),
        ([None, None], None, [0, 1]),
        ([107000], None, [0, 25000, 50000, 75000, 100000, 125000]),
    ],
)
def test_an_axis_takes_round_steps_that_hold_all_values(values, target, ticks):
    assert nice_axis(values, target).ticks == ticks


def test_an_axis_that_need_not_start_at_zero_shows_small_changes():
    axis = nice_axis([94.1, 96.3], from_zero=False)
    assert (axis.minimum, axis.maximum, axis.step, axis.decimals) == (94, 96.5, 0.5, 1)


@given(st.lists(st.floats(-1e9, 1e9, allow_subnormal=False), min_size=1, max_size=30), st.booleans())
def test_every_axis_holds_its_values_in_few_even_steps(values, from_zero):
    rounded = [round(value, 3) for value in values]
    axis = nice_axis(rounded, from_zero=from_zero)
    assert axis.minimum <= min(rounded)
    assert axis.maximum >= max(rounded)
    assert 2 <= len(axis.ticks) <= 9
    widths = {round(b - a, 6) for a, b in itertools.pairwise(axis.ticks)}
    assert len(widths) == 1


def test_a_line_is_named_and_described_for_those_who_do_not_see_it():
    svg = parse(a_line(40, 30))
    assert svg.get("role") == "img"
    assert svg.get("aria-labelledby") == "demo-title demo-desc"
    assert (svg.find("title").text, svg.find("desc").text) == ("Otrygghet", "Sjunker.")
    assert {element.get("id") for element in svg.iter() if element.get("id")} == {"demo-title", "demo-desc"}


def test_the_first_and_the_last_value_are_written_with_unit_and_decimal_comma():
    svg = a_line(40.5, 35, 1030.2, unit="procent")
    assert "40,5" in texts(svg)
    assert "1\u00a0030,2\u00a0procent" in texts(svg)
    assert "35,0" not in texts(svg)


def test_a_missing_value_is_a_gap_and_never_a_guess():
    svg = parse(a_line(10, 20, None, 40, 50))
    (line,) = svg.xpath("//path[@class='chart-line']")
    assert re.sub(r"[^ML]", "", line.get("d")) == "MLML"
    assert len(svg.findall("circle")) == 4
    assert "K3" in texts(a_line(10, 20, None, 40, 50))


def test_a_value_between_two_gaps_is_a_point_of_its_own():
    svg = parse(a_line(10, None, 30, None, 50))
    (line,) = svg.xpath("//path[@class='chart-line']")
    assert "L" not in line.get("d")
    assert len(svg.findall("circle")) == 3


def test_gaps_at_the_ends_leave_the_first_and_last_known_values_written():
    assert {"20", "30"} <= set(texts(a_line(None, 20, 30, None)))


def test_a_single_point_is_written_once_and_stands_inside():
    svg = a_line(37)
    assert texts(svg).count("37") == 1
    (point,) = parse(svg).findall("circle")
    assert 34 < float(point.get("cx")) < 440 - 46


def test_without_any_value_there_is_no_chart():
    assert not a_line(None, None)
    assert not a_line()
    assert not bars(None)


def test_equal_values_give_a_level_line():
    svg = parse(a_line(7, 7, 7))
    assert len({circle.get("cy") for circle in svg.findall("circle")}) == 1


def test_an_approximate_value_says_so():
    points = [Point("2018", 90_000), Point("2019", 107_000, approximate=True)]
    svg = a_line(points=points)
    assert "ca\u00a0107\u00a0000" in texts(svg)
    assert parse(svg).xpath("//circle[contains(@class, 'chart-point-approximate')]/@stroke-dasharray") == ["2 2"]
    assert "ca\u00a0107\u00a0000" in texts(bars(points=points))


def test_the_target_is_a_labelled_line():
    svg = a_line(40, 35, target=Target(30, "Målnivå: högst 30", lower_is_better=True))
    assert "Målnivå: högst 30" in texts(svg)
    assert len(parse(svg).xpath("//line[@class='chart-target-line']")) == 1


def test_a_comparison_is_dotted_and_keeps_its_gaps():
    svg = a_line(40, 35, 30, comparison=[Point("", 50), Point("", None), Point("", 45)], comparison_label="Hela staden")
    (line,) = parse(svg).xpath("//path[@class='chart-line-comparison']")
    assert "L" not in line.get("d")
    assert {"Hela staden", "45"} <= set(texts(svg))


def test_a_comparison_of_another_length_is_refused():
    with pytest.raises(ValueError, match="as many points"):
        a_line(1, 2, comparison=[Point("", 3)])


def test_bars_stand_on_zero_and_hang_from_it():
    svg = parse(bars(4, -2))
    zero = float(svg.xpath("//line[@class='chart-zero']/@y1")[0])
    up, down = svg.findall("rect")
    assert float(up.get("y")) + float(up.get("height")) == pytest.approx(zero, abs=0.15)
    assert float(down.get("y")) == pytest.approx(zero, abs=0.15)
    assert "\u22122" in texts(bars(4, -2))


def test_bars_that_reach_the_target_are_dark_whichever_way_is_better():
    high = parse(bars(10, 30, target=Target(20, "Minst 20")))
    low = parse(bars(10, 30, target=Target(20, "Högst 20", lower_is_better=True)))
    assert [rect.get("class") for rect in high.findall("rect")] == ["chart-bar", "chart-bar-reached"]
    assert [rect.get("class") for rect in low.findall("rect")] == ["chart-bar-reached", "chart-bar"]


def test_a_missing_bar_keeps_its_place():
    svg = parse(bars(10, None, 30))
    first, last = svg.findall("rect")
    thickness = float(first.get("width"))
    assert float(last.get("x")) - float(first.get("x")) > 2 * thickness


def test_where_bars_stand_close_the_last_value_is_written_beside_them():
    drawing = parse(bars(*range(100, 160)))
    (value,) = drawing.xpath("//text[@class='chart-value']")
    last = drawing.findall("rect")[-1]
    assert value.text == "159"
    assert float(value.get("x")) > float(last.get("x")) + float(last.get("width"))


def test_a_value_inside_a_dark_bar_is_light():
    svg = parse(bars(19, 5, target=Target(20, "Högst 20", lower_is_better=True)))
    (inside,) = svg.xpath("//text[contains(@class, 'chart-inside')]")
    assert (inside.get("class"), inside.get("fill"), inside.text) == ("chart-inside-reached", "#ffffff", "19")


def test_many_periods_thin_out_their_labels_but_keep_the_last():
    points = [Point(f"Kvartal {i}", i) for i in range(1, 41)]
    for svg in (a_line(points=points), bars(points=points)):
        written = [text for text in texts(svg) if text.startswith("Kvartal")]
        assert len(written) <= 8
        assert written[-1] == "Kvartal 40"


def test_what_people_wrote_cannot_break_out_of_the_picture():
    evil = '"><script>alert(1)</script>'
    svg = line_chart("demo", evil, evil, [Point(evil, 1)], target=Target(2, evil), unit=evil)
    assert "<script" not in svg
    assert parse(svg).find("title").text == evil


@pytest.mark.parametrize("chart_id", ["", "1", 'a"b', "a b"])
def test_an_id_that_could_break_the_page_is_refused(chart_id):
    with pytest.raises(ValueError, match="id"):
        line_chart(chart_id, "T", "B", [Point("a", 1)])


@given(
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6, allow_subnormal=False)), min_size=1, max_size=25),
    st.one_of(st.none(), st.floats(-1e6, 1e6, allow_subnormal=False)),
)
def test_nothing_is_drawn_outside_the_picture(values, level):
    target = None if level is None else Target(level, "Mål")
    for svg in (a_line(*values, target=target), bars(*values, target=target)):
        if not svg:
            continue
        drawing = parse(svg)
        assert all(0 <= float(y) <= 236 for y in drawing.xpath("//rect/@y | //circle/@cy | //line/@y1 | //text/@y"))
        assert all(0 <= float(x) <= 440 for x in drawing.xpath("//rect/@x | //circle/@cx | //line/@x2 | //text/@x"))
        assert "nan" not in svg
        assert "inf" not in svg


def test_a_spark_is_decoration_and_shows_gaps():
    svg = parse(sparkline([3, 4, None, 6, 5], target=4))
    assert svg.get("aria-hidden") == "true"
    line = [path for path in svg.findall("path") if path.get("class") is None]
    assert re.sub(r"[^ML]", "", line[0].get("d")) == "MLML"


def test_a_spark_needs_two_values_to_show_a_direction():
    assert not sparkline([None, 4])
    assert sparkline([4, 4])


def test_figures_in_the_drawing_are_short():
    figures = SVG_FIGURES.findall(a_line(1 / 3, 2 / 3, decimals=0))
    assert max(len(figure.partition(".")[2]) for figure in figures) == 1
