"""From a model and a dataset to predictions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.inference.asking import Asking
from fer_audit.inference.cell import digest, open_cell
from fer_audit.inference.deriving import with_measured_tones
from fer_audit.inference.measuring import check_covariates, measured
from fer_audit.inference.questions import answer_cell
from fer_audit.predictions import Column, Predictions
from fer_audit.records import Provenance
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from fer_audit.datasets import DatasetSpec
    from fer_audit.inference.asking import Way
    from fer_audit.inference.cell import Cell
    from fer_audit.inference.outcomes import Outcome
    from fer_audit.models import ModelSpec
    from fer_audit.records import Answer
    from fer_audit.store import PredictionStore

__all__ = ["gather"]

_PROBABILITIES = 1e-3  # how far from 1 scores may add up to and still be probabilities
_SHOWN = 5  # examples named in a note, or shown of one kind of answer
_LABELS_AND_FAULTS = (AnswerKind.ANSWERED, AnswerKind.ERROR, AnswerKind.ABSENT)


def gather(
    model: ModelSpec,
    dataset: DatasetSpec,
    store: PredictionStore,
    *,
    limit_people: int | None = None,
    measure: Sequence[str] = (),
    asking: Asking = Asking(),  # noqa: B008 - a frozen value
) -> Predictions:
    """What the model answers on every face of the dataset.

    Pictures with the same bytes under one identity are repeats of one picture, and so are several wordings of
    one question. Missing answers are asked in seeded random order over the whole dataset, under a lock that
    other processes wait for. A picture that cannot be read is absent; an image on which the model breaks is
    an error; neither counts as wrong.

    Args:
        model: the model's specification; it is loaded only when an answer is missing.
        dataset: the dataset's specification.
        store: answers given before.
        limit_people: ask about this many people only, drawn by hash; the result is marked partial.
        measure: covariates by name: columns of the dataset that hold numbers, or what
            `fer_audit.covariates` measures on pictures. The fingerprint does not depend on them.
        asking: in how many ways each question is put, and whether and how fast the network is asked.

    Raises:
        ConfigurationError: the model has not so many wordings as are asked for, or cannot do the task.
        DatasetError: no faces, or one picture under two identities, labels or groups.
        ModelError: the model cannot be loaded, breaks its contract or breaks on more than 1 % of images.
        NotLiveError: answers are missing that only the network has, and the run may not ask it.
        BudgetError: they could cost more than the run may spend.
        StoreError: the store cannot be used.
        UnknownNameError: a covariate that is neither a column nor can be measured.
        TableError: a column taken as a covariate holds something that is no number.
    """
    cell = open_cell(model, dataset, asking, limit_people)
    check_covariates(cell, measure)
    outcomes = answer_cell(cell, store, asking)
    provenance = Provenance(
        model=model.name,
        dataset=dataset.name,
        details={
            **cell.details,
            **_prompts(cell.ways),
            **cell.dataset.details,
            "image set": digest(sorted(set(cell.pictures)))[:16],
        },
        fingerprint=cell.fingerprint,
        synthetic=dataset.synthetic,
        partial=len(cell.faces) + len(cell.disputed) < len(cell.dataset.faces),
    )
    predictions = replace(
        _predictions(cell, outcomes, provenance, dataset.attributes), most_images=dataset.most_images
    )
    return with_measured_tones(measured(predictions, cell, store, measure), cell, dataset, store)


def _prompts(ways: Sequence[Way]) -> Mapping[str, str]:
    """How the questions were put, for the report."""
    if len(ways) == 1:
        return ways[0].describe()
    names = dict.fromkeys(f"{way.wording.name}" for way in ways if way.wording is not None)
    repeats = max(way.repeat for way in ways) + 1
    said = {"prompts": f"{len(names)}: {', '.join(names)}"} if names else {}
    return said | ({"repeats": f"{repeats} of each"} if repeats > 1 else {})


def _predictions(
    cell: Cell, outcomes: Sequence[Sequence[Outcome]], provenance: Provenance, declared: Sequence[str]
) -> Predictions:
    """One row a face and way of asking; all faces of one way follow one another."""
    faces, labels, ways = cell.faces, cell.dataset.labels, cell.ways
    rows = [outcome for way in outcomes for outcome in way]
    answers = [outcome.answer for outcome in rows]
    beyond = sorted({answer.label for answer in answers if answer.label is not None} - set(labels))
    responses = (*labels, *beyond)
    code: dict[str | None, int] = {label: position for position, label in enumerate(responses)} | {None: -1}
    kinds = list(AnswerKind)
    names: dict[str, str] = {}
    for face, picture in zip(faces, cell.pictures, strict=True):
        names.setdefault(picture, face.image)
    faults = tuple(outcome.fault for outcome in rows if outcome.fault)
    # A declared attribute that no face has a value of is a column all the same: an audit by it says so.
    recorded = dict.fromkeys([*declared, *(name for face in faces for name in face.attributes)])
    known = dict.fromkeys(name for face in faces for name in face.covariates)

    def tiled(column: Column) -> Column:
        return Column(np.tile(column.codes, len(ways)), column.levels)

    image = tiled(_column(names[picture] for picture in cell.pictures))
    wordings = [way.wording.name for way in ways if way.wording is not None for _ in faces]
    return Predictions(
        identity=tiled(_column(face.identity for face in faces)) if cell.identified else image,
        image=image,
        true=tiled(Column(np.array([code[face.expression] for face in faces], dtype=np.int32), labels)),
        predicted=Column(np.array([code[answer.label] for answer in answers], dtype=np.int32), responses),
        kind=np.array([kinds.index(answer.kind) for answer in answers], dtype=np.int8),
        attributes={name: tiled(_column(face.attributes.get(name) for face in faces)) for name in recorded},
        provenance=provenance,
        notes=tuple(_notes(cell, names, faults)),
        faults=faults,
        prompt=_column(wordings) if len(set(wordings)) > 1 else None,
        confidence=_confidence(answers),
        covariates={
            name: np.tile([face.covariates.get(name, np.nan) for face in faces], len(ways)) for name in known
        },
        words=_words(answers),
        identified=cell.identified,
    )


def _words(answers: Sequence[Answer]) -> dict[str, tuple[str, ...]]:
    """A few different words of each kind of answer that is an outcome and no label."""
    found: dict[str, dict[str, None]] = {}
    for answer in answers:
        if answer.kind not in _LABELS_AND_FAULTS and answer.raw:
            of_kind = found.setdefault(answer.kind.value, {})
            if len(of_kind) < _SHOWN:
                of_kind[answer.raw] = None
    return {kind: tuple(words) for kind, words in sorted(found.items())}


def _confidence(answers: Sequence[Answer]) -> NDArray[np.float64] | None:
    """The probability that the model gave to each answer; nan where its scores are no probabilities."""
    found = np.full(len(answers), np.nan)
    for row, answer in enumerate(answers):
        total = sum(answer.scores.values())
        given = answer.scores.get(answer.label or "")
        if given is not None and abs(total - 1.0) <= _PROBABILITIES:
            found[row] = min(max(given, 0.0), 1.0)
    return found if np.isfinite(found).any() else None


def _notes(cell: Cell, names: dict[str, str], faults: Sequence[str]) -> Iterable[str]:
    repeated = len(cell.faces) - len(names)
    if repeated:
        pairs = [
            f"{face.image} = {names[picture]}"
            for face, picture in zip(cell.faces, cell.pictures, strict=True)
            if names[picture] != face.image
        ]
        shown = f" ({_listed(pairs, ', ')})" if pairs else ""
        yield f"{repeated} rows repeat a picture and are averaged with it{shown}"
    if cell.disputed:
        yield (
            f"{len(cell.disputed)} pictures are there twice with different labels or groups and are left out "
            f"({_listed(cell.disputed, ', ')})"
        )
    if len(cell.ways) > 1:
        yield f"each picture was asked about in {len(cell.ways)} ways, which are averaged"
    if faults:
        what = "images" if len(cell.ways) == 1 else "questions"
        yield f"{len(faults)} {what} have no answer: {_listed(faults, '; ')}"


def _listed(items: Sequence[str], separator: str) -> str:
    return separator.join([*items[:_SHOWN], *(["..."] if len(items) > _SHOWN else [])])


def _column(values: Iterable[str | None]) -> Column:
    listed = list(values)
    levels = tuple(sorted({value for value in listed if value is not None}))
    code: dict[str | None, int] = {level: position for position, level in enumerate(levels)} | {None: -1}
    return Column(np.array([code[value] for value in listed], dtype=np.int32), levels)
