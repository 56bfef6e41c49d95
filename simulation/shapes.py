"""Who is photographed, in which slices, and how often: a dataset without its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Census", "Crossed", "Overlapping", "Places", "SamePeople", "Shape", "Strangers", "Uneven"]


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """People in slices with their numbers of images; U units (a person within a slice), L labels.

    Attributes:
        person: shape (U,): who.
        level: shape (U,): in which slice.
        images: shape (U, L): how many images of each label.
    """

    person: NDArray[np.int64]
    level: NDArray[np.int64]
    images: NDArray[np.int64]


class Shape(Protocol):
    """A kind of dataset; what is random about it is drawn anew for every batch of tables."""

    @property
    def slices(self) -> int:
        """How many slices there are."""
        ...

    @property
    def labels(self) -> int:
        """How many labels there are."""
        ...

    @property
    def shared(self) -> bool:
        """Somebody is in more than one slice."""
        ...

    def place(self, generator: np.random.Generator) -> Places:
        """One dataset of this kind."""
        ...


@dataclass(frozen=True, slots=True)
class Strangers:
    """Nobody is in two slices.

    Attributes:
        people: people of each slice.
        images: fewest and most images of a label a person, evenly drawn.
        labels: number of labels.
        held: probability that a person of a slice has a label, by slice and label; empty for all. A person
            who would have none gets the first.

    >>> Strangers((2, 1), (3, 3)).place(np.random.default_rng(0)).level.tolist()
    [0, 0, 1]
    """

    people: tuple[int, ...]
    images: tuple[int, int]
    labels: int = 1
    held: tuple[tuple[float, ...], ...] = ()

    @property
    def slices(self) -> int:
        """How many slices there are."""
        return len(self.people)

    @property
    def shared(self) -> bool:
        """Nobody is in two slices."""
        return False

    def place(self, generator: np.random.Generator) -> Places:
        """People one slice after the other."""
        level = np.repeat(np.arange(self.slices), self.people)
        images = _numbers(self.images, (len(level), self.labels), generator)
        if self.held:
            kept = np.where(generator.random(images.shape) < np.array(self.held)[level], images, 0)
            none = kept.sum(axis=1) == 0
            kept[none, 0] = images[none, 0]
            images = kept
        return Places(np.arange(len(level)), level, images)


@dataclass(frozen=True, slots=True)
class Uneven:
    """Strangers of whom one slice has more images than another.

    Attributes:
        people: people of each slice.
        images: images a person, slice by slice, of the one label.

    >>> Uneven((2, 1), (3, 6)).place(np.random.default_rng(0)).images.ravel().tolist()
    [3, 3, 6]
    """

    people: tuple[int, ...]
    images: tuple[int, ...]

    @property
    def slices(self) -> int:
        """How many slices there are."""
        return len(self.people)

    @property
    def labels(self) -> int:
        """One."""
        return 1

    @property
    def shared(self) -> bool:
        """Nobody is in two slices."""
        return False

    def place(self, generator: np.random.Generator) -> Places:  # noqa: ARG002 - nothing is left open
        """People one slice after the other."""
        level = np.repeat(np.arange(self.slices), self.people)
        return Places(np.arange(len(level)), level, np.array(self.images)[level, None])


@dataclass(frozen=True, slots=True)
class SamePeople:
    """Everybody is in every slice: twins, as a rendered attribute makes them.

    Attributes:
        people: people of every slice.
        slices: number of slices.
        images: fewest and most images of a label a person and slice, evenly drawn.
        labels: number of labels.
    """

    people: int
    slices: int
    images: tuple[int, int]
    labels: int = 1

    @property
    def shared(self) -> bool:
        """Everybody is in every slice."""
        return True

    def place(self, generator: np.random.Generator) -> Places:
        """The same people, slice after slice."""
        person = np.tile(np.arange(self.people), self.slices)
        level = np.repeat(np.arange(self.slices), self.people)
        return Places(person, level, _numbers(self.images, (len(level), self.labels), generator))


@dataclass(frozen=True, slots=True)
class Overlapping:
    """Some people of each slice are in the next one too.

    Attributes:
        people: people of each slice.
        share: share of a slice's people who are also in the next.
        images: fewest and most images of a label a person and slice, evenly drawn.
        labels: number of labels.

    >>> Overlapping((4, 4), 0.5, (1, 1)).place(np.random.default_rng(0)).person.tolist()
    [0, 1, 2, 3, 2, 3, 4, 5]
    """

    people: tuple[int, ...]
    share: float
    images: tuple[int, int]
    labels: int = 1

    @property
    def slices(self) -> int:
        """How many slices there are."""
        return len(self.people)

    @property
    def shared(self) -> bool:
        """Somebody is in two slices."""
        return self.share > 0

    def place(self, generator: np.random.Generator) -> Places:
        """Slices that begin where only the shared people of the last one are left."""
        starts = np.cumsum([0, *(round(size * (1 - self.share)) for size in self.people[:-1])])
        person = np.concatenate(
            [start + np.arange(size) for start, size in zip(starts, self.people, strict=True)]
        )
        level = np.repeat(np.arange(self.slices), self.people)
        return Places(person, level, _numbers(self.images, (len(level), self.labels), generator))


@dataclass(frozen=True, slots=True)
class Crossed:
    """Groups of different people, everybody in every level: an intersection such as gender x skin tone.

    Slices come group by group, so that pairs within a group are twins and all others strangers.

    Attributes:
        people: people of each group.
        levels: levels that everybody is in.
        images: fewest and most images of a label a person and slice, evenly drawn.
        labels: number of labels.

    >>> Crossed((2, 1), 2, (1, 1)).place(np.random.default_rng(0)).person.tolist()
    [0, 1, 0, 1, 2, 2]
    """

    people: tuple[int, ...]
    levels: int
    images: tuple[int, int]
    labels: int = 1

    @property
    def slices(self) -> int:
        """How many slices there are."""
        return len(self.people) * self.levels

    @property
    def shared(self) -> bool:
        """Everybody is in every level."""
        return True

    def place(self, generator: np.random.Generator) -> Places:
        """Group after group, and within it level after level."""
        starts = np.cumsum([0, *self.people[:-1]])
        person = np.concatenate(
            [
                start + np.tile(np.arange(size), self.levels)
                for start, size in zip(starts, self.people, strict=True)
            ]
        )
        level = np.repeat(np.arange(self.slices), np.repeat(self.people, self.levels))
        return Places(person, level, _numbers(self.images, (len(level), self.labels), generator))


@dataclass(frozen=True, slots=True)
class Census:
    """A dataset as it was counted: so many images of each label in each slice.

    Attributes:
        people: people of each slice.
        counts: images of each slice and label.
        each: images of a label that one person has, where there are enough people.

    >>> Census((3, 2), ((4, 3), (0, 2)), (2, 1)).place(np.random.default_rng(0)).images.tolist()
    [[2, 1], [2, 1], [0, 1], [0, 1], [0, 1]]
    """

    people: tuple[int, ...]
    counts: tuple[tuple[int, ...], ...]
    each: tuple[int, ...]

    @property
    def slices(self) -> int:
        """How many slices there are."""
        return len(self.people)

    @property
    def labels(self) -> int:
        """How many labels there are."""
        return len(self.each)

    @property
    def shared(self) -> bool:
        """Nobody is in two slices."""
        return False

    def place(self, generator: np.random.Generator) -> Places:  # noqa: ARG002 - a census leaves nothing open
        """The first people have the rarest labels: who was photographed in one expression was in others."""
        rows = []
        for size, row in zip(self.people, self.counts, strict=True):
            images = np.zeros((size, self.labels), dtype=np.int64)
            for label, (count, each) in enumerate(zip(row, self.each, strict=True)):
                holders = min(size, -(-count // each))
                if holders:
                    images[:holders, label] = count // holders
                    images[: count % holders, label] += 1
            rows.append(images)
        level = np.repeat(np.arange(self.slices), self.people)
        return Places(np.arange(len(level)), level, np.concatenate(rows))


def _numbers(
    images: tuple[int, int], shape: tuple[int, int], generator: np.random.Generator
) -> NDArray[np.int64]:
    return generator.integers(images[0], images[1] + 1, shape)
