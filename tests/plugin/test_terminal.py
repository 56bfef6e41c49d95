"""What the terminal section tells, and how much of it."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

FAIR = "--fer-model=oracle:error=.02"


def section(result: pytest.RunResult) -> list[str]:
    """The lines of the fairness section."""
    lines = result.stdout.lines
    start = next(row for row, line in enumerate(lines) if line.strip("= ") == "fairness")
    end = next(row for row, line in enumerate(lines) if line.startswith("report: "))
    return lines[start + 1 : end + 1]


def test_what_passed_is_a_number_until_more_is_asked_for(
    pytester: pytest.Pytester, gap_test: tuple[str, ...]
) -> None:
    quiet = section(pytester.runpytest(*gap_test, FAIR))
    assert [line for line in quiet if line.startswith("PASS")] == ["PASS  2 criteria"]
    verbose = section(pytester.runpytest(*gap_test, FAIR, "-v"))
    assert [line.split(":")[0] for line in verbose if line.startswith("PASS")] == [
        "PASS  accuracy by gender",
        "PASS  accuracy by site",
    ]


def test_one_reason_for_many_errors_is_one_line(pytester: pytest.Pytester, gap_test: tuple[str, ...]) -> None:
    pytester.makepyfile(test_fairness="def test_crash(audit):\n    1 / 0\n")
    told = section(pytester.runpytest(*gap_test, FAIR))
    errors = [line for line in told if line.startswith("ERROR")]
    assert errors == ["ERROR  2 tests of oracle-people: ZeroDivisionError: division by zero"]


def test_the_report_names_what_asked_and_judged(pytester: pytest.Pytester, gap_test: tuple[str, ...]) -> None:
    pytester.runpytest(*gap_test, FAIR)
    report = json.loads(pytester.path.joinpath("fairness-report/report.json").read_text())
    told = {name: report["settings"][name] for name in ("numpy", "scipy", "onnxruntime", "pillow", "python")}
    installed = {name: version(name) for name in ("numpy", "scipy", "onnxruntime", "pillow")}
    assert told == {**installed, "python": platform.python_version()}
    page = pytester.path.joinpath("fairness-report/report.html").read_text(encoding="utf-8")
    assert f"numpy {version('numpy')}" in page
