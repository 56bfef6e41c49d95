"""The outcome of a test is set once, from its verdicts, and nothing turns it green."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from pathlib import Path

FAIR = "--fer-model=oracle:error=.02"
UNFAIR = "--fer-model=oracle:error=.02,gender.m=.5"
UNSURE = "--fer-model=oracle:error=.3,icc=.3"


def report(pytester: pytest.Pytester) -> dict[str, object]:
    loaded: dict[str, object] = json.loads(pytester.path.joinpath("fairness-report/report.json").read_text())
    return loaded


def outcomes(pytester: pytest.Pytester) -> list[str]:
    verdicts = report(pytester)["verdicts"]
    assert isinstance(verdicts, list)
    return [verdict["outcome"] for verdict in verdicts]


def test_a_fair_model_passes_and_the_gate_opens(pytester: pytest.Pytester, gap_test: tuple[str, ...]) -> None:
    result = pytester.runpytest(*gap_test, FAIR)
    result.assert_outcomes(passed=2)
    assert result.ret == 0
    assert outcomes(pytester) == ["pass", "pass"]
    assert report(pytester)["run"] == "pass"


def test_an_unfair_model_fails_with_who_how_large_how_sure_how_many(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    result = pytester.runpytest(*gap_test, UNFAIR, "--fer-slices=gender")
    result.assert_outcomes(failed=1)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*Gap(accuracy, at_most=0.1) by gender, oracle on people*", "*f*m*48*"])
    assert report(pytester)["run"] == "fail"


def test_too_few_people_are_inconclusive_with_a_number(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    result = pytester.runpytest(*gap_test, UNSURE, "-v")
    assert result.ret == 1  # nothing was decided
    result.stdout.fnmatch_lines(["*test_gap[[]oracle-people-gender] INCONCLUSIVE*", "*2 inconclusive*"])
    assert outcomes(pytester) == ["inconclusive", "inconclusive"]
    verdicts = report(pytester)["verdicts"]
    assert isinstance(verdicts, list)
    assert all(number > 48 for number in verdicts[0]["people_needed"].values())
    assert set(verdicts[0]["people_needed"]) == {"f", "m"}


def test_a_mixed_run_opens_the_gate_and_says_that_it_is_no_clean_bill(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        test_more="""
        from fer_audit import Gap, refusals

        def test_refusals(audit):
            audit.require(Gap(refusals, at_most=0.10))
        """
    )
    result = pytester.runpytest(*gap_test, UNSURE)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["2 of 4 criteria UNDECIDED: not a clean bill"])
    assert report(pytester)["run"] == "inconclusive"


def test_allow_inconclusive_opens_an_undecided_gate(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    assert pytester.runpytest(*gap_test, UNSURE, "--fer-allow-inconclusive").ret == 0


def test_fail_inconclusive_closes_the_gate(pytester: pytest.Pytester, gap_test: tuple[str, ...]) -> None:
    result = pytester.runpytest(*gap_test, UNSURE, "--fer-fail-inconclusive", "--fer-allow-inconclusive")
    result.assert_outcomes(failed=2)
    assert result.ret == 1
    assert outcomes(pytester) == ["inconclusive", "inconclusive"]


def test_runxfail_turns_nothing_green_and_nothing_red(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    result = pytester.runpytest(*gap_test, UNSURE, "--runxfail")
    assert result.parseoutcomes() == {"inconclusive": 2}
    assert pytester.runpytest(*gap_test, UNFAIR, "--runxfail").ret == 1


@pytest.mark.parametrize("after", ["pytest.skip('later')", "pytest.xfail('known')"])
def test_nothing_a_test_does_later_hides_a_fail(
    pytester: pytest.Pytester, gap_test: tuple[str, ...], after: str
) -> None:
    pytester.makepyfile(
        test_fairness=f"""
        import pytest
        from fer_audit import Gap, accuracy

        @pytest.mark.slices("gender")
        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.10))
            {after}
        """
    )
    result = pytester.runpytest(*gap_test, UNFAIR)
    result.assert_outcomes(failed=1)
    assert result.ret == 1


def test_a_test_that_fails_by_itself_too_keeps_its_own_message(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        test_fairness="""
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            verdict = audit.require(Gap(accuracy, at_most=0.10))
            assert verdict.lower < 0.01, "my own message"
        """
    )
    result = pytester.runpytest(*gap_test, UNFAIR, "--fer-slices=gender")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*my own message*", "*Gap(accuracy, at_most=0.1) by gender*"])
    assert outcomes(pytester) == ["fail"]


def test_an_xfail_marker_does_not_accept_a_fail(pytester: pytest.Pytester, gap_test: tuple[str, ...]) -> None:
    pytester.makepyfile(
        test_fairness="""
        import pytest
        from fer_audit import Gap, accuracy

        @pytest.mark.xfail(reason="known")
        @pytest.mark.slices("gender")
        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.10))
        """
    )
    pytester.runpytest(*gap_test, UNFAIR).assert_outcomes(failed=1)


def test_a_test_that_requires_nothing_is_an_error(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    pytester.makepyfile(test_fairness="def test_idle(audit):\n    pass\n")
    result = pytester.runpytest(*gap_test, FAIR)
    result.assert_outcomes(errors=2)
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*this test took an audit and required nothing of it*"])
    assert report(pytester)["run"] == "error"


def test_a_crash_in_a_test_is_an_error_and_no_finding(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    pytester.makepyfile(test_fairness="def test_crash(audit):\n    1 / 0\n")
    result = pytester.runpytest(*gap_test, FAIR)
    result.assert_outcomes(errors=2)
    assert report(pytester)["verdicts"] == []
    errors = report(pytester)["errors"]
    assert isinstance(errors, list)
    assert errors[0]["reason"] == "ZeroDivisionError: division by zero"
    assert errors[0]["cell"] == "oracle-people"


def test_an_unknown_label_is_an_error_with_a_suggestion(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        test_fairness="""
        from fer_audit import Gap, recall

        def test_gap(audit):
            audit.require(Gap(recall("angr"), at_most=0.10))
        """
    )
    result = pytester.runpytest(*gap_test, FAIR)
    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*'angr'*did you mean 'anger'?*"])


def test_data_faults_are_errors_of_the_set_up(pytester: pytest.Pytester, gap_test: tuple[str, ...]) -> None:
    pytester.makepyfile(
        mine="""
        class Mine:
            def __init__(self, labels): pass
            def recognize(self, images): return ["anger"] * len(images)
        """
    )
    result = pytester.runpytest(*gap_test, "--fer-model=python:mine:Mine")
    result.assert_outcomes(errors=2)
    assert result.ret == 1
    result.stdout.fnmatch_lines(
        ["*ERROR at setup of test_gap*", "*384 of 384 images have no answer overall*"]
    )
    assert report(pytester)["run"] == "error"


def test_junit_knows_each_verdict(
    pytester: pytest.Pytester, gap_test: tuple[str, ...], tmp_path: Path
) -> None:
    pytester.runpytest(*gap_test, UNSURE, f"--junitxml={tmp_path / 'j.xml'}")
    suite = ET.parse(tmp_path / "j.xml").getroot()[0]  # noqa: S314 - written by pytest a moment ago
    assert suite.get("failures") == "0"
    skipped = suite.findall("testcase/skipped")
    assert [element.get("type") for element in skipped] == ["pytest.xfail", "pytest.xfail"]
    pytester.runpytest(*gap_test, UNFAIR, f"--junitxml={tmp_path / 'j.xml'}")
    suite = ET.parse(tmp_path / "j.xml").getroot()[0]  # noqa: S314
    assert suite.get("failures") == "1"
    properties = {
        element.get("name"): element.get("value", "")
        for element in suite.findall("testcase/properties/property")
    }
    assert set(properties) == {"fer_audit Gap(accuracy, at_most=0.1)"}
    failed = suite.findall("testcase[failure]/properties/property")
    assert [element.get("value", "").split(";")[0] for element in failed] == ["fail"]
    assert "slicing=gender" in failed[0].get("value", "")
