"""What an undecided verdict would take: people needed, and the gap that these data could have shown.

Both are found by judging imagined tables with the engine that judges real ones. A closed formula gives the
starting point only: by itself it promises 80 % power and delivers anything between 57 % and 94 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy.special import ndtri

from fer_audit.results import Outcome
from fer_audit.stats.association.permutation import derived_generator
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.planning.design import Design, design_for
from fer_audit.stats.planning.power import TARGET
from fer_audit.stats.planning.search import MOST_PEOPLE, DesignSearch, Needed, cross, stream
from fer_audit.stats.tally import canonical

if TYPE_CHECKING:
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["Plan", "describe_hopeless", "plan_gap"]

_RUNS = 800
_ROUNDING = 1e-12
_VERSION = "gap-power-3"


@dataclass(frozen=True, slots=True)
class Plan:
    """What would decide an undecided gap.

    Attributes:
        people: people needed by slice; empty where no practical number of people decides.
        detectable: smallest true gap that these very people and images would FAIL with 80 % power; None
            where not even the largest would.
        notes: how both were found, as lines of a report.
    """

    people: tuple[tuple[str, int], ...]
    detectable: float | None
    notes: tuple[str, ...]


def plan_gap(tally: Tally, tolerance: float, settings: Settings) -> Plan:
    """How many people a slice would decide a gap that is still open, were the truth as observed.

    Where the estimate exceeds the tolerance the question is how many would FAIL it, else how many would
    PASS it. The randomness is derived from the data, so that the answer is a function of them; names of
    people and slices and the order of rows are no data.

    Args:
        tally: the table that was judged, without replicate axes.
        tolerance: the largest gap allowed.
        settings: error rate and floors.
    """
    table = canonical(tally)
    generator = derived_generator(table, repr(tolerance), _VERSION)
    design = design_for(table, compare(table, settings), tolerance, settings)
    if design is None:
        return Plan(
            (), None, ("no number of people like these would decide: no two slices have a label in common",)
        )
    search = DesignSearch(design, tolerance, design.outcome, settings, int(generator.integers(2**62)), _RUNS)
    notes = []
    people: tuple[tuple[str, int], ...] = ()
    if abs(abs(design.gap) - tolerance) < _ROUNDING:
        notes.append(
            f"the observed gap equals the tolerance {tolerance:g}: no number of people decides that case"
        )
    else:
        needed = search.people(design.formula)
        if needed is not None and needed.people is not None:
            people = tuple((name, needed.people) for name in tally.levels if name in design.asked)
        notes.append(_describe(design, needed, tolerance))
        notes += [design.sampled] if design.sampled and people else []
    detectable = _detectable(search, tolerance) if design.compared else None
    if design.compared and detectable is None:
        notes.append(f"not even the largest gap would FAIL {tolerance:g} with 80 % power on these people")
    return Plan(people, detectable, tuple(notes))


def describe_hopeless(goal: str, truth: str, near: str) -> str:
    """The note instead of a number of people that nobody could ask.

    >>> describe_hopeless("PASS 0.1", "if the true gap is 0.099, as observed", "it lies too near 0.1")
    'more than 3,000 people a slice would be needed to PASS 0.1 with 80 % power if the true gap is 0.099, \
as observed: it lies too near 0.1 to be decided with any practical number of people'
    """
    return (
        f"more than {MOST_PEOPLE:,} people a slice would be needed to {goal} with 80 % power {truth}: "
        f"{near} to be decided with any practical number of people"
    )


def _detectable(search: DesignSearch, tolerance: float) -> float | None:
    """The smallest true gap that the people at hand would FAIL; None where none would."""
    design = search.design

    def power(gap: float) -> float:
        generator = stream(search.seed + 1)
        return search.power(design.pair_layout, design.with_gap(gap), Outcome.FAIL, generator)

    largest = design.largest_gap
    if largest <= tolerance or power(largest) < TARGET:
        return None
    reach = (design.critical + float(ndtri(TARGET))) * design.standard_error
    found = cross(power, min(tolerance + reach, largest), tolerance, largest, origin=tolerance)
    return None if found is None else round(found, 4)


def _describe(design: Design, needed: Needed | None, tolerance: float) -> str:
    truth = f"if the true gap is {abs(design.gap):.3f}, as observed"
    if not design.compared:
        truth = f"if all slices are alike at the rate observed overall, {design.rate:.2f}"
    if needed is None:
        return f"no number of people was found that would {design.outcome.name} {tolerance:g} {truth}"
    if needed.people is None:
        near = f"{tolerance:g} is too small a gap"
        if design.compared:
            # Three digits may read as the tolerance itself.
            truth = f"if the true gap is {abs(design.gap):.4g}, as observed"
            near = f"it lies too near {tolerance:g}"
        return describe_hopeless(f"{design.outcome.name} {tolerance:g}", truth, near)
    how = "simulated" if needed.simulated else "by formula, not simulated"
    return (
        f"about {needed.people} people a slice would {design.outcome.name} {tolerance:g} with 80 % power "
        f"{truth}, and images of one person correlate by {design.world.alike:.2f}{design.assumed} ({how}); "
        f"{'what was observed is an estimate, and ' if design.compared else ''}another truth takes another "
        "number; more images of the same people do not replace them"
    )
