"""The verdict of counterfactual pairs: changing one attribute of a face may hardly ever change its answer."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Aside, Comparison, Kind, Outcome, Unassessable, Verdict
from fer_audit.stats.differences.decision import outcome_of
from fer_audit.stats.differences.layout import PairKind
from fer_audit.stats.flips.directions import list_directions
from fer_audit.stats.flips.excess import bound_excess, match_levels
from fer_audit.stats.flips.signs import flip_signs
from fer_audit.stats.flips.study import plan_flips, remark_blindness_to_flips
from fer_audit.stats.verdicts.rounding import at_least, at_most

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.records import Slicing
    from fer_audit.stats.flips.excess import Excess, FlipPair
    from fer_audit.stats.flips.scenes import Scenes
    from fer_audit.stats.flips.study import FlipPlan
    from fer_audit.stats.settings import Settings

__all__ = ["judge_flips"]

_MOST_TURNS = 6


def judge_flips(
    scenes: Scenes, slicing: Slicing, tolerance: float, settings: Settings, *, criterion: str
) -> Verdict:
    """Judge "changing only this attribute changes the answer on at most so many faces".

    Of every pair of levels, people who were seen at both are compared with themselves: how often the answers
    to counterfactuals differ, less how often those to identical pictures do.

    Args:
        scenes: what was answered about each scene at each level.
        slicing: the attribute that changes.
        tolerance: share of faces, beyond the model's own noise, whose answer may change.
        settings: error rate, floor and the fewest people.
        criterion: the demand as written; seeds the signs and the plan.

    Returns:
        A comparison's values are the flip rates between the levels and of identical pictures; its estimate is
        their difference, which chance may make negative.
    """
    pairs = match_levels(scenes)
    excesses = bound_excess(pairs, settings)
    unseen = _unassessable(scenes, pairs, excesses, settings)
    estimate, lower, upper = (
        max((float(value) for value in values), default=float("nan"))
        for values in (
            [item.value for item in excesses],
            [item.lower for item in excesses],
            [item.upper for item in excesses],
        )
    )
    outcome = outcome_of(lower, upper, tolerance, capped=bool(unseen))
    p, deciding, plan = None, None, None
    blind: tuple[str, ...] = ()
    if excesses:
        p = flip_signs(excesses, tolerance, settings.alpha, criterion=criterion)
        deciding = _deciding(excesses, outcome)
        if outcome is not Outcome.FAIL:
            blind = remark_blindness_to_flips(excesses, deciding, tolerance, settings, criterion=criterion)
        if outcome is Outcome.INCONCLUSIVE and upper > tolerance:
            plan = plan_flips(excesses, deciding, tolerance, settings, criterion=criterion)
    needed = {}
    if plan is not None and plan.people is not None and deciding is not None:
        pair = excesses[deciding].pair
        needed = {scenes.levels[level]: plan.people for level in (pair.first, pair.second)}
    compared = np.any([item.labels for item in excesses], axis=0) if excesses else None
    return Verdict(
        criterion=criterion,
        kind=Kind.FLIPS,
        measure="flips",
        scale="difference",
        slicing=slicing.name,
        outcome=outcome,
        estimate=estimate,
        lower=lower,
        upper=upper,
        tolerance=tolerance,
        p=p,
        comparisons=tuple(_comparison(scenes, item) for item in excesses),
        people_needed=needed,
        not_assessable=unseen,
        labels_left_out=()
        if compared is None
        else tuple(name for name, on in zip(scenes.labels, compared, strict=True) if not on),
        excluded=slicing.without,
        reason=_reason(scenes, excesses, unseen, outcome, tolerance),
        notes=(*_notes(scenes, pairs, settings, slicing, plan), *blind),
        asides=() if deciding is None else _tables(scenes, excesses[deciding], slicing),
    )


def _deciding(excesses: Sequence[Excess], outcome: Outcome) -> int:
    bounds = [float(item.lower if outcome is Outcome.FAIL else item.upper) for item in excesses]
    return int(np.argmax(bounds))


def _comparison(scenes: Scenes, item: Excess) -> Comparison:
    return Comparison(
        a=scenes.levels[item.pair.first],
        b=scenes.levels[item.pair.second],
        estimate=float(item.value),
        lower=float(item.lower),
        upper=float(item.upper),
        # The p belongs to all pairs together.
        p=None,
        value_a=float(item.changed),
        value_b=float(item.identical),
        people_a=item.people,
        people_b=item.people,
        images_a=round(item.faces),
        images_b=round(item.faces),
        kind=PairKind.SHARED.value,
        labels=tuple(name for name, on in zip(scenes.labels, item.labels, strict=True) if on),
        correlation=float(item.alike),
    )


def _unassessable(
    scenes: Scenes, pairs: Sequence[FlipPair], excesses: Sequence[Excess], settings: Settings
) -> tuple[Unassessable, ...]:
    """Pairs of levels that too few people speak for, each with the reason."""
    seen = {(item.pair.first, item.pair.second) for item in excesses}
    known = {(pair.first, pair.second): pair for pair in pairs}
    found = []
    for pair in combinations(range(len(scenes.levels)), 2):
        if pair in seen:
            continue
        name = " / ".join(scenes.levels[level] for level in pair)
        least = settings.least_people
        reason = f"no label is held by {least} people in pictures that differ in nothing else"
        people = 0
        if pair in known:
            people = len(known[pair].tally.person) // 2
            if known[pair].unmeasured:
                reason = (
                    f"identical pictures were shown of {people} people only; {least} are needed for a label: "
                    "ask about every picture twice, or about none"
                )
        elif scenes.others:
            reason = (
                f"nobody has two pictures that differ in nothing else: {', '.join(scenes.others)} must "
                "agree; leave out columns that follow from the attribute, or number pictures"
            )
        found.append(Unassessable(name, people, reason))
    return tuple(found)


def _reason(
    scenes: Scenes,
    excesses: Sequence[Excess],
    unseen: Sequence[Unassessable],
    outcome: Outcome,
    tolerance: float,
) -> str:
    """One clause that says why the outcome is what it is."""
    if not excesses:
        return "no two levels have enough people to be compared"
    item = excesses[_deciding(excesses, outcome)]
    told = _describe(scenes, item)
    if outcome is Outcome.FAIL:
        reach = at_least(float(item.lower), 3, tolerance)
        return f"{told}: an excess of at least {reach}, above {tolerance:g}"
    reach = at_most(float(item.upper), 3, tolerance)
    if outcome is Outcome.PASS:
        return f"no two levels have an excess of more than {reach}, within {tolerance:g}"
    if all(float(one.upper) <= tolerance for one in excesses):
        names = ", ".join(entry.name for entry in unseen)
        return f"what could be compared is within {tolerance:g}, but too few people speak for {names}"
    return f"{told}: the excess may be up to {reach} and is not shown to exceed {tolerance:g}"


def _describe(scenes: Scenes, item: Excess) -> str:
    first, second = scenes.levels[item.pair.first], scenes.levels[item.pair.second]
    noise = f" against {float(item.identical):.3f} of identical pictures" if scenes.measured.any() else ""
    return f"{first} / {second}: answers change on {float(item.changed):.3f} of the faces{noise}"


def _notes(
    scenes: Scenes,
    pairs: Sequence[FlipPair],
    settings: Settings,
    slicing: Slicing,
    plan: FlipPlan | None,
) -> tuple[str, ...]:
    notes = [
        settings.note,
        "each person is compared with himself; FAIL is simultaneous over the pairs (Bonferroni), and its "
        "bound decides; the p is that of random signs over people, for an excess at the tolerance",
    ]
    if not scenes.measured.any():
        notes.append(
            "no picture was shown twice: flips of identical pictures were not measured and are taken as "
            "none, which is right of a model that always answers alike"
        )
    left = sum(pair.unmeasured for pair in pairs)
    if left:
        notes.append(
            f"{left} counterfactual pairs are left out, for identical pictures were not shown of both sides"
        )
    if scenes.others:
        notes.append(f"counterfactuals agree in {', '.join(scenes.others)}")
    if scenes.companions:
        notes.append(
            f"{', '.join(scenes.companions)} changes with {slicing.name}: what is found belongs to both"
        )
    if plan is not None:
        notes.append(plan.note)
    return tuple(notes)


def _tables(scenes: Scenes, item: Excess, slicing: Slicing) -> tuple[Aside, ...]:
    """The changes of answer of the deciding pair, and what they did to right answers."""
    found = list_directions(scenes, item.pair)
    first, second = scenes.levels[item.pair.first], scenes.levels[item.pair.second]
    change = f"{slicing.name} {first} becomes {second}"
    if not found.turns:
        return (Aside(f"When {change}", ("answers", "faces"), (("none changed", f"{found.faces:g}"),)),)
    rows = tuple(
        (
            f"{turn.before} -> {turn.after}",
            f"{_count(turn.faces)} of {_count(turn.answered)} answered {turn.before}",
            _count(turn.back),
        )
        for turn in found.turns[:_MOST_TURNS]
    )
    note = "The most frequent changes of answer, the model's own noise included; a face counts once."
    rest = len(found.turns) - len(rows)
    if rest:
        note += f" {rest} rarer ones are left out."
    outcomes = (
        ("right -> wrong", _of(found.lost, found.faces)),
        ("wrong -> right", _of(found.won, found.faces)),
        ("wrong -> wrong in another way", _of(found.astray, found.faces)),
    )
    return (
        Aside(f"Changes of answer when {change}", ("answer", "faces", "the other way"), rows, note),
        Aside(f"Right and wrong when {change}", ("answer", "faces"), outcomes),
    )


def _of(faces: float, total: float) -> str:
    return f"{_count(faces)} of {_count(total)}"


def _count(faces: float) -> str:
    """Faces that were answered more than once count in parts."""
    return f"{round(faces, 1):g}"
