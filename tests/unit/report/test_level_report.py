"""A verdict about a level is told without a pair, in every report."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sample_runs import run

from fer_audit.report.html import render_html
from fer_audit.report.json import render_json
from fer_audit.report.markdown import render_markdown
from fer_audit.report.sentences import sentence, short, table
from fer_audit.report.text import terminal_lines
from fer_audit.results import Aside, Kind, Outcome, Unassessable, Verdict

BESIDE = Aside("Beside", ("one", "two"), tuple((f"{n}", "x") for n in range(7)), "How to read it.", told=True)
REASONS = {
    Outcome.PASS: "every group reaches 0.895; nearest to it black 0.951: at least 0.912",
    Outcome.FAIL: "black 0.812: at most 0.872, below 0.895",
    Outcome.INCONCLUSIVE: "black 0.910: anything from 0.862 to 0.950 agrees with these data",
}


def level(outcome: Outcome, *unseen: Unassessable) -> Verdict:
    return Verdict(
        criterion="AtLeast(accuracy, 0.895)",
        measure="accuracy",
        scale="difference",
        slicing="race",
        outcome=outcome,
        estimate=0.9,
        lower=0.85,
        upper=0.95,
        tolerance=0.895,
        p=0.01,
        not_assessable=unseen,
        reason=REASONS[outcome],
        kind=Kind.LEVEL,
        asides=(BESIDE,),
    )


def test_the_sentence_says_what_every_group_is_held_to() -> None:
    told = {outcome: sentence(run(level(outcome)).records[0]) for outcome in Outcome}
    start = "On race, mini-xception is held to accuracy of at least 89.5 % in every group."
    assert told[Outcome.FAIL] == f"{start} Black 0.812: at most 0.872, below 0.895 (95 % sure). FAIL."
    assert told[Outcome.INCONCLUSIVE] == (
        f"{start} Black 0.910: anything from 0.862 to 0.950 agrees with these data. INCONCLUSIVE."
    )
    assert told[Outcome.PASS].endswith("at least 0.912 (95 % sure). PASS.")
    more = replace(level(Outcome.INCONCLUSIVE), people_needed={"black": 94})
    assert "About 94 people in race black would decide it" in sentence(run(more).records[0])
    few = level(Outcome.INCONCLUSIVE, Unassessable("asian", 3, "no label is held by 8 people"))
    assert "Not assessable: asian (no label is held by 8 people)." in sentence(run(few).records[0])


def test_it_has_one_line() -> None:
    assert short(run(level(Outcome.FAIL)).records[0], with_cell=False) == (
        "accuracy by race: black 0.812: at most 0.872, below 0.895; at least 89.5 % demanded"
    )


def test_tables_that_are_told_stand_under_a_test_and_in_the_short_report() -> None:
    result = run(level(Outcome.FAIL))
    under = table(result.records[0])
    assert "\n\nBeside\none  two\n0    x\n" in under
    assert "4    x\nHow to read it. 2 more rows are in the report." in under
    assert "| one | two |" in render_markdown(result)
    assert "How to read it. 2 more rows are in the report." in render_markdown(result)


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.INCONCLUSIVE])
def test_a_verbose_terminal_tells_the_first_row(outcome: Outcome) -> None:
    result = run(level(outcome), outcome=outcome.value)
    verbose = [line.text for line in terminal_lines(result, verbosity=1)]
    assert "      beside it: Beside: one 0, two x" in verbose
    assert not any("Beside" in line.text for line in terminal_lines(result))


@pytest.mark.parametrize("outcome", Outcome)
def test_the_page_and_the_file_for_machines_hold_it(outcome: Outcome) -> None:
    result = run(level(outcome), outcome=outcome.value)
    page = render_html(result)
    assert "each group by itself" in page
    assert "nothing comparable" not in page
    assert "at least 89.5 %" in page
    (found,) = json.loads(render_json(result))["verdicts"]
    assert (found["kind"], found["tolerance"], found["comparisons"]) == ("level", 0.895, [])
    assert found["asides"][0]["rows"][6] == ["6", "x"]
