from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prediction_tables import random_tally, tally_of
from scipy.stats import studentized_range, t

from fer_audit.stats.differences.engine import adjusted_p, compare
from fer_audit.stats.differences.layout import PairKind, lay_out
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

KINDS = list(PairKind)


def test_replicates_are_bounded_as_one_by_one() -> None:
    """Fifty layouts of four replicates each: 200 tables."""
    generator = np.random.default_rng(11)
    seen = set()
    for _ in range(50):
        tally = random_tally(generator, runs=4)
        together = compare(tally, Settings())
        for run in range(4):
            alone = compare(replace(tally, hits=tally.hits[run]), Settings())
            for name in ("difference", "lower", "upper", "error", "freedom", "alike"):
                np.testing.assert_allclose(
                    getattr(together, name)[run], getattr(alone, name), rtol=1e-10, atol=1e-11, err_msg=name
                )
            seen |= {KINDS[kind] for kind in alone.kind[alone.compared]}
    assert seen == set(PairKind)


def twins(differences: list[int]) -> tuple[list[int], list[int], NDArray[np.float64], NDArray[np.float64]]:
    people = len(differences)
    base = np.full(people, 4.0)
    hits = np.concatenate([base + np.array(differences), base])[:, None]
    return [*range(people)] * 2, [0] * people + [1] * people, hits, np.full((2 * people, 1), 10.0)


def test_twins_are_judged_by_their_own_differences() -> None:
    """The paired t bounds written out, with Johnson's skewness term."""
    shifts = [5, 0, 1, -1, 2, 0, 6, 1, 0, 2]
    found = compare(tally_of(*twins(shifts)), Settings())
    d = np.array(shifts) / 10
    gap, variance = d.mean(), d.var(ddof=1)
    assert KINDS[found.kind[0]] is PairKind.SHARED
    assert found.difference[0] == pytest.approx(gap)
    assert found.error[0] == pytest.approx(np.sqrt(variance / 10))
    assert found.freedom[0] == 9
    assert found.lower[0] == pytest.approx(gap - t.ppf(0.975, 9) * np.sqrt(variance / 10))
    z = t.ppf(0.95, 9)
    third = ((d - gap) ** 3).mean() * (10 / 9) ** 1.5
    expected = gap + z * np.sqrt(variance / 10) + third * (1 + 2 * z**2) / (6 * 10 * variance)
    assert third > 0
    assert found.upper[0] == pytest.approx(expected)


def test_a_tail_away_from_the_gap_adds_nothing() -> None:
    shifts = [2, 2, 2, 2, 2, 2, 2, 2, 2, -6]
    d = np.array(shifts) / 10
    found = compare(tally_of(*twins(shifts)), Settings())
    assert found.upper[0] == pytest.approx(d.mean() + t.ppf(0.95, 9) * np.sqrt(d.var(ddof=1) / 10))


def test_twins_that_never_differ_keep_the_floor_of_people_not_sampled() -> None:
    """With no difference at all delta solves delta^2 = t^2 delta (1 - delta) (1 + .2 (m - 1)) / (m G)."""
    found = compare(tally_of(*twins([0] * 12)), Settings())
    c = t.ppf(0.95, 11) ** 2 * (1 + 0.2 * 9) / 10 / 12
    assert found.error[0] == 0
    assert found.lower[0] == 0
    assert found.upper[0] == pytest.approx(c / (1 + c))


def test_a_label_counts_for_the_twins_who_have_it_on_both_sides() -> None:
    people = 12
    images = np.ones((2 * people, 2))
    images[0, 1] = 0  # the first person lacks the second label in the first slice
    hits = np.zeros_like(images)
    hits[: people // 2, 0] = 1
    hits[people:, 1] = np.arange(people) == 0
    found = compare(tally_of([*range(people)] * 2, [0] * people + [1] * people, hits, images), Settings())
    # The one hit of the second slice's second label belongs to the person who lacks it in the first.
    assert found.difference[0] == pytest.approx((0.5 + 0) / 2)
    assert found.images[0].tolist() == [23, 23]


def test_slices_that_share_some_people_are_compared_over_their_union() -> None:
    """The variance is the sum of squared influence values, person by person."""
    generator = np.random.default_rng(5)
    person = [*range(12), *range(4, 18)]
    level = [0] * 12 + [1] * 14
    hits = generator.binomial(5, 0.6, (26, 1)).astype(float)
    found = compare(tally_of(person, level, hits, np.full((26, 1), 5.0)), Settings())
    y = hits[:, 0] / 5
    influence = dict.fromkeys(range(18), 0.0)
    for p, s, value in zip(person, level, y, strict=True):
        mine = y[np.array(level) == s]
        size = len(mine)
        share = (value - mine.mean()) * np.sqrt(size / (size - 1)) / size
        influence[p] += share if s == 0 else -share
    assert KINDS[found.kind[0]] is PairKind.PARTLY_SHARED
    assert found.error[0] ** 2 == pytest.approx(sum(h**2 for h in influence.values()))
    assert found.freedom[0] == 11


def test_the_fail_bound_holds_over_all_pairs_at_once() -> None:
    generator = np.random.default_rng(6)
    hits = generator.binomial(4, 0.7, (60, 1)).astype(float)
    tally = tally_of(range(60), np.repeat([0, 1, 2], 20).tolist(), hits, np.full((60, 1), 4.0))
    found = compare(tally, Settings())
    for pair in range(3):
        q = studentized_range.ppf(0.95, 3, found.freedom[pair])
        expected = abs(found.difference[pair]) - q / np.sqrt(2) * found.error[pair]
        assert found.lower[pair] == pytest.approx(expected, abs=1e-8)
    wider = compare(tally, Settings(), family=8)
    assert (wider.lower < found.lower).all()
    np.testing.assert_array_equal(wider.upper, found.upper)


def test_the_adjusted_p_is_below_alpha_exactly_where_the_fail_bound_is_beyond() -> None:
    generator = np.random.default_rng(8)
    beyond = 0
    for _ in range(60):
        found = compare(random_tally(generator), Settings())
        for tolerance in (0.02, 0.1):
            p = adjusted_p(found, tolerance)
            np.testing.assert_array_equal(
                p[found.compared] < 0.05, found.lower[found.compared] > tolerance + 1e-12
            )
            beyond += int((p < 0.05).sum())
    assert beyond > 5


def test_a_gap_of_exactly_the_tolerance_is_not_beyond_it_where_nobody_differs() -> None:
    """Everyone loses two images of ten; 0.6 - 0.4 is 0.19999999999999996 to a computer."""
    found = compare(tally_of(*twins([2] * 12)), Settings())
    assert found.difference[0] == pytest.approx(0.2, abs=1e-15)
    assert found.error[0] == 0.0
    assert adjusted_p(found, 0.2).tolist() == [1.0]
    assert adjusted_p(found, 0.2 - 1e-13).tolist() == [1.0]
    assert adjusted_p(found, 0.19).tolist() == [0.0]
    assert adjusted_p(found, 0.21).tolist() == [1.0]


def test_an_error_of_rounding_alone_is_none() -> None:
    """Each person's rates differ by a third in each of three labels, in sums that round differently."""
    generator = np.random.default_rng(3)
    for _ in range(40):
        people = 12
        images = generator.integers(1, 8, (people, 3)).astype(float) * 3
        share = generator.integers(1, 4, (people, 3)) / 3
        hits = np.concatenate([np.rint(share * images), np.rint((share - 1 / 3) * images)])
        tally = tally_of([*range(people)] * 2, [0] * people + [1] * people, hits, np.tile(images, (2, 1)))
        found = compare(tally, Settings())
        assert found.error[0] == 0.0
        assert found.lower[0] == pytest.approx(1 / 3, abs=1e-12)
        assert adjusted_p(found, 1 / 3).tolist() == [1.0]
        assert adjusted_p(found, 0.3333).tolist() == [0.0]


def test_slices_of_different_labels_are_compared_over_those_that_both_have() -> None:
    images = np.zeros((30, 3))
    images[:10, :2], images[10:20, 1:], images[20:, 2] = 1, 1, 1
    tally = tally_of(range(30), np.repeat([0, 1, 2], 10).tolist(), images, images)
    found = compare(tally, Settings())
    assert found.labels.tolist() == [[False, True, False], [False, False, False], [False, False, True]]
    assert found.compared.tolist() == [True, False, True]
    assert (found.lower[1], found.upper[1]) == (-1.0, 1.0)


def test_too_few_people_make_no_pair() -> None:
    images = np.ones((22, 1))
    layout = lay_out(tally_of(range(22), [0] * 7 + [1] * 8 + [2] * 7, images, images), Settings())
    assert layout.assessable.tolist() == [False, True, False]
    assert len(layout.first) == 0


def test_with_one_tolerance_in_question_the_same_pairs_are_within_it() -> None:
    generator = np.random.default_rng(31)
    for _ in range(60):
        table = random_tally(generator, runs=5)
        full, quick = compare(table, Settings()), compare(table, Settings(), allowed=0.3)
        np.testing.assert_array_equal(quick.upper <= 0.3, full.upper <= 0.3)
        np.testing.assert_array_equal(quick.lower, full.lower)
