"""The linear probe: a logistic regression on frozen vectors, asked only about people it has not seen.

As in arXiv 2408.14842, with one difference: folds hold whole people. A split by images puts pictures of one
person on both sides, and the probe is then praised for recognising people.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import DatasetError, ModelError
from fer_audit.inference.outcomes import Item, Outcome
from fer_audit.inference.vectors import vectors
from fer_audit.models.answers import likeliest
from fer_audit.models.extras import import_extra
from fer_audit.records import Answer, Embedder
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from numpy.typing import NDArray

    from fer_audit.inference.cell import Cell
    from fer_audit.store import PredictionStore

__all__ = ["FOLDS", "STRENGTHS", "out_of_fold", "probe"]

FOLDS = 5
"""Parts that people are divided into; what is said of one was fitted to the other four."""

_INNER_FOLDS = 3
STRENGTHS = (0.1, 1.0, 10.0, 100.0)
"""Inverse strengths of the regularisation that are tried, inside the training people alone."""

_MOST_STEPS = 2000


@dataclass(frozen=True, slots=True)
class _Data:
    """What the probe is fitted to: one row a picture, in an order that no listing changes."""

    pictures: list[str]
    vectors: NDArray[np.float32]
    labels: NDArray[np.str_]
    people: NDArray[np.str_]


def probe(cell: Cell, loaded: object, store: PredictionStore) -> Generator[dict[Item, Outcome]]:
    """What a probe says of every picture of a cell, each by a fit to other people.

    Args:
        cell: the cell: pictures, labels and people.
        loaded: makes vectors of pictures.
        store: vectors that were made before.

    Raises:
        ModelError: what was loaded makes no vectors.
        DatasetError: too few people, or one label only, to fit anything.
        MissingExtraError: scikit-learn is not installed.
    """
    if not isinstance(loaded, Embedder):
        raise ModelError(
            f"model {cell.model.name!r} is declared a probe, but loading gave {type(loaded).__name__}, which "
            "has no method embed(images)"
        )
    readable = [picture for picture in cell.image_of if picture not in cell.absent]
    known: dict[str, NDArray[np.float32]] = {}
    for batch in vectors(cell, loaded, store, readable):
        known |= batch.inputs
        yield {
            Item(picture, 0): Outcome(Answer(AnswerKind.ABSENT), fault)
            for picture, fault in batch.faults.items()
        }
    data = _data(cell, known)
    words = cell.dataset.labels
    shares = out_of_fold(data.vectors, data.labels, data.people, words, model=cell.model.name)
    yield {
        Item(picture, 0): Outcome(likeliest(words, row))
        for picture, row in zip(data.pictures, shares, strict=True)
    }


def _data(cell: Cell, known: dict[str, NDArray[np.float32]]) -> _Data:
    rows = {
        picture: (face.expression, face.identity)
        for face, picture in zip(cell.faces, cell.pictures, strict=True)
        if picture in known
    }
    if not rows:
        raise DatasetError(
            f"model {cell.model.name!r}: none of the pictures can be read; check the dataset's folder"
        )
    pictures = sorted(rows)
    return _Data(
        pictures,
        np.stack([known[picture] for picture in pictures]),
        np.array([rows[picture][0] for picture in pictures]),
        np.array([rows[picture][1] for picture in pictures]),
    )


def out_of_fold(
    features: NDArray[np.float32],
    labels: NDArray[np.str_],
    people: NDArray[np.str_],
    words: Sequence[str],
    *,
    model: str = "probe",
) -> NDArray[np.float64]:
    """Probabilities of each label for each picture, from a fit to people of other folds.

    scikit-learn's `StratifiedGroupKFold` (5 folds, shuffled with seed 0) divides the people, and its
    `LogisticRegression` is fitted; the regularisation is chosen by three folds of the training people.

    Args:
        features: shape (pictures, dimensions).
        labels: shape (pictures,): the true label of each.
        people: shape (pictures,): who is in it.
        words: the labels, in the order of the result's columns.
        model: short name, for messages.

    Returns:
        Shape (pictures, words); a label that no training person showed has probability 0.

    Raises:
        DatasetError: fewer than five people, or a fold that leaves one label only.
        MissingExtraError: scikit-learn is not installed.
    """
    distinct = len(np.unique(people))
    if distinct < FOLDS:
        raise DatasetError(
            f"model {model!r}: a probe is fitted to other people than those it answers for, in {FOLDS} "
            f"folds; this dataset has {distinct} people"
        )
    selection = import_extra("sklearn.model_selection", extra="clip", model=model)
    linear = import_extra("sklearn.linear_model", extra="clip", model=model)
    shares = np.zeros((len(labels), len(words)))
    column = {word: place for place, word in enumerate(words)}
    outer = selection.StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0)
    inner = selection.StratifiedGroupKFold(_INNER_FOLDS, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        # A label shown by few people is missing from some fold: that is no fault, it has probability 0 there.
        warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
        for train, test in outer.split(features, labels, people):
            if len(np.unique(labels[train])) == 1:
                raise DatasetError(
                    f"model {model!r}: without one fold of people every picture shows "
                    f"{str(labels[train][0])!r}; a probe needs at least two labels among the others"
                )
            search = selection.GridSearchCV(
                linear.LogisticRegression(max_iter=_MOST_STEPS),
                {"C": list(STRENGTHS)},
                cv=list(inner.split(features[train], labels[train], people[train])),
            )
            search.fit(features[train], labels[train])
            places = [column[str(word)] for word in search.classes_]
            shares[np.ix_(test, places)] = search.predict_proba(features[test])
    return shares
