"""How much more often answers change between two levels than between identical pictures, with both bounds.

Of one scene let p_s and p_t be the probabilities of each response at two levels. Two answers, one at each,
differ with probability 1 - sum p_s p_t; two at one level with 1 - sum p^2, through the model's own noise. The
excess of the first over the mean of the others is half the squared distance of p_s and p_t: never negative,
and 0 exactly where the attribute changes nothing, however noisy the model is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.moments import moments
from fer_audit.stats.differences.twins import change_upper
from fer_audit.stats.quantiles import student_quantile
from fer_audit.stats.tally import Tally, rounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.flips.scenes import Scenes
    from fer_audit.stats.settings import Settings

__all__ = ["CHANGED", "IDENTICAL", "Excess", "FlipPair", "bound_excess", "match_levels"]

IDENTICAL, CHANGED = 0, 1
"""The two sides of a pair's tally: flips of identical pictures, and flips where the level changes."""

# People whose excesses are all equal leave a smaller error by rounding, and no other people do.
_NO_ERROR = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class FlipPair:
    """The scenes that two levels have in common, and how often answers to them differ.

    Attributes:
        first: lower level.
        second: higher level.
        units: shape (scenes, 2): unit of each matched scene at either level.
        weight: shape (scenes,): what each counts; the wordings of one face share its weight of one.
        tally: the same people twice, with expected flips as hits and faces as images.
        unmeasured: matched scenes that are left out, because identical pictures were shown of others only.
    """

    first: int
    second: int
    units: NDArray[np.int64]
    weight: NDArray[np.float64]
    tally: Tally
    unmeasured: int


@dataclass(frozen=True, slots=True, eq=False)
class Excess:
    """One pair of levels; bounds are those of the excess, which keeps its sign.

    Attributes:
        pair: the levels and their scenes.
        people: who was seen at both, with a label that enough people have.
        faces: their faces.
        labels: shape (L,): which labels are compared.
        person: shape (people,): codes of those people.
        changed: shape (...): flip rate between the levels, averaged over people and then over labels.
        identical: shape (...): flip rate of identical pictures; 0 where none was measured.
        each: shape (..., people): each person's own excess, whose mean is the excess.
        error: shape (...): its standard error.
        lower: shape (...): the bound that decides FAIL, simultaneous over the pairs (Bonferroni).
        upper: shape (...): the bound that decides PASS.
        alike: shape (...): correlation between the flips of one person's faces.
    """

    pair: FlipPair
    people: int
    faces: float
    labels: NDArray[np.bool_]
    person: NDArray[np.int64]
    changed: NDArray[np.float64]
    identical: NDArray[np.float64]
    each: NDArray[np.float64]
    error: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    alike: NDArray[np.float64]

    @property
    def value(self) -> NDArray[np.float64]:
        """Shape (...): how much more often answers change with the level than without."""
        return self.changed - self.identical


def match_levels(scenes: Scenes) -> tuple[FlipPair, ...]:
    """Every pair of levels that have a scene in common.

    Where identical pictures were shown at all, only scenes with such pictures at both levels take part: of
    the others nobody knows how much is noise.
    """
    at = np.full((len(scenes.person), len(scenes.levels)), -1, dtype=np.int64)
    at[scenes.scene, scenes.level] = np.arange(len(scenes.scene))
    noisy = bool(scenes.measured.any())
    found = []
    for first in range(len(scenes.levels)):
        for second in range(first + 1, len(scenes.levels)):
            both = at[(at[:, first] >= 0) & (at[:, second] >= 0)][:, [first, second]]
            if not len(both):
                continue
            used = both[scenes.measured[both].all(axis=1)] if noisy else both
            found.append(_pair(scenes, first, second, used, unmeasured=len(both) - len(used), noisy=noisy))
    return tuple(found)


def _pair(
    scenes: Scenes, first: int, second: int, units: NDArray[np.int64], *, unmeasured: int, noisy: bool
) -> FlipPair:
    scene = scenes.scene[units[:, 0]]
    _, face, wordings = np.unique(scenes.face[scene], return_inverse=True, return_counts=True)
    weight = 1.0 / wordings[face.reshape(-1)]
    changed = 1 - (scenes.share[..., units[:, 0], :] * scenes.share[..., units[:, 1], :]).sum(-1)
    identical = np.zeros_like(changed)
    if noisy:
        identical = 1 - (scenes.alike[..., units[:, 0]] + scenes.alike[..., units[:, 1]]) / 2
    people, who = np.unique(scenes.person[scene], return_inverse=True)
    width = len(scenes.labels)
    cell = who.reshape(-1) * width + scenes.label[scene]
    images = np.bincount(cell, weight, len(people) * width).reshape(-1, width)
    hits = np.concatenate(
        [_summed(weight * values, cell, (len(people), width)) for values in (identical, changed)], axis=-2
    )
    tally = Tally(
        person=np.tile(people, 2),
        level=np.repeat(np.array([IDENTICAL, CHANGED]), len(people)),
        hits=rounded(hits),
        images=np.rint(np.tile(images, (2, 1))),
        levels=("identical", "changed"),
        labels=scenes.labels,
    )
    return FlipPair(first, second, units, weight, tally, unmeasured)


def _summed(
    values: NDArray[np.float64], cell: NDArray[np.int64], shape: tuple[int, int]
) -> NDArray[np.float64]:
    """Sums of the last axis by cell, in the given shape."""
    lead = values.shape[:-1]
    total = np.zeros((shape[0] * shape[1], *lead))
    np.add.at(total, cell, np.moveaxis(values, -1, 0))
    return np.moveaxis(total, 0, -1).reshape(*lead, *shape)


def bound_excess(
    pairs: tuple[FlipPair, ...], settings: Settings, *, family: int | None = None
) -> tuple[Excess, ...]:
    """Bound the excess of every pair of levels that enough people were seen at.

    Each person is compared with himself. FAIL is one-sided, Student's t at alpha over the number of pairs;
    PASS takes the one-sided bound of twins, which no multiplicity widens (intersection-union). A pair counts
    for the labels that enough people have at both levels.

    Args:
        pairs: from `match_levels`; hits may carry replicate axes.
        settings: error rate, floor and the fewest people.
        family: over how many pairs the FAIL bound is simultaneous; those that can be compared if None.
    """
    kept = []
    for pair in pairs:
        people = len(pair.tally.person) // 2
        labels = (pair.tally.images[:people] > 0).sum(axis=0) >= settings.least_people
        if labels.any():
            kept.append((pair, labels))
    return tuple(_bound(pair, labels, settings, family=family or len(kept)) for pair, labels in kept)


def _bound(pair: FlipPair, labels: NDArray[np.bool_], settings: Settings, *, family: int) -> Excess:
    found = moments(pair.tally, np.array([IDENTICAL, CHANGED]), np.flatnonzero(labels))
    people = len(found.units) // 2
    # Both sides list the same people in the same order.
    each = found.value[..., people:] - found.value[..., :people]
    identical, changed = found.rate[..., IDENTICAL], found.rate[..., CHANGED]
    value = changed - identical
    centred = each - value[..., None]
    variance = (centred**2).mean(-1)
    error = np.sqrt(variance / people)
    error = np.where(error < _NO_ERROR, 0.0, error)
    quantile = float(student_quantile(1 - settings.alpha / family, people - 1))
    # The true excess is no less than 0, so that neither is what bounds it, whatever chance makes of it.
    upper = np.maximum(change_upper(found, value, variance, (centred**3).mean(-1), settings), 0.0)
    return Excess(
        pair=pair,
        people=people,
        faces=float(found.images[CHANGED]),
        labels=labels,
        person=pair.tally.person[found.units[:people]],
        changed=changed,
        identical=identical,
        each=each,
        error=error,
        lower=value - quantile * error,
        upper=upper,
        alike=_alike(variance, value, float(found.depth.min())),
    )


def _alike(variance: NDArray[np.float64], value: NDArray[np.float64], depth: float) -> NDArray[np.float64]:
    """Variance over people beyond that of independent faces; 0 where a person has one face only."""
    chance = np.maximum(value * (1 - value), 0) / depth
    if depth <= 1:
        return np.zeros_like(value)
    ratio = np.where(chance > 0, variance / np.where(chance > 0, chance, 1), 1.0)
    return np.asarray(np.clip((ratio - 1) / (depth - 1), -1, 1))
