"""How much each row counts: the rows of one image share its weight of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Weights", "weigh", "weigh_answers"]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """How rows of one image share its weight of one.

    Attributes:
        rows: shape (rows,): what each row counts; None for one each.
        repeats: rows that repeat another.
    """

    rows: NDArray[np.float64] | None
    repeats: int


def weigh(
    image: NDArray[np.int32] | NDArray[np.int64],
    cell: NDArray[np.int64],
    cells: int,
    prompt: NDArray[np.int32] | NDArray[np.int64] | None,
) -> Weights:
    """Rows of one image share its weight of one: each prompt the same, and the rows of a prompt its share.

    Args:
        image: shape (rows,): image of each row.
        cell: shape (rows,): person, slice and label; an image that was given two counts in both.
        cells: how many there are.
        prompt: shape (rows,): wording of each row; None where there is one only.

    >>> weigh(np.array([0, 0, 0, 1]), np.zeros(4, dtype=int), 1, np.array([0, 0, 1, 0])).rows.tolist()
    [0.25, 0.25, 0.5, 1.0]
    """
    seen = np.zeros(int(image.max(initial=-1)) + 1, dtype=np.bool_)
    seen[image] = True
    if np.count_nonzero(seen) == len(image):
        return Weights(None, 0)
    owner = image.astype(np.int64) * cells + cell
    _, group, sizes = np.unique(owner, return_inverse=True, return_counts=True)
    group = group.ravel()
    repeats = len(image) - len(sizes)
    if prompt is None:
        return Weights(1.0 / sizes[group], repeats)
    wordings = int(prompt.max()) + 1
    asked, question, times = np.unique(group * wordings + prompt, return_inverse=True, return_counts=True)
    prompts = np.bincount(asked // wordings, minlength=len(sizes))
    return Weights(1.0 / (prompts[group] * times[question.ravel()]), repeats)


def weigh_answers(
    image: NDArray[np.int32] | NDArray[np.int64],
    cell: NDArray[np.int64],
    cells: int,
    prompt: NDArray[np.int32] | NDArray[np.int64] | None,
    *,
    weights: Weights,
    answered: NDArray[np.bool_],
) -> NDArray[np.float64] | None:
    """What each row counts among answered rows only; None where every image is answered always or never.

    Args:
        image: shape (rows,): image of each row.
        cell: shape (rows,): person, slice and label.
        cells: how many there are.
        prompt: shape (rows,): wording of each row; None where there is one only.
        weights: of all rows.
        answered: shape (rows,): which rows hold an answer.
    """
    if weights.rows is None:
        return None
    among = weigh(image[answered], cell[answered], cells, None if prompt is None else prompt[answered]).rows
    shares = np.zeros(len(image))
    shares[answered] = 1.0 if among is None else among
    return shares if (shares[answered] != weights.rows[answered]).any() else None
