"""Ask a model about every face of a dataset, and ask nothing twice."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import DatasetError, FerAuditError, ImageError, ModelError
from fer_audit.models.answers import read_answers
from fer_audit.pixels import decode
from fer_audit.predictions import MOST_ERRORS, Column, Predictions
from fer_audit.records import Answer, Provenance, Recognizer, Scripted
from fer_audit.store import key
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fer_audit.datasets import Dataset, DatasetSpec
    from fer_audit.models import ModelSpec
    from fer_audit.records import Face
    from fer_audit.store import PredictionStore

__all__ = ["Plan", "gather", "plan", "some_people"]

_BATCH = 64
_NO_ANSWER = (AnswerKind.ERROR, AnswerKind.ABSENT)


@dataclass(frozen=True, slots=True)
class Plan:
    """What gathering a cell would take.

    Attributes:
        people: identities.
        images: rows of the dataset.
        stored: answers that an earlier run of the same cell left in the store.
    """

    people: int
    images: int
    stored: int


@dataclass(frozen=True, slots=True)
class _Outcome:
    """An answer, or why there is none."""

    answer: Answer
    fault: str = ""


def gather(
    model: ModelSpec,
    dataset: DatasetSpec,
    store: PredictionStore,
    *,
    limit_people: int | None = None,
) -> Predictions:
    """What the model answers on every face of the dataset.

    Pictures with the same bytes under one identity are repeats of one picture. Missing answers are asked
    in seeded random order over the whole dataset, so that a drift cannot fall on one group, under a lock
    that other processes wait for. A picture that cannot be read is absent; an image on which the model
    breaks is an error; neither counts as wrong.

    Args:
        model: the model's specification; it is loaded only when an answer is missing.
        dataset: the dataset's specification.
        store: answers given before.
        limit_people: ask about this many people only, drawn by hash; the result is marked partial.

    Raises:
        DatasetError: no faces, or one picture under two identities, labels or groups.
        ModelError: the model cannot be loaded, breaks its contract or breaks on more than 1 % of images.
        StoreError: the store cannot be used.
    """
    opened = dataset.open()
    faces = some_people(opened.faces, limit_people)
    if not faces:
        raise DatasetError(f"dataset {dataset.name!r} holds no faces; check what it was opened on")
    details = dict(model.describe()) if model.describe is not None else {}
    if model.scripted:
        pictures = [face.image for face in faces]
        absent: dict[str, str] = {}
    else:
        pictures, absent = _digests(opened, faces)
    cell = _fingerprint(details, opened.labels, faces, pictures)
    _check_repeats(dataset.name, faces, pictures)
    if model.scripted:
        outcomes = _scripted(model, faces, opened.labels)
    else:
        asked = _Questions(model, opened, details)
        outcomes = asked.answers(faces, pictures, absent, store, cell)
    provenance = Provenance(
        model=model.name,
        dataset=dataset.name,
        details={**details, **opened.details, "image set": _hash(sorted(set(pictures)))[:16]},
        fingerprint=cell,
        synthetic=dataset.synthetic,
        partial=limit_people is not None and len(faces) < len(opened.faces),
    )
    return _columns(faces, pictures, outcomes, opened.labels, provenance)


def plan(
    model: ModelSpec, dataset: DatasetSpec, store: PredictionStore, *, limit_people: int | None = None
) -> Plan:
    """What `gather` would ask, without reading a picture or loading the model.

    Raises:
        DatasetError: the dataset cannot be opened.
        StoreError: the store cannot be read.
    """
    opened = dataset.open()
    faces = some_people(opened.faces, limit_people)
    stored = 0 if model.describe is None else store.gathered(_listing(model, opened, faces))
    return Plan(len({face.identity for face in faces}), len(faces), min(stored, len(faces)))


def some_people(faces: Sequence[Face], limit: int | None) -> Sequence[Face]:
    """The faces of ``limit`` people, chosen by the hash of their names; all without a limit."""
    if limit is None:
        return faces
    people = sorted({face.identity for face in faces}, key=lambda name: sha256(name.encode()).digest())
    chosen = set(people[:limit])
    return [face for face in faces if face.identity in chosen]


class _Questions:
    """One model's questions about one dataset."""

    def __init__(self, model: ModelSpec, dataset: Dataset, details: Mapping[str, str]) -> None:
        self._model = model
        self._dataset = dataset
        # Without a description nothing says when the model changed: its answers are not kept.
        self._kept = model.describe is not None
        self._parts = {**details, "model": model.name, "labels": json.dumps(dataset.labels)}

    def answers(
        self,
        faces: Sequence[Face],
        pictures: Sequence[str],
        absent: Mapping[str, str],
        store: PredictionStore,
        cell: str,
    ) -> list[_Outcome]:
        """One outcome a face: from the store where it is there, else asked now."""
        image_of = {picture: face.image for face, picture in zip(faces, pictures, strict=True)}
        keys = {picture: key(self._parts, picture) for picture in image_of if image_of[picture] not in absent}
        stored = self._stored(store, keys)
        faults = {picture: absent[image] for picture, image in image_of.items() if image in absent}
        results = {picture: _Outcome(Answer(AnswerKind.ABSENT), reason) for picture, reason in faults.items()}
        if len(stored) < len(keys):
            with store.exclusive(cell) if self._kept else nullcontext():
                # Another process may have asked while this one waited.
                stored = self._stored(store, keys)
                missing = [picture for picture in keys if picture not in stored]
                results |= self._ask(missing, image_of, keys, store)
            stored = self._stored(store, keys)
        if self._kept:
            store.note_gathered(_listing(self._model, self._dataset, faces), len(stored))
        results |= {picture: _Outcome(answer) for picture, answer in stored.items()}
        return [results[picture] for picture in pictures]

    def _stored(self, store: PredictionStore, keys: Mapping[str, str]) -> dict[str, Answer]:
        if not self._kept:
            return {}
        found = store.get(list(keys.values()))
        return {picture: found[name] for picture, name in keys.items() if name in found}

    def _ask(
        self,
        missing: list[str],
        image_of: Mapping[str, str],
        keys: Mapping[str, str],
        store: PredictionStore,
    ) -> dict[str, _Outcome]:
        results: dict[str, _Outcome] = {}
        if not missing:
            return results
        recognizer = self._load()
        order = np.random.default_rng(0).permutation(sorted(missing)).tolist()
        broken = 0
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            outcomes = self._recognize(recognizer, [(picture, image_of[picture]) for picture in batch])
            results |= outcomes
            if self._kept:
                store.put({keys[p]: o.answer for p, o in outcomes.items() if o.answer.kind not in _NO_ANSWER})
            faults = [o.fault for o in outcomes.values() if o.answer.kind is AnswerKind.ERROR]
            broken += len(faults)
            if broken > max(MOST_ERRORS * len(keys), 0):
                raise ModelError(
                    f"model {self._model.name!r} broke on {broken} of the first {len(results)} images "
                    f"(at most {MOST_ERRORS:.0%} may): {faults[0]}. "
                    "A crash is no answer; mend the model and run again"
                )
        return results

    def _load(self) -> Recognizer:
        try:
            loaded = self._model.load(self._dataset.labels)
        except FerAuditError:
            raise
        except Exception as error:
            raise ModelError(
                f"model {self._model.name!r} could not be loaded: {type(error).__name__}: {error}"
            ) from error
        if not isinstance(loaded, Recognizer):
            raise ModelError(
                f"model {self._model.name!r}: loading gave {type(loaded).__name__}, which has no method "
                "recognize(images)"
            )
        return loaded

    def _recognize(self, recognizer: Recognizer, batch: Sequence[tuple[str, str]]) -> dict[str, _Outcome]:
        results: dict[str, _Outcome] = {}
        images = []
        read = []
        for picture, image in batch:
            try:
                images.append(decode(self._dataset.read(image), name=image))
                read.append((picture, image))
            except ImageError as error:
                results[picture] = _Outcome(Answer(AnswerKind.ABSENT), str(error))
        if not read:
            return results
        try:
            returned: object = recognizer.recognize(images)
        except FerAuditError:
            raise
        except Exception as error:  # noqa: BLE001 - a model is foreign code: whatever it raises is no answer
            if len(read) > 1:
                # One picture may have broken the batch: ask singly, so that only that one is lost.
                for one in read:
                    results |= self._recognize(recognizer, [one])
                return results
            reason = f"{read[0][1]}: {type(error).__name__}: {error}"
            return results | {read[0][0]: _Outcome(Answer(AnswerKind.ERROR), reason)}
        answers = read_answers(
            returned, images=len(images), labels=self._dataset.labels, model=self._model.name
        )
        for (picture, image), answer in zip(read, answers, strict=True):
            fault = f"{image}: {answer.raw or 'no reason given'}" if answer.kind in _NO_ANSWER else ""
            results[picture] = _Outcome(answer, fault)
        return results


def _scripted(model: ModelSpec, faces: Sequence[Face], labels: tuple[str, ...]) -> list[_Outcome]:
    loaded = model.load(labels)
    if not isinstance(loaded, Scripted):
        raise ModelError(f"model {model.name!r} is declared scripted but has no method answer(faces)")
    return [_Outcome(answer) for answer in loaded.answer(faces)]


def _digests(dataset: Dataset, faces: Sequence[Face]) -> tuple[list[str], dict[str, str]]:
    """The content hash of every picture (its name where it cannot be read), and why some cannot."""
    digest_of: dict[str, str] = {}
    absent: dict[str, str] = {}
    for face in faces:
        if face.image in digest_of:
            continue
        try:
            digest_of[face.image] = sha256(dataset.read(face.image)).hexdigest()
        except ImageError as error:
            absent[face.image] = str(error)
            digest_of[face.image] = face.image
    return [digest_of[face.image] for face in faces], absent


def _check_repeats(dataset: str, faces: Sequence[Face], pictures: Sequence[str]) -> None:
    first: dict[str, Face] = {}
    for face, picture in zip(faces, pictures, strict=True):
        other = first.setdefault(picture, face)
        for what, here, there in (
            ("identities", face.identity, other.identity),
            ("labels", face.expression, other.expression),
            ("groups", dict(face.attributes), dict(other.attributes)),
        ):
            if here != there:
                raise DatasetError(
                    f"dataset {dataset!r}: one picture under two {what}: {other.image!r} ({there}) and "
                    f"{face.image!r} ({here}) have the same content; keep the right row"
                )


def _columns(
    faces: Sequence[Face],
    pictures: Sequence[str],
    outcomes: Sequence[_Outcome],
    labels: tuple[str, ...],
    provenance: Provenance,
) -> Predictions:
    kinds = list(AnswerKind)
    recorded = dict.fromkeys(name for face in faces for name in face.attributes)
    answered = [outcome.answer for outcome in outcomes]
    beyond = sorted({a.label for a in answered if a.label is not None} - set(labels))
    responses = (*labels, *beyond)
    position = {label: code for code, label in enumerate(responses)} | {None: -1}
    names: dict[str, str] = {}
    repeats = []
    for face, picture in zip(faces, pictures, strict=True):
        name = names.setdefault(picture, face.image)
        if name != face.image:
            repeats.append(f"{face.image} = {name}")
    doubled = len(faces) - len(names)
    notes = []
    if doubled:
        shown = f" ({', '.join(repeats[:5])}{', ...' if len(repeats) > 5 else ''})" if repeats else ""  # noqa: PLR2004
        notes.append(f"{doubled} rows repeat a picture and are averaged with it{shown}")
    faults = tuple(outcome.fault for outcome in outcomes if outcome.fault)
    if faults:
        notes.append(f"{len(faults)} images have no answer: {'; '.join(faults[:5])}")
    return Predictions(
        identity=_column(face.identity for face in faces),
        image=_column(names[picture] for picture in pictures),
        true=Column(np.array([position[face.expression] for face in faces], dtype=np.int32), labels),
        predicted=Column(np.array([position[a.label] for a in answered], dtype=np.int32), responses),
        kind=np.array([kinds.index(a.kind) for a in answered], dtype=np.int8),
        attributes={name: _column(face.attributes.get(name) for face in faces) for name in recorded},
        provenance=provenance,
        notes=tuple(notes),
        faults=faults,
    )


def _column(values: Iterable[str | None]) -> Column:
    listed = list(values)
    levels = tuple(sorted({value for value in listed if value is not None}))
    position: dict[str | None, int] = {level: code for code, level in enumerate(levels)} | {None: -1}
    return Column(np.array([position[value] for value in listed], dtype=np.int32), levels)


def _fingerprint(
    details: Mapping[str, str], labels: Sequence[str], faces: Sequence[Face], pictures: Sequence[str]
) -> str:
    rows = sorted(
        [picture, face.identity, face.expression, sorted(face.attributes.items())]
        for face, picture in zip(faces, pictures, strict=True)
    )
    return _hash([dict(details), list(labels), rows])


def _listing(model: ModelSpec, dataset: Dataset, faces: Sequence[Face]) -> str:
    """A name for a cell that needs no picture: the ledger behind the plan is kept under it."""
    details = model.describe() if model.describe is not None else {}
    return _fingerprint({**details, "model": model.name}, dataset.labels, faces, [f.image for f in faces])


def _hash(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
