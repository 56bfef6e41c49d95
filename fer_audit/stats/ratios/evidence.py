"""What the data say of "the ratio of two rates is R", for strangers, for the same people, and in between.

Each kind of evidence answers in standard errors how far beyond R the ratio a / b lies (which decides FAIL),
how far within (which decides PASS), and how far the difference lies beyond delta. Replicate axes lead, the
pairs of slices come last.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

import numpy as np

from fer_audit.stats.differences.intervals import difference_score
from fer_audit.stats.ratios.inversion import largest_kept, smallest_kept
from fer_audit.stats.ratios.score import ratio_score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.settings import Settings

__all__ = [
    "CountEvidence",
    "PersonEvidence",
    "RatioEvidence",
    "lower_ratio",
    "person_evidence",
    "upper_ratio",
]

# The grids are even in log R. Scores of persons' values need not fall evenly in R, so their sign is looked up
# all along; a ratio beyond a million (or below a thousandth) is infinity (or 0) to any reader.
_LOWER_GRID = np.linspace(np.log(1e-3), np.log(1e6), 81)
_UPPER_GRID = np.linspace(0.0, np.log(1e6), 81)
# A variance below the first, or a distance below the second, is rounding.
_NOTHING = 1e-18
_ROUNDING = 1e-12


class RatioEvidence(Protocol):
    """Evidence on the ratio of the rates of a and b."""

    @property
    def monotone(self) -> bool:
        """Both scores on a ratio rise or fall all along it, so that one search finds where they cross."""
        ...

    def beyond(self, ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard errors by which the data lie above a / b = ratio."""
        ...

    def within(self, ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard errors by which the data lie below a / b = ratio."""
        ...

    def apart(self, delta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard errors by which the data lie above a - b = delta."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class CountEvidence:
    """Two slices of different people, each worth a number of independent images.

    Attributes:
        rate_a: shape (..., P): rate in a.
        rate_b: shape (..., P): rate in b.
        fail_a: shape (..., P): independent images a is worth, reckoned with the floor of FAIL.
        fail_b: the same of b.
        pass_a: independent images a is worth, reckoned with the floor of PASS.
        pass_b: the same of b.
    """

    rate_a: NDArray[np.float64]
    rate_b: NDArray[np.float64]
    fail_a: NDArray[np.float64]
    fail_b: NDArray[np.float64]
    pass_a: NDArray[np.float64]
    pass_b: NDArray[np.float64]

    @property
    def monotone(self) -> bool:
        """The score falls as the ratio rises (Koopman 1984)."""
        return True

    def beyond(self, ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        """Score test of Miettinen and Nurminen with the effective counts of FAIL."""
        hits_a, hits_b = self.rate_a * self.fail_a, self.rate_b * self.fail_b
        return ratio_score(hits_a, self.fail_a, hits_b, self.fail_b, ratio)

    def within(self, ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same with the effective counts of PASS."""
        hits_a, hits_b = self.rate_a * self.pass_a, self.rate_b * self.pass_b
        return -ratio_score(hits_a, self.pass_a, hits_b, self.pass_b, ratio)

    def apart(self, delta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Score test of a difference with the effective counts of FAIL."""
        return difference_score(self.rate_a, self.fail_a, self.rate_b, self.fail_b, delta)

    def oriented(self, flipped: NDArray[np.bool_]) -> CountEvidence:
        """With a and b exchanged where told, shape (..., P)."""
        pick = np.where
        return CountEvidence(
            rate_a=pick(flipped, self.rate_b, self.rate_a),
            rate_b=pick(flipped, self.rate_a, self.rate_b),
            fail_a=pick(flipped, self.fail_b, self.fail_a),
            fail_b=pick(flipped, self.fail_a, self.fail_b),
            pass_a=pick(flipped, self.pass_b, self.pass_a),
            pass_b=pick(flipped, self.pass_a, self.pass_b),
        )


@dataclass(frozen=True, slots=True, eq=False)
class PersonEvidence:
    """The value w = y_a - R y_b of people who are in both slices (or in either), through its moments.

    Moments are central and those of the *mean* of w: variances over G, third moments over G squared.

    Attributes:
        rate_a: shape (..., P): mean of y_a.
        rate_b: shape (..., P): mean of y_b.
        variance_a: shape (..., P): of y_a.
        variance_b: shape (..., P): of y_b.
        covariance: shape (..., P): of y_a and y_b.
        third: shape (4, ..., P): of y_a^3, y_a^2 y_b, y_a y_b^2, y_b^3; 0 for no skewness term.
        people: shape (P,): G; scales the floor.
        fail_scale: shape (P,): [1 + floor (m - 1)] / m, what FAIL takes of one image's variance; 0: no floor.
        pass_scale: shape (P,): the same for PASS.
    """

    rate_a: NDArray[np.float64]
    rate_b: NDArray[np.float64]
    variance_a: NDArray[np.float64]
    variance_b: NDArray[np.float64]
    covariance: NDArray[np.float64]
    third: NDArray[np.float64]
    people: NDArray[np.float64]
    fail_scale: NDArray[np.float64]
    pass_scale: NDArray[np.float64]

    @property
    def monotone(self) -> bool:
        """Mean, error and skewness of w all change with R."""
        return False

    def beyond(self, ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        """Student's t test of w > 0 with Johnson's skewness term and the floor of FAIL."""
        return self._score(ratio, 1.0, self.fail_scale)

    def within(self, ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        """Student's t test of w < 0 with Johnson's skewness term and the floor of PASS."""
        return self._score(ratio, -1.0, self.pass_scale)

    def apart(self, delta: NDArray[np.float64]) -> NDArray[np.float64]:
        """Student's t test of the difference, as for a gap."""
        return _over(self.rate_a - self.rate_b - delta, self.error**2)

    @property
    def error(self) -> NDArray[np.float64]:
        """Shape (..., P): standard error of the difference a - b."""
        return np.sqrt(np.maximum(self.variance_a - 2.0 * self.covariance + self.variance_b, 0.0))

    def oriented(self, flipped: NDArray[np.bool_]) -> PersonEvidence:
        """With a and b exchanged where told, shape (..., P)."""
        return replace(
            self,
            rate_a=np.where(flipped, self.rate_b, self.rate_a),
            rate_b=np.where(flipped, self.rate_a, self.rate_b),
            variance_a=np.where(flipped, self.variance_b, self.variance_a),
            variance_b=np.where(flipped, self.variance_a, self.variance_b),
            third=np.where(flipped, self.third[::-1], self.third),
        )

    def _score(
        self, ratio: NDArray[np.float64], sign: float, scale: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """The z that solves sign * mean = z se + skewness (1 + 2 z^2) / 6, never above the floor's.

        The skewness term is Johnson's (1978), JASA 73, 536-544: a mean whose long tail points towards the
        hypothesis looks farther from it than it is.
        """
        distance = sign * (self.rate_a - ratio * self.rate_b)
        variance = np.maximum(
            self.variance_a - 2.0 * ratio * self.covariance + ratio**2 * self.variance_b, 0.0
        )
        skew = -sign * (
            self.third[0]
            - 3.0 * ratio * self.third[1]
            + 3.0 * ratio**2 * self.third[2]
            - ratio**3 * self.third[3]
        )
        error = np.sqrt(variance)
        bend = np.maximum(skew, 0.0) / np.maximum(variance, _NOTHING) / 6.0
        # z from bend (1 + 2 z^2) + error z = distance, in the form that keeps its digits as bend goes to 0.
        # Without variance there is no skewness either, and the sign of the distance decides.
        reach = distance - bend
        root = np.sqrt(np.maximum(error**2 + 8.0 * bend * reach, 0.0))
        bent = 2.0 * reach / np.where(variance > _NOTHING, error + root, 1.0)
        score = np.where(
            (variance > _NOTHING) & (reach > 0.0), bent, _over(np.minimum(distance, reach), variance)
        )
        floor = self._floor(ratio) * scale / self.people
        return np.asarray(np.where(floor > _NOTHING, np.minimum(score, _over(distance, floor)), score))

    def _floor(self, ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        """Least variance of w for one image: events of b nested in those of a, R(R - 1) p_0.

        p_0 is the rate of b under the hypothesis, half an event of one more person added.
        """
        rate = (self.rate_a + self.rate_b + 0.5 / self.people) / (1.0 + 1.0 / self.people) / (1.0 + ratio)
        return np.maximum(ratio * (ratio - 1.0), 0.0) * rate


def person_evidence(
    value_a: NDArray[np.float64], value_b: NDArray[np.float64], depth: float, settings: Settings
) -> PersonEvidence:
    """Evidence on one pair of slices from the people who are in both; P is 1.

    Args:
        value_a: shape (..., G): what each person contributes to the rate of a.
        value_b: shape (..., G): the same for b.
        depth: harmonic mean of images a person.
        settings: the floors.
    """
    people = float(value_a.shape[-1])
    rate_a, rate_b = value_a.mean(axis=-1, keepdims=True), value_b.mean(axis=-1, keepdims=True)
    a, b = value_a - rate_a, value_b - rate_b
    products = (a**3, a**2 * b, a * b**2, b**3)
    third = np.stack([product.mean(axis=-1, keepdims=True) for product in products])

    def scale(floor: float) -> NDArray[np.float64]:
        return np.array([max(0.0, 1.0 + floor * (depth - 1.0)) / depth])

    return PersonEvidence(
        rate_a=rate_a,
        rate_b=rate_b,
        variance_a=(a**2).mean(axis=-1, keepdims=True) / people,
        variance_b=(b**2).mean(axis=-1, keepdims=True) / people,
        covariance=(a * b).mean(axis=-1, keepdims=True) / people,
        third=third / people**2,
        people=np.array([people]),
        fail_scale=scale(settings.fail_floor),
        pass_scale=scale(settings.pass_floor),
    )


def lower_ratio(evidence: RatioEvidence, quantile: NDArray[np.float64]) -> NDArray[np.float64]:
    """The bound that decides FAIL: all smaller ratios a / b lie ``quantile`` standard errors below the data.

    Returns:
        Same shape as ``quantile``; 0 where hardly any ratio is excluded.
    """
    grid = _LOWER_GRID[[0, -1]] if evidence.monotone else _LOWER_GRID
    bound = smallest_kept(lambda log: evidence.beyond(np.exp(log)) > quantile, grid, quantile.shape)
    return np.exp(bound)


def upper_ratio(evidence: RatioEvidence, quantile: NDArray[np.float64]) -> NDArray[np.float64]:
    """The bound that decides PASS: larger ratios a / b lie ``quantile`` standard errors above the data.

    Returns:
        Same shape as ``quantile``; at least 1, infinity where no ratio is too large.
    """
    grid = _UPPER_GRID[[0, -1]] if evidence.monotone else _UPPER_GRID
    bound = largest_kept(lambda log: evidence.within(np.exp(log)) >= quantile, grid, quantile.shape)
    return np.maximum(np.exp(bound), 1.0)


def _over(distance: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance in standard errors; without variance its sign decides, and no distance says nothing."""
    varies = variance > _NOTHING
    certain = np.where(np.abs(distance) > _ROUNDING, np.copysign(np.inf, distance), 0.0)
    return np.asarray(np.where(varies, distance / np.sqrt(np.where(varies, variance, 1.0)), certain))
