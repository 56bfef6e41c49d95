"""What an undecided gap of scores would take, and whether the criterion would notice one: people drawn again.

A rate tells how shares of images vary; of other numbers nothing tells it but the people who were seen. So
imagined tables are made of them: each of their people is one of those observed, drawn with replacement
(Efron 1979), and the engine that judges real tables judges these.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from fer_audit.results import Outcome
from fer_audit.stats.association.permutation import derived_generator
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.differences.moments import moments
from fer_audit.stats.planning.control import Control
from fer_audit.stats.planning.gap import Plan, describe_hopeless
from fer_audit.stats.planning.power import TARGET, affordable_runs, closed_formula
from fer_audit.stats.planning.search import cross, find_people, stream
from fer_audit.stats.quantiles import range_quantile
from fer_audit.stats.scores.comparison import compare_scores
from fer_audit.stats.tally import Tally, canonical

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.settings import Settings

__all__ = ["Crowd", "control_scores", "plan_scores"]

_RUNS, _FEWEST_RUNS, _CELLS = 600, 100, 400_000
_PLANTINGS, _FEWEST_PLANTINGS, _PLANTED_CELLS = 200, 40, 300_000
# Of more slices those at both ends stand for all.
_MOST_SLICES = 40
_LARGEST_GAP = 1.0
_ROUNDING = 1e-12
_LEAST_ERROR = 1e-12
_VERSION = "score-power-1"
_CONTROL_VERSION = "score-control-1"


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """People who were seen, as a source of imagined ones.

    Attributes:
        layout: a unit a person and slice, one label; images are what a person of the slice has on average.
        value: shape (U,): what each unit contributes to its slice's mean score.
    """

    layout: Tally
    value: NDArray[np.float64]

    def draw(
        self, layout: Tally, shift: NDArray[np.float64], runs: int, generator: np.random.Generator
    ) -> Tally:
        """Fill a layout with people drawn again, each with all his slices, from those in the same slices.

        Args:
            layout: of these slices, with any number of people.
            shift: shape (S,): what is added to every score of a slice.
            runs: imagined tables.
            generator: the source of randomness.

        Returns:
            ``hits`` of shape (runs, units, 1).
        """
        score = np.zeros((runs, len(layout.person)))
        sources, wanted = _groups(self.layout), _groups(layout)
        for slices, places in wanted.items():
            units = sources[slices]
            chosen = generator.integers(len(units), size=(runs, len(places)))
            for column, level in enumerate(slices):
                score[:, places[:, column]] = self.value[units[:, column]][chosen] + shift[level]
        return replace(layout, hits=score[..., None] * layout.images)


def plan_scores(tally: Tally, tolerance: float, settings: Settings) -> Plan:
    """How many people a slice would decide a gap of scores that is still open, were the truth as observed.

    Where the estimate exceeds the tolerance the question is how many would FAIL it, else how many would PASS
    it. The randomness is derived from the data, so that the answer is a function of them.

    Args:
        tally: the table that was judged, without replicate axes.
        tolerance: the largest gap allowed.
        settings: error rate, floors and the fewest people.
    """
    table = canonical(tally)
    found = compare_scores(table, settings)
    if not found.compared.any():
        note = "no number of people is given: where nothing was compared, nothing is known of how people vary"
        return Plan((), None, (note,))
    seed = int(derived_generator(table, repr(tolerance), _VERSION).integers(2**62))
    study = _imagine(table, found, tolerance, settings)
    gap, notes = study.gap, []
    people: tuple[tuple[str, int], ...] = ()
    if abs(gap - tolerance) < _ROUNDING:
        notes.append(
            f"the observed gap equals the tolerance {tolerance:g}: no number of people decides that case"
        )
    else:
        fewest = settings.least_people
        needed = find_people(study.crowd.layout, study.power, study.formula, fewest=fewest, seed=seed)
        goal = f"{study.outcome.name} {tolerance:g}"
        truth = f"if the true gap is {gap:.4g}, as observed"
        if needed is None:
            notes.append(f"no number of people was found that would {goal} {truth}")
        elif needed.people is None:
            notes.append(describe_hopeless(goal, truth, f"it lies too near {tolerance:g}"))
        else:
            asked = study.asked
            people = tuple((name, needed.people) for name in tally.levels if name in asked)
            how = "people drawn again from these" if needed.simulated else "by formula, not simulated"
            notes.append(
                f"about {needed.people} people a slice would {goal} with 80 % power {truth}, and people vary "
                f"as these do ({how}); what was observed is an estimate, and another truth takes another "
                "number; more images of the same people do not replace them"
            )
    detectable = study.detectable(seed)
    if detectable is None:
        notes.append(f"not even a gap of {_LARGEST_GAP:g} would FAIL {tolerance:g} with 80 % power here")
    return Plan(people, detectable, tuple(notes))


def control_scores(tally: Tally, tolerance: float, settings: Settings) -> Control:
    """Add twice the tolerance to the scores of one slice after the other, and count how often that FAILs.

    Args:
        tally: the table that was judged, without replicate axes.
        tolerance: of a gap.
        settings: error rate, floors and the fewest people.
    """
    planted = f"a gap of {2 * tolerance:.3g}"
    table = canonical(tally)
    found = compare_scores(table, settings)
    if not found.compared.any():
        return Control(planted, 0.0, 0)
    generator = derived_generator(table, repr(tolerance), _CONTROL_VERSION)
    labels = np.flatnonzero(found.labels[int(np.where(found.compared, found.upper, -np.inf).argmax())])
    crowd = _crowd(table, _slices_with(found, labels, settings), labels)
    slices = len(crowd.layout.levels)
    runs = affordable_runs(crowd.layout, _PLANTED_CELLS, _FEWEST_PLANTINGS, _PLANTINGS)
    each = -(-runs // slices)
    noticed = 0.0
    for level in range(slices):
        shift = np.where(np.arange(slices) == level, 2 * tolerance, 0.0)
        copies = crowd.draw(crowd.layout, shift, each, generator)
        noticed += float(_reach(copies, tolerance, Outcome.FAIL, settings, None).sum())
    return Control(planted, noticed / (each * slices), each * slices)


@dataclass(frozen=True, slots=True, eq=False)
class _Study:
    """What is imagined of an undecided gap of scores.

    Attributes:
        crowd: the people of the slices that matter.
        pair: those of the deciding pair.
        higher: which of the pair has the higher mean, 0 or 1.
        gap: the gap taken for true.
        tolerance: the largest allowed.
        outcome: the verdict that is nearer.
        asked: names of the slices whose people are asked for.
        family: slices over which FAIL is simultaneous.
        formula: people a slice by the closed formula.
        settings: error rate and floors.
    """

    crowd: Crowd
    pair: Crowd
    higher: int
    gap: float
    tolerance: float
    outcome: Outcome
    asked: tuple[str, ...]
    family: int
    formula: float
    settings: Settings

    def power(self, layout: Tally, generator: np.random.Generator) -> float:
        """How often the people of a layout, drawn again from those seen, reach the verdict that is nearer."""
        runs = affordable_runs(layout, _CELLS, _FEWEST_RUNS, _RUNS)
        table = self.crowd.draw(layout, np.zeros(len(layout.levels)), runs, generator)
        return float(_reach(table, self.tolerance, self.outcome, self.settings, self.family).mean())

    def detectable(self, seed: int) -> float | None:
        """The smallest true gap that the people at hand would FAIL; None where none would."""

        def power(gap: float) -> float:
            shift = np.where(np.arange(2) == self.higher, gap - self.gap, 0.0)
            table = self.pair.draw(self.pair.layout, shift, _RUNS, stream(seed + 1))
            return float(_reach(table, self.tolerance, Outcome.FAIL, self.settings, self.family).mean())

        if self.tolerance >= _LARGEST_GAP or power(_LARGEST_GAP) < TARGET:
            return None
        start = min(2 * self.tolerance, _LARGEST_GAP)
        found = cross(power, start, self.tolerance, _LARGEST_GAP, origin=self.tolerance)
        return None if found is None else round(found, 4)


def _imagine(table: Tally, found: Differences, tolerance: float, settings: Settings) -> _Study:
    size = np.abs(found.difference)
    outcome = Outcome.FAIL if (size > tolerance)[found.compared].any() else Outcome.PASS
    # FAIL is nearest where the excess is largest in standard errors; PASS waits for the widest bound.
    excess = (size - tolerance) / np.maximum(found.error, _LEAST_ERROR)
    near = excess if outcome is Outcome.FAIL else found.upper
    pair = int(np.where(found.compared, near, -np.inf).argmax())
    labels = np.flatnonzero(found.labels[pair])
    deciding = np.array([found.layout.first[pair], found.layout.second[pair]])
    slices = deciding if outcome is Outcome.FAIL else _slices_with(found, labels, settings)
    family = int(found.layout.assessable.sum())
    alone = _crowd(table, deciding, labels)
    crowd = _crowd(table, _at_the_ends(table, slices, deciding, labels), labels)
    gap, depth = float(size[pair]), float(alone.layout.images.min())
    people = float(found.people[pair].min())
    apart = list(PairKind)[found.kind[pair]] is PairKind.APART
    seen = float(found.error[pair] ** 2) * people
    power, critical, floor = TARGET, float(ndtri(1 - settings.alpha)), settings.pass_floor
    if outcome is Outcome.FAIL:
        critical = float(range_quantile(family, found.freedom[pair], settings.alpha)) / np.sqrt(2.0)
        floor = settings.fail_floor
    else:
        power = 1 - (1 - TARGET) / max(len(slices) - 1, 1)
    unseen = tolerance * (1 - tolerance) * (1 + floor * max(depth - 1, 0)) / depth
    if apart:
        seen = sum(float(alone.value[alone.layout.level == side].var()) for side in (0, 1))
    return _Study(
        crowd=crowd,
        pair=alone,
        higher=0 if found.difference[pair] >= 0 else 1,
        gap=gap,
        tolerance=tolerance,
        outcome=outcome,
        asked=tuple(table.levels[level] for level in slices),
        family=family,
        formula=closed_formula(critical, power, max(seen, unseen), seen, max(abs(gap - tolerance), 1e-9)),
        settings=settings,
    )


def _slices_with(found: Differences, labels: NDArray[np.int64], settings: Settings) -> NDArray[np.int64]:
    """Assessable slices in which enough people have each of these labels."""
    enough = (found.layout.holders[:, labels] >= settings.least_people).all(axis=1)
    return np.flatnonzero(found.layout.assessable & enough)


def _at_the_ends(
    table: Tally, slices: NDArray[np.int64], deciding: NDArray[np.int64], labels: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Of many slices the deciding pair and those of the highest and lowest means."""
    if len(slices) <= _MOST_SLICES:
        return slices
    means = moments(table, slices, labels).rate
    middle = np.abs(means - np.median(means))
    farthest = slices[np.argsort(-middle, kind="stable")][: _MOST_SLICES - len(deciding)]
    return np.unique(np.concatenate([deciding, farthest]))


def _crowd(table: Tally, slices: NDArray[np.int64], labels: NDArray[np.int64]) -> Crowd:
    """Every person of these slices as one value: its mean over a slice is the slice's mean score."""
    found = moments(table, slices, labels)
    _, person = np.unique(table.person[found.units], return_inverse=True)
    layout = replace(
        table,
        person=person.ravel().astype(np.int64),
        level=found.owner.astype(np.int64),
        hits=np.zeros((len(found.units), 1)),
        images=found.depth[found.owner][:, None],
        levels=tuple(table.levels[level] for level in slices),
        labels=("every label",),
    )
    return Crowd(layout, found.value)


def _groups(layout: Tally) -> dict[tuple[int, ...], NDArray[np.int64]]:
    """People who are in the same slices: their units, one row a person and one column a slice."""
    order = np.lexsort((layout.level, layout.person))
    starts = np.flatnonzero(np.diff(layout.person[order], prepend=-1))
    parts: dict[tuple[int, ...], list[NDArray[np.int64]]] = {}
    for units in np.split(order, starts[1:]):
        parts.setdefault(tuple(layout.level[units].tolist()), []).append(units)
    return {slices: np.stack(rows) for slices, rows in sorted(parts.items())}


def _reach(
    table: Tally, tolerance: float, outcome: Outcome, settings: Settings, family: int | None
) -> NDArray[np.bool_]:
    """Shape (runs,): whether each imagined table gets the verdict."""
    found = compare_scores(table, settings, family=family)
    if outcome is Outcome.FAIL:
        return np.asarray((found.lower[..., found.compared] > tolerance + _ROUNDING).any(axis=-1))
    within = (found.upper[..., found.compared] <= tolerance + _ROUNDING).all(axis=-1)
    return np.asarray(within & bool(found.compared.any()) & bool(found.layout.assessable.all()))
