"""The verdict of a level: every slice must be read at least so well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Aside, Kind, Outcome, Unassessable, Verdict
from fer_audit.stats.levels import everybody, find_levels, people_for_level, with_floor
from fer_audit.stats.verdicts.rounding import at_least, at_most

if TYPE_CHECKING:
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.levels import Levels
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["judge_level"]

_ROUNDING = 1e-12
_DIGITS = 3


def judge_level(
    counts: Counts, measure: Measure, level: float, settings: Settings, *, criterion: str
) -> Verdict:
    """Judge "the share is at least the level, in every slice".

    PASS: every slice's lower bound reaches the level. FAIL: some slice's upper bound, simultaneous over the
    slices, lies below it.

    Args:
        counts: images per person, slice, label and response.
        measure: the share.
        level: what it must reach, between 0 and 1.
        settings: error rate, floors and the fewest people.
        criterion: the demand as written.

    Returns:
        A verdict without comparisons. Its ``tolerance`` is the level, and ``estimate``, ``lower`` and
        ``upper`` are shares: the lowest over the slices. Here ``lower`` decides PASS and ``upper`` FAIL.

    Raises:
        UnknownNameError: a label of the measure that is neither the data's nor an expression.
    """
    settings = with_floor(settings)
    tally = measure.tally(counts)
    found = find_levels(tally, level, settings)
    unseen = _unassessable(tally, found, settings)
    assessed = len(found.slices) > 0
    if assessed and float(found.upper.min()) < level - _ROUNDING:
        outcome = Outcome.FAIL
    elif assessed and float(found.lower.min()) >= level - _ROUNDING and not unseen:
        outcome = Outcome.PASS
    else:
        outcome = Outcome.INCONCLUSIVE
    estimate, lower, upper = (
        float(values.min()) if assessed else float("nan") for values in (found.rate, found.lower, found.upper)
    )
    return Verdict(
        criterion=criterion,
        kind=Kind.LEVEL,
        measure=repr(measure),
        scale="difference",
        slicing=counts.slicing.name,
        outcome=outcome,
        estimate=estimate,
        lower=lower,
        upper=upper,
        tolerance=level,
        p=float(found.p.min()) if assessed else None,
        people_needed=_needed(tally, found, level, settings) if outcome is Outcome.INCONCLUSIVE else {},
        not_assessable=unseen,
        excluded=counts.slicing.without,
        reason=_reason(tally, found, level, outcome, unseen),
        notes=(
            settings.note,
            "bounds of a share after Korn and Graubard; FAIL is simultaneous over the groups (Bonferroni)",
            *((f"{counts.missing} rows belong to no slice",) if counts.missing else ()),
            *_in_part(tally, found),
        ),
        asides=(_table(tally, found, level, settings),) if assessed else (),
    )


def _needed(tally: Tally, found: Levels, level: float, settings: Settings) -> dict[str, int]:
    """People of the slice that keeps the verdict open: the lowest, if it is the first to fail, or to pass."""
    if not len(found.slices):
        return {}
    below = bool((found.rate < level).any())
    place = int((found.upper if below else found.lower).argmin())
    if not below and float(found.lower[place]) >= level - _ROUNDING:
        return {}
    worth = float(found.size[place]) / float(found.people[place])
    alpha = settings.alpha / len(found.slices) if below else settings.alpha
    people = people_for_level(float(found.rate[place]), worth, level, alpha)
    return {} if people is None else {tally.levels[found.slices[place]]: people}


def _unassessable(tally: Tally, found: Levels, settings: Settings) -> tuple[Unassessable, ...]:
    held = np.asarray((tally.images > 0).any(1))
    return tuple(
        Unassessable(
            name,
            len(np.unique(tally.person[held & (tally.level == position)])),
            f"no label is held by {settings.least_people} people",
        )
        for position, name in enumerate(tally.levels)
        if position not in found.slices
    )


def _in_part(tally: Tally, found: Levels) -> tuple[str, ...]:
    """Which slices the share is a mean over fewer labels in: those of other slices say nothing of them."""
    told = [
        f"{tally.levels[position]} without {', '.join(_names(tally, ~has & found.labels.any(0)))}"
        for position, has in zip(found.slices.tolist(), found.labels, strict=True)
        if (~has & found.labels.any(0)).any()
    ]
    return (f"labels that too few people have: {'; '.join(told)}",) if told else ()


def _names(tally: Tally, chosen: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> list[str]:
    return [name for name, on in zip(tally.labels, chosen, strict=True) if on]


def _reason(
    tally: Tally, found: Levels, level: float, outcome: Outcome, unseen: tuple[Unassessable, ...]
) -> str:
    """One clause that says why the outcome is what it is."""
    names = ", ".join(item.name for item in unseen)
    if not len(found.slices):
        return f"too few people speak for {names or 'any slice'}"
    if outcome is Outcome.FAIL:
        worst = int(found.upper.argmin())
        reach = at_most(float(found.upper[worst]), _DIGITS, level)
        return f"{_told(tally, found, worst)}: at most {reach}, below {level:g}"
    worst = int(found.lower.argmin())
    reach = at_least(float(found.lower[worst]), _DIGITS, level)
    if outcome is Outcome.PASS:
        return f"every group reaches {level:g}; nearest to it {_told(tally, found, worst)}: at least {reach}"
    if float(found.lower[worst]) >= level - _ROUNDING:
        return f"what could be judged reaches {level:g}, but too few people speak for {names}"
    top = at_most(float(found.upper[worst]), _DIGITS, level)
    return f"{_told(tally, found, worst)}: anything from {reach} to {top} agrees with these data"


def _told(tally: Tally, found: Levels, place: int) -> str:
    return f"{tally.levels[found.slices[place]]} {float(found.rate[place]):.3f}"


def _table(tally: Tally, found: Levels, level: float, settings: Settings) -> Aside:
    """Every slice, the lowest first, and everybody together as published figures are."""
    whole = everybody(tally)
    together = find_levels(whole, level, settings)
    rows = [_row(tally, found, place) for place in found.lower.argsort(kind="stable").tolist()]
    rows += [_row(whole, together, place) for place in range(len(together.slices))]
    note = (
        "Each label counts the same, and each person. A group reaches the level by its own lower bound; "
        "everybody together is shown for information."
    )
    return Aside("Levels", ("group", "people", "images", "share", "at least", "at most"), tuple(rows), note)


def _row(tally: Tally, found: Levels, place: int) -> tuple[str, ...]:
    return (
        tally.levels[found.slices[place]],
        f"{found.people[place]}",
        f"{found.images[place]:.0f}",
        *(f"{float(values[place]):.3f}" for values in (found.rate, found.lower, found.upper)),
    )
