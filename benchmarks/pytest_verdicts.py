"""Twenty thousand comparisons of slices in pytest: inside one test, against one test each by parametrize.

Run it by itself: `python benchmarks/pytest_verdicts.py`. One line: name, ours, peer, ratio, target. Both runs
judge the same counts and look at every pair of 201 slices, positive control left out; wall time of whole
processes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measuring import Figure

JUDGED = """
import numpy as np
from fer_audit import accuracy
from fer_audit.records import Slicing
from fer_audit.stats.counts import NON_ANSWERS, Counts
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.gap import judge_gap

SLICES = {slices}


def judged():
    level = np.repeat(np.arange(SLICES), 20)
    right = np.random.default_rng(0).binomial(50, 0.9, len(level))
    cells = np.zeros((len(level), 1, 2 + len(NON_ANSWERS)))
    cells[:, 0, 0], cells[:, 0, 1] = right, 50 - right
    people, levels = tuple(map(str, range(len(level)))), tuple(map(str, range(SLICES)))
    counts = Counts(np.arange(len(level)), level, cells, people, levels, ("a",), ("a", "b"), Slicing("group"))
    return judge_gap(counts, accuracy, 0.4, Settings(), criterion="Gap(accuracy)", plan=False)


PAIRS = SLICES * (SLICES - 1) // 2
"""

INSIDE = """
def test_no_two_slices_are_far_apart():
    verdict = judged()
    assert len(verdict.comparisons) == PAIRS
    assert verdict.outcome == "pass"
"""

PARAMETRIZED = """
import pytest


@pytest.fixture(scope="module")
def verdict():
    return judged()


@pytest.mark.parametrize("pair", range(PAIRS))
def test_two_slices_are_not_far_apart(verdict, pair):
    assert verdict.comparisons[pair].upper <= 0.4
"""


def seconds(folder: Path, text: str, tests: int) -> float:
    """Wall time of one run of pytest in a fresh process; it must pass this many tests."""
    (folder / "test_pairs.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    taken = time.perf_counter() - start
    if f"{tests} passed" not in done.stdout:
        raise SystemExit(f"{tests} tests should have passed:\n{done.stdout[-500:]}")
    return taken


def measure(slices: int, runs: int) -> Figure:
    """Both ways in turn."""
    judged = JUDGED.format(slices=slices)
    pairs = slices * (slices - 1) // 2
    ours, peers = [], []
    with tempfile.TemporaryDirectory() as name:
        for _ in range(runs):
            ours.append(seconds(Path(name), judged + INSIDE, 1))
            peers.append(seconds(Path(name), judged + PARAMETRIZED, pairs))
    return Figure(f"{pairs:,} verdicts in pytest", median(ours), "parametrize", median(peers), ">= 5")


def main() -> None:
    """Measure and print."""
    print(measure(201, 3))


if __name__ == "__main__":
    main()
