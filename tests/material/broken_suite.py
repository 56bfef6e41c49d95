"""A small repository with one audit test, to be run on models that are broken in some way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from small_faces import write_faces

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = 60


def make_suite(pytester: pytest.Pytester) -> None:
    """Pictures of sixty people, and one audit test."""
    write_faces(pytester.path, people=PEOPLE, labels=("anger", "fear"), listing="people.csv")
    pytester.makepyfile(
        test_fairness="""
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.9))
        """
    )


def run(pytester: pytest.Pytester, *arguments: str, apart: bool = False) -> pytest.RunResult:
    """Audit these models, with these options beside; in a process of its own where that is asked for."""
    options = [argument if argument[:2] == "--" else f"--fer-model={argument}" for argument in arguments]
    audit = pytester.runpytest_subprocess if apart else pytester.runpytest
    return audit("--fer-dataset=manifest=people.csv", "-p", "no:randomly", "-p", "no:cacheprovider", *options)


def judged(folder: Path) -> set[str]:
    """The models of which there are verdicts in the report."""
    found: dict[str, Any] = json.loads((folder / "fairness-report/report.json").read_text(encoding="utf-8"))
    return {str(verdict["model"]) for verdict in found["verdicts"]}


def assert_one_line(pytester: pytest.Pytester, result: pytest.RunResult, message: str) -> None:
    """The model is an ERROR of one line with the cure, and the scripted model beside it is judged."""
    result.assert_outcomes(passed=1, errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        ["*ERROR at setup of test_gap[[]*", message, "=*= fairness =*="], consecutive=True
    )
    assert judged(pytester.path) == {"oracle"}
    assert "Traceback" not in result.stdout.str() + result.stderr.str()
