"""Adjusted p-values against their definitions, written out."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st
from scipy.stats import false_discovery_control

from fer_audit.errors import ConfigurationError
from fer_audit.stats.multiplicity import benjamini_hochberg, holm

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

p_values = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.0, 0.01, 0.05, 1.0])), max_size=6)


def closed_testing(p: list[float]) -> list[float]:
    """Bonferroni in every set of hypotheses; a hypothesis is as significant as the worst set that holds it."""
    everyone = range(len(p))
    sets = [chosen for size in range(1, len(p) + 1) for chosen in combinations(everyone, size)]
    return [max(min(1.0, len(s) * min(p[i] for i in s)) for s in sets if one in s) for one in everyone]


def by_definition(p: list[float]) -> list[float]:
    """For each test the smallest share of false findings over every cut that includes it."""
    return [min(len(p) * cut / sum(other <= cut for other in p) for cut in p if cut >= one) for one in p]


@given(p_values)
@hypothesis_settings(max_examples=200, deadline=None)
def test_holm_is_closed_testing_by_bonferroni(p: list[float]) -> None:
    np.testing.assert_allclose(holm(p), closed_testing(p), rtol=1e-12)


@given(p_values)
@hypothesis_settings(max_examples=200, deadline=None)
def test_benjamini_hochberg_is_its_definition(p: list[float]) -> None:
    np.testing.assert_allclose(benjamini_hochberg(p), by_definition(p), rtol=1e-12)


def test_benjamini_hochberg_agrees_with_scipy_on_long_lists() -> None:
    p = np.random.default_rng(1).beta(0.5, 1.0, 1_000)
    np.testing.assert_allclose(benjamini_hochberg(p), false_discovery_control(p), rtol=1e-12)


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_a_test_without_a_p_is_not_counted(adjust: Callable[[ArrayLike], NDArray[np.float64]]) -> None:
    p = [0.02, float("nan"), 0.01, float("nan"), 0.3]
    adjusted = adjust(p)
    assert np.isnan(adjusted[[1, 3]]).all()
    np.testing.assert_array_equal(adjusted[[0, 2, 4]], adjust([0.02, 0.01, 0.3]))
    assert np.isnan(adjust([float("nan")])).all()
    assert adjust([]).shape == (0,)


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_what_is_no_p_value_is_refused(adjust: Callable[[ArrayLike], NDArray[np.float64]]) -> None:
    with pytest.raises(ConfigurationError, match=re.escape("1.5 is no p-value; give numbers from 0 to 1")):
        adjust([0.1, 1.5])
    with pytest.raises(ConfigurationError, match="p-values of 2 axes are no family of tests"):
        adjust([[0.1]])


def test_the_p_values_handed_in_stay_as_they_are() -> None:
    p = np.array([0.04, 0.01])
    holm(p)
    benjamini_hochberg(p)
    assert p.tolist() == [0.04, 0.01]
