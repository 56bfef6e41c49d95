"""This checkout as the plug-in's first customer: short options, and controls whose verdicts are known."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


def audit(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """Exit status and report of one audit of the checkout."""
    command = [sys.executable, "-m", "pytest", "bias_tests", "-q", "-p", "no:cacheprovider"]
    places = [f"--report={folder / 'report'}", f"--store={folder / 'store'}"]
    done = subprocess.run(
        [*command, *places, *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads((folder / "report/report.json").read_text(encoding="utf-8"))


def failed(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (verdict["criterion"], verdict["slicing"])
        for verdict in report["verdicts"]
        if verdict["outcome"] == "fail"
    }


def test_the_control_that_is_fair_fails_nothing_and_opens_the_gate(tmp_path: Path) -> None:
    status, report = audit(tmp_path, "--model=control-fair")
    assert status == 0
    assert failed(report) == set()
    assert {"pass"} <= {verdict["outcome"] for verdict in report["verdicts"]}


def test_the_control_that_is_unfair_fails_by_skin_tone_and_by_nothing_else(tmp_path: Path) -> None:
    status, report = audit(tmp_path, "--model=control-unfair")
    assert status == 1
    assert ("Gap(accuracy, at_most=0.1)", "skin_tone") in failed(report)
    assert {slicing for _, slicing in failed(report)} == {"skin_tone"}
    worst = max(
        (
            c
            for v in report["verdicts"]
            if v["criterion"].startswith("Gap(accuracy")
            for c in v["comparisons"]
        ),
        key=lambda comparison: comparison["lower"],
    )
    assert worst["b"] == "8"


def test_a_failure_speaks_of_rendered_identities_and_of_the_error_rate_of_the_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "bias_tests/test_accuracy.py", "-p", "no:cacheprovider"]
    places = [f"--report={tmp_path / 'report'}", f"--store={tmp_path / 'store'}", "--slices=skin_tone"]
    options = ["--model=control-unfair", "-k", "accuracy_does", "-o", "fer_alpha=0.005"]
    done = subprocess.run(
        [*command, *places, *options], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "99.5 % sure" in done.stdout
    assert "48 rendered identities seen in both" in " ".join(done.stdout.split())
    assert "48 people" not in done.stdout


@pytest.mark.parametrize("slicing", ["skin_tone*sex_morph", "skin_tone.sex_morph"])
def test_one_slicing_of_one_dataset_can_be_asked_for(tmp_path: Path, slicing: str) -> None:
    options = (
        "--model=control-fair",
        "--dataset=faces-matched",
        f"--slices={slicing}",
        "-k",
        "accuracy_does",
    )
    _, report = audit(tmp_path, *options)
    assert [verdict["slicing"] for verdict in report["verdicts"]] == ["skin_tone*sex_morph"]
    assert report["cells"][0]["dataset"] == "faces-matched"
    assert report["cells"][0]["people"] == 24
    assert report["partial"] is True
