"""One pass over the rows: what was answered about each scene at each level of the attribute that changes.

A scene is everything that a question shows and asks but for that attribute: the person, the true label, the
wording and every other attribute. Two pictures of one scene at one level are re-renders of each other, and
two pictures of it at two levels are counterfactuals: they differ in nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.counts import NON_ANSWERS, response_codes
from fer_audit.stats.slicing import cut
from fer_audit.stats.wordings.repeats import agreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.records import Slicing

__all__ = ["Scenes", "list_scenes"]


@dataclass(frozen=True, slots=True, eq=False)
class Scenes:
    """Answers by scene and level; K scenes, U units (a scene at one level), R responses.

    Attributes:
        person: shape (K,): whose face it is.
        label: shape (K,): its true label, index into ``labels``.
        face: shape (K,): number of the scene without its wording.
        scene: shape (U,): scene of each unit.
        level: shape (U,): index into ``levels``; no scene has a level twice.
        share: shape (..., U, R): share of each response; every picture counts the same, and each of its
            repeats the same within it. Leading axes are replicates, as simulation uses them.
        alike: shape (..., U): how probably two identical renderings get one answer, estimated without bias
            from pictures that differ in nothing or, of a single picture, from its repeats.
        measured: shape (U,): there were two of either.
        levels: names of the levels.
        labels: names of the true labels.
        responses: names of the responses.
        others: attributes in which counterfactuals must agree, as they vary within a person otherwise.
        companions: attributes that have one value at each level, so that they change with it.
    """

    person: NDArray[np.int64]
    label: NDArray[np.int64]
    face: NDArray[np.int64]
    scene: NDArray[np.int64]
    level: NDArray[np.int64]
    share: NDArray[np.float64]
    alike: NDArray[np.float64]
    measured: NDArray[np.bool_]
    levels: tuple[str, ...]
    labels: tuple[str, ...]
    responses: tuple[str, ...]
    others: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()


def list_scenes(predictions: Predictions, slicing: Slicing) -> Scenes:
    """Sort the rows by scene, level and picture; rows in error or of no level take no part.

    Attributes without a value count as having the value "none": two pictures that lack it agree.

    Args:
        predictions: the rows; who is in which picture must be known.
        slicing: what changes.
    """
    slices = cut(predictions, slicing)
    response = response_codes(predictions)
    rows = np.flatnonzero((slices.codes >= 0) & (response >= 0))
    level = slices.codes[rows]
    answers = (*predictions.predicted.levels, *(str(kind) for kind in NON_ANSWERS))

    others, companions = [], []
    who = predictions.identity.codes[rows].astype(np.int64)
    people = len(np.unique(who))
    face = who * max(len(predictions.true.levels), 1) + predictions.true.codes[rows]
    for name, column in predictions.attributes.items():
        values = column.codes[rows].astype(np.int64) + 1
        size = len(column.levels) + 1
        # What is the same in all pictures of a person tells no two of them apart.
        if name in slicing.attributes or len(np.unique(who * size + values)) == people:
            continue
        if len(np.unique(level * size + values)) == len(np.unique(level)):
            companions.append(name)
            continue
        others.append(name)
        face = _numbered(face * size + values).of
    wording = np.zeros(len(rows), dtype=np.int64)
    if predictions.prompt is not None:
        wording = predictions.prompt.codes[rows].astype(np.int64) + 1
    faces = _numbered(face)
    scenes = _numbered(faces.of * (int(wording.max(initial=0)) + 1) + wording)
    units = _numbered(scenes.of * max(len(slices.levels), 1) + level)
    images = len(predictions.image.levels)
    pictures = _numbered(units.of * max(images, 1) + predictions.image.codes[rows])

    width = len(answers)
    size = len(pictures.first) * width
    said = np.bincount(pictures.of * width + response[rows], minlength=size).reshape(-1, width)
    owner = units.of[pictures.first]
    shown = np.bincount(owner, minlength=len(units.first))
    each = said / np.maximum(said.sum(axis=1, keepdims=True), 1)
    total, square = np.zeros((len(shown), width)), np.zeros(len(shown))
    np.add.at(total, owner, each)
    np.add.at(square, owner, (each**2).sum(axis=1))
    pairs = shown * (shown - 1)
    between = ((total**2).sum(axis=1) - square) / np.where(pairs > 0, pairs, 1)
    repeats, asked = np.zeros(len(shown)), np.zeros(len(shown), dtype=np.int64)
    np.add.at(repeats, owner, agreement(said))
    np.maximum.at(asked, owner, said.sum(axis=1))
    first = scenes.first
    return Scenes(
        person=predictions.identity.codes[rows][first].astype(np.int64),
        label=predictions.true.codes[rows][first].astype(np.int64),
        face=faces.of[first],
        scene=scenes.of[units.first],
        level=level[units.first],
        share=total / np.maximum(shown, 1)[:, None],
        alike=np.where(shown > 1, between, repeats),
        measured=(shown > 1) | (asked > 1),
        levels=slices.levels,
        labels=predictions.true.levels,
        responses=answers,
        others=tuple(others),
        companions=tuple(companions),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Numbered:
    """Rows by distinct key: the number of each row's key, and the first row of each."""

    of: NDArray[np.int64]
    first: NDArray[np.int64]


def _numbered(keys: NDArray[np.int64]) -> _Numbered:
    _, first, of = np.unique(keys, return_index=True, return_inverse=True)
    return _Numbered(of.reshape(-1).astype(np.int64), first.astype(np.int64))
