"""Answers to a cell's questions: from the store where they are there, else from the model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import FerAuditError, ImageError, ModelError
from fer_audit.inference.planning import note_stored
from fer_audit.models import Role
from fer_audit.models.answers import read_answers
from fer_audit.pixels import decode
from fer_audit.predictions import MOST_ERRORS
from fer_audit.records import Answer, Recognizer, Scripted
from fer_audit.store import key
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fer_audit.inference.cell import Cell
    from fer_audit.store import PredictionStore

__all__ = ["Outcome", "answer_cell"]

_BATCH = 64
_NO_ANSWER = (AnswerKind.ERROR, AnswerKind.ABSENT)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An answer, or why there is none.

    Attributes:
        answer: what the model gave; of kind ``error`` or ``absent`` where it gave nothing.
        fault: why; empty for an answer.
    """

    answer: Answer
    fault: str = ""


def answer_cell(cell: Cell, store: PredictionStore) -> list[Outcome]:
    """One outcome a face, in order.

    Raises:
        ModelError: the model cannot be loaded, breaks its contract or breaks on more than 1 % of images.
        StoreError: the store cannot be used.
    """
    if cell.model.role is Role.STAND_IN:
        return _scripted(cell)
    # Of files with the same bytes the first stands for all.
    image_of: dict[str, str] = {}
    for face, picture in zip(cell.faces, cell.pictures, strict=True):
        image_of.setdefault(picture, face.image)
    results = {
        picture: Outcome(Answer(AnswerKind.ABSENT), cell.absent[picture])
        for picture in image_of
        if picture in cell.absent
    }
    results |= _Questions(cell, image_of, store).outcomes()
    return [results[picture] for picture in cell.pictures]


class _Questions:
    """The pictures of one cell that can be read, and the store of what was said of them."""

    def __init__(self, cell: Cell, image_of: Mapping[str, str], store: PredictionStore) -> None:
        self._cell = cell
        self._image_of = image_of
        self._store = store
        # Without a description nothing says when the model changed: its answers are not kept.
        self._is_kept = cell.model.describe is not None
        parts = {**cell.details, "model": cell.model.name, "labels": json.dumps(cell.dataset.labels)}
        self._keys = {picture: key(parts, picture) for picture in image_of if picture not in cell.absent}

    def outcomes(self) -> dict[str, Outcome]:
        """One outcome a picture."""
        stored = self._stored()
        asked: dict[str, Outcome] = {}
        if len(stored) < len(self._keys):
            with self._store.exclusive(self._cell.fingerprint) if self._is_kept else nullcontext():
                # Another process may have asked while this one waited.
                stored = self._stored()
                asked = self._ask([picture for picture in self._keys if picture not in stored])
        if self._is_kept and asked:
            kept = sum(outcome.answer.kind not in _NO_ANSWER for outcome in asked.values())
            note_stored(self._cell, self._store, len(stored) + kept)
        return {picture: Outcome(answer) for picture, answer in stored.items()} | asked

    def _stored(self) -> dict[str, Answer]:
        if not self._is_kept:
            return {}
        found = self._store.get(list(self._keys.values()))
        return {picture: found[name] for picture, name in self._keys.items() if name in found}

    def _ask(self, missing: Sequence[str]) -> dict[str, Outcome]:
        results: dict[str, Outcome] = {}
        if not missing:
            return results
        recognizer = self._load()
        # A seeded random order over all groups, so that a drift or an outage cannot fall on one of them.
        order = np.random.default_rng(0).permutation(sorted(missing)).tolist()
        broken = 0
        for start in range(0, len(order), _BATCH):
            outcomes = self._recognize(recognizer, order[start : start + _BATCH])
            results |= outcomes
            if self._is_kept:
                answers = {picture: outcome.answer for picture, outcome in outcomes.items()}
                self._store.put({self._keys[p]: a for p, a in answers.items() if a.kind not in _NO_ANSWER})
            faults = [o.fault for o in outcomes.values() if o.answer.kind is AnswerKind.ERROR]
            broken += len(faults)
            if broken > MOST_ERRORS * len(self._keys):
                raise ModelError(
                    f"model {self._cell.model.name!r} broke on {broken} of the first {len(results)} images "
                    f"(at most {MOST_ERRORS:.0%} may): {faults[0]}. "
                    "A crash is no answer; mend the model and run again"
                )
        return results

    def _load(self) -> Recognizer:
        model = self._cell.model
        try:
            loaded = model.load(self._cell.dataset.labels)
        except FerAuditError:
            raise
        except (Exception, SystemExit) as error:
            raise ModelError(
                f"model {model.name!r} could not be loaded: {type(error).__name__}: {error}"
            ) from error
        if not isinstance(loaded, Recognizer):
            raise ModelError(
                f"model {model.name!r}: loading gave {type(loaded).__name__}, which has no method "
                "recognize(images)"
            )
        return loaded

    def _recognize(self, recognizer: Recognizer, pictures: Sequence[str]) -> dict[str, Outcome]:
        cell = self._cell
        results: dict[str, Outcome] = {}
        images = {}
        for picture in pictures:
            image = self._image_of[picture]
            try:
                images[picture] = decode(cell.dataset.read(image), name=image)
            except ImageError as error:
                results[picture] = Outcome(Answer(AnswerKind.ABSENT), str(error))
        if not images:
            return results
        try:
            returned: object = recognizer.recognize(list(images.values()))
            if isinstance(returned, Iterator):
                returned = list(islice(returned, len(images) + 1))
        except FerAuditError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code: whatever it raises is no answer
            if len(images) > 1:
                # One picture may have broken the batch: ask singly, so that only that one is lost.
                for picture in images:
                    results |= self._recognize(recognizer, [picture])
                return results
            (picture,) = images
            reason = f"{self._image_of[picture]}: {type(error).__name__}: {error}"
            return results | {picture: Outcome(Answer(AnswerKind.ERROR), reason)}
        answers = read_answers(
            returned, images=len(images), labels=cell.dataset.labels, model=cell.model.name
        )
        for picture, answer in zip(images, answers, strict=True):
            reason = f"{self._image_of[picture]}: {answer.raw or 'no reason given'}"
            results[picture] = Outcome(answer, reason if answer.kind in _NO_ANSWER else "")
        return results


def _scripted(cell: Cell) -> list[Outcome]:
    loaded = cell.model.load(cell.dataset.labels)
    if not isinstance(loaded, Scripted):
        raise ModelError(f"model {cell.model.name!r} is declared scripted but has no method answer(faces)")
    return [Outcome(answer) for answer in loaded.answer(cell.faces)]
