"""Error rates of the whole way, from the scripted model's answers to the outcome, in process.

Every world is asked, counted and judged by the code that an audit runs. A limit fails only where an exact
binomial test at 0.1 % says that the true rate lies beyond it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import binom

from fer_audit.audit import Audit
from fer_audit.criteria import Gap
from fer_audit.datasets import DatasetSpec
from fer_audit.inference import gather
from fer_audit.models import oracle
from fer_audit.records import Face
from fer_audit.results import Outcome
from fer_audit.stats.measures import accuracy, refusals
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fer_audit.results import Verdict
    from fer_audit.stats.measures import Measure

SEEDS = 200
# What is found nearly always needs fewer.
PLANTED_SEEDS = 100
LABELS = ("anger", "fear", "happiness", "neutral", "sadness")


@dataclass(frozen=True, slots=True)
class World:
    """A list of faces in memory: the scripted model needs no picture."""

    faces: tuple[Face, ...]
    labels: tuple[str, ...] = LABELS

    @property
    def details(self) -> Mapping[str, str]:
        return {}

    def read(self, image: str, /) -> bytes:
        raise FileNotFoundError(image)


def unpaired(people: tuple[int, ...], images: tuple[int, int], *, mixed: bool = False) -> World:
    """Slices of different people with unequal numbers of images, and unequal mixes of labels if asked."""
    rng = np.random.default_rng(7)
    faces = []
    for level, count in enumerate(people):
        # In a mix, each slice has most of its images in another label, and some people lack one.
        weights = np.ones(len(LABELS))
        if mixed:
            weights[level % len(LABELS)] = 5
        for person in range(count):
            number = int(rng.integers(images[0], images[1] + 1))
            drawn = rng.choice(len(LABELS), number, p=weights / weights.sum())
            faces += [
                Face(f"{level}-{person}-{i}", f"p{level}-{person}", LABELS[code], {"group": f"g{level}"})
                for i, code in enumerate(drawn)
            ]
    return World(tuple(faces))


def paired(people: int, levels: int) -> World:
    """The same people in every level, once with each label."""
    faces = [
        Face(f"{person}-{level}-{label}", f"p{person}", label, {"group": f"g{level}"})
        for person in range(people)
        for level in range(levels)
        for label in LABELS
    ]
    return World(tuple(faces))


def verdict(world: World, script: str, store: Path, measure: Measure, tolerance: float) -> Verdict:
    spec = DatasetSpec("world", lambda: world, ("group",))
    audit = Audit(gather(oracle("oracle", script), spec, PredictionStore(store)), "group")
    return judge_gap(audit.counts, measure, tolerance, Settings(), criterion="", plan=False)


def most(rate: float, seeds: int = SEEDS) -> int:
    """The largest count that an event of this rate reaches with more than 0.1 % probability."""
    return int(binom.isf(0.001, seeds, rate))


def least(rate: float) -> int:
    return int(binom.ppf(0.001, PLANTED_SEEDS, rate))


FAIR = {
    "four slices, independent images": (unpaired((20, 20, 20, 20), (2, 8)), "error=.15,icc=0"),
    "two unequal slices, mixed labels, correlated": (
        unpaired((30, 15), (4, 12), mixed=True),
        "error=.5,icc=.2",
    ),
    "the same people in four levels, correlated": (paired(24, 4), "error=.3,icc=.2"),
    "four slices near perfection, correlated": (unpaired((30, 24, 30, 20), (4, 16)), "error=.02,icc=.2"),
}


@pytest.mark.parametrize("design", FAIR)
def test_a_fair_model_fails_in_at_most_five_percent(design: str, tmp_path: Path) -> None:
    world, script = FAIR[design]
    outcomes = Counter(
        verdict(world, f"{script},seed={seed}", tmp_path, accuracy, 0.01).outcome for seed in range(SEEDS)
    )
    assert outcomes.total() == SEEDS
    assert outcomes[Outcome.FAIL] <= most(0.05)
    # One point of tolerance is more than these people can show: nothing may pass by luck.
    assert outcomes[Outcome.PASS] <= most(0.05)


PLANTED = {
    "independent images": (unpaired((24, 24, 24, 24), (6, 10)), "error=.1,icc=0,group.g2=.4"),
    "correlated": (unpaired((30, 30, 30, 30), (8, 12)), "error=.1,icc=.1,group.g2=.4"),
    "the same people": (paired(30, 4), "error=.1,icc=.2,group.g2=.4"),
}


@pytest.mark.parametrize("design", PLANTED)
def test_a_planted_gap_fails_and_names_its_slice(design: str, tmp_path: Path) -> None:
    world, script = PLANTED[design]
    named = 0
    for seed in range(PLANTED_SEEDS):
        found = verdict(world, f"{script},seed={seed}", tmp_path, accuracy, 0.10)
        worst = max(found.comparisons, key=lambda pair: pair.lower)
        named += found.outcome is Outcome.FAIL and worst.b == "g2"
    assert named >= least(0.9)


def test_planted_refusals_fail_refusals_and_accuracy_but_not_accuracy_among_answers(tmp_path: Path) -> None:
    world = unpaired((30, 30, 30, 30), (8, 12))
    counts = {name: Counter[Outcome]() for name in ("refusals", "accuracy", "answered")}
    for seed in range(PLANTED_SEEDS):
        script = f"error=.05,icc=.1,refuse.group.g1=.4,seed={seed}"
        spec = DatasetSpec("world", lambda: world, ("group",))
        audit = Audit(gather(oracle("oracle", script), spec, PredictionStore(tmp_path)), "group")
        for name, measure in (
            ("refusals", refusals),
            ("accuracy", accuracy),
            ("answered", accuracy.answered),
        ):
            found = judge_gap(audit.counts, measure, 0.05, Settings(), criterion="", plan=False)
            counts[name][found.outcome] += 1
    assert counts["refusals"][Outcome.FAIL] >= least(0.9)
    assert counts["accuracy"][Outcome.FAIL] >= least(0.9)
    assert counts["answered"][Outcome.FAIL] <= most(0.05, PLANTED_SEEDS)


@pytest.mark.parametrize("seed", range(5))
def test_twelve_people_in_four_slices_are_inconclusive_with_a_number(seed: int, tmp_path: Path) -> None:
    world = unpaired((3, 3, 3, 3), (10, 14))
    spec = DatasetSpec("world", lambda: world, ("group",))
    model = oracle("oracle", f"error=.2,icc=.1,group.g0=.5,seed={seed}")
    found = Audit(gather(model, spec, PredictionStore(tmp_path)), "group").judge(Gap(accuracy, at_most=0.10))
    assert found.outcome is Outcome.INCONCLUSIVE
    assert {item.name for item in found.not_assessable} >= {"g0", "g1", "g2", "g3"}
    assert found.people_needed
    assert all(number >= 8 for number in found.people_needed.values())
