"""Measures that are no share of images are told in their own words and units, everywhere."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sample_runs import cell_table, comparison, gap, record, run

from fer_audit.report.charts import forest_plot
from fer_audit.report.clauses import demand, subject
from fer_audit.report.html import render_html
from fer_audit.report.json import render_json
from fer_audit.report.markdown import render_markdown
from fer_audit.report.phrases import phrase
from fer_audit.report.quantities import apart, at_least, at_most, units
from fer_audit.report.sentences import sentence, short, table
from fer_audit.results import Outcome

if TYPE_CHECKING:
    from fer_audit.results import Verdict

OVER = gap(
    Outcome.FAIL,
    comparison(0.346, 0.2479, 0.447, value_a=0.32, value_b=-0.026),
    measure="overconfidence",
)
BRIER = replace(
    gap(Outcome.FAIL, comparison(0.1262, 0.07149, 0.1803, value_a=0.3262, value_b=0.2), measure="brier"),
    scale="score",
    tolerance=0.05,
    criterion="Gap(brier, at_most=0.05)",
)


def closer(verdict: Verdict, outcome: Outcome, lower: float, upper: float, **values: float) -> Verdict:
    pair = comparison(0.0204, lower, upper, kind="apart", **values)  # type: ignore[arg-type]
    return replace(verdict, outcome=outcome, comparisons=(pair,), estimate=0.0204, lower=lower, upper=upper)


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        pytest.param(
            OVER,
            "On skin_tone, among answers with a confidence, mini-xception is more sure of itself than right by "
            "32 points on faces of skin tone 2 and less sure by 3 points on faces of skin tone 8: 35 points apart "
            "(95 % sure of at least 24), 48 people seen in both. Allowed: 10 points. FAIL.",
            id="overconfidence-fail",
        ),
        pytest.param(
            BRIER,
            "On skin_tone, among answers with a confidence, mini-xception has a Brier score of 0.326 on faces of "
            "skin tone 2 against 0.2 on faces of skin tone 8: 0.126 apart (95 % sure of at least 0.071), 48 people "
            "seen in both. Allowed: 0.05. FAIL.",
            id="brier-fail",
        ),
        pytest.param(
            closer(OVER, Outcome.PASS, -0.04, 0.0823, value_a=-0.1096, value_b=-0.13),
            "On skin_tone, among answers with a confidence, mini-xception is as sure of itself, for how often it "
            "is right, in both groups alike: no two are more than 9 points apart (95 % sure). Largest difference "
            "seen: 2 points apart, −11 points for faces of skin tone 2 against −13 points for faces of skin tone "
            "8. 48 people a group. Allowed: 10 points. PASS.",
            id="overconfidence-pass",
        ),
        pytest.param(
            closer(BRIER, Outcome.PASS, -0.02, 0.04981, value_a=0.0404, value_b=0.02),
            "On skin_tone, among answers with a confidence, mini-xception has a like Brier score in both groups: "
            "no two are more than 0.0499 apart (95 % sure). Largest difference seen: 0.02 apart, 0.04 for faces "
            "of skin tone 2 against 0.02 for faces of skin tone 8. 48 people a group. Allowed: 0.05. PASS.",
            id="brier-pass",
        ),
        pytest.param(
            replace(
                closer(BRIER, Outcome.INCONCLUSIVE, -0.0321, 0.0917, value_a=0.0404, value_b=0.02),
                people_needed={"2": 120, "8": 120},
                detectable=0.1234,
            ),
            "On skin_tone, among answers with a confidence, mini-xception has a Brier score of 0.04 on faces of "
            "skin tone 2 against 0.02 on faces of skin tone 8: 0.02 apart in these data (48 people against 48), "
            "but anything from −0.033 (the other way round) to 0.092 agrees with them. Allowed: 0.05. About 120 "
            "people in each group would decide it with 80 % power, if the truth is as observed. These data had 80 "
            "% power to show a difference of 0.123. INCONCLUSIVE.",
            id="brier-open",
        ),
        pytest.param(
            closer(OVER, Outcome.INCONCLUSIVE, -0.05, 0.12, value_a=0.1404, value_b=0.12),
            "On skin_tone, among answers with a confidence, mini-xception is more sure of itself than right by 14 "
            "points on faces of skin tone 2 and by 12 points on faces of skin tone 8: 2 points apart in these data "
            "(48 people against 48), but anything from −5 (the other way round) to 12 points agrees with them. "
            "Allowed: 10 points. INCONCLUSIVE.",
            id="overconfidence-open",
        ),
    ],
)
def test_a_score_is_told_in_its_own_words_and_unit(verdict: Verdict, told: str) -> None:
    assert sentence(record(verdict)) == told


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ((0.12, 0.03), "is more sure of itself than right by 12 points on A and by 3 points on B"),
        ((0.12, -0.03), "is more sure of itself than right by 12 points on A and less sure by 3 points on B"),
        ((-0.01, -0.03), "is less sure of itself than right by 1 point on A and by 3 points on B"),
        ((0.12, 0.0), "is more sure of itself than right by 12 points on A and as sure as right on B"),
        ((0.0, -0.03), "is as sure as right on A and less sure of itself than right by 3 points on B"),
    ],
)
def test_either_sign_of_overconfidence_reads_as_what_it_is(values: tuple[float, float], told: str) -> None:
    assert phrase("overconfidence").comparison("A", "B", *values) == told


def test_lines_tables_and_headings_name_the_unit() -> None:
    assert short(record(OVER)) == (
        "overconfidence by skin_tone, mini-xception on faces: 2 over 8, 35 points (at least 24, allowed 10); "
        "48 in both"
    )
    assert short(record(BRIER)) == (
        "Brier score by skin_tone, mini-xception on faces: 2 over 8, 0.126 (at least 0.071, allowed 0.05); 48 in both"
    )
    assert (subject(OVER), demand(BRIER)) == (
        "overconfidence by skin_tone",
        "Brier score, at most 0.05 apart",
    )
    assert demand(OVER) == "overconfidence, at most 10 points apart"
    assert "2 over 8  0.126 apart  at least 0.071  48 in both" in table(record(BRIER))


def test_bounds_of_plain_numbers_have_three_decimals_and_stay_on_their_side() -> None:
    assert (at_least(0.07149, 0.05, scale="score"), at_most(0.1803, 0.05, scale="score")) == (
        "0.071",
        "0.181",
    )
    assert (at_least(0.05004, 0.05, scale="score"), at_most(0.04998, 0.05, scale="score")) == (
        "0.05004",
        "0.04998",
    )
    assert at_least(-0.0312, 0.05, scale="score") == "−0.032"
    assert (apart(0.0004, "score"), apart(0.0, "score"), apart(0.5, "difference")) == (
        "0.0004",
        "0",
        "50 points",
    )
    assert (units("ratio"), units("score")) == (" times", "")


def test_a_page_shows_values_of_both_kinds_and_no_percent_of_images() -> None:
    page = render_html(run(OVER, BRIER), [cell_table()])
    for cell in ("+32 points", "−3 points", "0.326", "0.2", "34.6", "24.7", "0.1262", "0.0714", "0.1803"):
        assert f">{cell}</td>" in page, cell
    assert '<th scope="col">apart</th>' in page
    assert '<th scope="col">points apart</th>' in page
    assert "Of 0 pairs" not in page
    assert not re.search(r"pairs of the same [^.]*are  as", page)
    text = render_markdown(run(OVER, BRIER))
    assert "has a Brier score of 0.326" in text
    assert "is more sure of itself than right by 32 points" in text


def test_a_chart_of_scores_has_an_axis_of_plain_numbers() -> None:
    chart = forest_plot(BRIER, BRIER.comparisons, prefix="v1", title="chart")
    assert "allowed 0.05" in chart
    assert ">0.126  (0.071 to 0.181)<" in chart.replace("\n", "")
    assert ">apart<" in chart
    assert "points apart" not in chart
    points = forest_plot(OVER, OVER.comparisons, prefix="v1", title="chart")
    assert "allowed 10" in points
    assert ">points apart<" in points


def test_json_carries_the_scale_and_the_numbers_as_they_are() -> None:
    document = json.loads(render_json(run(OVER, BRIER)))["verdicts"]
    assert [entry["scale"] for entry in document] == ["difference", "score"]
    assert document[0]["comparisons"][0]["value_b"] == -0.026
    assert document[1]["lower"] == 0.07149
    assert document[1]["sentence"].startswith(
        "On skin_tone, among answers with a confidence, mini-xception has a"
    )
