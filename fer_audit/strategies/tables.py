"""Prediction tables of every shape that an audit may meet."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.predictions import Column, Predictions
from fer_audit.stats.counts import NON_ANSWERS
from fer_audit.strategies.designs import SHARINGS, table_designs
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis import strategies as st
    from numpy.typing import NDArray

    from fer_audit.strategies.designs import Sharing, TableDesign

__all__ = ["predictions", "table_of"]

_KINDS = list(AnswerKind)
_LACKING_EVERY = 3
_UNKNOWN_EVERY = 7
_BLANK_EVERY = 5


def predictions(
    *,
    labels: Sequence[str] | st.SearchStrategy[Sequence[str]] | None = None,
    attributes: Mapping[str, Sequence[str]] | None = None,
    max_slices: int = 4,
    min_people: int = 0,
    max_people: int = 20,
    max_images: int = 3,
    sharing: Sequence[Sharing] = SHARINGS,
    kinds: Sequence[AnswerKind] = NON_ANSWERS,
    max_rows: int = 2,
    max_prompts: int = 2,
    confidence: bool = True,
    covariates: Sequence[str] = ("brightness",),
    identified: bool = True,
    sparse: bool = True,
    blank: bool = True,
) -> st.SearchStrategy[Predictions]:
    """Prediction tables: few people and many, all right and all wrong, complete and sparse, paired and not.

    Examples shrink towards few people who are read correctly, and print as the `TableDesign` behind them.
    A table of fewer than two slices cannot be audited: name two levels, one person of each, and no blanks.

    Args:
        labels: the label set, or a strategy of label sets; drawn from the seven expressions by default.
        attributes: attributes with their levels; one attribute ``group`` of up to ``max_slices`` by default.
        max_slices: most levels of that attribute.
        min_people: fewest people of each slice; with 0 a table may have no row at all.
        max_people: most people of each slice.
        max_images: most images of one label of one person.
        sharing: how people and slices may go together: ``apart``, ``shared``, ``mixed``.
        kinds: kinds of non-answer that may occur; empty for a model that always answers.
        max_rows: most rows of one image and prompt; 1 for tables without repeats.
        max_prompts: most wordings of the question; 1 for tables without prompts.
        confidence: answers may carry a confidence.
        covariates: numbers that may be measured on the pictures, by name.
        identified: it is known who is in which picture. Where it is not, every picture has an identity of its
            own, and the table may declare in how many pictures nobody exceeds.
        sparse: people may lack labels.
        blank: a row may have no value of the last attribute.

    Raises:
        ConfigurationError: bounds that no table keeps.
    """
    return table_designs(
        labels=labels,
        attributes=attributes,
        max_slices=max_slices,
        min_people=min_people,
        max_people=max_people,
        max_images=max_images,
        sharing=sharing,
        kinds=kinds,
        max_rows=max_rows,
        max_prompts=max_prompts,
        confidence=confidence,
        covariates=covariates,
        identified=identified,
        sparse=sparse,
        blank=blank,
    ).map(table_of)


@dataclass(frozen=True, slots=True)
class _Row:
    person: int
    image: int
    true: int
    answer: int
    kind: int
    levels: tuple[int, ...]
    prompt: int


def table_of(design: TableDesign) -> Predictions:
    """The prediction table that a design plans.

    >>> from fer_audit.strategies import TableDesign
    >>> table = table_of(TableDesign(("anger", "fear"), (("group", ("a", "b")),), ((0,), (1, 2))))
    >>> len(table), len(table.identity.levels)
    (6, 3)
    >>> int(sum(table.predicted.codes == table.true.codes))
    3
    """
    generator = np.random.default_rng(design.seed)
    rows = _list_rows(design, generator)
    images = max((row.image for row in rows), default=-1) + 1
    pictures = _column([row.image for row in rows], _numbered("i", images))
    people = {person: number for number, person in enumerate(dict.fromkeys(row.person for row in rows))}
    who = _column([people[row.person] for row in rows], _numbered("p", len(people)))
    kind = np.array([row.kind for row in rows], dtype=np.int8)
    prompts = _column([row.prompt for row in rows], _numbered("q", design.prompts))
    return Predictions(
        identity=who if design.identified else pictures,
        image=pictures,
        true=_column([row.true for row in rows], design.labels),
        predicted=_column([row.answer for row in rows], _answers(design)),
        kind=kind,
        attributes={
            name: _column([row.levels[place] for row in rows], levels)
            for place, (name, levels) in enumerate(design.attributes)
        },
        prompt=prompts if design.prompts > 1 else None,
        confidence=np.where(kind == 0, _percents(len(rows), generator), np.nan) if design.confident else None,
        covariates={name: _percents(images, generator)[pictures.codes] for name in design.covariates},
        identified=design.identified,
        most_images=design.most_images,
    )


def _list_rows(design: TableDesign, generator: np.random.Generator) -> list[_Row]:
    combinations = product(*(range(len(levels)) for _, levels in design.attributes))
    slices = len(design.wrong)
    rows: list[_Row] = []
    turn = image = 0
    for position, (wrong, levels) in enumerate(zip(design.wrong, combinations, strict=True)):
        for place, mistakes in enumerate(wrong):
            shared = design.sharing == "shared" or (design.sharing == "mixed" and place % 2 == 1)
            person = place * (slices + 1) + (slices if shared else position)
            unknown = design.blank and person % _BLANK_EVERY == 1
            shown = (*levels[:-1], -1 if unknown else levels[-1])
            true = _list_labels(design, generator)
            failed = set(generator.permutation(len(true))[:mistakes].tolist())
            for number, label in enumerate(true):
                for asked, prompt in enumerate(_list_prompts(design, generator)):
                    # What was planned is the first answer; asked again about somebody whom it misreads, the
                    # model says this or that.
                    right = bool(generator.integers(2)) if asked and failed else number not in failed
                    answer, kind = (label, 0) if right else _mistake(design, label, turn)
                    turn += not right
                    rows.append(_Row(person, image, label, answer, kind, shown, prompt))
                image += 1
    return rows


def _list_labels(design: TableDesign, generator: np.random.Generator) -> list[int]:
    """The true label of each image of one person."""
    fewest, most = design.images
    return [
        label
        for label in range(len(design.labels))
        if not design.sparse or generator.integers(_LACKING_EVERY)
        for _ in range(int(generator.integers(fewest, most + 1)))
    ]


def _list_prompts(design: TableDesign, generator: np.random.Generator) -> list[int]:
    """The prompt of each row of one image."""
    return [
        prompt for prompt in range(design.prompts) for _ in range(int(generator.integers(1, design.rows + 1)))
    ]


def _mistake(design: TableDesign, label: int, turn: int) -> tuple[int, int]:
    """Code of the answered label, or -1, and the kind of answer: wrong labels and non-answers in turn."""
    wrong = [code for code in range(len(_answers(design))) if code != label]
    choices = [(code, 0) for code in wrong] + [(-1, _KINDS.index(kind)) for kind in design.kinds]
    return choices[turn % len(choices)]


def _answers(design: TableDesign) -> tuple[str, ...]:
    """Labels that may be answered; where there is one true label, there has to be a wrong one."""
    if len(design.labels) == 1 and not design.answered and not design.kinds:
        return (*design.labels, f"not {design.labels[0]}")
    return (*design.labels, *design.answered)


def _percents(number: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """Numbers from 0 to 1 in steps of a hundredth; about every seventh is unknown."""
    values = generator.integers(0, 101, number) / 100
    return np.where(generator.integers(_UNKNOWN_EVERY, size=number) == 0, np.nan, values)


def _numbered(prefix: str, number: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{i:05}" for i in range(number))


def _column(codes: list[int], levels: tuple[str, ...]) -> Column:
    return Column(np.array(codes, dtype=np.int32), levels)
