from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sample_runs import comparison, record, run

from fer_audit.report.charts import forest_plot
from fer_audit.report.clauses import demand
from fer_audit.report.html import render_html
from fer_audit.report.json import render_json
from fer_audit.report.sentences import sentence, short, table
from fer_audit.results import Aside, Kind, Outcome, Unassessable, Verdict

PAIR = comparison(0.48, 0.421, 0.552, value_a=0.5, value_b=0.02)
FAILED = Verdict(
    criterion="Flips(at_most=0.05)",
    measure="flips",
    scale="difference",
    slicing="skin_tone",
    outcome=Outcome.FAIL,
    estimate=0.48,
    lower=0.421,
    upper=0.552,
    tolerance=0.05,
    p=0.0001,
    comparisons=(PAIR,),
    kind=Kind.FLIPS,
    asides=(
        Aside(
            "Changes of answer when skin_tone 2 becomes 8",
            ("answer", "faces"),
            (("anger -> neutral", "31 of 48 answered anger"),),
        ),
    ),
)
QUIET = comparison(-0.004, -0.01, 0.0312, value_a=0.01, value_b=0.014)
PASSED = replace(
    FAILED, outcome=Outcome.PASS, estimate=-0.004, lower=-0.01, upper=0.0312, comparisons=(QUIET,)
)
NEAR = comparison(0.06, -0.011, 0.091, value_a=0.06, value_b=0.0)
OPEN = replace(
    FAILED,
    outcome=Outcome.INCONCLUSIVE,
    estimate=0.06,
    lower=-0.011,
    upper=0.091,
    comparisons=(NEAR,),
    people_needed={"2": 130, "8": 130},
)


@pytest.mark.parametrize(
    ("verdict", "told"),
    [
        pytest.param(
            FAILED,
            "On skin_tone, mini-xception changes its answer on 50 % of the faces when skin tone 2 becomes 8, and on "
            "2 % of identical pictures: an excess of 48 points (95 % sure of at least 42), 48 people seen in both. "
            "Allowed: 5 points. FAIL.",
            id="fail",
        ),
        pytest.param(
            PASSED,
            "On skin_tone, mini-xception seldom changes its answer when only the level does: on at most 4 points more "
            "of the faces than when nothing does (95 % sure). Most change seen: on 1 % of the faces when skin tone 2 "
            "becomes 8, and on 1 % of identical pictures. 48 people. Allowed: 5 points. PASS.",
            id="pass",
        ),
        pytest.param(
            OPEN,
            "On skin_tone, mini-xception changes its answer on 6 % of the faces when skin tone 2 becomes 8: an excess "
            "of 6 points in these data (48 people seen in both), but anything from −2 to 10 points agrees with them. "
            "Allowed: 5 points. About 130 people in each group would decide it with 80 % power, if the truth is as "
            "observed. INCONCLUSIVE.",
            id="open",
        ),
        pytest.param(
            replace(
                PASSED,
                outcome=Outcome.INCONCLUSIVE,
                not_assessable=(Unassessable("2 / 6", 3, "no label is held by 8 people"),),
            ),
            "On skin_tone, mini-xception changes its answer within the allowed 5 points wherever levels could be "
            "compared (95 % sure), but not everything demanded could be judged. Not assessable: 2 / 6 (no label is "
            "held by 8 people). INCONCLUSIVE.",
            id="capped",
        ),
    ],
)
def test_counterfactual_pairs_are_told_in_their_own_words(verdict: Verdict, told: str) -> None:
    assert sentence(record(verdict)) == told


def test_the_terminal_names_two_levels_and_not_one_over_the_other() -> None:
    line = short(record(FAILED), with_cell=False)
    assert (
        line
        == "changed answers by skin_tone: 2 and 8, an excess of 48 points (at least 42, allowed 5); 48 in both"
    )
    assert "2 and 8  an excess of 48 points  at least 42  48 in both" in table(record(FAILED))
    assert demand(FAILED) == "changed answers, at most 5 points beyond noise"


def test_the_chart_and_the_page_call_the_two_rates_by_their_names() -> None:
    chart = forest_plot(FAILED, FAILED.comparisons, prefix="x", title="flips")
    assert "2 and 8" in chart
    assert "points of excess" in chart
    page = render_html(run(FAILED), [])
    assert (
        '<th scope="col">changed</th><th scope="col">identical</th><th scope="col">points of excess</th>'
        in page
    )
    assert "31 of 48 answered anger" in page


def test_json_does_not_pass_the_rates_off_as_those_of_the_levels() -> None:
    (found,) = json.loads(render_json(run(FAILED)))["verdicts"]
    (pair,) = found["comparisons"]
    assert found["kind"] == "flips"
    assert (pair["changed"], pair["identical"]) == (0.5, 0.02)
    assert "value_a" not in pair
    assert found["asides"][0]["rows"] == [["anger -> neutral", "31 of 48 answered anger"]]
