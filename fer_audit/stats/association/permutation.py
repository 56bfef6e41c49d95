"""Which people may change places, and the draws that make them: the machinery of a permutation test.

Units that cannot be told apart under the hypothesis form a stratum, and only their slices are exchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.tally import rounded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from fer_audit.stats.tally import Tally

__all__ = ["Kept", "Strata", "derived_generator", "draw", "permutation_p", "strata_of"]

# Statistics that differ by less than this are the same table reached along another sum.
_TIE = 1e-9


class Kept(StrEnum):
    """What people who change places have in common."""

    EVERYTHING = "everybody has the same labels"
    LABELS = "people with the same labels"
    NUMBER = "people with as many labels"
    NOTHING = "everybody, for few have as many labels as someone in another slice"


@dataclass(frozen=True, slots=True, eq=False)
class Strata:
    """Groups of places whose occupants may be exchanged.

    Attributes:
        of: shape (V,): stratum of each place.
        exchanged: share of the places whose stratum holds more than one slice, in [0, 1].
        kept: what occupants of one stratum have in common.
    """

    of: NDArray[np.int64]
    exchanged: float
    kept: Kept


def derived_generator(tally: Tally, criterion: str, version: str) -> np.random.Generator:
    """The random numbers that belong to these data and this criterion: the same on every machine and run.

    Names do not enter, and numbers as far as they do not depend on the order of summing.

    Args:
        tally: in canonical order, so that the order of the rows does not matter either.
        criterion: the demand as written.
        version: version of the method; another one draws other numbers.

    Returns:
        A Philox generator seeded by the SHA-256 of all three.
    """
    digest = sha256(f"{version}\0{criterion}\0{tally.hits.shape}\0".encode())
    for part in (tally.person, tally.level, rounded(tally.images), rounded(tally.hits)):
        digest.update(np.ascontiguousarray(part).tobytes())
    words = np.frombuffer(digest.digest(), dtype=np.uint32)
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(words.tolist())))


def strata_of(
    person: NDArray[np.int64], level: NDArray[np.int64], has: NDArray[np.bool_], least_people: int
) -> Strata:
    """Who may change places with whom under "the group makes no difference".

    A person in one slice changes places with people in other slices; a person in several slices (rendered,
    or photographed, as each of them) keeps to himself, and only his own slices are exchanged.

    Where people differ in which labels they have, a slice rich in one kind of people must not pass for
    different because of them: those with the same labels form a stratum. If that leaves some slice with
    fewer than ``least_people`` who can move (nearly everyone has a pattern of his own), those with as many
    labels do; the statistic compares label by label, so what is left to confound is who has many. If even
    that fails, availability and group cannot be told apart, and ``kept`` says so.

    Args:
        person: shape (V,): who is in each place.
        level: shape (V,): slice of each place.
        has: shape (V, L): labels of each.
        least_people: people who must be able to move in every slice.

    >>> strata_of(np.arange(4), np.array([0, 0, 1, 1]), np.ones((4, 1), dtype=bool), 2).of.tolist()
    [0, 0, 0, 0]
    """
    _, who, levels = np.unique(person, return_inverse=True, return_counts=True)
    own = np.where(levels[who] > 1, who, -1).astype(float)
    if has.all():
        return _strata(own[:, None], level, Kept.EVERYTHING)
    for kept, common in ((Kept.LABELS, has), (Kept.NUMBER, has.sum(axis=1, keepdims=True))):
        found = _strata(np.column_stack([own, common]), level, kept)
        free = _movable(found.of, level)
        if all(np.sum(free & (level == slice_)) >= least_people for slice_ in np.unique(level)):
            return found
    return _strata(own[:, None], level, Kept.NOTHING)


def _strata(rows: NDArray[np.float64], level: NDArray[np.int64], kept: Kept) -> Strata:
    of = _ranks(rows)
    return Strata(of, float(np.mean(_movable(of, level))), kept)


def draw(
    strata: Strata, generator: np.random.Generator, replicates: int, chunk: int
) -> Iterator[NDArray[np.int64]]:
    """Random rearrangements within strata, in blocks.

    Args:
        strata: who may change places.
        generator: source of the draws.
        replicates: how many rearrangements in all.
        chunk: at most this many a block.

    Yields:
        shape (block, V): from which place the answers in each place are taken.
    """
    places = np.argsort(strata.of, kind="stable")
    stratum = strata.of[places].astype(float)
    done = 0
    while done < replicates:
        block = min(chunk, replicates - done)
        # Sorting stratum + uniform shuffles inside each stratum and leaves the strata where they are.
        shuffled = np.argsort(stratum + generator.random((block, len(places))), axis=1)
        arrangement = np.empty_like(shuffled)
        arrangement[:, places] = places[shuffled]
        yield arrangement
        done += block


def permutation_p(
    statistic: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    strata: Strata,
    generator: np.random.Generator,
    replicates: int,
    chunk: int,
) -> float:
    """How often rearranged data look at least as unequal as the data do: (1 + number) / (replicates + 1).

    Args:
        statistic: of arrangements, shape (block, V) to (block,); larger is more unequal.
        strata: who may change places.
        generator: source of the draws.
        replicates: how many rearrangements.
        chunk: arrangements a block.

    Source: Phipson and Smyth (2010), Statistical Applications in Genetics and Molecular Biology 9, 39.
    """
    observed = statistic(np.arange(len(strata.of))[None, :])[0]
    bar = observed - _TIE * max(1.0, abs(float(observed)))
    blocks = draw(strata, generator, replicates, chunk)
    reached = sum(int(np.sum(statistic(block) >= bar)) for block in blocks)
    return (1 + reached) / (replicates + 1)


def _movable(stratum: NDArray[np.int64], level: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Units whose stratum holds another slice than their own."""
    pairs = np.unique(np.stack([stratum, level], axis=1), axis=0)
    slices = np.bincount(pairs[:, 0], minlength=int(stratum.max(initial=-1)) + 1)
    return np.asarray(slices[stratum] > 1)


def _ranks(rows: NDArray[np.float64]) -> NDArray[np.int64]:
    """Rank of each row among the distinct rows."""
    return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)
