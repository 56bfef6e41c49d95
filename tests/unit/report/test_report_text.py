from __future__ import annotations

from dataclasses import replace

from sample_runs import FAILED, PASSED, UNDECIDED, cell, record, run

from fer_audit.report.text import Line, Style, terminal_lines
from fer_audit.results import Fault


def test_the_section_of_a_run_on_rendered_faces() -> None:
    lines = terminal_lines(run(PASSED, UNDECIDED, FAILED, synthetic=True), directory="fairness-report/")
    assert lines == (
        Line("Rendered faces are a lead about the model, not a finding about people.", Style.STRONG),
        Line(
            "mini-xception on faces: 48 rendered identities, 1,344 images (1,319 answered, 25 refused)",
            Style.PLAIN,
        ),
        Line(
            "FAIL          accuracy by skin_tone: 2 over 8, 35 points apart (at least 24, allowed 10 points);",
            Style.FAIL,
        ),
        Line("              48 rendered identities seen in both", Style.PLAIN),
        Line(
            "INCONCLUSIVE  accuracy by group: BF over WM, 8 points apart (−9 to 26, allowed 10 points); 12",
            Style.OPEN,
        ),
        Line("              rendered identities against 15", Style.PLAIN),
        Line(
            "PASS          accuracy by gender: female over male, 3 points apart (at most 9.3, allowed 10",
            Style.PASS,
        ),
        Line("              points); 56 rendered identities against 53", Style.PLAIN),
        Line("1 of 3 criteria UNDECIDED: not a clean bill", Style.OPEN),
        Line("1 of 3 criteria FAILED, so the gate is closed.", Style.STRONG),
        Line("report: fairness-report/report.html", Style.PLAIN),
    )


def test_people_need_no_caveat_and_an_unwritten_report_no_line() -> None:
    lines = terminal_lines(run(PASSED, outcome="pass"))
    assert lines[0].text.startswith("mini-xception on faces: 48 people")
    assert lines[-1].text == "The one criterion passed, so the gate is open."


def test_several_cells_are_named_in_each_line() -> None:
    result = replace(run(FAILED), cells=(cell(), cell(model="clip")), records=(record(FAILED, model="clip"),))
    assert any("clip on faces: 2 over 8" in line.text for line in terminal_lines(result))


def test_a_partial_run_and_an_error_are_said() -> None:
    result = replace(run(PASSED), partial=True, faults=(Fault("t", "clip-radiate", "3 of 40\nanswers"),))
    texts = [line.text for line in terminal_lines(result)]
    assert texts[0] == "Partial run: not every test on all people; it is no baseline."
    assert "ERROR         clip-radiate: 3 of 40 answers" in texts


def test_no_line_is_wider_than_a_terminal() -> None:
    wide = replace(FAILED, slicing="attribute_" * 20)
    assert max(len(line.text) for line in terminal_lines(run(wide, UNDECIDED))) <= 100
