"""What several wordings of one question, and repeats of it, add to a verdict.

A verdict averages over wordings and speaks of them together. With ten wordings or more it speaks of new
ones too, at the price of wider bounds; with fewer it never does. A table beside it shows each by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Aside, Kind, Outcome
from fer_audit.stats.differences.decision import outcome_of
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.verdicts.rounding import at_least, at_most
from fer_audit.stats.wordings.clustering import FEWEST_WORDINGS
from fer_audit.stats.wordings.reach import held_by_pair, reach_new_wordings
from fer_audit.stats.wordings.repeats import list_contradictions
from fer_audit.stats.wordings.tables import rates_by_wording, tally_by_wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.results import Verdict
    from fer_audit.stats.differences.engine import Differences
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally
    from fer_audit.stats.wordings.clustering import Widened
    from fer_audit.stats.wordings.tables import WordedTally

__all__ = ["weigh_wordings"]

_MOST_SHOWN = 12
_COLUMNS = ("wording", "largest gap", "between")


def weigh_wordings(verdict: Verdict, evidence: Evidence, measure: Measure, settings: Settings) -> Verdict:
    """The verdict with what wordings and repeats add to it; unchanged where there are none.

    Of a gap in ten wordings or more the bounds are those of two-way clustering, by person and by wording, so
    that they reach new wordings. That may turn PASS or FAIL into INCONCLUSIVE, and nothing else.

    Args:
        verdict: about all wordings together.
        evidence: what it was judged on; without rows nothing is added.
        measure: what was compared.
        settings: error rate, floors and the fewest people.
    """
    if evidence.predictions is None:
        return verdict
    asides = _repeats_table(evidence)
    table = tally_by_wording(evidence.predictions, evidence.counts, measure)
    if table is None:
        return replace(verdict, asides=(*verdict.asides, *asides)) if asides else verdict
    tally = measure.tally(evidence.counts)
    found = compare(tally, settings)
    known = len(table.names)
    note = f"the verdict is about these {known} wordings together, not about others"
    declared = evidence.counts.identified or evidence.counts.most_images is not None
    if verdict.kind is Kind.GAP and known >= FEWEST_WORDINGS and declared and _speaks_of(verdict, found):
        verdict = _reach(verdict, tally, found, table, settings)
        note = (
            f"the verdict reaches new wordings like these {known}: people and wordings are both clusters "
            "(Cameron, Gelbach and Miller 2011), which widens the bounds; numbers of people and of a "
            "difference that could have been shown reckon with these wordings only"
        )
    beside = _wordings_table(tally, found, table)
    return replace(verdict, notes=(*verdict.notes, note), asides=(*verdict.asides, *beside, *asides))


def _speaks_of(verdict: Verdict, found: Differences) -> bool:
    """Whether the verdict compares just these pairs; one that looks at them otherwise may not."""
    return bool(found.compared.any()) and len(verdict.comparisons) == int(found.compared.sum())


def _reach(
    verdict: Verdict, tally: Tally, found: Differences, table: WordedTally, settings: Settings
) -> Verdict:
    tolerance = 0.0 if verdict.tolerance is None else verdict.tolerance
    wide = reach_new_wordings(tally, found, table, tolerance, settings)
    pairs = np.flatnonzero(found.compared)
    comparisons = tuple(
        replace(
            comparison,
            lower=float(wide.lower[pair]),
            upper=float(wide.upper[pair]),
            p=None if comparison.p is None else float(wide.p[pair]),
        )
        for comparison, pair in zip(verdict.comparisons, pairs, strict=True)
    )
    lower, upper = float(wide.lower[pairs].max()), float(wide.upper[pairs].max())
    outcome = outcome_of(lower, upper, tolerance, capped=bool(verdict.not_assessable))
    outcome = outcome if outcome is verdict.outcome else Outcome.INCONCLUSIVE
    return replace(
        verdict,
        outcome=outcome,
        lower=lower,
        upper=upper,
        p=None if verdict.p is None else float(wide.p[pairs].min()),
        comparisons=comparisons,
        reason=_reason(verdict, tally, found, wide, outcome=outcome, wordings=len(table.names)),
    )


def _reason(
    verdict: Verdict, tally: Tally, found: Differences, wide: Widened, *, outcome: Outcome, wordings: int
) -> str:
    """Why, with the bounds that reach new wordings; what was open for another reason keeps that reason."""
    tolerance = 0.0 if verdict.tolerance is None else verdict.tolerance
    bound = wide.lower if outcome is Outcome.FAIL else wide.upper
    pair = int(np.where(found.compared, bound, -np.inf).argmax())
    first, second = tally.levels[found.layout.first[pair]], tally.levels[found.layout.second[pair]]
    told = f"{first} {found.rate_first[pair]:.3f} against {second} {found.rate_second[pair]:.3f}"
    if outcome is Outcome.FAIL:
        reach = at_least(float(bound[pair]), 3, tolerance)
        return f"{told}: at least {reach} apart, in new wordings too, above {tolerance:g}"
    reach = at_most(float(bound[pair]), 3, tolerance)
    if outcome is Outcome.PASS:
        return f"no two slices are more than {reach} apart, in new wordings too, within {tolerance:g}"
    if verdict.outcome is not Outcome.INCONCLUSIVE:
        return (
            f"{told}: these {wordings} wordings by themselves would {verdict.outcome.name}, but in new ones "
            f"the difference may be up to {reach} and is not shown to exceed {tolerance:g}"
        )
    if not verdict.reason.endswith(f"exceed {tolerance:g}"):
        return verdict.reason
    return (
        f"{told}: in new wordings the difference may be up to {reach} and is not shown to exceed "
        f"{tolerance:g}"
    )


def _wordings_table(tally: Tally, found: Differences, table: WordedTally) -> tuple[Aside, ...]:
    """The largest gap of each wording by itself, and how far one pair spreads over them."""
    gaps = _differences(tally, found, table)
    if gaps is None:
        return ()
    size = np.where(np.isnan(gaps.values), -1.0, np.abs(gaps.values))
    order = np.argsort(-size.max(axis=0), kind="stable")[:_MOST_SHOWN]
    rows = []
    for wording in sorted(order.tolist()):
        pair = int(size[:, wording].argmax())
        value = float(gaps.values[pair, wording])
        if np.isnan(value):
            rows.append((table.names[wording], "nothing comparable", ""))
            continue
        names = gaps.names[pair] if value >= 0 else gaps.names[pair][::-1]
        rows.append((table.names[wording], f"{abs(value):.3f}", " over ".join(names)))
    widest = int(np.abs(found.difference[gaps.pairs]).argmax())
    across = gaps.values[widest][~np.isnan(gaps.values[widest])]
    note = ""
    if len(across) > 1:
        first, second = gaps.names[widest]
        note = (
            f"Over {len(across)} wordings {first} less {second} runs from {across.min():+.3f} to "
            f"{across.max():+.3f}, with a standard deviation of {across.std(ddof=1):.3f}."
        )
    if len(table.names) > len(order):
        note += f" {len(table.names) - len(order)} wordings with smaller gaps are left out."
    return (Aside("Wording by wording", _COLUMNS, tuple(rows), note.strip()),)


@dataclass(frozen=True, slots=True, eq=False)
class _Worded:
    """Differences of the compared pairs by wording.

    Attributes:
        pairs: shape (Q,): position of each compared pair.
        names: the slices of each.
        values: shape (Q, W): first less second; nan where nobody was asked.
    """

    pairs: NDArray[np.int64]
    names: tuple[tuple[str, str], ...]
    values: NDArray[np.float64]


def _differences(tally: Tally, found: Differences, table: WordedTally) -> _Worded | None:
    pairs = np.flatnonzero(found.compared)
    if not len(pairs):
        return None
    held = held_by_pair(tally, found)
    names, values = [], []
    for pair in pairs:
        first, second = int(found.layout.first[pair]), int(found.layout.second[pair])
        labels = np.flatnonzero(found.labels[pair])
        sides = [rates_by_wording(table, level, labels, held[int(pair)]) for level in (first, second)]
        values.append(sides[0] - sides[1])
        names.append((tally.levels[first], tally.levels[second]))
    return _Worded(pairs, tuple(names), np.stack(values))


def _repeats_table(evidence: Evidence) -> tuple[Aside, ...]:
    """How often the model contradicts itself, slice by slice; nothing where no picture was shown twice."""
    if evidence.predictions is None:
        return ()
    found = list_contradictions(evidence.predictions, evidence.counts.slicing)
    if not found:
        return ()
    name = evidence.counts.slicing.name
    rows = tuple((item.level, f"{item.rate:.3f}", str(item.people), str(item.images)) for item in found)
    note = (
        "How probably two answers to the same picture in the same wording differ, averaged over the pictures "
        "of a person and then over people; estimated without bias from pairs of repeats."
    )
    return (Aside("Repeats that disagree", (name, "differ", "people", "images asked again"), rows, note),)
