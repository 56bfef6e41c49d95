"""Seven datasets, a fair model and two that read one slice worse, and what every tool says of them."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from tqdm import tqdm

from simulation.effects import BetaPeople
from simulation.families.availability import FACE_PLACE
from simulation.families.grids import TOLERANCE
from simulation.peers.rules import RULES, rows_of
from simulation.shapes import Strangers
from simulation.worlds import World, draw

if TYPE_CHECKING:
    from pathlib import Path

    from simulation.peers.rules import Rule

__all__ = ["CONTESTS", "RUNS", "Contest", "Score", "hold", "read_scores"]

RUNS = 100


@dataclass(frozen=True, slots=True)
class Contest:
    """A dataset on which the tools are compared.

    Attributes:
        name: as the page calls it.
        fair: a model that reads all slices equally well.
        planted: the slice that other models read worse.
    """

    name: str
    fair: World
    planted: int = 0

    def worse(self, gap: float) -> World:
        """The same with one slice read worse."""
        rates = list(self.fair.rates)
        rates[self.planted] = round(rates[self.planted] - gap, 9)
        return replace(self.fair, rates=tuple(rates))


@dataclass(frozen=True, slots=True)
class Score:
    """What one tool said on one dataset.

    Attributes:
        contest: name of the dataset.
        rule: name of the rule.
        version: of the tool; empty for what is written here.
        runs: tables of each model.
        accused: fair models called biased.
        at_edge: models called biased whose gap is the tolerance.
        found: models called biased whose gap is twice the tolerance.
        milliseconds: of one processor, a table.
    """

    contest: str
    rule: str
    version: str
    runs: int
    accused: int
    at_edge: int
    found: int
    milliseconds: float


_SOME = (BetaPeople(0.1),)
CONTESTS = (
    Contest("four slices of 60 people, one image each", World(Strangers((60,) * 4, (1, 1)), (0.85,) * 4)),
    Contest(
        "60 people in four slices, six images each",
        World(Strangers((15,) * 4, (6, 6)), (0.85,) * 4, (BetaPeople(0.2),)),
    ),
    Contest(
        "two slices of 20 people, fourteen images each, more alike",
        World(Strangers((20, 20), (14, 14)), (0.85,) * 2, (BetaPeople(0.2),)),
    ),
    Contest("RADIATE by race", World(Strangers((22, 38, 20, 28), (14, 14)), (0.85,) * 4, _SOME)),
    Contest(
        "RADIATE by race and gender",
        World(Strangers((11, 11, 20, 18, 10, 10, 15, 13), (14, 14)), (0.85,) * 8, _SOME),
    ),
    Contest("two genders of 55 and 54 people", World(Strangers((55, 54), (14, 14)), (0.95,) * 2, _SOME)),
    Contest(
        "Face-Place by race (labels differ between races)",
        World(FACE_PLACE.shape, (0.85,) * 4, _SOME, labels=FACE_PLACE.centred),
        planted=1,
    ),
)


def hold(
    path: Path,
    runs: int = RUNS,
    rules: tuple[Rule, ...] = RULES,
    contests: tuple[Contest, ...] = CONTESTS,
) -> None:
    """Ask every tool that is installed about the same tables of every dataset.

    Scores are written down one by one, and those that are there already, of the same version and number of
    runs, are not asked for again.
    """
    known = {(score.contest, score.rule, score.version, score.runs) for score in read_scores(path)}
    installed = [rule for rule in rules if rule.version is not None]
    pairs = [
        (contest, rule) for rule in sorted(installed, key=lambda rule: rule.slow) for contest in contests
    ]
    for contest, rule in tqdm(pairs, unit="score"):
        if (contest.name, rule.name, rule.version, runs) not in known:
            score = _ask(contest, rule, runs)
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(score)) + "\n")


def read_scores(path: Path) -> tuple[Score, ...]:
    """The last score of every tool on every dataset; none where there is no file."""
    if not path.exists():
        return ()
    found = [Score(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    return tuple({(score.contest, score.rule): score for score in found}.values())


def _ask(contest: Contest, rule: Rule, runs: int) -> Score:
    says = rule.load()
    start = time.process_time()
    called = []
    for gap in (0.0, TOLERANCE, 2 * TOLERANCE):
        tally = draw(contest.worse(gap), runs, _generator(f"{contest.name}: {gap:g}"))
        with warnings.catch_warnings():
            # Other projects' warnings are theirs.
            warnings.simplefilter("ignore")
            called.append(sum(says(rows_of(replace(tally, hits=hits))) for hits in tally.hits))
    spent = round(1000 * (time.process_time() - start) / (3 * runs), 1)
    return Score(contest.name, rule.name, rule.version or "", runs, called[0], called[1], called[2], spent)


def _generator(name: str) -> np.random.Generator:
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed)))
