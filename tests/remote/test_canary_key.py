"""A key that is in the environment only: whatever goes well or wrong, it is written nowhere."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("openai")

from loopback import SERVER, serving
from loopback_batches import ALL_FAIL
from loopback_plan import Plan, hashed

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Server

CANARY = "sk-canary-7c0ffee7c0ffee7c0ffee7c0ffee7c0ffee"

PACKAGE = """
import os
from plain_openai import plain_openai

def offered():
    return [plain_openai(os.environ["PLAIN_HOST"], key=os.environ["PLAIN_KEY"])]
"""
AUDIT = """
from fer_audit import Gap, accuracy

def test_gap(audit):
    audit.require(Gap(accuracy, at_most=0.1))
"""
CRASH = """
import pathlib
from fer_audit.datasets import rendered_faces
from fer_audit.inference import Asking, gather
from fer_audit.store import PredictionStore
from offering import offered
gather(offered()[0], rendered_faces(), PredictionStore(pathlib.Path("crash-store")), limit_people=1,
       asking=Asking(live=True, batch=True))
"""
PREDICT = "from fer_audit.cli import main; main()"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A user's project, with a package beside it that offers a model on the network."""
    info = tmp_path / "site" / "offering-1.dist-info"
    info.mkdir(parents=True)
    (info.parent / "offering.py").write_text(PACKAGE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: offering\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[fer_audit.models]\noffering = offering:offered\n")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "test_audit.py").write_text(AUDIT)
    return folder


def run(project: Path, server: Server, *command: str) -> subprocess.CompletedProcess[str]:
    paths = [
        str(project.parent / "site"),
        str(SERVER.parent),
        os.environ.get("PYTHONPATH", ""),
    ]
    return subprocess.run(
        [sys.executable, *command],
        cwd=project,
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
            "PLAIN_HOST": server.host,
            "PLAIN_KEY": CANARY,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def assert_nowhere(project: Path, *results: subprocess.CompletedProcess[str]) -> None:
    """In no output and no file, the store and the report among them; and no large part of it either."""
    files = [path for path in project.rglob("*") if path.is_file()]
    for part in (CANARY, CANARY[:24], CANARY[-24:]):
        for result in results:
            assert part not in result.stdout + result.stderr
        for path in files:
            assert part.encode() not in path.read_bytes(), path
            assert part not in path.name


def predict(*options: str) -> tuple[str, ...]:
    return (
        "-c",
        PREDICT,
        "predict",
        "--model=plain",
        "--dataset=faces",
        "--limit-people=1",
        "--live",
        *options,
    )


def pytest_run(*options: str) -> tuple[str, ...]:
    audit = ("--fer-model=plain", "--fer-dataset=faces", "--fer-limit-people=1")
    return ("-m", "pytest", "-p", "no:randomly", "--tb=long", "--showlocals", "-vv", *audit, *options)


def test_runs_that_go_well(project: Path, tmp_path: Path) -> None:
    with serving(Plan(), tmp_path) as server:
        asked = run(project, server, *predict("--max-usd=1", "--batch"))
        assert asked.returncode == 0, asked.stderr
        assert "28 answered; $0.0" in asked.stdout
        assert asked.stderr.startswith(
            "A batch may take a day. End this with Ctrl-C when you like: the same line goes on from there\n"
        )
        # One by one, into another store.
        judged = run(project, server, *pytest_run("--fer-live", "--fer-store=other"))
        listed = run(project, server, "-c", PREDICT, "models")
        # The canary was really used, in both.
        assert {entry.key for entry in server.ledger()} == {hashed(CANARY)}
        assert {entry.path.split("/")[2] for entry in server.ledger()} >= {"batches", "chat"}
    assert "plain on faces" in judged.stdout
    assert "PLAIN_KEY is set" in listed.stdout
    assert (project / "fairness-report" / "report.html").exists()
    assert (project / ".fer_audit" / "store" / "answers.sqlite").exists()
    assert (project / "other" / "answers.sqlite").exists()
    assert_nowhere(project, asked, judged, listed)


def test_a_key_that_is_refused(project: Path, tmp_path: Path) -> None:
    with serving(Plan(fatal="401"), tmp_path) as server:
        asked = [run(project, server, *predict(*batch)) for batch in ((), ("--batch",))]
        judged = run(project, server, *pytest_run("--fer-live"))
        assert {entry.key for entry in server.ledger()} == {hashed(CANARY)}
    for result in asked:
        assert result.returncode == 1
        assert "the endpoint refuses (status 401)" in result.stderr
        assert "Traceback" not in result.stderr
    assert judged.returncode == 1
    assert_nowhere(project, *asked, judged)


def test_batches_that_fail(project: Path, tmp_path: Path) -> None:
    with serving(Plan(reply=ALL_FAIL), tmp_path) as server:
        asked = run(project, server, *predict("--batch"))
        crashed = run(project, server, "-c", CRASH)
    assert asked.returncode == 1
    assert "Enqueued token limit" in asked.stderr
    assert "Traceback" in crashed.stderr
    assert_nowhere(project, asked, crashed)


def test_the_search_finds_a_key_that_was_written(project: Path) -> None:
    (project / "leak").write_text(f"key={CANARY}")
    with pytest.raises(AssertionError, match="leak"):
        assert_nowhere(project)
