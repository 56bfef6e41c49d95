from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from fer_audit.stats.verdicts.rounding import at_least, at_most, p_value


@given(st.floats(-1, 30, allow_nan=False), st.floats(0.01, 2), st.integers(2, 3))
def test_a_rounded_bound_claims_no_more_than_the_bound(bound: float, tolerance: float, digits: int) -> None:
    low, high = float(at_least(bound, digits, tolerance)), float(at_most(bound, digits, tolerance))
    assert low <= bound + 1e-8
    assert high >= bound - 1e-8
    assert high - low <= 10.0**-digits + 1e-8


@pytest.mark.parametrize(
    ("bound", "tolerance", "least", "most"),
    [
        (0.247, 0.1, "0.247", "0.247"),
        (0.2476, 0.1, "0.247", "0.248"),
        (0.10004, 0.1, "0.10004", "0.101"),
        (0.09996, 0.1, "0.099", "0.09996"),
        (0.1, 0.1, "0.100", "0.100"),
        (-0.0312, 0.1, "-0.032", "-0.031"),
    ],
)
def test_a_bound_stays_on_its_side_of_the_tolerance(
    bound: float, tolerance: float, least: str, most: str
) -> None:
    assert at_least(bound, 3, tolerance) == least
    assert at_most(bound, 3, tolerance) == most


@pytest.mark.parametrize(
    ("p", "text"), [(0.0504, "0.0504"), (0.0496, "0.05"), (1.0, "1"), (0.00012, "0.00012")]
)
def test_a_p_stays_on_its_side_of_alpha(p: float, text: str) -> None:
    assert p_value(p, 0.05) == text
