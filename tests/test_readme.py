"""The README is true: its own-repository example runs as printed, and its output is what comes out."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
BASH = [text for language, text in BLOCKS if language == "bash"]
PYTHON = [text for language, text in BLOCKS if language == "python"]
OUTPUT = [text for language, text in BLOCKS if language == "text"]


def test_every_block_is_of_a_kind_that_is_tested_below() -> None:
    assert {language for language, _ in BLOCKS} == {"bash", "python", "text"}
    assert (len(BASH), len(PYTHON), len(OUTPUT)) == (3, 2, 1)
    assert len(README.splitlines()) <= 120


def test_the_two_commands_are_what_the_pipeline_runs() -> None:
    pipeline = (ROOT / ".ci/run").read_text(encoding="utf-8")
    install, audit = BASH[0].strip().split(" && ")
    assert install == "python -m pip install tox"
    assert "python -m pip install --quiet tox" in pipeline
    for command in (audit, BASH[1].strip()):
        assert re.search(rf"^{re.escape(command)}( \|\| status=\$\?)?$", pipeline, flags=re.MULTILINE)


def test_a_repository_of_ones_own_with_a_model_of_ones_own(pytester: pytest.Pytester) -> None:
    for text in PYTHON:
        name = text.splitlines()[0].removeprefix("# ")
        pytester.path.joinpath(name).write_text(text, encoding="utf-8")
    assert sorted(path.name for path in pytester.path.glob("*.py")) == ["conftest.py", "test_fairness.py"]
    command, *options = shlex.split(BASH[2])
    assert command == "pytest"
    result = pytester.runpytest_subprocess(*options)
    # A model that answers happiness to everything reads every group alike: all right, or all wrong.
    result.assert_outcomes(passed=4)
    assert result.ret == 0
    report = json.loads(pytester.path.joinpath("fairness-report/report.json").read_text())
    assert {verdict["slicing"] for verdict in report["verdicts"]} == {"skin_tone", "sex_morph"}
    assert report["cells"][0]["model"] == "mine"


def test_the_output_is_what_the_audit_prints(tmp_path: Path) -> None:
    options = [f"--report={tmp_path / 'report'}", f"--store={tmp_path / 'store'}", "-p", "no:randomly"]
    command = [sys.executable, "-m", "pytest", "bias_tests", "-p", "no:cacheprovider", *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    printed = done.stdout.replace(str(tmp_path / "report"), "fairness-report").splitlines()
    first = next(row for row, line in enumerate(printed) if line.strip("= ") == "fairness")
    # The last line holds the time the run took: its counts are compared, its seconds are not.
    printed[-1] = re.sub(r" in .*", "", printed[-1]).strip("= ")
    rest = "\n".join(printed[first + 1 :])
    for part in OUTPUT[0].strip().split("\n[...]\n"):
        before, found, rest = rest.partition(part)
        assert found, f"not printed in this place:\n{part}"
        assert before == "" or OUTPUT[0].find(part) > 0
    assert rest == ""
