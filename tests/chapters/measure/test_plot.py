"""Plots are well-formed, self-contained and repeatable."""

import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chapters.measure import Axes, NothingMeasured, bars, lines, sparkline, steps
from chapters.measure.story import error_plot, latency_plot
from chapters.sim import Series

AXES = Axes("a <title> & more", "time (s)", "rate (orders/s)")
POINTS = st.lists(
    st.tuples(st.floats(-1e6, 1e12), st.floats(0, 1e12)), min_size=1, max_size=30
).map(tuple)


@given(POINTS, st.booleans())
@example(((0.0, 5e-324),), False)
def test_any_points_make_a_plot_inside_its_frame(
    points: tuple[tuple[float, float], ...], log: bool
) -> None:
    if log:
        points = tuple((abs(x) + 1, y + 1) for x, y in points)
    axes = Axes("t", "x", "y", x_log=log, y_log=log)
    root = ElementTree.fromstring(lines(axes, Series("a", "B", points)))
    curve = next(each for each in root.iter() if each.get("fill") == "none")
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", curve.get("d", ""))]
    assert all(-1 <= number <= 641 for number in numbers)


@pytest.mark.parametrize(
    "svg",
    [
        lines(AXES, Series("a", "B", ((0, 1), (2, 3))), Series("b<", "B", ((0, 2), (2, 1)))),
        steps(AXES, Series("a", "B", ((0, 1), (2, 3)))),
        bars(AXES, [("heap & co", 3.0), ("ladder", 0.0)]),
        latency_plot(),
        error_plot(),
    ],
)
def test_svgs_parse_name_their_units_and_take_the_pages_colours(svg: str) -> None:
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("viewBox")
    text = "".join(root.itertext())
    assert "(" in text  # a unit on an axis
    assert "currentColor" in svg
    assert "var(--kit-series-1" in svg
    assert not re.search(r"(href|src)=|url\(", svg)


def test_series_differ_by_more_than_colour() -> None:
    svg = lines(AXES, Series("a", "B", ((0, 1),)), Series("b", "B", ((0, 2),)))
    assert svg.count("stroke-dasharray") == 2  # the second curve, and its legend


def test_nothing_to_plot_is_said() -> None:
    with pytest.raises(NothingMeasured, match="no points"):
        lines(AXES)
    with pytest.raises(NothingMeasured, match="no bars"):
        bars(AXES, [])


def test_a_sparkline_goes_from_lowest_to_highest() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7]) == "▁▂▃▄▅▆▇█"
    assert sparkline([5, 5]) == "▁▁"
    assert (
        sparkline([-1, 0, 7, 9], within=(0, 7)) == "▁▁██"
        and sparkline([0, 0], within=(0, 0)) == "▁▁"
    )
    assert sparkline([]) == ""
