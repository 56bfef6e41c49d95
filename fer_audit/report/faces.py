"""The faces behind a finding: one person, one expression, two slices, and what the model said of each.

Only pairs of the same person are shown: two different people would illustrate nothing but themselves.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import FerAuditError
from fer_audit.pixels import decode
from fer_audit.records import Slicing
from fer_audit.report.names import shortened
from fer_audit.report.phrases import Event, phrase
from fer_audit.stats.slicing import cut
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.report.cells import CellTable
    from fer_audit.results import Comparison, Verdict

__all__ = [
    "FacePair",
    "Gallery",
    "Pairs",
    "Portrait",
    "PortraitPair",
    "find_pairs",
    "gallery",
    "portrait",
    "thumbnail",
]

_KINDS = tuple(AnswerKind)
_UNCOUNTED = [_KINDS.index(AnswerKind.ERROR), _KINDS.index(AnswerKind.ABSENT)]
_EDGE = 96
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class FacePair:
    """Two pictures of one person with one expression, as rows of the predictions.

    Attributes:
        a: row of the picture in slice a, where the measure's event happened.
        b: row of the picture in slice b, where it did not.
    """

    a: int
    b: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs behind one comparison.

    Attributes:
        chosen: a few of them, spread over expressions and people.
        forward: pairs with the event in a and not in b.
        backward: pairs with the event in b and not in a.
        total: pairs of the same person and expression.
    """

    chosen: tuple[FacePair, ...]
    forward: int
    backward: int
    total: int


@dataclass(frozen=True, slots=True)
class Portrait:
    """One picture and what the model said.

    Attributes:
        uri: the picture, small, as a data URI.
        true: the true label.
        said: the answered label, or the kind of non-answer in words.
        answered: whether there was an answer.
        right: whether the answer is the true label.
    """

    uri: str
    true: str
    said: str
    answered: bool
    right: bool


@dataclass(frozen=True, slots=True)
class PortraitPair:
    """The same person with the same expression in two slices.

    Attributes:
        a: in the slice where the measure's event happened.
        b: in the other.
    """

    a: Portrait
    b: Portrait


@dataclass(frozen=True, slots=True)
class Gallery:
    """The faces behind a finding, and how many more there are.

    Attributes:
        pairs: the pairs found.
        shown: a few of them as pictures; none where pictures must not be shown.
    """

    pairs: Pairs
    shown: tuple[PortraitPair, ...]


def gallery(table: CellTable, verdict: Verdict, pair: Comparison, *, limit: int = 6) -> Gallery:
    """A few faces behind a finding, at most ``limit`` pairs."""
    pairs = find_pairs(table, verdict, pair, limit=limit)
    shown = []
    for chosen in pairs.chosen:
        first, second = portrait(table, chosen.a), portrait(table, chosen.b)
        if first is not None and second is not None:
            shown.append(PortraitPair(first, second))
    return Gallery(pairs, tuple(shown))


def find_pairs(table: CellTable, verdict: Verdict, pair: Comparison, *, limit: int = 6) -> Pairs:
    """Same person, same expression, in both slices: where the two answers differ in what is measured.

    Of several pictures, the two that agree in most of their other attributes are taken.
    """
    predictions = table.predictions
    slices = cut(predictions, Slicing(tuple(verdict.slicing.split("*"))))
    happened = _happened(predictions, phrase(verdict.measure).event)
    if happened is None or not {pair.a, pair.b} <= set(slices.levels):
        return Pairs((), 0, 0, 0)
    counted = ~np.isin(predictions.kind, _UNCOUNTED)
    compared = [code for code, label in enumerate(predictions.true.levels) if label in pair.labels]
    counted &= np.isin(predictions.true.codes, compared)
    found = [np.flatnonzero(counted & (slices.codes == slices.levels.index(x))) for x in (pair.a, pair.b)]
    groups = [_by_face(predictions, rows) for rows in found]
    matched = [
        _closest(predictions, groups[0][face], groups[1][face]) for face in groups[0] if face in groups[1]
    ]
    forward = [m for m in matched if happened[m.a] and not happened[m.b]]
    backward = sum(bool(happened[m.b] and not happened[m.a]) for m in matched)
    chosen = tuple(islice(_spread(predictions, forward), limit))
    return Pairs(chosen, len(forward), backward, len(matched))


def portrait(table: CellTable, row: int) -> Portrait | None:
    """One picture with its answer, or None where it cannot or must not be shown."""
    predictions = table.predictions
    name = predictions.image.levels[predictions.image.codes[row]]
    uri = thumbnail(table.read, name)
    if uri is None:
        return None
    code = int(predictions.predicted.codes[row])
    true = predictions.true.levels[predictions.true.codes[row]]
    kind = _KINDS[int(predictions.kind[row])]
    said = predictions.predicted.levels[code] if code >= 0 else kind.replace("_", " ")
    return Portrait(uri, shortened(true, 30), shortened(said, 30), code >= 0, code >= 0 and said == true)


def thumbnail(read: Callable[[str], bytes] | None, name: str) -> str | None:
    """A picture of at most 96 pixels as a data URI, or None where it cannot be read."""
    if read is None:
        return None
    try:
        picture = decode(read(name), name=name)
    except (FerAuditError, OSError):
        # A picture that has gone since it was judged costs the report an illustration, not a finding.
        return None
    picture.thumbnail((_EDGE, _EDGE))
    small = io.BytesIO()
    picture.save(small, "WEBP", quality=_QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(small.getvalue()).decode('ascii')}"


def _happened(predictions: Predictions, event: Event) -> NDArray[np.bool_] | None:
    """Shape (rows,): whether the measure's event happened; None for a measure that counts no event."""
    true, predicted = predictions.true, predictions.predicted
    if event.kind == "unanswered":
        return np.not_equal(predictions.kind, 0)
    if event.kind == "correct":
        return np.equal(predicted.codes, true.codes)
    if event.kind == "confused" and event.predicted in predicted.levels:
        return np.equal(predicted.codes, predicted.levels.index(event.predicted))
    return None


def _by_face(predictions: Predictions, rows: NDArray[np.intp]) -> dict[tuple[int, int], list[int]]:
    faces: dict[tuple[int, int], list[int]] = {}
    for row, person, label in zip(
        rows.tolist(),
        predictions.identity.codes[rows].tolist(),
        predictions.true.codes[rows].tolist(),
        strict=True,
    ):
        faces.setdefault((person, label), []).append(row)
    return faces


def _closest(predictions: Predictions, first: list[int], second: list[int]) -> FacePair:
    columns = [column.codes for column in predictions.attributes.values()]

    def agreement(pair: FacePair) -> int:
        return sum(int(codes[pair.a] == codes[pair.b]) for codes in columns)

    return max((FacePair(a, b) for a in first for b in second), key=agreement)


def _spread(predictions: Predictions, pairs: list[FacePair]) -> Iterator[FacePair]:
    """The pairs in an order that shows each expression before any twice, and new people first."""
    left = list(pairs)
    labels: dict[int, int] = {}
    people: dict[int, int] = {}
    true, identity = predictions.true.codes, predictions.identity.codes
    while left:
        best = min(
            left, key=lambda p: (labels.get(int(true[p.a]), 0), people.get(int(identity[p.a]), 0), p.a)
        )
        left.remove(best)
        labels[int(true[best.a])] = labels.get(int(true[best.a]), 0) + 1
        people[int(identity[best.a])] = people.get(int(identity[best.a]), 0) + 1
        yield best
