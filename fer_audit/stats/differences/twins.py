"""Two slices made of the same people: each person is compared with himself.

Whatever makes a face hard to read is the same on both sides and cancels; so a paired comparison decides with
far fewer people than two groups of strangers, and its variance is that of the differences alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.moments import correlation, moments
from fer_audit.stats.quantiles import student_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.layout import Block, Layout
    from fer_audit.stats.differences.moments import Moments
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["PairBounds", "change_upper", "paired_upper", "twin_bounds"]

# Differences that are all equal differ by rounding only.
_NO_VARIANCE = 1e-18


@dataclass(frozen=True, slots=True, eq=False)
class PairBounds:
    """Estimates and bounds of some pairs of slices, as the engine collects them; P pairs.

    Attributes:
        rate_first: shape (..., P).
        rate_second: shape (..., P).
        people: shape (P, 2).
        images: shape (P, 2).
        error: shape (..., P): standard error of the difference.
        freedom: shape (..., P): its degrees of freedom.
        upper: shape (..., P): the bound that decides PASS.
        alike: shape (..., P): correlation within people.
    """

    rate_first: NDArray[np.float64]
    rate_second: NDArray[np.float64]
    people: NDArray[np.float64]
    images: NDArray[np.float64]
    error: NDArray[np.float64]
    freedom: NDArray[np.float64]
    upper: NDArray[np.float64]
    alike: NDArray[np.float64]


def twin_bounds(
    tally: Tally,
    block: Block,
    layout: Layout,
    settings: Settings,
    known: dict[bytes, NDArray[np.float64]],
) -> PairBounds:
    """Estimate and bound the difference between two slices that hold the same people.

    Args:
        tally: hits and images, with any replicate axes leading ``hits``.
        block: the one pair, and the cells that both slices have.
        layout: which levels the pair stands for.
        settings: error rate and the floor of PASS.
        known: correlations already found, by people and labels; extended here.
    """
    levels = np.array([layout.first[block.pairs[0]], layout.second[block.pairs[0]]])
    found = moments(tally, levels, block.labels, held=block.held)
    people = float(found.people[0])
    left, right = (_by_person(tally, found, side) for side in (0, 1))
    gap = found.rate[..., 0] - found.rate[..., 1]
    centred = found.value[..., left] - found.value[..., right] - gap[..., None]
    variance = (centred**2).mean(-1)
    shared = tally.person[found.units[left]]
    key = shared.tobytes() + b"|" + block.labels.tobytes()
    if key not in known:
        known[key] = _correlation_of(tally, shared, block.labels, settings)
    return PairBounds(
        rate_first=found.rate[..., :1],
        rate_second=found.rate[..., 1:],
        people=found.people[None],
        images=found.images[None],
        error=np.sqrt(variance / people)[..., None],
        freedom=np.full((*gap.shape, 1), people - 1),
        upper=paired_upper(found, gap, variance, (centred**3).mean(-1), settings)[..., None],
        alike=known[key][..., None],
    )


def paired_upper(
    found: Moments,
    gap: NDArray[np.float64],
    variance: NDArray[np.float64],
    third: NDArray[np.float64],
    settings: Settings,
) -> NDArray[np.float64]:
    """The smallest tolerance that the people's own differences stay within, one-sided.

    The t bound carries Johnson's skewness term (Johnson 1978, eq. 2.6), oriented with the gap: differences
    with a long tail towards the gap hide how far it reaches. Below it lies a floor for what people who were
    not sampled would show: images of one person correlate up to the floor, and with fewer than two images
    the two sides differ by chance.

    Args:
        found: moments of the two slices over the people they share.
        gap: shape (...): difference of the rates.
        variance: shape (...): variance of the people's differences.
        third: shape (...): their third central moment.
        settings: error rate and floor.
    """
    # Without a direction the tail may point either way.
    tail = np.where(gap == 0, np.abs(third), third * np.sign(gap))
    return change_upper(found, np.abs(gap), variance, tail, settings)


def change_upper(
    found: Moments,
    size: NDArray[np.float64],
    variance: NDArray[np.float64],
    tail: NDArray[np.float64],
    settings: Settings,
) -> NDArray[np.float64]:
    """The smallest tolerance that a change in one direction stays within; see `paired_upper`.

    Args:
        found: moments of the two slices over the people they share.
        size: shape (...): the change, positive in the direction that is bounded.
        variance: shape (...): variance of the people's changes.
        tail: shape (...): their third central moment in that direction.
        settings: error rate and floor.
    """
    people = float(found.people[0])
    depth = float(found.depth.min())
    t = float(student_quantile(1 - settings.alpha, people - 1))
    varies = variance > _NO_VARIANCE
    skewness = np.where(varies, np.maximum(tail, 0) / np.where(varies, variance, 1), 0)
    studentised = t * np.sqrt(variance / people) + skewness * (1 + 2 * t**2) / (6 * people)

    chance = (found.rate * (1 - found.rate)).sum(-1)
    unpaired = t * np.sqrt(max(0.0, 2 - depth) / depth * np.maximum(chance, 0) / people)
    # delta - size >= t sqrt(delta (1 - delta) c / G): the larger root of a quadratic in delta.
    c = t**2 * (1 + settings.pass_floor * (depth - 1)) / depth / people
    floor = (2 * size + c + np.sqrt(np.maximum(c * (c + 4 * size * (1 - size)), 0))) / (2 * (1 + c))
    return np.asarray(np.minimum(np.maximum(size + np.maximum(studentised, unpaired), floor), 1))


def _by_person(tally: Tally, found: Moments, side: int) -> NDArray[np.int64]:
    units = np.flatnonzero(found.owner == side)
    return np.asarray(units[np.argsort(tally.person[found.units[units]])])


def _correlation_of(
    tally: Tally, people: NDArray[np.int64], labels: NDArray[np.int64], settings: Settings
) -> NDArray[np.float64]:
    """Pooled over every slice in which enough of these people have each label."""
    held = (tally.images > 0) & np.isin(tally.person, people)[:, None]
    holders = np.zeros((len(tally.levels), len(labels)), dtype=np.int64)
    np.add.at(holders, tally.level, held[:, labels])
    slices = np.flatnonzero((holders >= settings.least_people).all(1))
    return correlation(moments(tally, slices, labels, held=held))
