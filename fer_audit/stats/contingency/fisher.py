"""Fisher's exact test on many 2x2 tables at once: no array over the support, only the two tails that count.

With the margins fixed the first cell is hypergeometric, and its probabilities fall on both sides of the mode.
The p-value is two tails: the one that begins at the observed cell, and the one beyond the mode that begins
where a table is as improbable. Each is walked outwards from its first term until nothing is added any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from fer_audit.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["fisher_exact"]

# Two tables whose probabilities differ by less are equally probable: log-factorials are not exact.
_TIE = 1e-7
# What a tail that falls at least geometrically may still lack, as a share of its sum.
_NEGLIGIBLE = 1e-15
# Slopes are at least as steep, so that a step from the mode stays finite.
_FLAT = 1e-9
# Terms of every unfinished tail that one round adds.
_STRIDE = 32


def fisher_exact(tables: ArrayLike) -> NDArray[np.float64]:
    """How probable a table at most as probable as each observed one is, when its margins are given.

    It takes pictures as independent: with several pictures a person its p-values are too small.

    Args:
        tables: shape (..., 2, 2), whole counts, not negative.

    Returns:
        Shape (...): two-sided p by minimum likelihood. 1 where a margin is empty. The relative error is that
        of log-factorials: about 1e-13 for hundreds of pictures, 1e-8 for millions.

    Raises:
        DataError: the shape is another, or a count is negative or not whole.

    Source: Fisher (1935), Journal of the Royal Statistical Society 98, 39; two tails as in Agresti (1992),
    Statistical Science 7, 131.

    >>> fisher_exact([[3, 1], [1, 3]]).round(6).tolist()
    0.485714
    """
    cells = _whole(tables)
    shape = cells.shape[:-2]
    a, b, c, d = cells.reshape(-1, 4).T
    mirrored = a > _Margins(a + b, a + c, a + b + c + d).mode
    # Swapping the columns turns every observed cell into one on the left of its mode.
    a, b, c, d = (np.where(mirrored, x, y) for x, y in ((b, a), (a, b), (d, c), (c, d)))
    margins = _Margins(a + b, a + c, a + b + c + d)
    observed = margins.log_weight(a)
    far = _first_as_rare(margins, observed + _TIE, a)
    first = margins.log_weight(np.minimum(far, margins.high))
    # The right tail of a cell x is walked by exchanging the diagonals; both tails of all tables go together.
    beyond = margins.total - margins.row - margins.column + far
    tails = _tail(
        np.concatenate([a, margins.row - far]),
        np.concatenate([d, margins.column - far]),
        np.concatenate([b, far]) + 1,
        np.concatenate([c, beyond]) + 1,
    ).reshape(2, -1)
    left, right = np.exp(margins.log_constant + np.stack([observed, first])) * tails
    p = left + np.where(far <= margins.high, right, 0.0)
    everything = (far <= a + 1) | (margins.low == margins.high)
    return np.asarray(np.where(everything, 1.0, np.minimum(p, 1.0)).reshape(shape))


def _whole(tables: ArrayLike) -> NDArray[np.float64]:
    cells = np.asarray(tables, dtype=np.float64)
    if cells.ndim < 2 or cells.shape[-2:] != (2, 2):  # noqa: PLR2004 - a 2x2 table
        raise DataError(
            f"tables of shape (..., 2, 2) are tested, not {cells.shape}: put the two slices in rows"
        )
    wrong = ~((cells >= 0) & (cells == np.floor(cells)) & np.isfinite(cells))
    if wrong.any():
        raise DataError(f"a 2x2 table holds {cells[wrong][0]}: give whole counts of pictures, not rates")
    return cells


@dataclass(frozen=True, slots=True, eq=False)
class _Margins:
    """Sums of the first row, of the first column and of the whole of T tables, each of shape (T,)."""

    row: NDArray[np.float64]
    column: NDArray[np.float64]
    total: NDArray[np.float64]

    @property
    def low(self) -> NDArray[np.float64]:
        """The smallest first cell there can be."""
        return np.maximum(0.0, self.row + self.column - self.total)

    @property
    def high(self) -> NDArray[np.float64]:
        """The largest first cell there can be."""
        return np.minimum(self.row, self.column)

    @property
    def mode(self) -> NDArray[np.float64]:
        """The most probable first cell."""
        middle = np.floor((self.row + 1) * (self.column + 1) / (self.total + 2))
        return np.asarray(np.clip(middle, self.low, self.high))

    @property
    def log_constant(self) -> NDArray[np.float64]:
        """What the margins alone contribute to the logarithm of a probability."""
        sums = np.stack([self.row, self.total - self.row, self.column, self.total - self.column])
        return np.asarray(gammaln(sums + 1).sum(0) - gammaln(self.total + 1))

    def log_weight(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Logarithm of the hypergeometric probability of x, without ``log_constant``."""
        cells = np.stack([x, self.row - x, self.column - x, self.total - self.row - self.column + x])
        return np.asarray(-gammaln(cells + 1).sum(0))


def _first_as_rare(
    margins: _Margins, target: NDArray[np.float64], observed: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The smallest cell from the mode upwards that is at most as probable; high + 1 where there is none.

    It lies about as far above the mode as the observed cell below.

    Newton's method: the logarithm of the probability is concave, so that its steps end beyond the cell and
    come back to it. Every third step halves what is left, whatever the shape.
    """
    mode, high = margins.mode, margins.high
    rest = margins.total - margins.row - margins.column
    below, rare, x = mode - 1, high + 1, np.minimum(2 * mode - observed, high)
    rounds = 0
    while np.any(searched := rare - below > 1):
        value = margins.log_weight(x)
        is_rare = value <= target
        rare = np.where(searched & is_rare, x, rare)
        below = np.where(searched & ~is_rare, x, below)
        rounds += 1
        if rounds % 3:
            # The logarithm of the ratio of two neighbours, half a cell to either side.
            slope = np.log(
                (margins.row - x + 0.5) * (margins.column - x + 0.5) / ((x + 0.5) * (rest + x + 0.5))
            )
            x = np.ceil(x + (target - value) / np.minimum(slope, -_FLAT))
        else:
            x = np.floor((below + rare) / 2)
        # Where the search is over, this keeps off the cells that do not exist.
        x = np.clip(np.clip(x, below + 1, rare - 1), mode, high)
    return rare


def _tail(
    falling: NDArray[np.float64],
    falling_too: NDArray[np.float64],
    rising: NDArray[np.float64],
    rising_too: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Sum of a tail in units of its first term: each term is the last times falling/rising, a step on."""
    total = np.ones_like(falling)
    term = np.ones_like(falling)
    active = np.flatnonzero((falling > 0) & (falling_too > 0))
    done = 0
    while len(active):
        step = np.arange(done, done + _STRIDE, dtype=np.float64)[:, None]
        terms = falling[active] - step
        terms *= falling_too[active] - step
        divisor = rising[active] + step
        divisor *= rising_too[active] + step
        terms /= divisor
        slowest = np.minimum(terms[-1], 1 - 1e-12)
        terms[0] *= term[active]
        # All tables advance together: numpy's own running product takes three times as long.
        for place in range(1, _STRIDE):
            np.multiply(terms[place - 1], terms[place], out=terms[place])
        total[active] += terms.sum(axis=0)
        # From here on the tail falls by at least the last ratio a term; behind its end all terms are zero.
        term[active] = terms[-1]
        rest = np.abs(terms[-1]) * slowest / (1 - slowest)
        active = active[rest > _NEGLIGIBLE * total[active]]
        done += _STRIDE
    return total
