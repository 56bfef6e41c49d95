"""How often a ratio and a permutation test are wrong, and how often they see what is there.

Answers come from a generator of this file and go through the functions that judge real predictions: ratios
with the tables on the replicate axis, permutations table by table. Seeds are fixed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import beta, binom

from fer_audit.stats.association.assessment import assess_association
from fer_audit.stats.ratios.comparison import RatioClaim, Ratios, compare_ratios
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

RUNS = 400
TABLES = 200
REARRANGEMENTS = 199
CLAIM = RatioClaim(at_most=1.25, difference=0.05)
SETTINGS = Settings()


@dataclass(frozen=True)
class World:
    """Who is photographed how often, and how often the event happens.

    Attributes:
        people: people of each slice.
        rates: rate of the event in each slice.
        images: images of a label, repeated over people.
        labels: labels, each with these images.
        alike: correlation between images of one person, by slice.
        common: share of the people of the next slice who are also in this one.
        opposed: who does well in one slice does badly in the next.
        held: probability that a person of a slice has a label, by slice and label; None for all.
    """

    people: tuple[int, ...]
    rates: tuple[float, ...]
    images: tuple[int, ...]
    labels: int = 1
    alike: tuple[float, ...] = (0.0,)
    common: float = 0.0
    opposed: bool = False
    held: tuple[tuple[float, ...], ...] | None = None


def draw(world: World, runs: int, generator: np.random.Generator) -> Tally:
    """Beta-distributed abilities; a person in several slices keeps his rank, or reverses it."""
    first, starts = 0, []
    for size in world.people:
        starts.append(first)
        first += round(size * (1 - world.common))
    person = np.concatenate(
        [start + np.arange(size) for start, size in zip(starts, world.people, strict=True)]
    )
    level = np.repeat(np.arange(len(world.people)), world.people)
    images = np.resize(np.array(world.images, dtype=float), len(person))[:, None].repeat(world.labels, 1)
    if world.held is not None:
        images = np.where(generator.random(images.shape) < np.array(world.held)[level], images, 0.0)
        images[images.sum(axis=1) == 0, 0] = world.images[0]
    rank = generator.random((runs, int(person.max()) + 1))[:, person]
    if world.opposed:
        rank = np.where(level % 2 == 1, 1 - rank, rank)
    rate = np.array(world.rates)[level]
    alike = np.resize(world.alike, len(world.people))[level]
    chance = abilities(rank, rate, alike)
    hits = generator.binomial(images.astype(int), chance[..., None], (runs, *images.shape)).astype(float)
    names = tuple(f"s{s}" for s in range(len(world.people)))
    labels = tuple(f"l{label}" for label in range(world.labels))
    return Tally(person, level, hits, images, names, labels, conditional=world.labels == 1)


def abilities(
    rank: NDArray[np.float64], rate: NDArray[np.float64], alike: NDArray[np.float64]
) -> NDArray[np.float64]:
    scale = (1 - alike) / np.maximum(alike, 1e-9)
    drawn = beta.ppf(rank, rate * scale, (1 - rate) * scale)
    return np.where(alike > 0, drawn, rate)


def judged(world: World, seed: int, runs: int = RUNS) -> Ratios:
    return compare_ratios(draw(world, runs, np.random.default_rng(seed)), CLAIM, SETTINGS)


def assert_at_most(events: int, runs: int, limit: float) -> None:
    """The count does not exclude the limit: one-sided 99.9 % binomial bound (Clopper-Pearson)."""
    assert binom.sf(events - 1, runs, limit) > 0.001, f"{events} of {runs} exclude a rate of {limit}"


FAIR = {
    "confusion, two images, people alike 0": World((22, 39, 20, 28), (0.3,) * 4, (2,)),
    "confusion, two images, people alike .2": World((22, 39, 20, 28), (0.3,) * 4, (2,), alike=(0.2,)),
    "confusion, unequal images": World((20, 20), (0.4, 0.4), (1, 2, 3, 12), alike=(0.1,)),
    "accuracy over seven labels": World((11, 18, 20, 10), (0.85,) * 4, (2,), labels=7, alike=(0.2,)),
    "the same people": World((24, 24, 24), (0.5,) * 3, (4,), alike=(0.2,), common=1.0),
    "some of the same people": World((24, 24), (0.5, 0.5), (4,), alike=(0.2,), common=0.5),
}


@pytest.mark.parametrize("name", FAIR)
def test_a_fair_world_fails_in_at_most_5_percent(name: str) -> None:
    found = judged(FAIR[name], seed=1)
    assert_at_most(int(found.fails.any(axis=-1).sum()), RUNS, 0.05)
    assert not (found.fails.any(axis=-1) & found.passes.all(axis=-1)).any()


# Each lies on the edge of the claim: the ratio is 1.25 and the difference at least .05, or the reverse.
EDGE = {
    "ratio, common event": World((40, 40), (0.8, 0.64), (2,), alike=(0.2,)),
    "ratio, eight against sixty": World((60, 8), (0.75, 0.6), (16,), alike=(0.1,)),
    "difference, rare event": World((40, 40), (0.08, 0.03), (4,), alike=(0.1,)),
    "corner, where both routes to PASS meet": World((150, 150), (0.25, 0.2), (4,), alike=(0.05,)),
    "accuracy over seven labels": World((30, 20), (0.9, 0.72), (1,), labels=7, alike=(0.2,)),
    "the same people": World((48, 48), (0.75, 0.6), (4,), alike=(0.2,), common=1.0),
    "the same people at the corner": World((48, 48), (0.25, 0.2), (8,), alike=(0.05,), common=1.0),
    "some of the same people": World((40, 40), (0.75, 0.6), (4,), alike=(0.2,), common=0.5),
    "some who do well in one and badly in the other": World(
        (40, 40), (0.75, 0.6), (8,), alike=(0.2,), common=0.5, opposed=True
    ),
}


@pytest.mark.parametrize("name", EDGE)
def test_on_the_edge_of_the_claim_neither_fail_nor_pass_exceeds_its_limit(name: str) -> None:
    found = judged(EDGE[name], seed=2)
    corner = "corner" in name or "same people" in name
    assert_at_most(int(found.fails.any(axis=-1).sum()), RUNS, 0.05)
    assert_at_most(int(found.passes.all(axis=-1).sum()), RUNS, 0.065 if corner else 0.055)


def test_a_large_ratio_in_one_slice_fails_and_the_pair_is_named() -> None:
    world = World((25, 25, 20, 30), (0.2, 0.2, 0.75, 0.2), (4,), alike=(0.1,))
    found = judged(world, seed=3)
    layout = found.differences.layout
    with_it = (layout.first == 2) | (layout.second == 2)
    assert found.fails.any(axis=-1).mean() >= 0.9
    assert found.fails[:, with_it].sum() > 0
    assert_at_most(int(found.fails[:, ~with_it].any(axis=-1).sum()), RUNS, 0.05)


def test_equal_rates_of_many_people_pass() -> None:
    world = World((200, 200), (0.5, 0.5), (4,), alike=(0.1,))
    assert judged(world, seed=4, runs=200).passes.all(axis=-1).mean() >= 0.9


def detected(world: World, seed: int, tables: int = TABLES) -> int:
    tally = draw(world, tables, np.random.default_rng(seed))
    return sum(
        assess_association(
            replace(tally, hits=hits), 0.05, SETTINGS, criterion="c", version="v", replicates=REARRANGEMENTS
        ).detected
        for hits in tally.hits
    )


ALL, SOME = (1.0,) * 4, (0.4, 0.6, 0.9, 0.9)
UNASSOCIATED = {
    "four slices, people alike 0": World((22, 26, 20, 28), (0.8,) * 4, (2,), labels=3),
    "four slices, people alike .2": World((22, 26, 20, 28), (0.9,) * 4, (2,), labels=3, alike=(0.2,)),
    "two equal slices, one noisier": World((20, 20), (0.85,) * 2, (16,), alike=(0.02, 0.2)),
    "a small noisy slice": World((60, 10), (0.85,) * 2, (16,), alike=(0.02, 0.3)),
    "labels that one slice lacks": World(
        (40, 30), (0.7,) * 2, (2,), labels=4, alike=(0.1,), held=(ALL, SOME)
    ),
    "the same people": World((20, 20, 20), (0.7,) * 3, (4,), alike=(0.2,), common=1.0),
    "some of the same people": World((24, 24), (0.7,) * 2, (4,), alike=(0.2,), common=0.5),
}


@pytest.mark.parametrize("name", UNASSOCIATED)
def test_where_nothing_is_associated_at_most_5_percent_are_detected(name: str) -> None:
    assert_at_most(detected(UNASSOCIATED[name], seed=5), TABLES, 0.05)


def test_slices_that_differ_in_images_by_less_than_twice_are_exchanged_with_care() -> None:
    """Three images of people alike against six of others: without confirmation 11 % would be detected."""
    world = World((20, 28), (0.95,) * 2, (3,) * 20 + (6,) * 28, alike=(0.3, 0.02))
    assert_at_most(detected(world, seed=5, tables=600), 600, 0.05)


@pytest.mark.parametrize(
    "world",
    [
        World((22, 26, 20, 28), (0.6, 0.8, 0.8, 0.8), (2,), labels=3, alike=(0.1,)),
        World((60, 15), (0.9, 0.55), (8,), alike=(0.1,)),
        World((20, 28), (0.6, 0.9), (3,) * 20 + (6,) * 28, alike=(0.1,)),
        World((24, 24), (0.75, 0.6), (8,), alike=(0.2,), common=1.0),
    ],
)
def test_a_planted_association_is_detected(world: World) -> None:
    assert detected(world, seed=6) >= 0.8 * TABLES
