from __future__ import annotations

from dataclasses import replace
from itertools import combinations, permutations, product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from count_tables import counts_from, random_counts
from scipy import stats

import fer_audit
from fer_audit import accuracy, recall, refusals
from fer_audit.errors import ConfigurationError, DataError
from fer_audit.stats.resampling import (
    bootstrap,
    bootstrap_images,
    bootstrap_people,
    permutation,
    permute_images,
    permute_people,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from fer_audit.stats.counts import Counts

    Resampling = Callable[..., NDArray[np.float64]]

FOUR = (bootstrap_images, bootstrap_people, permute_images, permute_people)
WAYS = {"by types": 0, "one by one": 10**9}


def one_label(hits: Sequence[int], images: Sequence[int], level: Sequence[int]) -> Counts:
    right, number = np.array(hits), np.array(images)
    return counts_from(range(len(level)), level, np.stack([right, number - right], axis=-1)[:, None, :])


def agrees(found: NDArray[np.float64], expected: Iterable[Sequence[float]]) -> bool:
    """Whether draws come from the list of equally probable outcomes: chi-square at one in ten thousand."""
    outcomes, weight = np.unique(np.round(list(expected), 9), axis=0, return_counts=True)
    seen, times = np.unique(np.round(found, 9), axis=0, return_counts=True)
    place = {tuple(row): i for i, row in enumerate(outcomes.tolist())}
    observed = np.zeros(len(outcomes))
    for row, number in zip(seen.tolist(), times.tolist(), strict=True):
        observed[place[tuple(row)]] = number
    return bool(stats.chisquare(observed, weight / weight.sum() * len(found)).pvalue > 1e-4)


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (bootstrap, permutation):
        monkeypatch.setattr(module, "_PEOPLE_A_DRAW", request.param)


@pytest.mark.usefixtures("_either_way")
def test_people_drawn_again_are_all_samples_of_them_alike() -> None:
    counts = one_label([1, 2, 0, 3, 1], [2, 2, 3, 3, 2], [0, 0, 0, 1, 1])
    rates = np.array([1 / 2, 1, 0]), np.array([1, 1 / 2])
    every = [
        (rates[0][list(a)].mean(), rates[1][list(b)].mean())
        for a in product(range(3), repeat=3)
        for b in product(range(2), repeat=2)
    ]
    assert agrees(bootstrap_people(counts, recall("l0"), replicates=20_000, seed=1), every)


@pytest.mark.usefixtures("_either_way")
def test_people_dealt_out_are_in_every_arrangement_alike() -> None:
    counts = one_label([1, 2, 0, 3, 1, 1], [2, 2, 3, 3, 2, 3], [0, 0, 0, 1, 1, 2])
    rates = np.array([1 / 2, 1, 0, 1, 1 / 2, 1 / 3])
    every = []
    for first in combinations(range(6), 3):
        for second in combinations(sorted(set(range(6)) - set(first)), 2):
            (third,) = set(range(6)) - set(first) - set(second)
            every.append((rates[list(first)].mean(), rates[list(second)].mean(), rates[third]))
    assert agrees(permute_people(counts, recall("l0"), replicates=20_000, seed=2), every)


def test_twins_change_places_with_themselves() -> None:
    table = np.array([[2, 0], [0, 2], [1, 1], [1, 1], [0, 2], [2, 0]])[:, None, :]
    counts = counts_from([0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1], table)
    own = np.array([[1, 0], [0.5, 0.5], [0, 1]])
    every = [
        np.mean([own[i][list(turn)] for i, turn in enumerate(turns)], axis=0)
        for turns in product(permutations(range(2)), repeat=3)
    ]
    assert agrees(permute_people(counts, recall("l0"), replicates=20_000, seed=3), [tuple(e) for e in every])


def test_twins_stay_pairs_when_people_are_drawn() -> None:
    counts = random_counts(np.random.default_rng(0), (12, 12), twins=True, labels=1)
    table = counts.cells.copy()
    table[12:] = table[:12]
    drawn = bootstrap_people(replace(counts, cells=table), recall("l0"), replicates=200, seed=4)
    np.testing.assert_allclose(drawn[:, 0], drawn[:, 1])
    assert drawn[:, 0].std() > 0


@pytest.mark.usefixtures("_either_way")
def test_labels_that_some_lack_are_averaged_over_those_who_have_them() -> None:
    counts = random_counts(np.random.default_rng(7), (9, 8), labels=2, missing=0.3)
    generator = np.random.default_rng(8)
    tally = accuracy.tally(counts)
    has, answer = tally.images > 0, tally.hits / np.maximum(tally.images, 1)
    textbook = np.empty((4000, 2))
    kept = has.any(axis=1)
    for replicate in textbook:
        for slice_ in range(2):
            members = np.flatnonzero((tally.level == slice_) & kept)
            drawn = generator.choice(members, len(members))
            labels = has[drawn].any(axis=0)
            rates = answer[drawn].sum(axis=0)[labels] / has[drawn].sum(axis=0)[labels]
            replicate[slice_] = rates.mean()
    found = bootstrap_people(counts, accuracy, replicates=4000, seed=9)
    for slice_ in range(2):
        assert stats.ks_2samp(found[:, slice_], textbook[:, slice_]).pvalue > 1e-4


def test_images_drawn_again_are_distributed_as_scipys() -> None:
    counts = one_label([40, 30], [60, 90], [0, 1])
    found = bootstrap_images(counts, recall("l0"), replicates=5000, seed=5)
    data = [np.repeat([1.0, 0.0], [40, 20]), np.repeat([1.0, 0.0], [30, 60])]
    peer = stats.bootstrap(
        data,
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        n_resamples=5000,
        method="percentile",
        random_state=6,
    )
    gap = found[:, 0] - found[:, 1]
    assert abs(gap.mean() - (40 / 60 - 30 / 90)) < 0.005
    assert gap.std() == pytest.approx(peer.bootstrap_distribution.std(), rel=0.05)
    exact = np.sqrt(40 * 20 / 60**3 + 30 * 60 / 90**3)
    assert gap.std() == pytest.approx(exact, rel=0.05)


def test_images_of_several_labels_are_drawn_together() -> None:
    table = np.array([[[30, 5, 5], [1, 6, 3]], [[8, 2, 0], [0, 25, 5]]])
    counts = counts_from([0, 1], [0, 1], table)
    found = bootstrap_images(counts, accuracy, replicates=20_000, seed=6)
    for slice_, right in enumerate([(30, 6), (8, 25)]):
        images = table[slice_].sum(axis=1)
        rates = np.array(right) / images
        # The variance of a ratio estimate, label by label; labels are independent to first order.
        first_order = np.sqrt((rates * (1 - rates) / images).sum() / 4)
        assert found[:, slice_].mean() == pytest.approx(rates.mean(), abs=0.004)
        assert found[:, slice_].std() == pytest.approx(first_order, rel=0.08)


def test_images_dealt_out_have_the_hypergeometric_distribution() -> None:
    counts = one_label([5, 3], [7, 9], [0, 1])
    found = permute_images(counts, recall("l0"), replicates=20_000, seed=7)
    hits = np.rint(found[:, 0] * 7).astype(int)
    np.testing.assert_allclose(hits + np.rint(found[:, 1] * 9), 8)
    expected = stats.hypergeom(16, 8, 7).pmf(np.arange(8)) * 20_000
    assert stats.chisquare(np.bincount(hits, minlength=8), expected).pvalue > 1e-4


def test_people_permuted_agree_with_scipys_p() -> None:
    counts = random_counts(np.random.default_rng(11), (30, 40), labels=1, images=5)
    tally = recall("l0").tally(counts)
    rate = (tally.hits / tally.images)[:, 0]
    data = rate[tally.level == 0], rate[tally.level == 1]
    peer = stats.permutation_test(
        data,
        lambda a, b, axis: a.mean(axis) - b.mean(axis),
        n_resamples=20_000,
        vectorized=True,
        random_state=1,
    )
    drawn = permute_people(counts, recall("l0"), replicates=20_000, seed=12)
    gap, observed = np.abs(drawn[:, 0] - drawn[:, 1]), abs(data[0].mean() - data[1].mean())
    assert float(np.mean(gap >= observed - 1e-12)) == pytest.approx(peer.pvalue, abs=0.02)


@pytest.mark.parametrize("function", FOUR)
def test_the_same_seed_gives_the_same_draws(function: Resampling) -> None:
    counts = random_counts(np.random.default_rng(1), (9, 9))
    one, again = (function(counts, accuracy, replicates=7, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one, again)
    assert one.shape == (7, 2)
    generator = np.random.default_rng(3)
    np.testing.assert_array_equal(function(counts, accuracy, replicates=7, seed=generator), one)
    assert (function(counts, accuracy, replicates=7, seed=generator) != one).any()


@pytest.mark.parametrize("function", FOUR)
def test_all_right_all_wrong_one_person_and_no_images(function: Resampling) -> None:
    table = np.array([[[3, 0]], [[2, 0]], [[0, 4]], [[0, 1]], [[0, 2]], [[0, 0]]])
    counts = counts_from([0, 1, 2, 3, 4, 5], [0, 0, 0, 1, 2, 3], table)
    drawn = function(counts, recall("l0"), replicates=50, seed=0)
    assert np.isnan(drawn[:, 3]).all()
    assert ((drawn[:, :3] >= 0) & (drawn[:, :3] <= 1)).all()
    if function in {bootstrap_images, bootstrap_people}:
        assert (drawn[:, 1:3] == 0).all()
    everything = counts_from([0, 1, 2], [0, 1, 1], np.array([[[3, 0]], [[2, 0]], [[4, 0]]]))
    assert (function(everything, recall("l0"), replicates=5, seed=0) == 1).all()
    assert (function(everything, refusals, replicates=5, seed=0) == 0).all()


@pytest.mark.parametrize("function", FOUR)
def test_no_replicates_are_refused(function: Resampling) -> None:
    counts = random_counts(np.random.default_rng(1), (9, 9))
    with pytest.raises(ConfigurationError) as raised:
        function(counts, accuracy, replicates=0, seed=3)
    assert str(raised.value) == "0 replicates cannot be drawn; ask for 1 or more, e.g. 1000"


@pytest.mark.parametrize("function", [bootstrap_images, permute_images])
def test_an_image_that_is_right_in_part_is_not_drawn(function: Resampling) -> None:
    counts = random_counts(np.random.default_rng(1), (9, 9))
    halves = replace(counts, cells=counts.cells / 2)
    with pytest.raises(DataError) as raised:
        function(halves, accuracy, replicates=5, seed=3)
    assert "people have images that were answered differently when asked again" in str(raised.value)
    assert str(raised.value).endswith("draw people instead (bootstrap_people, permute_people)")


def test_they_are_named_in_the_package() -> None:
    assert fer_audit.bootstrap_people is bootstrap_people
    assert fer_audit.permute_images is permute_images
