"""Small prediction tables, written as rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.predictions import Column, Predictions
from fer_audit.stats.tally import Tally
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True)
class Row:
    """One answer about one image."""

    identity: str
    true: str
    predicted: str | None
    image: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    kind: AnswerKind = AnswerKind.ANSWERED


def column(values: Sequence[str | None], levels: Iterable[str] | None = None) -> Column:
    names = tuple(levels) if levels is not None else tuple(sorted({v for v in values if v is not None}))
    codes = [-1 if value is None else names.index(value) for value in values]
    return Column(np.array(codes, dtype=np.int32), names)


def predictions_of(rows: Sequence[Row], labels: Sequence[str] | None = None) -> Predictions:
    true = tuple(labels) if labels is not None else tuple(sorted({row.true for row in rows}))
    answered = {row.predicted for row in rows if row.predicted is not None}
    kinds = list(AnswerKind)
    names = sorted({name for row in rows for name in row.attributes})
    return Predictions(
        identity=column([row.identity for row in rows]),
        image=column([row.image for row in rows]),
        true=column([row.true for row in rows], true),
        predicted=column([row.predicted for row in rows], (*true, *sorted(answered - set(true)))),
        kind=np.array([kinds.index(row.kind) for row in rows], dtype=np.int8),
        attributes={name: column([row.attributes.get(name) for row in rows]) for name in names},
    )


def tally_of(
    person: Sequence[int],
    level: Sequence[int],
    hits: Sequence[Sequence[float]] | NDArray[np.number],
    images: Sequence[Sequence[float]] | NDArray[np.number],
    *,
    conditional: bool = False,
) -> Tally:
    """A tally with slices s0, s1, ... and labels l0, l1, ..."""
    table = np.asarray(images, dtype=np.float64)
    return Tally(
        np.asarray(person, dtype=np.int64),
        np.asarray(level, dtype=np.int64),
        np.asarray(hits, dtype=np.float64),
        table,
        tuple(f"s{s}" for s in range(max(level, default=-1) + 1)),
        tuple(f"l{label}" for label in range(table.shape[1])),
        conditional,
    )


def random_tally(generator: np.random.Generator, *, runs: int | None = None) -> Tally:
    """Two to four slices, apart, paired or partly paired, with labels that some people lack."""
    slices, labels = int(generator.integers(2, 5)), int(generator.integers(1, 5))
    people = int(generator.integers(8, 25))
    design = generator.choice(["apart", "shared", "partly"])
    pool = people if design == "shared" else 2 * people if design == "partly" else slices * people
    person: list[int] = []
    level: list[int] = []
    for s in range(slices):
        if design == "apart":
            mine = np.arange(s * people, (s + 1) * people)
        else:
            mine = np.sort(generator.choice(pool, people, replace=False))
        person += mine.tolist()
        level += [s] * people
    held = generator.random((len(person), labels)) < generator.choice([1.0, 0.8])
    images = np.where(held, generator.integers(1, generator.choice([2, 5]), held.shape), 0)
    effect = generator.beta(8, 2, (len(person), 1)) * generator.uniform(0.2, 1, slices)[level][:, None]
    shape = images.shape if runs is None else (runs, *images.shape)
    hits = generator.binomial(images, effect, shape).astype(float)
    return tally_of(person, level, hits, images, conditional=labels == 1)
