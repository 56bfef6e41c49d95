"""The smallest imagined study that stands for an undecided verdict, and what it takes for granted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from fer_audit.results import Outcome
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.differences.moments import moments
from fer_audit.stats.planning.power import TARGET, closed_formula
from fer_audit.stats.planning.worlds import World
from fer_audit.stats.quantiles import range_quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Design", "design_for"]

# A table of more slices is represented by the deciding pair and the slices at both ends. The number is then
# too small: to PASS every pair of 40 equal slices takes a seventh more people than to PASS every pair of 20.
_MOST_SLICES = 40
_LARGEST_CORRELATION = 0.95
_FEWEST_SLICES = 2
_LEAST_ERROR = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """What is imagined of an undecided verdict.

    Attributes:
        layout: the slices that matter, with the people and images observed.
        pair_layout: the deciding pair alone.
        world: rates and correlations of ``layout``.
        pair_rate: shape (2, L): rates of the deciding pair.
        gap: the gap taken for true.
        rate: the rate over all slices.
        outcome: the verdict that is asked for.
        asked: names of the slices whose people are asked for; ``layout`` holds only some of many.
        family: slices over which FAIL is simultaneous.
        formula: people a slice by the closed formula.
        standard_error: of the deciding pair, or what chance alone would make it.
        critical: how many standard errors FAIL takes.
        compared: a pair could be compared at all.
        assumed: empty, or that the correlation is an assumption.
    """

    layout: Tally
    pair_layout: Tally
    world: World
    pair_rate: NDArray[np.float64]
    gap: float
    rate: float
    outcome: Outcome
    asked: tuple[str, ...]
    family: int
    formula: float
    standard_error: float
    critical: float
    compared: bool
    assumed: str

    @property
    def sampled(self) -> str:
        """That the imagined study holds only some of the slices asked for, or nothing."""
        if len(self.asked) <= len(self.layout.levels):
            return ""
        return (
            f"the number is reckoned with {len(self.layout.levels)} of the {len(self.asked)} slices, the "
            "pair that decides and those of the highest and lowest rates; all of them take that many or more"
        )

    @property
    def largest_gap(self) -> float:
        """The widest gap that rates strictly between 0 and 1 leave room for here."""
        return 1 - 2 * self._edge

    @property
    def _edge(self) -> float:
        return 0.5 / (len(np.unique(self.pair_layout.person)) + 1)

    def with_gap(self, gap: float) -> World:
        """The deciding pair moved symmetrically apart, or as far to one side as rates allow."""
        middle, edge = self.pair_rate.mean(0), self._edge
        high = np.clip(middle + gap / 2, edge + gap, 1 - edge)
        rate = np.stack([high, high - gap])
        return World(rate, self.world.alike, self.world.person_shared, self.world.image_shared)


def design_for(tally: Tally, found: Differences, tolerance: float, settings: Settings) -> Design | None:
    """Imagine the truth as observed: rates, correlation, and how many images of which labels people have.

    Where nothing could be compared all slices are taken to have the overall rate, and images of one person
    to correlate by the FAIL floor.

    Args:
        tally: in canonical order, so that of pairs that are alike the same is taken whatever their names.
        found: its comparisons.
        tolerance: the largest gap allowed.
        settings: error rate and floors.

    Returns:
        None where no two slices have a label in common.
    """
    compared = bool(found.compared.any())
    chosen = _deciding(tally, found, tolerance)
    labels, pair, outcome = chosen.labels, chosen.pair, chosen.outcome
    units = np.zeros(len(tally.levels), dtype=np.int64)
    np.add.at(units, tally.level, (tally.images[:, labels] > 0).any(1))
    if not len(labels) or (units > 0).sum() < _FEWEST_SLICES:
        return None
    rates = _label_rates(tally, labels, found.layout.assessable & compared)
    deciding = (
        np.array([found.layout.first[pair], found.layout.second[pair]])
        if compared
        else np.argsort(-units, kind="stable")[:2]
    )
    slices = _slices(outcome, deciding, units, rates.mean(1))
    asked = slices if outcome is Outcome.FAIL else np.flatnonzero(units > 0)
    layout, pair_layout = _restrict(tally, slices, labels), _restrict(tally, np.sort(deciding), labels)
    edge = 0.5 / (len(np.unique(layout.person)) + 1)
    pair_rate = np.clip(rates[np.sort(deciding)], edge, 1 - edge)

    alike = float(found.alike[pair]) if compared else settings.fail_floor
    alike = float(np.clip(alike, 0, _LARGEST_CORRELATION))
    shared = compared and list(PairKind)[found.kind[pair]] is not PairKind.APART
    world = World(np.clip(rates[slices], edge, 1 - edge), alike)
    if shared:
        world = _sharing(pair_layout, world)

    gap = float(np.abs(found.difference[pair])) if compared else 0.0
    family = max(int(found.layout.assessable.sum()), len(slices) if not compared else 2)
    freedom = float(found.freedom[pair]) if compared else float(settings.least_people)
    critical = float(range_quantile(family, freedom, settings.alpha)) / np.sqrt(2.0)
    depth = float(pair_layout.images.sum()) / max(len(pair_layout.person), 1)
    chance = float((pair_rate.mean(1) * (1 - pair_rate.mean(1))).sum()) / depth
    seen = chance * max(0.5, 1 + alike * (depth - 1))
    if shared:
        seen = float(found.error[pair]) ** 2 * float(found.people[pair].min()) or seen
    floor = settings.fail_floor if outcome is Outcome.FAIL else settings.pass_floor
    reckoned = seen if shared else max(seen, chance * (1 + floor * (depth - 1)))
    distance = max(abs(gap - tolerance), 1e-9)
    power, critical_here = TARGET, critical
    if outcome is Outcome.PASS:
        pairs = len(slices) * (len(slices) - 1) // 2
        power = 1 - (1 - TARGET) / (2 * pairs if gap == 0 else len(slices) - 1)
        critical_here = float(ndtri(1 - settings.alpha))
    return Design(
        layout=layout,
        pair_layout=pair_layout,
        world=world,
        pair_rate=pair_rate,
        gap=gap,
        rate=float(rates.mean()),
        outcome=outcome,
        asked=tuple(tally.levels[level] for level in asked),
        family=family,
        formula=closed_formula(critical_here, power, reckoned, seen, distance),
        standard_error=float(found.error[pair] if compared else 0)
        or float(np.sqrt(seen / _few(pair_layout))),
        critical=critical,
        compared=compared,
        assumed="" if compared else " (an assumption)",
    )


def _few(pair: Tally) -> int:
    """People of the smaller slice."""
    return int(np.bincount(pair.level, minlength=2).min())


@dataclass(frozen=True, slots=True, eq=False)
class _Deciding:
    """Which pair an undecided verdict hangs on, and which verdict is nearer."""

    pair: int
    labels: NDArray[np.int64]
    outcome: Outcome


def _deciding(tally: Tally, found: Differences, tolerance: float) -> _Deciding:
    if not found.compared.any():
        return _Deciding(0, np.flatnonzero((tally.images > 0).any(0)), Outcome.PASS)
    over = np.abs(found.difference) > tolerance
    outcome = Outcome.FAIL if (over & found.compared).any() else Outcome.PASS
    # FAIL is nearest where the excess is largest in standard errors; PASS waits for the widest bound.
    excess = (np.abs(found.difference) - tolerance) / np.maximum(found.error, _LEAST_ERROR)
    bound = excess if outcome is Outcome.FAIL else found.upper
    pair = int(np.where(found.compared, bound, -np.inf).argmax())
    return _Deciding(pair, np.flatnonzero(found.labels[pair]), outcome)


def _label_rates(
    tally: Tally, labels: NDArray[np.int64], assessable: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Shape (levels, labels): rates over people; where too few people speak, the rate over all slices."""
    images = tally.images[:, labels]
    held = images > 0
    answer = np.where(held, tally.hits[:, labels] / np.where(held, images, 1), 0)
    total, holders = np.zeros((2, len(tally.levels), len(labels)))
    np.add.at(total, tally.level, answer)
    np.add.at(holders, tally.level, held.astype(np.float64))
    overall = total.sum(0) / np.maximum(holders.sum(0), 1)
    own = assessable[:, None] & (holders > 0)
    return np.where(own, total / np.maximum(holders, 1), overall)


def _slices(
    outcome: Outcome, deciding: NDArray[np.int64], units: NDArray[np.int64], rate: NDArray[np.float64]
) -> NDArray[np.int64]:
    """FAIL takes the deciding pair alone; PASS takes every slice, or of many those at both ends."""
    if outcome is Outcome.FAIL:
        return np.sort(deciding)
    others = np.setdiff1d(np.flatnonzero(units > 0), deciding)
    others = others[np.argsort(rate[others], kind="stable")]
    room = _MOST_SLICES - len(deciding)
    if len(others) > room:
        others = np.concatenate([others[: room // 2], others[-(room - room // 2) :]])
    return np.sort(np.concatenate([deciding, others]))


def _restrict(tally: Tally, slices: NDArray[np.int64], labels: NDArray[np.int64]) -> Tally:
    place = np.full(len(tally.levels), -1)
    place[slices] = np.arange(len(slices))
    images = tally.images[:, labels]
    units = np.flatnonzero((place[tally.level] >= 0) & (images > 0).any(1))
    _, person = np.unique(tally.person[units], return_inverse=True)
    return replace(
        tally,
        person=person.ravel(),
        level=place[tally.level[units]],
        hits=tally.hits[np.ix_(units, labels)],
        images=images[units],
        levels=tuple(tally.levels[level] for level in slices),
        labels=tuple(tally.labels[label] for label in labels),
    )


def _sharing(pair: Tally, world: World) -> World:
    """Split the covariance of two slices that share people: their own effects first, then their pictures."""
    found = moments(pair, np.array([0, 1]), np.arange(len(pair.labels)))
    sides = [np.flatnonzero(found.owner == side) for side in (0, 1)]
    _, left, right = np.intersect1d(
        pair.person[found.units[sides[0]]], pair.person[found.units[sides[1]]], return_indices=True
    )
    centred = found.value - found.rate[found.owner]
    covariance = float((centred[sides[0]][left] * centred[sides[1]][right]).mean())
    effects = world.alike * float(np.sqrt((found.rate * (1 - found.rate)).prod()))
    pictures = (1 - world.alike) * float(np.sqrt(found.chance.prod()))
    return World(
        world.rate,
        world.alike,
        person_shared=float(np.clip(covariance / effects, 0, 1)) if effects > 0 else 0.0,
        image_shared=float(np.clip((covariance - effects) / pictures, 0, 1)),
    )
