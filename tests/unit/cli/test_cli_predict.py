"""``fer-audit predict`` as a user runs it: in processes of its own, with models that a package offers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from interruptible import INTERRUPTIBLE

from fer_audit.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., subprocess.CompletedProcess[str]]

PACKAGE = '''
import hashlib, os, pathlib, time
from fer_audit.models import ModelSpec

class Slow:
    """Writes down each picture that it is asked about."""
    def recognize(self, images):
        for image in images:
            with open(os.environ["ASKED"], "a") as log:
                log.write(hashlib.sha256(image.tobytes()).hexdigest() + "\\n")
            time.sleep(float(os.environ.get("SECONDS", "0")))
        return ["anger" for _ in images]

def no_load(labels):
    raise RuntimeError("no such weights")

def offered():
    described = lambda: {"weights": "1"}
    return [
        ModelSpec("slow", lambda labels: Slow(), described),
        ModelSpec("broken", no_load, described),
        ModelSpec("nameless", lambda labels: Slow()),
    ]
'''
PREDICT = "from fer_audit.cli import main; main()"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project, with a package of models installed beside it."""
    site = tmp_path / "site"
    info = site / "offering-1.dist-info"
    info.mkdir(parents=True)
    (site / "offering.py").write_text(PACKAGE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: offering\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[fer_audit.models]\noffering = offering:offered\n")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


@pytest.fixture
def environment(project: Path) -> dict[str, str]:
    paths = [str(project.parent / "site"), os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "ASKED": str(project / "asked"),
    }


@pytest.fixture
def predict(project: Path, environment: dict[str, str]) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", PREDICT, "predict", *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def start(project: Path, environment: dict[str, str]) -> subprocess.Popen[str]:
    """A run of 56 pictures that takes seconds, of which some are asked already."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            INTERRUPTIBLE + PREDICT,
            "predict",
            "--model=slow",
            "--dataset=faces",
            "--limit-people=6",
        ],
        cwd=project,
        env=environment | {"SECONDS": "0.02"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (project / "asked").exists() or len(asked(project)) < 70:
        assert process.poll() is None, process.communicate()
    return process


def asked(project: Path) -> list[str]:
    return (project / "asked").read_text().split()


def test_what_was_predicted_is_what_the_tests_judge(
    project: Path, predict: Run, environment: dict[str, str]
) -> None:
    result = predict("--model=slow", "--dataset=faces", "--limit-people=4")
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == [
        "slow on faces: 4 people, 112 pictures: 112 answered",
        "  judge it: pytest --fer-model=slow --fer-dataset=faces --fer-limit-people=4",
        f"The answers are in {project / '.fer_audit' / 'store'}",
    ]
    assert "112/112" in result.stderr
    assert len(asked(project)) == 112
    (project / "test_audit.py").write_text(
        "from fer_audit import Gap, accuracy\ndef test_gap(audit):\n    audit.require(Gap(accuracy, at_most=0.1))\n"
    )
    line = result.stdout.splitlines()[1].split("pytest ", 1)[1].split()
    judged = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *line],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "slow on faces: 4 rendered identities, 112 images (112 answered)" in judged.stdout
    # The audit found every answer in the store.
    assert len(asked(project)) == 112


def test_a_second_run_asks_nothing(project: Path, predict: Run) -> None:
    line = ("--model=slow", "--dataset=faces", "--limit-people=1", "--store=elsewhere")
    first = predict(*line)
    second = predict(*line)
    assert first.stdout == second.stdout
    assert "28/28" in first.stderr
    assert second.stderr == ""
    assert len(asked(project)) == 28
    assert "--fer-store=elsewhere" in first.stdout
    assert (project / "elsewhere" / "answers.sqlite").exists()
    assert not (project / ".fer_audit").exists()


def test_a_model_that_fails_does_not_stop_the_others(predict: Run) -> None:
    result = predict("--model=broken", "--model=slow", "--dataset=faces", "--limit-people=1")
    assert result.returncode == 1
    assert (
        "broken on faces: not finished: model 'broken' could not be loaded: RuntimeError: no such weights\n"
        in result.stderr
    )
    assert "slow on faces: 1 people, 28 pictures: 28 answered" in result.stdout
    assert "judge it: pytest --fer-model=broken" not in result.stdout
    assert result.stderr.endswith(
        "Error: 1 of 2 not finished (broken on faces); what was answered is stored; the same line goes on from "
        "there\n"
    )
    assert "Traceback" not in result.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_goes_on_where_it_was(
    project: Path, predict: Run, environment: dict[str, str], how: signal.Signals
) -> None:
    process = start(project, environment)
    process.send_signal(how)
    out, err = process.communicate()
    if how is signal.SIGINT:
        assert process.returncode == 130
        assert "interrupted at slow on faces: what was answered is stored; the same line goes on" in err
        assert "Traceback" not in err
    else:
        assert process.returncode == -signal.SIGKILL
    assert "judge it" not in out
    before = len(asked(project))
    assert before < 168
    result = predict("--model=slow", "--dataset=faces", "--limit-people=6")
    assert "6 people, 168 pictures: 168 answered" in result.stdout
    assert ", 64 stored" in result.stderr or ", 128 stored" in result.stderr
    # Of the pictures asked about twice all were in the one batch that was under way.
    twice = [picture for picture, times in Counter(asked(project)).items() if times > 1]
    assert len(twice) == before - (before // 64) * 64


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--model=slow"],
            "name at least one model and one dataset: --model=NAME --dataset=faces",
        ),
        (
            ["--model=slwo", "--dataset=faces"],
            "unknown model 'slwo'; did you mean 'slow'?",
        ),
        (
            ["--model=slwo", "--dataset=faces"],
            "What a conftest.py registers is known to pytest only; a package makes it known here by an entry point "
            "of the group 'fer_audit.models'",
        ),
        (
            ["--model=slow", "--dataset=face"],
            "known to pytest only; a package makes it known here by an entry point of the group 'fer_audit.datasets'",
        ),
        (
            ["--model=nameless", "--dataset=faces"],
            "answers of model 'nameless' are never stored (nothing tells when it has changed), so that asking ahead "
            "is in vain; let pytest ask it: --fer-model=nameless",
        ),
        (
            ["--model=oracle", "--dataset=faces"],
            "answers of model 'oracle' are never stored (it is a stand-in)",
        ),
        (
            ["--model=slow", "--model=slow", "--dataset=faces"],
            "chosen model 'slow' is registered twice",
        ),
        (
            ["--model=slow", "--dataset=faces", "--limit-people=0"],
            "Invalid value for '--limit-people': '0' is no number of people; give 1 or more",
        ),
        (
            ["--model=slow", "--dataset=faces", "--max-usd=free"],
            "Invalid value for '--max-usd': 'free' is no amount; give a number above 0",
        ),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error(
    project: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], said: str
) -> None:
    monkeypatch.syspath_prepend(str(project.parent / "site"))
    monkeypatch.chdir(project)
    result = CliRunner().invoke(main, ["predict", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
