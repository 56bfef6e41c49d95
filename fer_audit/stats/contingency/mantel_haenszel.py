"""The Cochran-Mantel-Haenszel test: are slices alike when pictures are compared only within a stratum?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import chdtrc

from fer_audit.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

__all__ = ["MantelHaenszel", "mantel_haenszel"]


@dataclass(frozen=True, slots=True)
class MantelHaenszel:
    """What K strata say together about one 2x2 table.

    Attributes:
        chi2: the statistic, on one degree of freedom; 0 where no stratum has both slices and both answers.
        p: its upper tail, which does not underflow where one minus the distribution would.
        odds_ratio: the common odds ratio; inf or nan where it has no finite value.
        log_odds_se: standard error of its logarithm; nan where that has none.
    """

    chi2: float
    p: float
    odds_ratio: float
    log_odds_se: float


def mantel_haenszel(tables: ArrayLike, *, continuity: bool = False) -> MantelHaenszel:
    """Whether, and how strongly, answers depend on the slice inside the strata.

    It takes pictures as independent: with several pictures a person its p-value is too small.

    Args:
        tables: shape (K, 2, 2): counts of pictures in K strata.
        continuity: subtract one half from the deviation before it is squared.

    Returns:
        The test and the common odds ratio.

    Raises:
        DataError: the shape is another, or a count is negative or not finite.

    Source: Mantel and Haenszel (1959), Journal of the National Cancer Institute 22, 719; the variance of
    the log odds ratio is that of Robins, Breslow and Greenland (1986), Biometrics 42, 311.

    >>> round(mantel_haenszel([[[3, 1], [1, 3]]]).odds_ratio, 6)
    9.0
    """
    cells = np.asarray(tables, dtype=np.float64)
    if cells.ndim != 3 or cells.shape[1:] != (2, 2):  # noqa: PLR2004 - strata of 2x2 tables
        raise DataError(f"strata have the shape (K, 2, 2), not {cells.shape}: put the two slices in rows")
    wrong = ~((cells >= 0) & np.isfinite(cells))
    if wrong.any():
        raise DataError(f"a stratum holds {cells[wrong][0]}: give counts of pictures")
    a, b, c, d = cells[cells.sum(axis=(1, 2)) > 1].reshape(-1, 4).T
    total = a + b + c + d
    deviation = abs(float(np.sum(a - (a + b) * (a + c) / total)))
    if continuity:
        deviation = max(0.0, deviation - 0.5)
    spread = float(np.sum((a + b) * (c + d) * (a + c) * (b + d) / (total**2 * (total - 1))))
    chi2 = deviation**2 / spread if spread > 0 else 0.0
    along, across = a * d / total, b * c / total
    r, s = float(along.sum()), float(across.sum())
    ratio = r / s if s > 0 else (np.inf if r > 0 else np.nan)
    error = np.nan
    if r > 0 and s > 0:
        p, q = (a + d) / total, (b + c) / total
        variance = np.sum(p * along) / (2 * r**2) + np.sum(p * across + q * along) / (2 * r * s)
        error = float(np.sqrt(variance + np.sum(q * across) / (2 * s**2)))
    return MantelHaenszel(chi2, float(chdtrc(1, chi2)), float(ratio), float(error))
