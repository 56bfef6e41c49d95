"""Ratios of every pair of slices: bounds, decisions, and their invariants."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from prediction_tables import random_tally, tally_of
from scipy.optimize import brentq
from scipy.stats import t as student

from fer_audit.stats.differences.engine import compare
from fer_audit.stats.differences.intervals import difference_score, difference_upper
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.differences.moments import correlation, moments, spread
from fer_audit.stats.ratios.clustering import count_slices, design_effect, pooled_icc
from fer_audit.stats.ratios.comparison import RatioClaim, compare_ratios
from fer_audit.stats.ratios.score import ratio_score
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.tally import Tally

CLAIM = RatioClaim(at_most=1.25, difference=0.05)
SETTINGS = Settings()
BOUNDS = ("ratio", "lower", "upper", "difference_lower", "difference_upper", "p", "event_people")


def two_slices(
    hits_a: NDArray[np.float64], hits_b: NDArray[np.float64], images: float, *, twins: bool = False
) -> Tally:
    people = [*range(len(hits_a)), *(range(len(hits_b)) if twins else range(100, 100 + len(hits_b)))]
    level = [0] * len(hits_a) + [1] * len(hits_b)
    hits = np.concatenate([hits_a, hits_b])[:, None]
    return tally_of(people, level, hits, np.full_like(hits, images), conditional=True)


def confused(generator: np.random.Generator, people: int, images: int, rate: float) -> NDArray[np.float64]:
    return generator.binomial(images, generator.beta(9 * rate, 9 * (1 - rate), people)).astype(float)


def test_people_apart_are_judged_by_score_tests_on_counts_over_the_design_effect() -> None:
    generator = np.random.default_rng(5)
    a, b = confused(generator, 24, 4, 0.5), confused(generator, 15, 4, 0.3)
    found = compare_ratios(two_slices(a, b, 4), CLAIM, SETTINGS)
    counts = count_slices(
        np.concatenate([a, b]), np.full(39, 4.0), np.repeat([0, 1], [24, 15]).astype(np.int64), 2
    )
    p_a, p_b = a.sum() / 96, b.sum() / 60
    assert found.ratio[0] == pytest.approx(p_a / p_b)
    assert found.hits[0].tolist() == [a.sum(), b.sum()]

    fail = counts.images / design_effect(counts, pooled_icc(counts), 0.1)
    quantile = student.ppf(0.975, 37)
    lower = brentq(
        lambda r: float(ratio_score(p_a * fail[0], fail[0], p_b * fail[1], fail[1], r)) - quantile, 0.1, 5
    )
    assert found.lower[0] == pytest.approx(lower, abs=1e-9)
    apart = brentq(lambda d: float(difference_score(p_a, fail[0], p_b, fail[1], d)) - quantile, -0.9, 0.9)
    assert found.difference_lower[0] == pytest.approx(apart, abs=1e-9)

    passing = counts.images / design_effect(counts, pooled_icc(counts), 0.2)
    t = student.ppf(0.95, 37)
    upper = brentq(
        lambda r: float(ratio_score(p_a * passing[0], passing[0], p_b * passing[1], passing[1], r)) + t, 1, 50
    )
    assert found.upper[0] == pytest.approx(upper, abs=1e-8)
    assert found.difference_upper[0] == pytest.approx(
        float(difference_upper(p_a, passing[0], p_b, passing[1], t)), abs=1e-9
    )


def test_several_labels_are_judged_on_macro_rates_and_the_images_they_are_worth() -> None:
    generator = np.random.default_rng(6)
    images = np.full((40, 3), 2.0)
    hits = generator.binomial(2, np.repeat([0.8, 0.5], 20)[:, None], (40, 3)).astype(float)
    tally = tally_of(list(range(40)), [0] * 20 + [1] * 20, hits, images)
    found = compare_ratios(tally, CLAIM, SETTINGS)
    rates = moments(tally, np.array([0, 1]), np.arange(3))
    assert found.ratio[0] == pytest.approx(rates.rate.max() / rates.rate.min())
    milder = replace(SETTINGS, pass_floor=SETTINGS.fail_floor)
    size = spread(rates, correlation(rates), milder).size
    score = ratio_score(rates.rate[0] * size[0], size[0], rates.rate[1] * size[1], size[1], found.lower[0])
    assert float(score) == pytest.approx(student.ppf(0.975, 38), abs=1e-7)
    gap = compare(tally, SETTINGS)
    assert found.difference_upper[0] == pytest.approx(gap.upper[0], abs=1e-9)


def twin_reach(
    y_a: NDArray[np.float64], y_b: NDArray[np.float64], ratio: float, sign: int, z: float
) -> float:
    """Mean of sign * w less what z standard errors and the skewness term allow; no floor."""
    w = sign * (y_a - ratio * y_b)
    n = len(w)
    # Person values are spread so that their plain variance is the unbiased one.
    w = w.mean() + (w - w.mean()) * np.sqrt(n / (n - 1))
    variance, third = w.var(), ((w - w.mean()) ** 3).mean()
    skew = max(0.0, -third) * (1 + 2 * z**2) / (6 * n * variance)
    return float(w.mean() - z * np.sqrt(variance / n) - skew)


def test_the_same_people_are_judged_by_their_own_values() -> None:
    generator = np.random.default_rng(8)
    for _ in range(50):
        ability = generator.beta(6, 4, 40)
        a = generator.binomial(8, ability).astype(float)
        b = generator.binomial(8, 0.6 * ability).astype(float)
        found = compare_ratios(two_slices(a, b, 8, twins=True), CLAIM, SETTINGS)
        y_a, y_b = a / 8, b / 8
        assert found.ratio[0] == pytest.approx(y_a.mean() / y_b.mean())
        quantile, t = student.ppf(0.975, 39), student.ppf(0.95, 39)
        lower, upper = found.lower[0], found.upper[0]

        def floor(
            ratio: float, least: float, scale_z: float, y: float = float(y_a.mean() + y_b.mean())
        ) -> float:
            p_0 = (y + 1 / 80) / (1 + 1 / 40) / (1 + ratio)
            return float(scale_z * np.sqrt(max(0, ratio * (ratio - 1)) * p_0 * (1 + least * 7) / 8 / 40))

        distance = y_a.mean() - lower * y_b.mean()
        free = twin_reach(y_a, y_b, lower, 1, quantile)
        assert min(free, distance - floor(lower, 0.1, quantile)) == pytest.approx(0, abs=1e-9)
        distance = upper * y_b.mean() - y_a.mean()
        free = twin_reach(y_a, y_b, upper, -1, t)
        assert min(free, distance - floor(upper, 0.2, t)) == pytest.approx(0, abs=1e-9)
        assert found.difference_upper[0] == compare(two_slices(a, b, 8, twins=True), SETTINGS).upper[0]


def partly_shared(generator: np.random.Generator, sign: float) -> Tally:
    """Two slices of 30 people with 15 in common, who do well in both or well in one and badly in the other."""
    person = np.concatenate([np.arange(30), np.arange(15, 45)])
    level = np.repeat([0, 1], 30)
    effect = generator.uniform(-0.3, 0.3, 45)[person] * np.where(level == 0, 1.0, sign)
    rate = np.where(level == 0, 0.65, 0.4) + effect
    hits, images = generator.binomial(6, rate)[:, None], np.full((60, 1), 6.0)
    return tally_of(person.tolist(), level.tolist(), hits, images, conditional=True)


def test_some_people_in_common_are_decided_only_where_both_tests_agree() -> None:
    # A negative covariance widens the difference; overlooking it would put the bound too high.
    lowered = raised = 0
    for seed in range(20):
        tally = partly_shared(np.random.default_rng(seed), -1.0)
        both = compare_ratios(tally, CLAIM, SETTINGS)
        alone = compare_ratios(replace(tally, person=np.arange(60)), CLAIM, SETTINGS)
        assert list(PairKind)[both.differences.kind[0]] is PairKind.PARTLY_SHARED
        assert both.lower[0] <= alone.lower[0] + 1e-12
        assert both.upper[0] >= alone.upper[0] - 1e-12
        assert both.difference_upper[0] >= alone.difference_upper[0] - 1e-12
        lowered += both.lower[0] < alone.lower[0] - 0.01
        raised += both.upper[0] > alone.upper[0] + 0.01
    assert lowered >= 10
    assert raised >= 3


def test_a_large_ratio_of_common_events_fails() -> None:
    generator = np.random.default_rng(10)
    found = compare_ratios(
        two_slices(confused(generator, 40, 4, 0.7), confused(generator, 40, 4, 0.25), 4), CLAIM, SETTINGS
    )
    assert found.fails.all()
    assert not found.passes.any()
    assert found.lower[0] > 1.25
    assert found.difference_lower[0] > 0.05
    assert found.p[0] < 0.05


def test_rare_events_pass_by_their_difference_whatever_their_ratio() -> None:
    a, b = np.zeros(120), np.zeros(120)
    a[:3], b[:1] = 1, 1
    found = compare_ratios(two_slices(a, b, 4), CLAIM, SETTINGS)
    assert found.ratio[0] == pytest.approx(3.0)
    assert found.passes.all()
    assert found.upper[0] > 1.25
    assert found.difference_upper[0] <= 0.05


def test_no_event_in_either_slice_passes_only_by_the_difference() -> None:
    many = compare_ratios(two_slices(np.zeros(120), np.zeros(120), 4), CLAIM, SETTINGS)
    few = compare_ratios(two_slices(np.zeros(10), np.zeros(10), 4), CLAIM, SETTINGS)
    for found in (many, few):
        assert (found.ratio[0], found.lower[0], found.upper[0]) == (1.0, 0.0, np.inf)
    assert many.passes.all()
    assert not few.passes.any()


def test_events_in_seven_people_are_no_finding_about_a_group() -> None:
    base = np.zeros(60)
    seven, eight = base.copy(), base.copy()
    seven[:7], eight[:8] = 20, 20
    for hits, failing in ((seven, False), (eight, True)):
        # Within one person all images agree; the tolerances are low enough for both to lie beyond them.
        found = compare_ratios(two_slices(hits, base, 20), RatioClaim(1.0001, 0.0), Settings(fail_floor=0.0))
        assert found.event_people[0] == np.count_nonzero(hits)
        assert found.difference_lower[0] > 0
        assert found.lower[0] > 1.0001
        assert bool(found.fails[0]) is failing


def test_p_is_below_alpha_exactly_where_both_bounds_lie_beyond() -> None:
    generator = np.random.default_rng(11)
    seen = {True: 0, False: 0}
    for _ in range(120):
        tally = random_tally(generator)
        found = compare_ratios(tally, CLAIM, SETTINGS)
        beyond = (found.lower > 1.25) & (found.difference_lower > 0.05)
        compared = found.differences.compared
        assert ((found.p < 0.05) == beyond)[compared].all()
        for value in beyond[compared].tolist():
            seen[value] += 1
    assert min(seen.values()) > 10


def test_replicates_are_judged_as_one_by_one() -> None:
    generator = np.random.default_rng(12)
    for _ in range(20):
        tally = random_tally(generator, runs=5)
        together = compare_ratios(tally, CLAIM, SETTINGS)
        for run in range(5):
            alone = compare_ratios(replace(tally, hits=tally.hits[run]), CLAIM, SETTINGS)
            for name in BOUNDS:
                expected, got = getattr(alone, name), getattr(together, name)[run]
                assert got == pytest.approx(expected, abs=1e-9, rel=1e-9)
            assert (together.fails[run] == alone.fails).all()
            assert (together.passes[run] == alone.passes).all()


def test_swapping_two_slices_changes_nothing_but_their_names() -> None:
    generator = np.random.default_rng(13)
    for _ in range(40):
        tally = random_tally(generator)
        last = len(tally.levels) - 1
        turned = replace(tally, level=last - tally.level)
        found, mirrored = (compare_ratios(one, CLAIM, SETTINGS) for one in (tally, turned))
        for name in BOUNDS:
            assert np.sort(getattr(mirrored, name)) == pytest.approx(np.sort(getattr(found, name)), abs=1e-9)


def test_larger_tolerances_never_turn_pass_into_fail() -> None:
    generator = np.random.default_rng(14)
    for _ in range(40):
        tally = random_tally(generator)
        tight = compare_ratios(tally, RatioClaim(1.1, 0.02), SETTINGS)
        loose = compare_ratios(tally, RatioClaim(1.5, 0.1), SETTINGS)
        assert (tight.passes <= loose.passes).all()
        assert (loose.fails <= tight.fails).all()
        assert not (tight.fails & tight.passes).any()


@pytest.mark.parametrize("images", [1.0, 3.0])
@pytest.mark.parametrize("hits", [0.0, 1.0])
@pytest.mark.parametrize("twins", [True, False])
def test_all_wrong_and_all_right_have_bounds_without_nan(images: float, hits: float, *, twins: bool) -> None:
    same = np.full(12, hits * images)
    found = compare_ratios(two_slices(same, same, images, twins=twins), CLAIM, SETTINGS)
    assert not any(np.isnan(getattr(found, name)).any() for name in BOUNDS)
    assert not found.fails.any()


def test_too_few_people_leave_no_pair() -> None:
    found = compare_ratios(two_slices(np.ones(12), np.ones(3), 2), CLAIM, SETTINGS)
    assert found.ratio.shape == (0,)
