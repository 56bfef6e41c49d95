"""The same picture asked about again in the same words: how often does the model contradict itself?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.counts import response_codes
from fer_audit.stats.slicing import cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.records import Slicing

__all__ = ["Contradiction", "agreement", "list_contradictions"]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """How often repeated answers differ in one slice.

    Attributes:
        level: the slice.
        rate: how probably two answers to one question differ, averaged over pictures and then over people.
        people: who has pictures that were asked about again.
        images: those pictures.
    """

    level: str
    rate: float
    people: int
    images: int


def agreement(counts: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
    """How probably two answers to one question are the same, estimated without bias from n of them.

    The share of pairs of answers that are equal, sum_r n_r (n_r - 1) / (n (n - 1)): Simpson (1949), Nature
    163, 688.

    Args:
        counts: shape (..., R): how often each response came.

    Returns:
        Shape (...); 0 where there are fewer than two answers.

    >>> agreement(np.array([[2, 1, 0], [3, 0, 0], [1, 0, 0]])).round(3).tolist()
    [0.333, 1.0, 0.0]
    """
    total = counts.sum(-1)
    pairs = total * (total - 1)
    return np.asarray((counts * (counts - 1)).sum(-1) / np.where(pairs > 0, pairs, 1))


def list_contradictions(predictions: Predictions, slicing: Slicing) -> tuple[Contradiction, ...]:
    """Disagreement between repeats, slice by slice; empty where no picture was asked about twice.

    A repeat is the same image in the same wording. A non-answer is an answer of its own kind.

    Args:
        predictions: the rows.
        slicing: how they are divided.
    """
    slices = cut(predictions, slicing)
    response = response_codes(predictions)
    rows = np.flatnonzero((slices.codes >= 0) & (response >= 0))
    wording = np.zeros(len(rows), dtype=np.int64)
    if predictions.prompt is not None:
        wording = predictions.prompt.codes[rows].astype(np.int64) + 1
    image = predictions.image.codes[rows].astype(np.int64)
    _, first, question = np.unique(
        image * (int(wording.max(initial=0)) + 1) + wording, return_index=True, return_inverse=True
    )
    width = int(response.max(initial=0)) + 1
    size = len(first) * width
    said = np.bincount(question.reshape(-1) * width + response[rows], minlength=size).reshape(-1, width)
    again = np.flatnonzero(said.sum(axis=1) > 1)
    if not len(again):
        return ()
    differs = 1 - agreement(said[again])
    at = first[again]
    pictures = _means(image[at], differs)
    at = at[pictures.first]
    owner = (
        predictions.identity.codes[rows][at].astype(np.int64) * len(slices.levels) + slices.codes[rows][at]
    )
    people = _means(owner, pictures.mean)
    level = slices.codes[rows][at][people.first]
    found = []
    for code, name in enumerate(slices.levels):
        own = np.flatnonzero(level == code)
        if len(own):
            images = int((slices.codes[rows][at] == code).sum())
            found.append(Contradiction(name, float(people.mean[own].mean()), len(own), images))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class _Means:
    """Mean value of each key, and where each key stands first."""

    mean: NDArray[np.float64]
    first: NDArray[np.int64]


def _means(keys: NDArray[np.int64], values: NDArray[np.float64]) -> _Means:
    _, first, of, times = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    return _Means(np.bincount(of.reshape(-1), values) / times, first.astype(np.int64))
