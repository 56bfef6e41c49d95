"""Turns a test into a bound: the value at which the test changes its mind, found for many tables at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Test = Callable[[NDArray[np.float64]], NDArray[np.bool_]]

__all__ = ["largest_kept", "smallest_kept"]

# Halvings of one grid step; the widest step is 21 on the scale searched, so 52 leave 5e-15.
_STEPS = 52


def smallest_kept(excluded: Test, grid: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The smallest value that a test does not exclude, everything below it on the grid being excluded.

    Args:
        excluded: of values of this shape, which the data speak against.
        grid: shape (K,), ascending: where to look first; the answer is refined between two of its points.
        shape: of the tables.

    Returns:
        The value; minus infinity where the first grid point is kept, infinity where none is.

    >>> float(smallest_kept(lambda x: x < 2.5, np.linspace(0, 10, 11), ()))
    2.5
    """
    inside = np.full(shape, -np.inf)
    outside = np.full(shape, np.nan)
    for value in grid:
        kept = ~excluded(np.full(shape, value))
        outside = np.where(np.isnan(outside) & kept, value, outside)
        inside = np.where(np.isnan(outside), value, inside)
    found = np.isfinite(inside) & np.isfinite(outside)
    low, high = np.where(found, inside, grid[0]), np.where(found, outside, grid[0])
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        out = excluded(middle)
        low, high = np.where(out, middle, low), np.where(out, high, middle)
    return np.where(found, high, np.where(np.isnan(outside), np.inf, -np.inf))


def largest_kept(excluded: Test, grid: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """The largest value that a test does not exclude, everything above it on the grid being excluded.

    >>> float(largest_kept(lambda x: x > 2.5, np.linspace(0, 10, 11), ()))
    2.5
    """
    return -smallest_kept(lambda value: excluded(-value), -grid[::-1], shape)
