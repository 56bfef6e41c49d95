from __future__ import annotations

from dataclasses import replace

from sample_runs import FAILED, PASSED, UNDECIDED, cell, comparison, gap, record, run

from fer_audit.report.text import Line, Style, terminal_lines
from fer_audit.results import Fault, Outcome


def test_the_section_of_a_run_on_rendered_faces() -> None:
    lines = terminal_lines(run(PASSED, UNDECIDED, FAILED, synthetic=True), directory="fairness-report/")
    assert lines == (
        Line("Rendered faces are a lead about the model, not a finding about people.", Style.STRONG),
        Line(
            "mini-xception on faces: 48 rendered identities, 1,344 images (1,319 answered, 25 refused)",
            Style.PLAIN,
        ),
        Line(
            "FAIL  accuracy by skin_tone: 2 over 8, 35 points (at least 24, allowed 10); 48 in both",
            Style.FAIL,
        ),
        Line("INCONCLUSIVE  accuracy by group: 8 points (−9 to 26, allowed 10)", Style.OPEN),
        Line("PASS  1 criterion", Style.PASS),
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
    assert any("clip on faces: 2 over 8, 35 points" in line.text for line in terminal_lines(result))


def test_a_partial_run_and_an_error_are_said() -> None:
    result = replace(run(PASSED), partial=True, faults=(Fault("t", "clip-radiate", "3 of 40\nanswers"),))
    texts = [line.text for line in terminal_lines(result)]
    assert texts[0] == "Partial run: not every test on all people; it is no baseline."
    assert "ERROR  clip-radiate: 3 of 40 answers" in texts


def test_a_partial_run_on_rendered_faces_speaks_of_no_people() -> None:
    texts = [line.text for line in terminal_lines(replace(run(PASSED, synthetic=True), partial=True))]
    assert "Partial run: not every test on all rendered identities; it is no baseline." in texts


def test_errors_with_one_reason_in_one_cell_are_one_line() -> None:
    faults = [Fault(f"t{i}", "control-unfair-faces", "the model broke") for i in range(36)]
    other = Fault("t0", "clip-faces", "the model broke")
    texts = [line.text for line in terminal_lines(replace(run(PASSED), faults=(*faults, other)))]
    assert [text for text in texts if text.startswith("ERROR")] == [
        "ERROR  36 tests of control-unfair-faces: the model broke",
        "ERROR  clip-faces: the model broke",
    ]


MANY = [
    gap(Outcome.INCONCLUSIVE, comparison(0.01 * i, -0.2, 0.3), measure=f"recall({i})") for i in range(38)
] + [gap(Outcome.PASS, comparison(0.01, -0.01, 0.02), measure=f"recall(p{i})") for i in range(18)]


def test_of_many_undecided_the_largest_are_told_and_the_rest_counted() -> None:
    texts = [line.text for line in terminal_lines(run(*MANY), directory="out")]
    undecided = [text for text in texts if text.startswith("INCONCLUSIVE")]
    assert undecided == [
        f"INCONCLUSIVE  recall of {i} by skin_tone: {i} points (−20 to 30, allowed 10)"
        for i in (37, 36, 35, 34, 33, 32)
    ]
    assert "... and 32 more undecided: see the report" in texts
    assert "PASS  18 criteria" in texts
    nowhere = [line.text for line in terminal_lines(run(*MANY))]
    assert "... and 32 more undecided: run with -v to see them" in nowhere


def test_a_verbose_run_tells_every_verdict() -> None:
    texts = [line.text for line in terminal_lines(run(*MANY), directory="out", verbosity=1)]
    assert sum(text.startswith("INCONCLUSIVE  ") for text in texts) == 38
    assert sum(text.startswith("PASS  recall") for text in texts) == 18
    assert not any("more undecided" in text for text in texts)


def test_the_first_undecided_is_told_however_long_it_is() -> None:
    wide = replace(UNDECIDED, measure="recall(" + "long words " * 20 + ")", slicing="a b " * 40)
    texts = [line.text for line in terminal_lines(run(wide, wide))]
    assert sum(text.startswith("INCONCLUSIVE") for text in texts) >= 1


def test_no_line_is_wider_than_a_terminal() -> None:
    wide = replace(FAILED, slicing="attribute_" * 20)
    assert max(len(line.text) for line in terminal_lines(run(wide, UNDECIDED))) <= 100
