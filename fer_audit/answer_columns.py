"""The columns of a prediction table that say what was asked and answered: read into codes, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import TableError, did_you_mean
from fer_audit.tables import Column, column, numbers
from fer_audit.vocabulary import AnswerKind, Expression, expression_named

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = [
    "MOST_IMAGES_COLUMN",
    "answer_kinds",
    "confidences",
    "label_order",
    "most_images",
    "predicted_labels",
    "refuse_two_values",
    "true_labels",
]

MOST_IMAGES_COLUMN = "max_images_per_person"
"""Column by which a table without identities declares in how many pictures nobody exceeds."""

_KINDS = list(AnswerKind)


def label_order(labels: Sequence[str]) -> tuple[str, ...]:
    """A label set in its standard order: by name, which is the order of the vocabulary too.

    >>> label_order(["surprise", "anger"])
    ('anger', 'surprise')
    """
    return tuple(sorted(set(labels)))


def true_labels(col: Column, labels: Sequence[str] | None, *, where: str, name: str) -> Column:
    """The column over the label set: synonyms become expressions, declared labels keep their order."""
    words = col.levels
    named = [expression_named(word) for word in words]
    if labels is None and any(named):
        known: tuple[str, ...] = tuple(Expression)
        renamed = [str(found) if found else word for found, word in zip(named, words, strict=True)]
    else:
        known = tuple(labels) if labels is not None else words
        renamed = list(words)
    for word in renamed:
        if word not in known:
            row = int(np.flatnonzero(col.codes == renamed.index(word))[0]) + 1
            raise TableError(
                f"{where}: unknown label {word!r} in column {name!r}, row {row}; {did_you_mean(word, known)}"
            )
    levels = tuple(labels) if labels is not None else label_order(renamed)
    rank = np.array([levels.index(word) for word in renamed], dtype=np.int32)
    return Column(rank[col.codes], levels)


def answer_kinds(table: pa.Table, predicted_name: str, *, where: str) -> NDArray[np.int8]:
    """What sort of answer each row holds: answered, or a kind of non-answer where the table says so.

    Args:
        table: the table.
        predicted_name: column of the answered label, which only answered rows may fill.
        where: what the table is called in messages.

    Returns:
        Shape (rows,): position in ``list(AnswerKind)``.

    Raises:
        TableError: a kind that nobody knows, or a label in a row that is marked as no answer.
    """
    if "answer" not in table.column_names:
        return np.zeros(table.num_rows, dtype=np.int8)
    answer = column(table, "answer", where=where, optional=True)
    for word in answer.levels:
        if word not in _KINDS:
            row = int(np.flatnonzero(answer.codes == answer.levels.index(word))[0]) + 1
            raise TableError(
                f"{where}: unknown kind of answer {word!r} in row {row}; {did_you_mean(word, _KINDS)}"
            )
    # An empty cell, code -1, takes the last position: nothing said means answered.
    positions = np.array([*(_KINDS.index(AnswerKind(word)) for word in answer.levels), 0], dtype=np.int8)
    kind: NDArray[np.int8] = positions[answer.codes]
    predicted = column(table, predicted_name, where=where, optional=True)
    clash = np.flatnonzero((kind != 0) & (predicted.codes >= 0))
    if clash.size:
        row = int(clash[0])
        raise TableError(
            f"{where}: row {row + 1} is marked {_KINDS[kind[row]].value!r} but predicts "
            f"{predicted.levels[predicted.codes[row]]!r}; only answered rows carry a prediction"
        )
    return kind


def predicted_labels(
    table: pa.Table,
    name: str,
    kind: NDArray[np.int8],
    true: Column,
    labels: Sequence[str] | None,
    *,
    where: str,
) -> Column:
    """The answered label of each row, over the dataset's labels and after them whatever else was answered.

    Args:
        table: the table.
        name: column of the answered label.
        kind: shape (rows,): what sort of answer each row holds.
        true: the true labels.
        labels: every label a model may answer, where that is not the vocabulary of expressions.
        where: what the table is called in messages.

    Raises:
        TableError: an answered row without a label, or a label that nobody knows.
    """
    raw = column(table, name, where=where, optional=True)
    unexplained = np.flatnonzero((raw.codes < 0) & (kind == 0))
    if unexplained.size:
        raise TableError(
            f"{where}: column {name!r} is empty or NaN in {unexplained.size} of {len(kind)} rows (first: row "
            f"{int(unexplained[0]) + 1}); say why in a column 'answer' (refused, unreadable, ...) or fill it"
        )
    expressions = any(expression_named(label) for label in true.levels)
    levels = list(true.levels)
    positions = []
    for word in raw.levels:
        found = expression_named(word)
        label = str(found) if expressions and labels is None and found else word
        if label not in levels:
            if labels is not None or (expressions and found is None):
                row = int(np.flatnonzero(raw.codes == raw.levels.index(word))[0]) + 1
                known = labels if labels is not None else tuple(Expression)
                raise TableError(
                    f"{where}: unknown label {word!r} in column {name!r}, row {row}; "
                    f"{did_you_mean(word, known)}. An answer outside the labels is written with an empty "
                    "prediction and 'unreadable' in a column 'answer'"
                )
            levels.append(label)
        positions.append(levels.index(label))
    return Column(np.array([*positions, -1], dtype=np.int32)[raw.codes], tuple(levels))


def confidences(table: pa.Table, *, where: str) -> NDArray[np.float64] | None:
    """The probability that the model gave to each answer, shape (rows,); None where no row has one.

    Raises:
        TableError: something that is no probability.
    """
    if "confidence" not in table.column_names:
        return None
    found = numbers(table, "confidence", where=where)
    outside = np.flatnonzero((found < 0) | (found > 1))
    if outside.size:
        row = int(outside[0])
        raise TableError(
            f"{where}: confidence {found[row]:g} in row {row + 1} is no probability; give the probability of "
            "the answer from 0 to 1 (percentages divided by 100), or leave the cell empty"
        )
    return found if np.isfinite(found).any() else None


def most_images(table: pa.Table, *, where: str) -> int | None:
    """In how many pictures one unknown person may be, as the table declares; None where it does not.

    Raises:
        TableError: no whole number, or not the same in every row.
    """
    if MOST_IMAGES_COLUMN not in table.column_names:
        return None
    declared = np.unique(numbers(table, MOST_IMAGES_COLUMN, where=where))
    if len(declared) != 1 or not declared[0] >= 1 or declared[0] % 1:
        shown = ", ".join(f"{value:g}" for value in declared[:3])
        raise TableError(
            f"{where}: column {MOST_IMAGES_COLUMN!r} holds {shown}; it declares one whole number, the "
            "same in every row: in how many of the pictures one person may be"
        )
    return int(declared[0])


def refuse_two_values(image: Column, name: str, col: Column, *, where: str) -> None:
    """Refuse an image that is listed with two people, two labels or two groups.

    Raises:
        TableError: one such image, with both values.
    """
    first = np.full(len(image.levels), -1, dtype=np.int32)
    # Later rows overwrite earlier ones; any row that disagrees with the last one shows a second value.
    first[image.codes] = col.codes
    differs = np.flatnonzero(first[image.codes] != col.codes)
    if differs.size:
        row = int(differs[0])
        picture = image.codes[row]
        raise TableError(
            f"{where}: image {image.levels[picture]!r} is listed with two values of {name!r}: "
            f"{_level(col, col.codes[row])} and {_level(col, first[picture])}; one picture shows "
            "one person with one label and one group"
        )


def _level(col: Column, code: int) -> str:
    return repr(col.levels[code]) if code >= 0 else "nothing"
