"""Which answers change into which, and whether they were right before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from fer_audit.stats.flips.excess import FlipPair
    from fer_audit.stats.flips.scenes import Scenes

__all__ = ["Directions", "Turn", "list_directions"]


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of answer from the first level to the second.

    Attributes:
        before: response at the first level.
        after: response at the second.
        faces: how many faces changed in this way; a fraction where a face was answered more than once.
        answered: faces answered like ``before`` at the first level.
        back: faces that changed the other way.
    """

    before: str
    after: str
    faces: float
    answered: float
    back: float


@dataclass(frozen=True, slots=True)
class Directions:
    """Where the answers of one pair of levels go.

    Attributes:
        turns: changes of answer, the most frequent first.
        faces: all faces compared.
        lost: right at the first level, wrong at the second.
        won: wrong at the first, right at the second.
        astray: wrong at both, in two ways.
    """

    turns: tuple[Turn, ...]
    faces: float
    lost: float
    won: float
    astray: float


def list_directions(scenes: Scenes, pair: FlipPair) -> Directions:
    """Count the changes of answer between two levels, one face counting once.

    Where a face was answered several times at a level, every answer at the one meets every answer at the
    other. A non-answer is a response, and never right.

    Args:
        scenes: without replicate axes.
        pair: the two levels.
    """
    before, after = scenes.share[pair.units[:, 0]], scenes.share[pair.units[:, 1]]
    table = np.einsum("k,kr,kq->rq", pair.weight, before, after)
    label = scenes.label[scenes.scene[pair.units[:, 0]]]
    place = np.arange(len(label))
    # The predicted labels begin with the true ones in the same order.
    right = (before[place, label], after[place, label])
    off = (before[place] * after[place]).sum(axis=1) - right[0] * right[1]
    lost = float((pair.weight * right[0] * (1 - right[1])).sum())
    won = float((pair.weight * (1 - right[0]) * right[1]).sum())
    astray = float((pair.weight * ((1 - right[0]) * (1 - right[1]) - off)).sum())
    changes = np.where(np.eye(len(table), dtype=np.bool_), 0.0, table)
    # Ties are told in the order of the labels.
    order = np.argsort(-np.round(changes, 9), axis=None, kind="stable")
    places = [divmod(int(at), len(table)) for at in order if changes.reshape(-1)[at] > 0]
    turns = tuple(
        Turn(
            scenes.responses[r],
            scenes.responses[q],
            faces=float(table[r, q]),
            answered=float(table[r].sum()),
            back=float(table[q, r]),
        )
        for r, q in places
    )
    return Directions(turns, float(pair.weight.sum()), lost, won, astray)
