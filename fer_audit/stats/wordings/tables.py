"""One measure, wording by wording: what each contributes to the answers of every person and label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.counts import response_codes
from fer_audit.stats.slicing import cut
from fer_audit.stats.weights import weigh
from fer_audit.stats.wordings.clustering import TwoWay, two_way

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.measures import Measure

__all__ = ["WordedTally", "cluster_pair", "rates_by_wording", "tally_by_wording"]


@dataclass(frozen=True, slots=True, eq=False)
class WordedTally:
    """Hits and images by unit, label and wording; U units in the order of the counts, L labels, W wordings.

    An image asked about in three wordings counts a third in each of them, so that sums over wordings are the
    hits and images of all of them together.

    Attributes:
        person: shape (U,).
        level: shape (U,).
        hits: shape (..., U, L, W); leading axes are replicates.
        images: shape (U, L, W).
        names: the wordings.
    """

    person: NDArray[np.int64]
    level: NDArray[np.int64]
    hits: NDArray[np.float64]
    images: NDArray[np.float64]
    names: tuple[str, ...]


def tally_by_wording(predictions: Predictions, counts: Counts, measure: Measure) -> WordedTally | None:
    """Divide a measure's hits by wording.

    Args:
        predictions: the rows.
        counts: of these rows, for people, slices and labels.
        measure: what is counted.

    Returns:
        None where there is one wording or none.
    """
    if predictions.prompt is None:
        return None
    slices = cut(predictions, counts.slicing)
    response = response_codes(predictions)
    answers = len(counts.predicted)
    counted = (slices.codes >= 0) & (response >= 0)
    if measure.answered_only:
        counted &= response < answers
    rows = np.flatnonzero(counted)
    used, wording = np.unique(predictions.prompt.codes[rows], return_inverse=True)
    if len(used) < 2:  # noqa: PLR2004 - nothing to tell apart
        return None
    wording, width = wording.reshape(-1), len(used)
    image = predictions.image.codes[rows].astype(np.int64)
    shares = weigh(image, np.zeros_like(image), 1, wording).rows
    weight = np.ones(len(rows)) if shares is None else shares
    levels = max(len(counts.levels), 1)
    owner = predictions.identity.codes[rows].astype(np.int64) * levels + slices.codes[rows]
    unit = np.searchsorted(counts.person * levels + counts.level, owner)
    shape = counts.cells.shape
    cell = (unit * shape[1] + predictions.true.codes[rows]) * shape[2] + response[rows]
    parts = []
    for place in range(width):
        own = wording == place
        cells = np.bincount(cell[own], weight[own], int(np.prod(shape))).astype(np.float64)
        parts.append(replace(counts, cells=cells.reshape(shape), answered=None))
    tallies = [measure.tally(part) for part in parts]
    chosen = [counts.labels.index(label) for label in tallies[0].labels if label in counts.labels]
    images = np.zeros((*tallies[0].hits.shape, width))
    if chosen:
        images[...] = np.stack([part.cells.sum(-1)[:, chosen] for part in parts], axis=-1)
    return WordedTally(
        person=counts.person,
        level=counts.level,
        hits=np.stack([tally.hits for tally in tallies], axis=-1),
        images=images,
        names=tuple(predictions.prompt.levels[code] for code in used),
    )


def rates_by_wording(
    table: WordedTally, level: int, labels: NDArray[np.int64], held: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The measure in one slice, wording by wording: averaged over people and then over labels.

    Args:
        table: without replicate axes.
        level: the slice.
        labels: shape (L,): which labels count.
        held: shape (U, labels of the table): which cells take part.

    Returns:
        Shape (W,); nan where nobody was asked about some label in that wording.
    """
    own = np.flatnonzero(table.level == level)
    images = (table.images[own] * held[own][..., None])[:, labels]
    asked = images > 0
    values = np.where(asked, table.hits[own][:, labels] / np.where(asked, images, 1.0), 0.0)
    people = asked.sum(axis=0)
    rates = np.where(people > 0, values.sum(axis=0) / np.maximum(people, 1), np.nan)
    return np.asarray(rates.mean(axis=0))


def cluster_pair(
    table: WordedTally, levels: tuple[int, int], labels: NDArray[np.int64], held: NDArray[np.bool_]
) -> TwoWay:
    """Variances of the difference between two slices, over people, wordings and both.

    Args:
        table: hits may carry replicate axes.
        levels: the two slices.
        labels: shape (L,): labels that are compared.
        held: shape (U, labels of the table): which cells take part.
    """
    own = np.flatnonzero(np.isin(table.level, levels) & held[:, labels].any(1))
    people, who = np.unique(table.person[own], return_inverse=True)
    width = len(table.names)
    total = np.zeros((len(people), width, *table.hits.shape[:-3]))
    asked = np.zeros((len(people), width), dtype=np.bool_)
    for level, sign in zip(levels, (1.0, -1.0), strict=True):
        side = np.flatnonzero(table.level[own] == level)
        mask = held[own[side]][:, labels]
        share = table.images[own[side]][:, labels] * mask[..., None]
        hits = table.hits[..., own[side], :, :][..., labels, :] * mask[..., None]
        images = share.sum(-1)
        divisor = np.where(images > 0, images, 1.0)
        people_of = (images > 0).sum(0)
        rate = (hits.sum(-1) / divisor).sum(-2) / people_of
        each = (hits - rate[..., None, :, None] * share) / divisor[..., None] / people_of[:, None]
        value = sign * each.sum(-2) / len(labels)
        np.add.at(total, who.reshape(-1)[side], np.moveaxis(value, (-2, -1), (0, 1)))
        np.logical_or.at(asked, who.reshape(-1)[side], (share > 0).any(1))
    return two_way(np.moveaxis(total, (0, 1), (-2, -1)), asked)
