"""Correlation within people and design effects against plain analysis of variance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_audit.stats.ratios.clustering import SliceCounts, count_slices, design_effect, pooled_icc

if TYPE_CHECKING:
    from numpy.typing import NDArray


def single_images(hits: NDArray[np.float64], images: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Each person's images one by one, as zeros and ones."""
    return [
        np.concatenate([np.ones(int(k)), np.zeros(int(n - k))])
        for k, n in zip(hits, images, strict=True)
        if n > 0
    ]


def icc_by_images(slices: list[list[NDArray[np.float64]]]) -> float:
    """One-way analysis of variance on the images themselves, slice means removed."""
    between = within = size = 0.0
    df_between = df_within = 0
    for people in slices:
        every = np.concatenate(people)
        between += sum(len(y) * (y.mean() - every.mean()) ** 2 for y in people)
        within += sum(((y - y.mean()) ** 2).sum() for y in people)
        df_between += len(people) - 1
        df_within += len(every) - len(people)
        size += len(every) - sum(len(y) ** 2 for y in people) / len(every)
    mean_between, mean_within, size = between / df_between, within / df_within, size / df_between
    return max(0.0, (mean_between - mean_within) / (mean_between + (size - 1) * mean_within))


@dataclass(frozen=True)
class People:
    hits: NDArray[np.float64]
    images: NDArray[np.float64]
    level: NDArray[np.int64]


def random_people(generator: np.random.Generator) -> People:
    people = int(generator.integers(8, 40))
    level = np.sort(generator.integers(0, 3, people))
    images = generator.integers(0, 7, people).astype(float)
    rate = generator.beta(2, 3, people)
    return People(generator.binomial(images.astype(int), rate).astype(float), images, level.astype(np.int64))


def test_the_pooled_icc_is_that_of_an_analysis_of_variance_of_the_images() -> None:
    generator = np.random.default_rng(1)
    above = 0
    for _ in range(200):
        drawn = random_people(generator)
        slices = [
            single_images(drawn.hits[drawn.level == s], drawn.images[drawn.level == s])
            for s in range(3)
            if drawn.images[drawn.level == s].sum() > 0
        ]
        found = float(pooled_icc(count_slices(drawn.hits, drawn.images, drawn.level, 3)))
        assert found == pytest.approx(icc_by_images(slices), abs=1e-12)
        above += found > 0
    assert above > 100


def test_with_equal_images_the_design_effect_without_a_floor_is_one_plus_the_correlation_times_the_rest() -> (
    None
):
    hits, images = np.array([0.0, 4.0, 4.0, 0.0, 2.0, 2.0]), np.full(6, 4.0)
    counts = count_slices(hits, images, np.zeros(6, dtype=np.int64), 1)
    icc = np.array(0.3)
    implied = 1 + 3 * 0.3
    # By hand: rate 1/2, spread (4 + 4 + 4 + 4 + 0 + 0) = 16 with G/(G-1) = 6/5; p~ = (3 + .5)/7 = 1/2.
    own = 6 / 5 * 16 / (24 * 0.25)
    mixed = (10 * implied + 5 * own) / 15
    assert float(design_effect(counts, icc, 0.0)[0]) == pytest.approx(max(implied, mixed), abs=1e-12)
    assert mixed > implied


def test_a_quiet_slice_may_not_talk_the_floor_away() -> None:
    counts = count_slices(np.full(20, 2.0), np.full(20, 4.0), np.zeros(20, dtype=np.int64), 1)
    assert float(design_effect(counts, np.array(0.0), 0.2)[0]) == pytest.approx(1 + 3 * 0.2)


@pytest.mark.parametrize("hits", [np.zeros(10), np.full(10, 3.0)])
def test_nothing_varies_no_correlation(hits: NDArray[np.float64]) -> None:
    counts = count_slices(hits, np.full(10, 3.0), np.repeat([0, 1], 5).astype(np.int64), 2)
    assert float(pooled_icc(counts)) == 0.0
    assert np.isfinite(design_effect(counts, np.array(0.0), 0.2)).all()


def test_one_image_a_person_has_no_correlation_to_estimate() -> None:
    hits = np.array([0.0, 1.0] * 8)
    counts = count_slices(hits, np.ones(16), np.repeat([0, 1], 8).astype(np.int64), 2)
    assert float(pooled_icc(counts)) == 0.0
    assert (design_effect(counts, np.array(0.0), 0.2) >= 1.0).all()


def test_replicates_are_counted_as_one_by_one() -> None:
    generator = np.random.default_rng(4)
    images = generator.integers(0, 6, 30).astype(float)
    level = generator.integers(0, 3, 30).astype(np.int64)
    hits = generator.binomial(images.astype(int), 0.4, (5, 30)).astype(float)
    together = count_slices(hits, images, level, 3)
    floors = design_effect(together, pooled_icc(together), 0.1)
    for run in range(5):
        alone: SliceCounts = count_slices(hits[run], images, level, 3)
        assert pooled_icc(alone) == pytest.approx(pooled_icc(together)[run], abs=1e-12)
        assert design_effect(alone, pooled_icc(alone), 0.1) == pytest.approx(floors[run], abs=1e-12)
        assert together.event_people[run].sum() == np.sum(hits[run] > 0)
