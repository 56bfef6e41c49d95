"""How much worse the same people are read than before, together and slice by slice, with both bounds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.differences.moments import moments
from fer_audit.stats.differences.twins import change_upper
from fer_audit.stats.quantiles import student_quantile
from fer_audit.stats.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fer_audit.stats.differences.moments import Moments
    from fer_audit.stats.settings import Settings

__all__ = ["ChangeOfGap", "Deterioration", "change_of_gap", "deteriorations", "together"]

_NO_ERROR = 1e-9
_TWO_SIDED = 0.975
# Weight of the pooled dispersion against a group's own, in people; as in the bounds of a gap.
_PRIOR_PEOPLE = 10.0
# Two releases of one model stumble over the same pictures, so that people change less than independent
# pictures would make them; where hardly anybody changed, not less than this share of it is assumed.
_LEAST_DISPERSION = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Deterioration:
    """One group of people, then and now. Bounds are of the deterioration: positive is worse.

    Attributes:
        name: the slice; empty for everybody.
        people: who was seen both times.
        images: their images now.
        labels: shape (L,): which labels of the tally enough of them have both times.
        rising_is_worse: the measure is one of errors.
        before: shape (...): the measure then.
        now: shape (...): the measure now.
        lower: shape (...): the bound that decides FAIL, simultaneous over everybody and all slices.
        upper: shape (...): the bound that decides PASS.
        worse: shape (...): the deterioration observed.
        error: shape (...): standard error behind ``lower``.
        changes: shape (..., people): how much worse each person is read.
        person: shape (people,): codes of those people.
    """

    name: str
    people: int
    images: float
    labels: NDArray[np.bool_]
    rising_is_worse: bool
    before: NDArray[np.float64]
    now: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    worse: NDArray[np.float64]
    error: NDArray[np.float64]
    changes: NDArray[np.float64]
    person: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ChangeOfGap:
    """How the gap between two slices changed between two releases.

    Attributes:
        first: one slice.
        second: the other.
        before: shape (...): measure of the first less that of the second, then.
        now: shape (...): the same now.
        estimate: shape (...): now less before: difference in differences.
        lower: shape (...): of a two-sided 95 % interval.
        upper: shape (...): of the same.
    """

    first: str
    second: str
    before: NDArray[np.float64]
    now: NDArray[np.float64]
    estimate: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]


def change_of_gap(first: Deterioration, second: Deterioration) -> ChangeOfGap:
    """Difference in differences of two slices, by Student's t over people; its error has no direction.

    People who are in both slices enter with both of their changes, so that what they share cancels.

    Args:
        first: one slice; the measures may carry leading replicate axes.
        second: another, with the same axes.
    """
    people = np.union1d(first.person, second.person)
    influence = np.zeros((*first.worse.shape, len(people)))
    unseen = np.zeros(first.worse.shape)
    for item, side in ((first, 1.0), (second, -1.0)):
        # Person values carry the factor sqrt(G / (G - 1)) of an unbiased variance already.
        own = (item.changes - item.worse[..., None]) / item.people
        influence[..., np.searchsorted(people, item.person)] += side * own
        unseen += item.error**2 - (own**2).sum(-1)
    smaller = min(first.people, second.people)
    error = np.sqrt((influence**2).sum(-1) + np.maximum(unseen, 0.0))
    before, now = first.before - second.before, first.now - second.now
    reach = float(student_quantile(_TWO_SIDED, smaller - 1)) * error
    change = now - before
    return ChangeOfGap(first.name, second.name, before, now, change, change - reach, change + reach)


def together(tally: Tally) -> Tally:
    """The same data with everybody in one slice: a person in several slices becomes one unit."""
    people, unit = np.unique(tally.person, return_inverse=True)
    hits = np.zeros((*tally.hits.shape[:-2], len(people), tally.hits.shape[-1]))
    np.add.at(np.moveaxis(hits, -2, 0), unit.ravel(), np.moveaxis(tally.hits, -2, 0))
    images = np.zeros((len(people), tally.images.shape[1]))
    np.add.at(images, unit.ravel(), tally.images)
    level = np.zeros(len(people), dtype=np.int64)
    return replace(tally, person=people, level=level, hits=hits, images=images, levels=("",))


def deteriorations(
    before: Tally, now: Tally, settings: Settings, *, rising_is_worse: bool, claims: int | None = None
) -> tuple[Deterioration, ...]:
    """The change of everybody and of each slice, as far as enough people were seen both times.

    A person's change is the difference of his own values, averaged over the labels he was seen with both
    times; images of one person that resemble each other then do so now, and cancel. FAIL takes Student's t at
    alpha over the number of claims (Bonferroni): everybody, and each slice. Its variance is the observed one,
    but not less than that drawn, with ten people's weight, towards what the dispersion of all slices implies:
    few people of whom hardly anybody changed look more certain than they are. PASS is one-sided with the
    skewness term and the floor of twins (:func:`fer_audit.stats.differences.twins.change_upper`).

    Args:
        before: the earlier release; ``hits`` may carry leading replicate axes.
        now: this release, over the same people, levels and labels.
        settings: error rate, floor and the fewest people.
        rising_is_worse: the measure is one of errors, so that a rise is a deterioration.
        claims: over how many claims FAIL is simultaneous; those that can be assessed if None.

    Returns:
        Everybody first, then the slices that can be assessed.
    """
    groups = [("", together(before), together(now), 0)]
    groups += [(name, before, now, level) for level, name in enumerate(now.levels)]
    joined = [(name, _join(then, this, level)) for name, then, this, level in groups]
    sign = 1.0 if rising_is_worse else -1.0
    usable = [
        _compare(name, tally, settings, sign)
        for name, tally in joined
        if _shared_labels(tally, settings).any()
    ]
    dispersion = _pool(usable)
    held = claims or len(usable)
    return tuple(_bound(group, dispersion, settings, claims=held, sign=sign) for group in usable)


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """People at two times, before their change is bounded.

    ``variance`` is that of one person's change; ``chance`` is what it would be if a person's pictures were
    independent of each other, and of what they got the other time.
    """

    name: str
    tally: Tally
    labels: NDArray[np.bool_]
    found: Moments
    changes: NDArray[np.float64]
    worse: NDArray[np.float64]
    variance: NDArray[np.float64]
    chance: NDArray[np.float64]

    @property
    def people(self) -> int:
        return int(self.changes.shape[-1])


def _join(before: Tally, now: Tally, level: int) -> Tally:
    """One slice at two times, as two slices of the same people; who was seen once only is left out."""
    then, this = (np.flatnonzero(tally.level == level) for tally in (before, now))
    _, i, j = np.intersect1d(before.person[then], now.person[this], return_indices=True)
    then, this = then[i], this[j]
    both = (before.images[then] > 0) & (now.images[this] > 0)
    kept = both.any(axis=1)
    then, this, both = then[kept], this[kept], both[kept]
    return Tally(
        person=np.concatenate([before.person[then], now.person[this]]),
        level=np.repeat(np.array([0, 1]), len(then)),
        hits=np.concatenate([before.hits[..., then, :] * both, now.hits[..., this, :] * both], axis=-2),
        images=np.concatenate([before.images[then] * both, now.images[this] * both]),
        levels=("before", "now"),
        labels=now.labels,
        conditional=now.conditional,
    )


def _shared_labels(tally: Tally, settings: Settings) -> NDArray[np.bool_]:
    holders = (tally.images[: len(tally.images) // 2] > 0).sum(axis=0)
    return np.asarray(holders >= settings.least_people)


def _compare(name: str, tally: Tally, settings: Settings, sign: float) -> _Group:
    labels = _shared_labels(tally, settings)
    found = moments(tally, np.array([0, 1]), np.flatnonzero(labels))
    half = len(found.units) // 2
    # Both halves are in the order of the people, since they were joined person by person.
    changes = sign * (found.value[..., half:] - found.value[..., :half])
    worse = sign * (found.rate[..., 1] - found.rate[..., 0])
    steady = (found.rate * half + 0.5) / (half + 1.0)
    return _Group(
        name=name,
        tally=tally,
        labels=labels,
        found=found,
        changes=changes,
        worse=worse,
        variance=((changes - worse[..., None]) ** 2).mean(-1),
        chance=(steady * (1.0 - steady) / found.depth).sum(-1),
    )


def _pool(groups: Sequence[_Group]) -> NDArray[np.float64]:
    """Shape (...): how much people vary against what chance implies, over the slices together."""
    slices = [group for group in groups if group.name]
    if not slices:
        return np.asarray(_LEAST_DISPERSION)
    degrees = sum(group.people - 1.0 for group in slices)
    excess = sum(((group.people - 1.0) * group.variance / group.chance for group in slices), np.zeros(()))
    return np.maximum(_LEAST_DISPERSION, excess / degrees)


def _bound(
    group: _Group, dispersion: NDArray[np.float64], settings: Settings, *, claims: int, sign: float
) -> Deterioration:
    people = group.people
    implied = dispersion * group.chance
    drawn = (_PRIOR_PEOPLE * implied + (people - 1.0) * group.variance) / (_PRIOR_PEOPLE - 1.0 + people)
    error = np.sqrt(np.maximum(group.variance, drawn) / people)
    error = np.where(error < _NO_ERROR, 0.0, error)
    quantile = float(student_quantile(1 - settings.alpha / claims, people - 1))
    skewness = ((group.changes - group.worse[..., None]) ** 3).mean(-1)
    return Deterioration(
        name=group.name,
        people=people,
        images=float(group.found.images[1]),
        labels=group.labels,
        rising_is_worse=sign > 0,
        before=group.found.rate[..., 0],
        now=group.found.rate[..., 1],
        lower=group.worse - quantile * error,
        upper=change_upper(group.found, group.worse, group.variance, skewness, settings),
        worse=group.worse,
        error=error,
        changes=group.changes,
        person=group.tally.person[group.found.units[:people]],
    )
