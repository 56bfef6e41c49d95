"""Counts of shards of one table added up: people, slices and labels are matched by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ConfigurationError
from fer_audit.stats.counts import NON_ANSWERS, Counts, Scores
from fer_audit.stats.slicing import sort_levels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["merge_counts"]


def merge_counts(shards: Sequence[Counts]) -> Counts:
    """Add the counts of shards of one table; all rows of an image must lie in one shard.

    People, slices and labels are matched by name, so shards may be coded differently.

    Raises:
        ConfigurationError: no shard, or shards of different slicings.
    """
    if not shards:
        raise ConfigurationError("there are no counts to merge; pass at least one shard")
    slicings = {shard.slicing for shard in shards}
    if len(slicings) > 1:
        names = ", ".join(sorted(slicing.name for slicing in slicings))
        raise ConfigurationError(f"counts of different slicings cannot be added: {names}; count them alike")
    people = _union(shard.people for shard in shards)
    levels = sort_levels(_union(shard.levels for shard in shards))
    labels = _union(shard.labels for shard in shards)
    predicted = _union(shard.predicted for shard in shards)
    declared = {(shard.identified, shard.most_images) for shard in shards}
    if len(declared) > 1:
        raise ConfigurationError(
            "counts with and without known people, or of different most images a person, cannot be added; "
            "declare the same for every shard"
        )
    person, level, cells, answered = [], [], [], []
    scored = [shard.scores is not None for shard in shards]
    scores: list[NDArray[np.float64]] = []
    for shard in shards:
        person.append(_places(shard.people, people)[shard.person])
        level.append(_places(shard.levels, levels)[shard.level])
        rows, columns = _places(shard.labels, labels), _places(shard.predicted, predicted)
        kinds = len(predicted) + np.arange(len(NON_ANSWERS))
        empty = np.zeros((len(shard.person), len(labels), len(predicted) + len(NON_ANSWERS)))
        cells.append(_spread(shard.cells, empty, rows, np.concatenate([columns, kinds])))
        answered.append(_spread(shard.answers, empty[..., : len(predicted)], rows, columns))
        scores.append(_spread(_stack_scores(shard), np.zeros((*empty.shape[:2], 4)), rows, np.arange(4)))
    owner = np.concatenate(person) * max(len(levels), 1) + np.concatenate(level)
    keys, unit = np.unique(owner, return_inverse=True)
    mixed = any(shard.answered is not None for shard in shards)
    return Counts(
        person=keys // max(len(levels), 1),
        level=keys % max(len(levels), 1),
        cells=_add(cells, unit.ravel(), len(keys)),
        people=people,
        levels=levels,
        labels=labels,
        predicted=predicted,
        slicing=shards[0].slicing,
        empty=tuple(name for name in _union(shard.empty for shard in shards) if name not in levels),
        repeats=sum(shard.repeats for shard in shards),
        missing=sum(shard.missing for shard in shards),
        answered=_add(answered, unit.ravel(), len(keys)) if mixed else None,
        identified=shards[0].identified,
        most_images=shards[0].most_images,
        scores=Scores(*np.moveaxis(_add(scores, unit.ravel(), len(keys)), -1, 0)) if any(scored) else None,
    )


def _stack_scores(counts: Counts) -> NDArray[np.float64]:
    """Shape (U, true labels, 4): the sums in the order of :class:`Scores`, zeros where there are none."""
    found = counts.scores
    if found is None:
        return np.zeros((*counts.cells.shape[:2], 4))
    return np.stack([found.images, found.confidence, found.correct, found.squared], axis=-1)


def _spread(
    cells: NDArray[np.float64],
    empty: NDArray[np.float64],
    rows: NDArray[np.int64],
    columns: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The cells of a shard among the labels and responses of all shards."""
    block = empty.copy()
    block[np.ix_(np.arange(len(block)), rows, columns)] = cells
    return block


def _add(blocks: list[NDArray[np.float64]], unit: NDArray[np.int64], units: int) -> NDArray[np.float64]:
    total = np.zeros((units, *blocks[0].shape[1:]))
    np.add.at(total, unit, np.concatenate(blocks))
    return total


def _union(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Distinct names in order of appearance."""
    return tuple(dict.fromkeys(name for part in names for name in part))


def _places(names: tuple[str, ...], within: tuple[str, ...]) -> NDArray[np.int64]:
    index = {name: place for place, name in enumerate(within)}
    return np.array([index[name] for name in names], dtype=np.int64)
