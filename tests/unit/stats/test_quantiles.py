from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import studentized_range, t

from fer_audit.stats.quantiles import range_quantile, range_tail, student_quantile


@pytest.mark.parametrize("slices", [3, 4, 8, 36])
@pytest.mark.parametrize("alpha", [0.05, 0.01])
def test_the_range_quantile_is_scipys(slices: int, alpha: float) -> None:
    df = np.array([4.0, 7.0, 12.5, 31.0, 77.3, 500.0])
    expected = [float(studentized_range.ppf(1 - alpha, slices, value)) for value in df]
    np.testing.assert_allclose(range_quantile(slices, df, alpha), expected, atol=1e-8, rtol=0)


def test_few_degrees_of_freedom_leave_the_interpolation() -> None:
    expected = float(studentized_range.ppf(0.95, 5, 3))
    assert float(range_quantile(5, 3, 0.05)) == pytest.approx(expected, abs=1e-6)


def test_the_range_of_two_means_is_a_t_test() -> None:
    df = np.array([[7.0, 30.0], [57.2, 1e6]])
    np.testing.assert_allclose(range_quantile(2, df, 0.05) / np.sqrt(2), t.ppf(0.975, df), rtol=1e-12)
    np.testing.assert_allclose(range_tail(np.sqrt(2) * 1.7, 2, df), 2 * t.sf(1.7, df), rtol=1e-12)


@pytest.mark.parametrize("slices", [3, 8, 36])
def test_the_range_tail_is_scipys(slices: int) -> None:
    value = np.array([0.5, 2.0, 3.5, 5.0, 8.0])
    expected = [float(studentized_range.sf(v, slices, 19.5)) for v in value]
    np.testing.assert_allclose(range_tail(value, slices, 19.5), expected, atol=1e-9, rtol=0)


def test_the_tail_at_the_quantile_is_alpha() -> None:
    df = np.array([5.0, 20.0, 200.0])
    np.testing.assert_allclose(range_tail(range_quantile(6, df, 0.05), 6, df), 0.05, atol=1e-9)


def test_a_difference_within_the_tolerance_has_probability_one() -> None:
    np.testing.assert_array_equal(range_tail([-3.0, 0.0], 4, 20), [1.0, 1.0])
    np.testing.assert_array_equal(range_tail([-3.0, 0.0], 2, 20), [1.0, 1.0])


def test_the_t_quantile_is_scipys() -> None:
    np.testing.assert_allclose(student_quantile(0.95, [7, 14, 38]), t.ppf(0.95, [7, 14, 38]), rtol=1e-12)
