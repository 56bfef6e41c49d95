"""Labels that too few people of a slice speak for: named, so that they are not read as passed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.settings import Settings
    from fer_audit.stats.tally import Tally

__all__ = ["name_unseen"]


def name_unseen(verdict: Verdict, tally: Tally, settings: Settings) -> Verdict:
    """A verdict with a note of each label that one slice can be judged on and another cannot.

    Pairs of slices are compared over the labels that both have. A pair that lacks anger has not been shown to
    be alike in anger, whatever the verdict over the others is; such labels are named and do not cap it.

    Args:
        verdict: of a measure that averages over labels; nothing of it changes but its notes.
        tally: what it was judged on.
        settings: the fewest people that speak for a label.
    """
    people = np.zeros((len(tally.levels), len(tally.labels)), dtype=np.int64)
    np.add.at(people, tally.level, tally.images > 0)
    enough = people >= settings.least_people
    # A slice without any such label, and a label of no slice, are named by the verdict itself.
    unseen = ~enough & enough.any(axis=1, keepdims=True) & enough.any(axis=0)
    lacking: dict[tuple[str, ...], list[str]] = {}
    for level, row in zip(tally.levels, unseen, strict=True):
        labels = tuple(label for label, is_unseen in zip(tally.labels, row, strict=True) if is_unseen)
        if labels:
            lacking.setdefault(labels, []).append(level)
    notes = [
        f"not assessable: {', '.join(labels)} of {', '.join(levels)} "
        f"(fewer than {settings.least_people} people with such images)"
        for labels, levels in lacking.items()
    ]
    return replace(verdict, notes=(*verdict.notes, *notes)) if notes else verdict
