"""Asking a model in this process: pictures in batches, every way of asking on the same decoded batch."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from fer_audit.errors import FerAuditError, ModelError, one_line
from fer_audit.inference.outcomes import Item, Outcome
from fer_audit.inference.pictures import batches
from fer_audit.inference.vectors import vectors
from fer_audit.models.answers import read_answers
from fer_audit.records import Answer, Prompted, Recognizer, VectorReader
from fer_audit.vocabulary import NO_ANSWER, AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray
    from PIL.Image import Image

    from fer_audit.inference.cell import Cell
    from fer_audit.inference.pictures import Batch
    from fer_audit.store import PredictionStore

__all__ = ["ask_local"]

T = TypeVar("T")


def ask_local(
    cell: Cell, loaded: object, store: PredictionStore, items: Sequence[Item]
) -> Generator[dict[Item, Outcome]]:
    """Outcomes of these items, some at a time, in the order of their pictures.

    Args:
        cell: the cell.
        loaded: the model.
        store: vectors that were made before.
        items: what is missing; every way of one picture is asked while its pixels are there.

    Raises:
        ModelError: the model breaks its contract.
    """
    if not isinstance(loaded, Recognizer):
        raise ModelError(
            f"model {cell.model.name!r}: loading gave {type(loaded).__name__}, which has no method "
            "recognize(images)"
        )
    ways: dict[str, list[int]] = {}
    for item in items:
        ways.setdefault(item.picture, []).append(item.way)
    asked = _Asked(cell, _worded(cell, loaded), ways)
    if isinstance(loaded, VectorReader):
        yield from asked.outcomes(vectors(cell, loaded, store, list(ways)), _read)
    else:
        yield from asked.outcomes(batches(cell, ways), _recognize)


def _recognize(recognizer: Recognizer, images: Sequence[Image]) -> object:
    returned: object = recognizer.recognize(images)
    return list(islice(returned, len(images) + 1)) if isinstance(returned, Iterator) else returned


def _read(recognizer: Recognizer, vectors: Sequence[NDArray[np.float32]]) -> object:
    if not isinstance(recognizer, VectorReader):
        raise TypeError(f"asked in words it is a {type(recognizer).__name__}, which reads no vectors")
    return recognizer.read(np.stack(vectors))


def _worded(cell: Cell, loaded: Recognizer) -> list[Recognizer]:
    """The model as it is asked in each of the cell's ways."""
    found = []
    for way in cell.ways:
        if way.wording is None:
            found.append(loaded)
        elif isinstance(loaded, Prompted):
            found.append(loaded.asking(way.wording))
        else:
            raise ModelError(
                f"model {cell.model.name!r} declares wordings, but what it loads has no method "
                "asking(wording); give it one, or leave the wordings out"
            )
    return found


class _Asked:
    """One loaded model, the recognizer of each way, and which ways each picture is asked in."""

    def __init__(
        self, cell: Cell, recognizers: Sequence[Recognizer], ways: Mapping[str, Sequence[int]]
    ) -> None:
        self._cell = cell
        self._recognizers = recognizers
        self._ways = ways

    def outcomes(
        self, source: Iterable[Batch[T]], ask: Callable[[Recognizer, Sequence[T]], object]
    ) -> Iterator[dict[Item, Outcome]]:
        """Outcomes of one batch after the other."""
        for batch in source:
            found = {
                Item(picture, way): Outcome(Answer(AnswerKind.ABSENT), fault)
                for picture, fault in batch.faults.items()
                for way in self._ways[picture]
            }
            for way, recognizer in enumerate(self._recognizers):
                inputs = {name: value for name, value in batch.inputs.items() if way in self._ways[name]}
                if inputs:
                    answers = self._one_way(recognizer, inputs, ask)
                    found |= {Item(picture, way): outcome for picture, outcome in answers.items()}
            yield found

    def _one_way(
        self,
        recognizer: Recognizer,
        inputs: Mapping[str, T],
        ask: Callable[[Recognizer, Sequence[T]], object],
    ) -> dict[str, Outcome]:
        cell = self._cell
        try:
            returned = ask(recognizer, list(inputs.values()))
        except FerAuditError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - foreign code: whatever it raises is no answer
            if len(inputs) > 1:
                # One picture may have broken the batch: ask singly, so that only that one is lost.
                singly = [self._one_way(recognizer, {name: value}, ask) for name, value in inputs.items()]
                return {name: outcome for one in singly for name, outcome in one.items()}
            (picture,) = inputs
            reason = f"{cell.image_of[picture]}: {type(error).__name__}: {one_line(error)}"
            return {picture: Outcome(Answer(AnswerKind.ERROR), reason)}
        answers = read_answers(
            returned, images=len(inputs), labels=cell.dataset.labels, model=cell.model.name
        )
        return {
            picture: Outcome(
                answer,
                f"{cell.image_of[picture]}: {answer.raw or 'no reason given'}"
                if answer.kind in NO_ANSWER
                else "",
            )
            for picture, answer in zip(inputs, answers, strict=True)
        }
