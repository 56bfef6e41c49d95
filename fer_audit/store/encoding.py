"""How answers, numbers and vectors are written in the store, and read with nothing taken on trust."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import FerAuditError, StoreError
from fer_audit.records import Answer
from fer_audit.vocabulary import NO_ANSWER, AnswerKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "decode_answer",
    "decode_number",
    "decode_vector",
    "encode_answer",
    "encode_number",
    "encode_vector",
]

_HEAD = np.dtype("<u4")  # a vector begins with its number of dimensions, so that a cut one is found out
_NUMBER = np.dtype("<f4")


def encode_answer(key: str, answer: Answer) -> str:
    """One answer as JSON; its flag is written where it is raised only.

    Raises:
        StoreError: it is an error or an absent image, or has a score that is no number.
    """
    if answer.kind in NO_ANSWER:
        raise StoreError(
            f"an answer of kind {answer.kind.value!r} is none and is not stored (key {key:.12}); ask again"
        )
    scores = {label: float(score) for label, score in answer.scores.items()}
    fields: dict[str, object] = {
        "kind": answer.kind.value,
        "label": answer.label,
        "scores": scores,
        "raw": answer.raw,
    }
    if answer.flagged:
        fields["flagged"] = True
    try:
        return json.dumps(fields, separators=(",", ":"), allow_nan=False)
    except ValueError as error:
        raise StoreError(
            f"an answer has a score that is no number and is not stored (key {key:.12}, scores {scores}); "
            "mend the model"
        ) from error


def decode_answer(text: object) -> Answer:
    """The answer that was written.

    Raises:
        ValueError: the text holds none; it says what it reads.
    """
    try:
        fields = json.loads(str(text))
        scores = {str(label): float(score) for label, score in fields["scores"].items()}
        flagged = fields.get("flagged", False) is True
        return Answer(AnswerKind(fields["kind"]), fields["label"], scores, fields["raw"], flagged)
    except (ValueError, KeyError, TypeError, AttributeError, FerAuditError) as error:
        raise ValueError(f"an answer reads {text!s:.80}") from error


def encode_number(key: str, number: float) -> float:
    """One measurement.

    Raises:
        StoreError: it is not finite.
    """
    if not math.isfinite(number):
        raise StoreError(f"a measurement of {number} is no number and is not stored (key {key:.12})")
    return float(number)


def decode_number(number: object) -> float:
    """The measurement that was written.

    Raises:
        ValueError: it is no number.
    """
    if not isinstance(number, float):
        raise ValueError(f"a measurement reads {number!r:.40}")  # noqa: TRY004 - a value of the file, not of a caller
    return number


def encode_vector(key: str, vector: NDArray[np.float32]) -> bytes:
    """One vector as its number of dimensions and that many numbers of 4 bytes, little-endian.

    Raises:
        StoreError: it is no row of finite numbers.
    """
    row = np.asarray(vector, dtype=_NUMBER)
    if row.ndim != 1 or not row.size or not np.isfinite(row).all():
        raise StoreError(
            f"a vector of shape {row.shape} is not stored (key {key:.12}): one row of finite numbers is "
            "wanted; mend the embedder"
        )
    return np.array(row.size, dtype=_HEAD).tobytes() + row.tobytes()


def decode_vector(blob: object) -> NDArray[np.float32]:
    """The vector that was written, shape (dimensions,).

    Raises:
        ValueError: the bytes hold none; it says how many there are.
    """
    if not isinstance(blob, bytes) or len(blob) < _HEAD.itemsize:
        raise ValueError(f"a vector reads {blob!r:.40}")
    dimensions = int(np.frombuffer(blob, _HEAD, count=1)[0])
    numbers, rest = divmod(len(blob) - _HEAD.itemsize, _NUMBER.itemsize)
    if rest or numbers != dimensions:
        raise ValueError(f"a vector of {dimensions} dimensions has {len(blob)} bytes")
    return np.frombuffer(blob, _NUMBER, offset=_HEAD.itemsize).astype(np.float32)
