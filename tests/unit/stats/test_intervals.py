from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import brentq

from fer_audit.stats.differences.intervals import difference_score, difference_upper, difference_within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def brute_force_score(p_a: Array, n_a: Array, p_b: Array, n_b: Array, delta: Array) -> Array:
    """The same score with the null rates found by searching the likelihood itself.

    The derivative of the log-likelihood in p_b falls throughout, so halving finds its zero.
    """
    low, high = np.maximum(0.0, -delta) + 1e-15, np.minimum(1.0, 1 - delta) - 1e-15
    for _ in range(200):
        b = (low + high) / 2
        a = b + delta
        slope = n_a * (p_a / a - (1 - p_a) / (1 - a)) + n_b * (p_b / b - (1 - p_b) / (1 - b))
        low, high = np.where(slope > 0, b, low), np.where(slope > 0, high, b)
    b = (low + high) / 2
    a = b + delta
    total = n_a + n_b
    variance = (a * (1 - a) / n_a + b * (1 - b) / n_b) * total / (total - 1)
    return np.asarray((p_a - p_b - delta) / np.sqrt(variance))


def test_the_closed_form_is_the_likelihoods_on_two_thousand_tables() -> None:
    generator = np.random.default_rng(20240)
    n_a, n_b = generator.integers(3, 120, (2, 2000)).astype(float)
    p_a, p_b = generator.integers(0, n_a + 1) / n_a, generator.integers(0, n_b + 1) / n_b
    delta = generator.uniform(-0.9, 0.9, 2000)
    expected = brute_force_score(p_a, n_a, p_b, n_b, delta)
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(difference_score(p_a, n_a, p_b, n_b, delta), expected, atol=1e-6, rtol=1e-6)


def test_the_score_of_a_table_on_which_another_package_errs() -> None:
    assert float(difference_score(0 / 40, 40, 3 / 28, 28, -0.3)) == pytest.approx(2.2105, abs=5e-5)


def test_the_published_interval_of_56_of_70_against_48_of_80() -> None:
    """Newcombe (1998), Statistics in Medicine 17:873, table II, column (a), method 6: .0528 to .3382."""
    z = 1.959963984540054
    table = (56 / 70, 70, 48 / 80, 80)
    assert float(difference_upper(*table, z)) == pytest.approx(0.3382, abs=5e-5)
    lower = brentq(lambda d: float(difference_score(*table, d)) - z, -0.5, 0.19)
    assert lower == pytest.approx(0.0528, abs=5e-5)


def test_the_upper_bound_is_the_smallest_delta_that_passes_on_a_grid() -> None:
    generator = np.random.default_rng(3)
    n_a, n_b = generator.uniform(4, 60, (2, 60))
    p_a, p_b = generator.random((2, 60))
    p_a[:6], p_b[3:9] = 1.0, 1.0
    p_a[9:12] = 0.0
    upper = difference_upper(p_a, n_a, p_b, n_b, 1.7)
    for grid in np.linspace(0.001, 0.999, 500):
        passes = (difference_score(p_a, n_a, p_b, n_b, grid) <= -1.7) & (
            difference_score(p_a, n_a, p_b, n_b, -grid) >= 1.7
        )
        np.testing.assert_array_equal(passes, upper <= grid)


def test_the_upper_bound_does_not_depend_on_the_order_of_the_groups() -> None:
    generator = np.random.default_rng(4)
    p, n = generator.random((2, 50)), generator.uniform(5, 200, (2, 50))
    np.testing.assert_allclose(
        difference_upper(p[0], n[0], p[1], n[1], 1.69),
        difference_upper(p[1], n[1], p[0], n[0], 1.69),
        atol=1e-10,
    )


def test_everything_against_nothing_leaves_no_room() -> None:
    assert float(difference_upper(1.0, 20, 0.0, 20, 1.7)) == 1.0
    assert float(difference_score(1.0, 20, 0.0, 20, 1.0)) == 0.0
    assert float(difference_score(0.5, 20, 0.5, 20, 1.0)) == -np.inf


def test_a_bound_lies_within_a_tolerance_exactly_where_it_is_not_larger() -> None:
    generator = np.random.default_rng(21)
    rates = generator.choice([0.0, 0.05, 0.3, 0.5, 0.9, 1.0], (2, 4000))
    sizes = generator.uniform(4, 200, (2, 4000))
    quantile = generator.uniform(1, 3, 4000)
    upper = difference_upper(rates[0], sizes[0], rates[1], sizes[1], quantile)
    shares = []
    for delta in (0.0, 0.05, 0.1, 0.4, 0.9, 1.0):
        within = difference_within(rates[0], sizes[0], rates[1], sizes[1], quantile, delta=delta)
        np.testing.assert_array_equal(within, upper <= delta)
        shares.append(within.mean())
    assert shares[0] == 0
    assert 0.01 < shares[2] < shares[3] < 1
    assert shares[-1] == 1
