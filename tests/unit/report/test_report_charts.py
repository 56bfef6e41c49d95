from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sample_runs import FAILED, PASSED, UNDECIDED, association, comparison, gap, ratio, run

from fer_audit.report.charts import forest_plot
from fer_audit.report.json import render_json
from fer_audit.results import Outcome

if TYPE_CHECKING:
    from fer_audit.results import Verdict

WIDE = gap(
    Outcome.FAIL,
    *(comparison(i / 40, i / 40 - 0.17, i / 40 + 0.013 * i, a=f"t{i}", b="8") for i in range(1, 25)),
)
TIMES = ratio(
    Outcome.INCONCLUSIVE,
    comparison(2.5, 0.4, 9.7, a="x", b="y"),
    comparison(1.02, 0.91, 1.13, a="x", b="z"),
)


def drawing(verdict: Verdict) -> dict[str, ET.Element]:
    """The parts of a chart by their ids."""
    svg = ET.fromstring(forest_plot(verdict, verdict.comparisons, prefix="v1", title="chart"))  # noqa: S314 - ours
    found = [element for element in svg.iter() if "id" in element.attrib]
    assert len({element.attrib["id"] for element in found}) == len(found)
    return {element.attrib["id"]: element for element in found}


def ends(element: ET.Element) -> list[float]:
    """The horizontal places of a line's points."""
    path = element.find("path")
    assert path is not None
    return [float(x) for x in re.findall(r"[ML] (-?[\d.]+)", path.attrib["d"])]


def place(element: ET.Element) -> float:
    mark = next(element.iter("use"))
    return float(mark.attrib["x"])


@pytest.mark.parametrize(
    "verdict", [FAILED, PASSED, UNDECIDED, WIDE, TIMES], ids=["fail", "pass", "inconclusive", "wide", "ratio"]
)
def test_the_plot_draws_exactly_the_numbers_of_the_report(verdict: Verdict) -> None:
    parts = drawing(verdict)
    (told,) = json.loads(render_json(run(verdict)))["verdicts"]
    null = ends(parts["v1-null"])[0]
    tolerance = ends(parts["v1-tolerance"])[0]

    def value(x: float) -> float:
        if told["scale"] == "ratio":
            return math.exp((x - null) / (tolerance - null) * math.log(told["tolerance"]))
        return float((x - null) / (tolerance - null) * told["tolerance"])

    assert len(told["comparisons"]) == len(verdict.comparisons)
    for index, pair in enumerate(told["comparisons"]):
        lower, upper = (value(x) for x in ends(parts[f"v1-interval-{index}"]))
        assert lower == pytest.approx(pair["lower"], rel=1e-5, abs=1e-6)
        assert upper == pytest.approx(pair["upper"], rel=1e-5, abs=1e-6)
        estimate = value(place(parts[f"v1-estimate-{index}"]))
        assert estimate == pytest.approx(pair["estimate"], rel=1e-5, abs=1e-6)
    assert f"v1-interval-{len(verdict.comparisons)}" not in parts


def test_what_has_no_end_is_drawn_to_the_edge_without_an_estimate() -> None:
    endless = ratio(Outcome.INCONCLUSIVE, comparison(math.inf, 0.0, math.inf, value_b=0.0))
    parts = drawing(endless)
    assert "v1-estimate-0" not in parts
    assert ends(parts["v1-interval-0"]) == [12.0, 368.0]


NONE = comparison(1.0, 0.0, math.inf, value_a=0.0, value_b=0.0, difference=(0.0, -0.053, 0.0452))
SOME = comparison(math.inf, 0.4, math.inf, a="x", value_b=0.0, difference=(0.125, -0.0035, 0.226))


def test_where_no_ratio_has_an_end_the_differences_of_the_report_are_drawn() -> None:
    verdict = ratio(Outcome.INCONCLUSIVE, NONE, SOME)
    parts = drawing(verdict)
    null, tolerance = (ends(parts[f"v1-{name}"])[0] for name in ("null", "tolerance"))
    (told,) = json.loads(render_json(run(verdict)))["verdicts"]
    for index, pair in enumerate(told["comparisons"]):
        lower, upper = ((x - null) / (tolerance - null) * 0.05 for x in ends(parts[f"v1-interval-{index}"]))
        estimate = (place(parts[f"v1-estimate-{index}"]) - null) / (tolerance - null) * 0.05
        drawn = {"estimate": estimate, "lower": lower, "upper": upper}
        assert drawn == pytest.approx(pair["difference"], rel=1e-4, abs=1e-6)
    svg = forest_plot(verdict, verdict.comparisons, prefix="v1", title="chart")
    assert "none in either  (−6 to 4.6)" in svg
    assert "some against none  (−1 to 23)" in svg
    assert "points apart" in svg
    assert "∞" not in svg


def test_beside_ratios_one_without_an_end_is_told_by_its_difference() -> None:
    verdict = ratio(Outcome.INCONCLUSIVE, comparison(1.5, 0.4, 3.1, a="y"), NONE)
    svg = forest_plot(verdict, verdict.comparisons, prefix="v1", title="chart")
    assert "1.5  (0.4 to 3.1)" in svg
    assert "none in either  (−6 to 4.6 points)" in svg
    assert "times the rate" in svg
    assert "∞" not in svg


def test_names_give_way_to_the_numbers_of_their_row() -> None:
    long = replace(NONE, a="a" * 60, b="b" * 60)
    verdict = ratio(Outcome.INCONCLUSIVE, long, comparison(1.5, 0.4, 3.1, a="c" * 60, b="d" * 60))
    svg = forest_plot(verdict, verdict.comparisons, prefix="v1", title="chart")
    rows = [text.text or "" for text in ET.fromstring(svg).iter("text")]  # noqa: S314 - ours
    named = [row for row in rows if " over " in row]
    assert len(named) == 2
    assert len(named[0]) < len(named[1]) <= 46


def test_without_a_margin_there_is_no_tolerance_line() -> None:
    parts = drawing(association(Outcome.INCONCLUSIVE, comparison(0.1, -0.1, 0.3), p=0.2, margin=None))
    assert "v1-null" in parts
    assert "v1-tolerance" not in parts


def test_outcomes_differ_in_colour_and_in_shape() -> None:
    verdict = gap(
        Outcome.FAIL,
        comparison(0.4, 0.3, 0.5),
        comparison(0.1, -0.1, 0.2, a="2", b="5"),
        comparison(0.0, -0.05, 0.05, a="2", b="4"),
    )
    parts = drawing(verdict)
    colours = [next(parts[f"v1-interval-{i}"].iter("path")).attrib["style"] for i in range(3)]
    assert [re.findall(r"stroke: (var\(--\w+\))", style)[0] for style in colours] == [
        "var(--fail)",
        "var(--open)",
        "var(--pass)",
    ]
    shapes = [next(parts[f"v1-estimate-{i}"].iter("path")).attrib["d"] for i in range(3)]
    assert len(set(shapes)) == 3


def test_names_are_text_and_never_markup() -> None:
    hostile = comparison(0.4, 0.3, 0.5, a="<b>&amp;</b>", b='"&$x^2$\u202e')
    svg = forest_plot(gap(Outcome.FAIL, hostile), [hostile], prefix="v1", title='"><b>')
    assert "<b>" not in svg
    texts = [text.text for text in ET.fromstring(svg).iter("text")]  # noqa: S314 - ours
    assert '<b>&amp;</b> over "&$x^2$' in texts


def test_a_name_in_a_script_that_matplotlib_cannot_draw_is_no_warning() -> None:
    pair = comparison(0.4, 0.3, 0.5, a="女性", b="男性")
    svg = forest_plot(gap(Outcome.FAIL, pair), [pair], prefix="v1", title="x")
    assert "女性 over 男性" in svg


def test_a_name_like_the_drawing_itself_stays_as_it_is() -> None:
    pair = comparison(0.4, 0.3, 0.5, a='x id="y"', b='"#040404 @0@')
    svg = forest_plot(gap(Outcome.FAIL, pair), [pair], prefix="v1", title="x")
    assert 'x id="y" over "#040404 @0@' in svg


def test_the_picture_needs_nothing_from_outside() -> None:
    svg = forest_plot(FAILED, FAILED.comparisons, prefix="v1", title="x")
    assert "http" not in svg
    assert "<style" not in svg
    assert "xmlns" not in svg
    assert "#0" not in svg


def test_the_same_numbers_are_the_same_picture() -> None:
    first, second = (forest_plot(WIDE, WIDE.comparisons, prefix="v1", title="x") for _ in range(2))
    assert first == second
