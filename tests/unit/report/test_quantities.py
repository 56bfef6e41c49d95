from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as st

from fer_audit.report.quantities import at_least, at_most, number, percent, points, probability

SHARES = st.floats(-1, 1)


def read(text: str) -> float:
    return float(text.replace("−", "-"))


@given(SHARES, st.floats(0.001, 0.999))
def test_a_lower_bound_is_never_overstated(bound: float, tolerance: float) -> None:
    assert read(at_least(bound, tolerance)) <= 100 * bound + 1e-6


@given(SHARES, st.floats(0.001, 0.999))
def test_an_upper_bound_is_never_understated(bound: float, tolerance: float) -> None:
    assert read(at_most(bound, tolerance)) >= 100 * bound - 1e-6


@pytest.mark.parametrize(
    ("bound", "low", "high"),
    [
        (0.247, "24", "25"),
        (0.1034, "10.3", "11"),
        (0.0997, "9", "9.97"),
        (0.07, "7", "7"),
        (0.1, "10", "10"),
        (-0.0312, "−4", "−3"),
        (0.0, "0", "0"),
    ],
)
def test_bounds_are_rounded_outwards_and_stay_on_their_side_of_ten_points(
    bound: float, low: str, high: str
) -> None:
    assert at_least(bound, 0.1) == low
    assert at_most(bound, 0.1) == high


def test_a_table_asks_for_more_decimals_and_gets_them_rounded_outwards() -> None:
    assert at_least(0.2479, 0.1, digits=1) == "24.7"
    assert at_most(0.2471, 0.1, digits=1) == "24.8"
    assert at_least(1.4579, 1.25, scale="ratio", digits=2) == "1.45"
    assert at_least(0.10004, 0.1, digits=1) == "10.004"


def test_a_ratio_has_two_decimals() -> None:
    assert at_least(1.349, 1.25, scale="ratio") == "1.34"
    assert at_most(1.2451, 1.25, scale="ratio") == "1.246"
    assert at_most(math.inf, 1.25, scale="ratio") == "no limit"


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.0, "0 %"),
        (0.001, "under 1 %"),
        (0.574, "57 %"),
        (0.125, "13 %"),
        (0.125 - 1e-16, "13 %"),
        (0.9999, "over 99 %"),
        (1.0, "100 %"),
    ],
)
def test_none_and_all_are_kept_for_exactly_none_and_all(share: float, told: str) -> None:
    assert percent(share) == told


def test_what_is_no_number_is_called_unknown() -> None:
    assert percent(math.nan) == "unknown"
    assert number(math.nan) == "unknown"


def test_small_differences_are_not_rounded_away() -> None:
    assert points(0.004) == "0.4 points"
    assert points(0.0) == "0 points"


def test_a_p_value_is_never_zero() -> None:
    assert probability(0.0) == "p < 0.001"
    assert probability(0.0499) == "p = 0.0499"
