"""Means of numbers between slices, against scipy, loops and enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import binom, t as student, ttest_ind, ttest_rel

from fer_audit.stats.differences.engine import Differences, adjusted_p
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.differences.moments import moments
from fer_audit.stats.quantiles import range_quantile
from fer_audit.stats.scores.bounds import score_reach, score_upper
from fer_audit.stats.scores.comparison import compare_scores
from fer_audit.stats.scores.spread import pool_variances
from fer_audit.stats.settings import Settings
from fer_audit.stats.tally import Tally

KINDS = list(PairKind)
# Without floors the bounds are those of textbooks.
OPEN = Settings(fail_floor=0.0, pass_floor=0.0)


def tally_of(
    *values: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    images: tuple[float, ...] = (),
    person: np.ndarray[tuple[int, ...], np.dtype[np.int64]] | None = None,
) -> Tally:
    """One label; a slice a list of people's mean scores, and so many images of each of its people."""
    level = np.repeat(np.arange(len(values)), [len(value) for value in values])
    depth = np.array(images or (400.0,) * len(values))[level][:, None]
    names = tuple(f"s{place}" for place in range(len(values)))
    who = np.arange(len(level)) if person is None else person
    return Tally(who, level, np.concatenate(values)[:, None] * depth, depth, names, ("l",))


def scores(
    seed: int, people: int, mean: float = 0.0, spread: float = 0.2
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(mean, spread, people)


def test_two_slices_of_one_size_are_compared_as_welch_does() -> None:
    a, b = scores(1, 20, 0.3), scores(2, 20, 0.0, 0.4)
    found = compare_scores(tally_of(a, b), OPEN)
    expected = ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert found.difference[0] == pytest.approx(a.mean() - b.mean())
    assert found.lower[0] == pytest.approx(expected.low)
    assert found.freedom[0] == pytest.approx(ttest_ind(a, b, equal_var=False).df)


def test_twins_are_compared_by_their_own_differences() -> None:
    a = scores(3, 24)
    b = a - scores(4, 24, 0.1, 0.1)
    found = compare_scores(tally_of(a, b, person=np.tile(np.arange(24), 2)), OPEN)
    assert KINDS[found.kind[0]] is PairKind.SHARED
    assert found.lower[0] == pytest.approx(ttest_rel(a, b).confidence_interval(0.95).low)
    # The variance of PASS is that of the differences; Johnson's term is written out.
    change = a - b
    gap, t = float(change.mean()), float(student.ppf(0.95, 23))
    values = (change - gap) * np.sqrt(24 / 23) * np.sign(gap)
    tail = max(0.0, float((values**3).mean()))
    variance = float((values**2).mean())
    by_hand = abs(gap) + t * np.sqrt(variance / 24) + tail * (1 + 2 * t**2) / (6 * 24 * variance)
    assert found.upper[0] == pytest.approx(by_hand, rel=1e-6)


def test_a_tail_of_bad_people_widens_the_bound_of_pass_and_one_of_good_people_does_not() -> None:
    high = np.append(np.zeros(19), 0.5)
    tailed = compare_scores(tally_of(high, scores(5, 20, -0.05, 0.01)), OPEN)
    other = compare_scores(tally_of(0.05 - high, scores(5, 20, -0.05, 0.01)), OPEN)
    assert tailed.error[0] == pytest.approx(other.error[0])
    t = float(student.ppf(0.95, 38))
    # Both variances are the same; what is left is the third cumulant of the mean of the tailed slice.
    skewness = tailed.upper[0] - abs(tailed.difference[0]) - (other.upper[0] - abs(other.difference[0]))
    centred = (high - high.mean()) * np.sqrt(20 / 19)
    cumulant = (centred**3).mean() / 20**2
    wide = pool_variances(
        moments(tally_of(high, scores(5, 20, -0.05, 0.01)), np.array([0, 1]), np.array([0])), 0.0
    )
    assert skewness == pytest.approx(cumulant * (1 + 2 * t**2) / (6 * wide.larger.sum() / 20), rel=0.02)


def test_partly_shared_people_enter_once_with_what_they_add_to_the_difference() -> None:
    a, b = scores(6, 14), scores(7, 12, 0.1)
    person = np.concatenate([np.arange(14), np.arange(8, 20)])
    found = compare_scores(tally_of(a, b, person=person), OPEN)
    assert KINDS[found.kind[0]] is PairKind.PARTLY_SHARED
    total = 0.0
    for who in range(20):
        shift = 0.0
        if who < 14:
            shift += (a[who] - a.mean()) * np.sqrt(14 / 13) / 14
        if who >= 8:
            shift -= (b[who - 8] - b.mean()) * np.sqrt(12 / 11) / 12
        total += shift**2
    assert found.error[0] == pytest.approx(np.sqrt(total))
    assert found.freedom[0] == 11


def test_variances_are_pooled_as_the_most_and_the_least_that_they_can_be() -> None:
    """Written out for three slices with other numbers of people and images."""
    values = (scores(8, 9, 0.0, 0.1), scores(9, 20, 0.1, 0.3), scores(10, 30, 0.2, 0.2))
    images = (400.0, 100.0, 900.0)
    people = np.array([9, 20, 30])
    found = compare_scores(tally_of(*values, images=images), OPEN)
    own = np.array([value.var(ddof=1) for value in values])
    share = np.zeros((3, 3))
    for s, t in product(range(3), range(3)):
        lent = max(1.0, images[t] / images[s]) * (people[t] - 1) / (people - 1).sum()
        share[s, t] = (10 * lent + (people[s] - 1) * (s == t)) / (9 + people[s])
    for pair, (s, t) in enumerate(((0, 1), (0, 2), (1, 2))):
        weight = share[s] / people[s] + share[t] / people[t]
        assert found.error[pair] == pytest.approx(np.sqrt((weight * own).sum()))
        freedom = (weight * own).sum() ** 2 / ((weight * own) ** 2 / (people - 1)).sum()
        assert found.freedom[pair] == pytest.approx(freedom)
        quantile = range_quantile(3, freedom, 0.05) / np.sqrt(2)
        reach = abs(found.difference[pair]) - quantile * found.error[pair]
        assert found.lower[pair] == pytest.approx(reach)


@pytest.mark.parametrize("between", [0.0, 0.1, 0.2, 0.6, 1.0])
def test_what_is_lent_is_no_less_than_the_truth_however_alike_the_images_of_one_person_are(
    between: float,
) -> None:
    depth = np.array([2.0, 16.0, 5.0])
    table = tally_of(*(scores(place, 12) for place in range(3)), images=tuple(depth))
    truth = between + (1 - between) / depth
    found = replace(moments(table, np.arange(3), np.array([0])), variance=truth)
    pooled = pool_variances(found, 0.2)
    assert (pooled.moderated >= truth - 1e-12).all()
    assert (pooled.larger >= truth - 1e-12).all()
    # Under the assumption of PASS nothing more than the truth is lent.
    if between == 0.2:
        np.testing.assert_allclose(pooled.larger, truth)


def test_the_upper_bound_solves_the_score_equation_of_unseen_answers() -> None:
    generator = np.random.default_rng(11)
    for _ in range(50):
        gap, unseen, t = generator.uniform(0, 0.6), generator.uniform(0.001, 0.2), generator.uniform(1.3, 2.5)
        root = brentq(lambda d, g=gap, u=unseen, q=t: d - g - q * np.sqrt(u * d * (1 - d)), gap + 1e-9, 1.0)
        assert score_upper(gap, 0.0, 0.0, t, unseen) == pytest.approx(root, abs=1e-7)
        assert score_upper(-gap, 0.0, 0.0, t, unseen) == pytest.approx(root, abs=1e-7)


def test_a_tail_counts_towards_the_gap_whichever_sign_the_gap_has() -> None:
    none, towards = score_upper(0.1, 0.01, 0.0, 1.7, 0.0), score_upper(0.1, 0.01, 0.001, 1.7, 0.0)
    assert score_upper(-0.1, 0.01, -0.001, 1.7, 0.0) == towards > none
    assert score_upper(0.1, 0.01, -0.001, 1.7, 0.0) == score_upper(-0.1, 0.01, 0.001, 1.7, 0.0) == none
    # Without a gap either tail may hide one.
    assert score_upper(0.0, 0.01, -0.001, 1.7, 0.0) == score_upper(0.0, 0.01, 0.001, 1.7, 0.0) > 0.17


def test_the_reach_of_fail_solves_its_own_score_equation() -> None:
    for unseen, q in ((0.05, 1.96), (0.2, 3.0)):
        x = float(score_reach(q, unseen))
        assert x == pytest.approx(q * np.sqrt(x * (1 - x) * unseen))


@pytest.mark.parametrize(
    ("sure", "right"), [((0.9, 0.7), (0.99, 0.89)), ((0.8, 0.6), (0.95, 0.85)), ((0.9, 0.9), (0.98, 0.88))]
)
@pytest.mark.parametrize("shared", [False, True])
def test_one_confidence_throughout_does_not_fail_by_answers_that_happened_to_be_right(
    sure: tuple[float, float], right: tuple[float, float], *, shared: bool
) -> None:
    """Every pair of numbers of wrong answers of 20 people a slice, with its probability; the gap is .1."""
    people, total = 20, 0.0
    who = np.tile(np.arange(people), 2) if shared else None
    for k, m in product(range(people + 1), repeat=2):
        chance = binom.pmf(k, people, 1 - right[0]) * binom.pmf(m, people, 1 - right[1])
        if chance < 1e-6:
            continue
        # Of twins those who are wrong on both sides are as few as can be.
        one = np.full(people, sure[0] - 1.0)
        other = np.full(people, sure[1] - 1.0)
        one[:k] += 1.0
        other[people - m :] += 1.0
        table = tally_of(one, other, images=(1.0, 1.0), person=who)
        total += chance * float(compare_scores(table, Settings()).lower[0] > 0.1 + 1e-12)
    assert total <= 0.055


def test_nothing_passes_that_few_unseen_answers_would_undo() -> None:
    def upper(people: int, images: float) -> float:
        same = np.full(people, -0.1)
        return float(compare_scores(tally_of(same, same, images=(images, images)), Settings()).upper[0])

    # As for shares: without one error .10 takes about 26 people of one image, .05 about 53.
    assert upper(20, 1.0) > 0.1 >= upper(28, 1.0)
    assert upper(45, 1.0) > 0.05 >= upper(58, 1.0)
    assert upper(8, 16.0) < upper(8, 1.0)


def test_replicates_are_judged_as_each_table_alone() -> None:
    generator = np.random.default_rng(12)
    for person in (None, np.tile(np.arange(12), 2), np.concatenate([np.arange(12), np.arange(6, 18)])):
        tables = [
            tally_of(
                generator.normal(0, 0.2, 12), generator.normal(0.1, 0.3, 12), images=(3.0, 5.0), person=person
            )
            for _ in range(6)
        ]
        together = compare_scores(replace(tables[0], hits=np.stack([t.hits for t in tables])), Settings())
        for place, table in enumerate(tables):
            alone = compare_scores(table, Settings())
            for name in ("rate_first", "rate_second", "error", "freedom", "lower", "upper", "alike"):
                np.testing.assert_allclose(getattr(together, name)[place], getattr(alone, name), rtol=1e-12)


def test_pictures_of_unknown_people_widen_every_bound() -> None:
    table = tally_of(scores(13, 40, 0.3, 0.5), scores(14, 40, 0.0, 0.5), images=(1.0, 1.0))
    one, other = compare_scores(table, Settings()), compare_scores(replace(table, inflation=2.2), Settings())
    assert other.error[0] == pytest.approx(one.error[0] * np.sqrt(2.2))
    assert other.upper[0] > one.upper[0]


def test_a_pair_is_beyond_the_tolerance_exactly_when_its_p_is_below_alpha() -> None:
    for seed in range(20):
        values = (scores(seed, 15, 0.25), scores(seed + 50, 12), scores(seed + 90, 9, 0.1))
        found = compare_scores(tally_of(*values), Settings())
        p = adjusted_p(found, 0.1)
        np.testing.assert_array_equal(found.lower > 0.1, p < 0.05)


@pytest.mark.parametrize("value", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("sizes", [(0, 0), (1, 0), (1, 1), (8, 0), (8, 8), (8, 1)])
def test_extremes_give_finite_bounds(value: float, sizes: tuple[int, int]) -> None:
    for images in (1.0, 3.0):
        found = compare_scores(
            tally_of(*(np.full(n, value) for n in sizes), images=(images, images)), Settings()
        )
        assert_finite(found)
        assert found.compared.sum() == (min(sizes) >= 8)


def test_slices_without_a_common_label_hold_the_widest_bounds() -> None:
    level, images = np.repeat([0, 1], 9), np.zeros((18, 2))
    images[:9, 0] = images[9:, 1] = 2.0
    found = compare_scores(
        Tally(np.arange(18), level, images * 0.1, images, ("a", "b"), ("x", "y")), Settings()
    )
    assert (found.compared[0], found.lower[0], found.upper[0]) == (False, -2.0, 2.0)
    assert_finite(found)


def assert_finite(found: Differences) -> None:
    for name in ("rate_first", "rate_second", "error", "freedom", "lower", "upper", "alike"):
        assert np.isfinite(getattr(found, name)).all(), name
