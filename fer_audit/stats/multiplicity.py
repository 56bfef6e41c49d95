"""Many tests at once: p-values adjusted so that a family of them keeps its error rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ConfigurationError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["benjamini_hochberg", "holm"]


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """P-values that keep the chance of any false finding, whatever the tests have to do with each other.

    The smallest of m is multiplied by m, the next by m - 1, and so on, never below the one before.

    Args:
        p: shape (m,): p-values; nan where a test has none. Those stay nan and are not counted.

    Returns:
        Shape (m,): a test is significant at level alpha, over the whole family, where this is at most alpha.

    Raises:
        ConfigurationError: a value outside [0, 1], or more than one axis.

    Source: Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    >>> holm([0.01, 0.04, float("nan"), 0.03]).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    values = _checked(p)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    remaining = np.arange(len(order), 0, -1)
    adjusted = values.copy()
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * remaining), 1.0)
    return adjusted


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """The share of false findings to expect among all tests with a p as small: a list worth a look.

    It bounds an average over many lists, for tests that are independent or rise and fall together; it is no
    statement about any one of them.

    Args:
        p: shape (m,): p-values; nan where a test has none. Those stay nan and are not counted.

    Returns:
        Shape (m,): q = the least of p_(k) m / k over the ranks k from this test's own upwards.

    Raises:
        ConfigurationError: a value outside [0, 1], or more than one axis.

    Source: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.

    >>> benjamini_hochberg([0.01, 0.04, float("nan"), 0.03]).tolist()
    [0.03, 0.04, nan, 0.04]
    """
    values = _checked(p)
    tested = np.flatnonzero(~np.isnan(values))
    falling = tested[np.argsort(-values[tested], kind="stable")]
    rank = np.arange(len(falling), 0, -1)
    q = values.copy()
    # Multiplied and divided in this order the largest p stays what it is.
    q[falling] = np.minimum.accumulate(values[falling] * (len(falling) / rank))
    return q


def _checked(p: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1:
        raise ConfigurationError(
            f"p-values of {values.ndim} axes are no family of tests; pass one list, one entry a test"
        )
    outside = values[(values < 0) | (values > 1)]
    if outside.size:
        raise ConfigurationError(
            f"{outside[0]:g} is no p-value; give numbers from 0 to 1, and nan where a test has none"
        )
    return values
