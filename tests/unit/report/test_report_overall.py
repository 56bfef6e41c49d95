from __future__ import annotations

from dataclasses import replace

import pytest
from sample_runs import FAILED, PASSED, UNDECIDED, run

from fer_audit.report.overall import Gate, gate
from fer_audit.results import Fault, Verdict

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
                word="FAIL",
                sentence="1 of 1 criterion FAILED, so the gate is closed. 1 error left part of the audit without a "
                "verdict.",
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
