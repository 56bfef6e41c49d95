from __future__ import annotations

from dataclasses import replace

import pytest
from sample_runs import FAILED, PASSED, UNDECIDED, cell, comparison, gap, record, run

from fer_audit.report.overall import Error, Gate, anchor, by_outcome, errors, gate, ranked, unit_of, units_of
from fer_audit.results import Fault, Outcome, Verdict

BROKEN = Fault("", "clip-radiate", "3 of 40 answers are errors")


@pytest.mark.parametrize(
    ("verdicts", "faults", "settings", "expected"),
    [
        (
            [FAILED, PASSED, UNDECIDED],
            [],
            {},
            Gate(
                is_open=False,
                word="FAIL",
                sentence="1 of 3 criteria FAILED, so the gate is closed.",
                undecided="1 of 3 criteria UNDECIDED: not a clean bill",
            ),
        ),
        (
            [FAILED],
            [BROKEN],
            {},
            Gate(
                is_open=False,
                word="ERROR",
                sentence="1 error left the audit without a full verdict, so the gate is closed. "
                "Of what was judged, 1 of 1 criterion FAILED.",
                undecided="",
            ),
        ),
        (
            [PASSED],
            [BROKEN, BROKEN],
            {},
            Gate(
                is_open=False,
                word="ERROR",
                sentence="2 errors left the audit without a full verdict, so the gate is closed.",
                undecided="",
            ),
        ),
        (
            [PASSED, PASSED],
            [],
            {},
            Gate(
                is_open=True,
                word="PASS",
                sentence="All 2 criteria passed, so the gate is open.",
                undecided="",
            ),
        ),
        (
            [PASSED, UNDECIDED],
            [],
            {},
            Gate(
                is_open=True,
                word="PASS, WITH GAPS",
                sentence="Nothing failed and 1 of 2 criteria passed, so the gate is open; 1 could not be "
                "decided.",
                undecided="1 of 2 criteria UNDECIDED: not a clean bill",
            ),
        ),
        (
            [PASSED, UNDECIDED],
            [],
            {"fail_inconclusive": "true"},
            Gate(
                is_open=False,
                word="UNDECIDED",
                sentence="1 of 2 criteria could not be decided, as this run demands: the gate is closed.",
                undecided="1 of 2 criteria UNDECIDED: not a clean bill",
            ),
        ),
        (
            [UNDECIDED],
            [],
            {},
            Gate(
                is_open=False,
                word="UNDECIDED",
                sentence="None of 1 criterion could be decided, so the gate is closed.",
                undecided="1 of 1 criterion UNDECIDED: not a clean bill",
            ),
        ),
        (
            [UNDECIDED],
            [],
            {"allow_inconclusive": "true"},
            Gate(
                is_open=True,
                word="UNDECIDED",
                sentence="None of 1 criterion could be decided, so the gate is open only because this run "
                "allows that.",
                undecided="1 of 1 criterion UNDECIDED: not a clean bill",
            ),
        ),
        (
            [],
            [],
            {"allow_inconclusive": "true"},
            Gate(
                is_open=False,
                word="UNDECIDED",
                sentence="No criterion was judged, so the gate is closed.",
                undecided="",
            ),
        ),
    ],
    ids=[
        "fail",
        "fail-and-error",
        "error",
        "pass",
        "pass-with-gaps",
        "strict",
        "undecided",
        "lenient",
        "empty",
    ],
)
def test_the_gate_follows_from_what_was_found(
    verdicts: list[Verdict], faults: list[Fault], settings: dict[str, str], expected: Gate
) -> None:
    assert gate(replace(run(*verdicts), faults=tuple(faults), settings=settings)) == expected


def test_faults_with_one_reason_in_one_cell_are_one_error() -> None:
    faults = (
        Fault("t1", "clip-radiate", "broke"),
        Fault("t2", "clip-faces", "broke"),
        Fault("t3", "clip-radiate", "broke"),
        Fault("t4", "clip-radiate", "gone"),
        Fault("", "", "no model"),
    )
    found = errors(replace(run(PASSED), faults=faults))
    assert found == (
        Error("clip-radiate", "broke", ("t1", "t3")),
        Error("clip-faces", "broke", ("t2",)),
        Error("clip-radiate", "gone", ("t4",)),
        Error("", "no model", ("",)),
    )
    assert [error.where for error in found] == [
        "2 tests of clip-radiate",
        "clip-faces",
        "clip-radiate",
        "the run",
    ]
    assert Error("", "broke", ("t1", "t2")).where == "2 tests"
    assert Error("", "broke", ("t1",)).where == "t1"


def test_sections_are_ranked_and_numbered_in_the_order_of_a_report() -> None:
    small, large = (gap(Outcome.INCONCLUSIVE, comparison(x, -0.1, 0.4)) for x in (0.02, 0.3))
    result = run(small, PASSED, large, FAILED)
    assert [r.verdict for r in ranked(result)] == [FAILED, large, small, PASSED]
    assert [r.verdict for r in by_outcome(result)[Outcome.INCONCLUSIVE]] == [large, small]
    assert anchor(0) == "v1"


def test_the_unit_is_that_of_the_cell() -> None:
    both = replace(run(FAILED), cells=(cell(synthetic=True), cell(model="clip")))
    assert unit_of(both, record(FAILED)) == "rendered identity"
    assert unit_of(both, record(FAILED, model="clip")) == "person"
    assert unit_of(both, record(FAILED, model="unknown")) == "person"
    assert units_of(both) == "rendered identities and people"
    assert units_of(replace(both, cells=())) == "people"
