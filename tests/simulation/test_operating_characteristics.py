"""How often the engine is wrong, and how often it sees what is there: 200 tables a design, one fixed seed.

Answers come from a generator of this file, not from the package's own, and go through the functions that
judge real predictions, with the tables on the replicate axis.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import beta, binom

from fer_audit.records import Slicing
from fer_audit.results import Outcome
from fer_audit.stats.counts import Counts
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.measures import accuracy
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally
from fer_audit.stats.verdicts.gap import judge_gap

if TYPE_CHECKING:
    from numpy.typing import NDArray

RUNS = 200
TOLERANCE = 0.1


@dataclass(frozen=True)
class Design:
    """Who is photographed how often, and how well each slice is read.

    Attributes:
        people: people of each slice.
        images: fewest and most images of a label a person.
        rates: accuracy by label, in every slice.
        alike: correlation between images of one person.
        paired: the same people in every slice.
        held: probability that a person of an odd slice has a label; even slices have all of them.
    """

    people: tuple[int, ...]
    images: tuple[int, int]
    rates: tuple[float, ...]
    alike: float = 0.0
    paired: bool = False
    held: float = 1.0


DESIGNS = {
    "two groups of unequal images, accuracy .5": Design((55, 54), (2, 20), (0.5,), alike=0.2),
    "four groups with other label mixes": Design(
        (22, 39, 20, 28), (1, 3), (0.98, 0.85, 0.5, 0.9), alike=0.2, held=0.7
    ),
    "eight small groups, accuracy .98": Design((10, 12, 19, 19, 10, 10, 15, 13), (16, 16), (0.98,)),
    "twins of four tones, accuracy .58": Design(
        (48, 48, 48, 48), (1, 1), (0.58,) * 7, alike=0.2, paired=True
    ),
}


def simulate(design: Design, shifts: NDArray[np.float64], seed: int, runs: int = RUNS) -> Tally:
    """Beta-binomial people for one label, logit-normal ones for several; shifts lower a slice's accuracy."""
    generator = np.random.default_rng(seed)
    slices, sizes = len(design.people), np.array(design.people)
    level = np.repeat(np.arange(slices), sizes)
    person = np.concatenate([np.arange(n) for n in sizes]) if design.paired else np.arange(sizes.sum())
    low, high = design.images
    images = generator.integers(low, high + 1, (len(level), len(design.rates)))
    images *= (level % 2 == 0)[:, None] | (generator.random(images.shape) < design.held)
    rate = np.array(design.rates)[None, :] - shifts[level][:, None]
    people = int(person.max()) + 1
    if len(design.rates) > 1:
        chance = logit_normal(rate, design.alike, generator.standard_normal((runs, people))[:, person])
    elif design.alike:
        scale = 1 / design.alike - 1
        chance = generator.beta(rate * scale, (1 - rate) * scale, (runs, len(level), 1))
    else:
        chance = np.broadcast_to(rate, (runs, *rate.shape))
    return Tally(
        person=person.astype(np.int64),
        level=level.astype(np.int64),
        hits=generator.binomial(images, chance).astype(np.float64),
        images=images.astype(np.float64),
        levels=tuple(f"s{s}" for s in range(slices)),
        labels=tuple(f"l{label}" for label in range(len(design.rates))),
    )


def logit_normal(rate: NDArray[np.float64], alike: float, person: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chances of people whose mean is the rate and whose correlation at a rate of one half is about ``alike``."""
    scale = np.sqrt(alike / (0.25 - alike * 0.25 * 0.55)) if alike else 0.0
    node, weight = np.polynomial.hermite_e.hermegauss(41)
    low, high = np.full(rate.shape, -20.0), np.full(rate.shape, 20.0)
    for _ in range(60):
        middle = (low + high) / 2
        mean = (expit(middle[..., None] + scale * node) * weight).sum(-1) / weight.sum()
        low, high = np.where(mean < rate, middle, low), np.where(mean < rate, high, middle)
    return np.asarray(expit(low + scale * person[..., None]))


@dataclass(frozen=True)
class Rates:
    """How many of the tables FAIL, how many PASS, how many both."""

    failed: NDArray[np.bool_]
    passed: NDArray[np.bool_]


def outcomes(tally: Tally) -> Rates:
    found = compare(tally, Settings())
    assert found.compared.all()
    return Rates(
        np.asarray((found.lower > TOLERANCE).any(-1)), np.asarray((found.upper <= TOLERANCE).all(-1))
    )


def exceeds(count: int, limit: float, runs: int = RUNS) -> bool:
    """The exact one-sided 99.9 % bound of the observed proportion lies above the limit."""
    return count > 0 and float(beta.ppf(0.001, count, runs - count + 1)) > limit


def test_the_limit_is_an_exact_binomial_one() -> None:
    """Of 200 runs at a true rate of 5 %, as many as the first count that excludes it have probability < .001."""
    first = next(count for count in range(RUNS) if exceeds(count, 0.05))
    assert binom.sf(first - 1, RUNS, 0.05) < 0.001 <= binom.sf(first - 2, RUNS, 0.05)


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("alike", [0.0, 0.2])
def test_a_fair_model_seldom_fails(name: str, alike: float) -> None:
    design = replace(DESIGNS[name], alike=alike)
    found = outcomes(simulate(design, np.zeros(len(design.people)), seed=1))
    assert not exceeds(int(found.failed.sum()), 0.05)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_gap_at_the_tolerance_seldom_fails_and_seldom_passes(name: str) -> None:
    design = DESIGNS[name]
    shifts = np.zeros(len(design.people))
    shifts[0] = TOLERANCE
    found = outcomes(simulate(design, shifts, seed=2))
    assert not exceeds(int(found.failed.sum()), 0.05)
    assert not exceeds(int(found.passed.sum()), 0.065 if design.paired else 0.055)
    assert not (found.failed & found.passed).any()


@pytest.mark.parametrize("paired", [False, True])
def test_thirty_points_in_one_slice_are_found_and_named(paired: bool) -> None:
    design = Design((24, 30, 20, 28), (8, 16), (0.95,), alike=0.1)
    if paired:
        design = replace(design, people=(24,) * 4)
    tally = simulate(replace(design, paired=paired), np.array([0, 0, 0.3, 0]), seed=3)
    found = compare(tally, Settings())
    failed = (found.lower > TOLERANCE).any(-1)
    worst = np.where(found.lower == found.lower.max(-1, keepdims=True), 1, 0).argmax(-1)
    named = (found.layout.first[worst] == 2) | (found.layout.second[worst] == 2)
    assert (failed & named).sum() >= 0.9 * RUNS


def table_of(tally: Tally, run: int) -> Counts:
    """One replicate as counts, so that it can be judged as predictions are."""
    labels = len(tally.labels)
    cells = np.zeros((len(tally.person), labels, labels + 1 + 5))
    cells[:, np.arange(labels), np.arange(labels)] = tally.hits[run]
    cells[:, :, labels] = tally.images - tally.hits[run]
    return Counts(
        person=tally.person,
        level=tally.level,
        cells=cells,
        people=tuple(map(str, range(int(tally.person.max()) + 1))),
        levels=tally.levels,
        labels=tally.labels,
        predicted=(*tally.labels, "other"),
        slicing=Slicing(("group",)),
    )


@pytest.mark.parametrize("name", DESIGNS)
def test_the_replicates_reach_the_outcomes_that_judging_one_by_one_does(name: str) -> None:
    design = DESIGNS[name]
    shifts = np.linspace(0, 0.25, len(design.people)) * (np.arange(len(design.people)) % 2)
    tally = simulate(design, shifts, seed=4, runs=20)
    found = outcomes(tally)
    for run in range(20):
        verdict = judge_gap(table_of(tally, run), accuracy, TOLERANCE, Settings(), criterion="", plan=False)
        assert (verdict.outcome is Outcome.FAIL) == found.failed[run]
        assert (verdict.outcome is Outcome.PASS) == found.passed[run]


def test_twelve_people_in_four_slices_are_inconclusive_with_a_number() -> None:
    tally = simulate(Design((3, 3, 3, 3), (16, 16), (0.9,), alike=0.1), np.zeros(4), seed=5, runs=5)
    for run in range(5):
        verdict = judge_gap(table_of(tally, run), accuracy, TOLERANCE, Settings(), criterion="")
        assert verdict.outcome is Outcome.INCONCLUSIVE
        assert len(verdict.not_assessable) == 4
        assert set(verdict.people_needed) == set(tally.levels)
        assert min(verdict.people_needed.values()) >= 8


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_people_printed_have_the_power_that_is_promised(seed: int) -> None:
    """The promise is "if the truth is as observed": that truth, drawn anew by this file's generator."""
    shape = Design((16, 16), (16, 16), (0.9,), alike=0.1)
    drawn = simulate(shape, np.array([0.0, 0.25]), seed=seed, runs=200)
    found = compare(drawn, Settings())
    undecided = (found.lower[:, 0] < TOLERANCE) & (found.alike[:, 0] > 0.05) & (found.difference[:, 0] > 0.2)
    verdict = judge_gap(
        table_of(drawn, int(np.flatnonzero(undecided)[0])), accuracy, TOLERANCE, Settings(), criterion=""
    )
    (seen,) = verdict.comparisons
    people = verdict.people_needed[seen.a]
    truth = Design((people, people), (16, 16), (seen.value_a,), alike=seen.correlation)
    again = outcomes(simulate(truth, np.array([0.0, seen.estimate]), seed=100 + seed, runs=2000))
    assert 0.7 <= again.failed.mean() <= 0.9


@pytest.mark.parametrize(
    ("design", "shift", "least_passed", "least_failed"),
    [
        (Design((55, 54), (16, 16), (0.95,), alike=0.1), 0.2, 0.95, 0.85),
        (Design((20, 20), (16, 16), (0.95,), alike=0.1), 0.2, 0.65, 0.4),
    ],
    ids=["two groups of 55", "two groups of 20"],
)
def test_power_is_what_was_measured_when_the_method_was_chosen(
    design: Design, shift: float, least_passed: float, least_failed: float
) -> None:
    """1.00 and .95 for groups of 55, .75 and .51 for groups of 20, each with room for 200 runs' noise."""
    fair = outcomes(simulate(design, np.zeros(2), seed=8))
    unfair = outcomes(simulate(design, np.array([shift, 0]), seed=9))
    assert fair.passed.mean() >= least_passed
    assert unfair.failed.mean() >= least_failed
