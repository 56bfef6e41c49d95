"""Answers to a cell's questions: from the store where they are there, else from the model."""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import FerAuditError, ModelError, one_line
from fer_audit.inference.batching import ask_in_batches
from fer_audit.inference.local import ask_local
from fer_audit.inference.network import ask_endpoint, endpoint_name, refuse_unasked
from fer_audit.inference.outcomes import Item, Outcome
from fer_audit.inference.planning import note_stored
from fer_audit.inference.probing import probe
from fer_audit.models import Role
from fer_audit.models.text import reread
from fer_audit.predictions import MOST_ERRORS
from fer_audit.records import Answer, Scripted
from fer_audit.store import key
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping, Sequence

    from fer_audit.inference.asking import Asking
    from fer_audit.inference.cell import Cell
    from fer_audit.store import PredictionStore

__all__ = ["answer_cell", "keys_of"]


def answer_cell(cell: Cell, store: PredictionStore, asking: Asking) -> list[list[Outcome]]:
    """For each way of asking one outcome a face, in order.

    Raises:
        ModelError: the model cannot be loaded, breaks its contract or breaks on more than 1 % of images; or
            it is on the network, and this run may not ask it or spend so much.
        StoreError: the store cannot be used.
    """
    if cell.model.role is Role.STAND_IN:
        return [_scripted(cell)]
    results = _Questions(cell, store, asking).outcomes()
    results |= {
        Item(picture, way): Outcome(Answer(AnswerKind.ABSENT), fault)
        for picture, fault in cell.absent.items()
        for way in range(len(cell.ways))
    }
    return [[results[Item(picture, way)] for picture in cell.pictures] for way in range(len(cell.ways))]


def keys_of(cell: Cell) -> dict[Item, str]:
    """The content key of every question whose picture can be read."""
    parts = {**cell.details, "model": cell.model.name, "labels": json.dumps(cell.dataset.labels)}
    if cell.model.role is Role.PROBE:
        # What a probe says of one picture depends on all that it was fitted to.
        parts["fitted to"] = cell.fingerprint
    described = [{**parts, **way.describe()} for way in cell.ways]
    return {
        Item(picture, way): key(about, picture)
        for picture in cell.image_of
        if picture not in cell.absent
        for way, about in enumerate(described)
    }


class _Questions:
    """The questions of one cell, and the store of what was said to them."""

    def __init__(self, cell: Cell, store: PredictionStore, asking: Asking) -> None:
        self._cell = cell
        self._store = store
        self._asking = asking
        # Without a description nothing says when the model changed: its answers are not kept.
        self._is_kept = cell.model.describe is not None
        self._keys = keys_of(cell)

    def outcomes(self) -> dict[Item, Outcome]:
        """One outcome a question."""
        stored = self._stored()
        asked: dict[Item, Outcome] = {}
        if len(stored) < len(self._keys):
            refuse_unasked(self._cell, self._asking, missing=len(self._keys) - len(stored))
            with ExitStack() as held:
                for name in self._locks():
                    held.enter_context(self._store.exclusive(name))
                # Another process may have asked while this one waited.
                stored = self._stored()
                asked = self._ask([item for item in self._keys if item not in stored], len(stored))
        if self._is_kept and asked:
            kept = sum(outcome.is_answer for outcome in asked.values())
            note_stored(self._cell, self._store, len(stored) + kept)
        return {item: Outcome(answer) for item, answer in stored.items()} | asked

    def _locks(self) -> Iterator[str]:
        if self._is_kept:
            yield self._cell.fingerprint
        if self._cell.model.endpoint is not None and not self._asking.batch:
            # One process at a time asks a host, so that its limits hold over all of them; a batch is under
            # none of them, and may take a day.
            yield endpoint_name(self._cell.model.endpoint)

    def _stored(self) -> dict[Item, Answer]:
        if not self._is_kept:
            return {}
        found = self._store.get(list(self._keys.values()))
        stored = {item: found[name] for item, name in self._keys.items() if name in found}
        if self._cell.model.speaks:
            labels = self._cell.dataset.labels
            return {item: reread(answer, labels) for item, answer in stored.items()}
        return stored

    def _ask(self, missing: Sequence[Item], stored: int) -> dict[Item, Outcome]:
        results: dict[Item, Outcome] = {}
        if not missing:
            return results
        watch = self._asking.watch
        if watch is not None:
            watch.begin(len(missing), stored=stored)
        broken: list[str] = []
        # What is left early is closed at once, and not when somebody tidies up.
        with closing(self._outcomes(missing)) as batches:
            for outcomes in batches:
                results |= outcomes
                self._keep(outcomes)
                if watch is not None:
                    for outcome in outcomes.values():
                        watch.answered(outcome.answer)
                broken += [o.fault for o in outcomes.values() if o.answer.kind is AnswerKind.ERROR]
                if len(broken) > MOST_ERRORS * len(self._keys):
                    raise ModelError(
                        f"model {self._cell.model.name!r} broke on {len(broken)} of the first {len(results)} "
                        f"images (at most {MOST_ERRORS:.0%} may): {broken[0]}. "
                        "A crash is no answer; mend the model and run again"
                    )
        return results

    def _outcomes(self, missing: Sequence[Item]) -> Generator[dict[Item, Outcome]]:
        loaded = _load(self._cell)
        if self._cell.model.role is Role.PROBE:
            return probe(self._cell, loaded, self._store)
        items = _shuffled(missing)
        if self._cell.model.endpoint is not None:
            keys = {item: self._keys[item] for item in items}
            ask = ask_in_batches if self._asking.batch else ask_endpoint
            return ask(self._cell, loaded, keys, self._store, self._asking)
        return ask_local(self._cell, loaded, self._store, items)

    def _keep(self, outcomes: Mapping[Item, Outcome]) -> None:
        if self._is_kept:
            answers = {self._keys[item]: o.answer for item, o in outcomes.items() if o.is_answer}
            self._store.put(answers)


def _shuffled(items: Sequence[Item]) -> list[Item]:
    """A seeded random order over all groups, so that a drift or an outage cannot fall on one of them."""
    ordered = sorted(items, key=lambda item: (item.picture, item.way))
    return [ordered[place] for place in np.random.default_rng(0).permutation(len(ordered)).tolist()]


def _load(cell: Cell) -> object:
    model = cell.model
    try:
        return model.load(cell.dataset.labels)
    except FerAuditError:
        raise
    except (Exception, SystemExit) as error:
        raise ModelError(
            f"model {model.name!r} could not be loaded: {type(error).__name__}: {one_line(error)}"
        ) from error


def _scripted(cell: Cell) -> list[Outcome]:
    loaded = cell.model.load(cell.dataset.labels)
    if not isinstance(loaded, Scripted):
        raise ModelError(f"model {cell.model.name!r} is declared scripted but has no method answer(faces)")
    return [Outcome(answer) for answer in loaded.answer(cell.faces)]
