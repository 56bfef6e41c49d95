"""Sign flips over people: could excesses as large as these be luck, were the true ones at the tolerance?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.stats.association.permutation import derived_generator
from fer_audit.stats.tally import Tally, canonical

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fer_audit.stats.flips.excess import Excess

__all__ = ["PersonTable", "flip_signs", "largest_mean", "person_table"]

_VERSION = "flips-1"
_REPLICATES = 9_999
_CLOSER = 10
# A p farther than this many Monte-Carlo standard errors from alpha changes sides in one run of 15,000.
_NEAR = 4.0
_TIE = 1e-9
_BLOCK = 400_000
_NO_VARIANCE = 1e-18


@dataclass(frozen=True, slots=True, eq=False)
class PersonTable:
    """Each person's own excess by pair of levels, in an order that no name decides.

    Attributes:
        each: shape (people, P); 0 where the person is not in the pair.
        held: shape (people, P): who is in which pair.
        tally: the same as a tally, by which random numbers are derived.
    """

    each: NDArray[np.float64]
    held: NDArray[np.bool_]
    tally: Tally


def person_table(excesses: Sequence[Excess]) -> PersonTable:
    """The people of all pairs, without replicate axes; pairs and people in the order of their contents."""
    # Without the factor by which a variance becomes unbiased: signs are flipped of what was seen.
    values = np.concatenate([_as_seen(item) for item in excesses])
    found = canonical(
        Tally(
            person=np.concatenate([item.person for item in excesses]),
            level=np.repeat(np.arange(len(excesses)), [item.people for item in excesses]),
            hits=values[:, None],
            images=np.ones((len(values), 1)),
            levels=tuple(str(place) for place in range(len(excesses))),
            labels=("",),
        )
    )
    shape = (int(found.person.max(initial=-1)) + 1, len(found.levels))
    each, held = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    each[found.person, found.level] = found.hits[:, 0]
    held[found.person, found.level] = True
    return PersonTable(each, held, found)


def _as_seen(item: Excess) -> NDArray[np.float64]:
    shrink = float(np.sqrt((item.people - 1) / item.people))
    return np.asarray(item.value + (item.each - item.value) * shrink).reshape(-1)


def largest_mean(
    signs: NDArray[np.float64], beyond: NDArray[np.float64], held: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The largest studentised mean over the pairs, under each assignment of signs.

    Args:
        signs: shape (B, people), 1 or -1: a person keeps one sign in all pairs.
        beyond: shape (people, P): by how much each person exceeds the tolerance; 0 outside the pair.
        held: shape (people, P): who is in which pair.

    Returns:
        Shape (B,).

    >>> two = np.array([[1.0], [2.0], [3.0]])
    >>> largest_mean(np.ones((1, 3)), two, two > 0).round(3).tolist()
    [3.464]
    """
    people = held.sum(axis=0)
    mean = signs @ beyond / people
    # Signs do not change the squares.
    variance = ((beyond**2).sum(axis=0) / people - mean**2) / np.maximum(people - 1, 1)
    return np.asarray((mean / np.sqrt(np.maximum(variance, _NO_VARIANCE))).max(axis=1))


def flip_signs(
    excesses: Sequence[Excess],
    tolerance: float,
    alpha: float,
    *,
    criterion: str,
    replicates: int = _REPLICATES,
) -> float:
    """p-value of "no pair of levels has an excess above the tolerance", simultaneous over the pairs.

    What a person exceeds the tolerance by is as likely positive as negative if the mean is 0 and its
    distribution symmetric; the skewed ones of rare flips make the test cautious. The maximum over pairs of
    studentised means is compared with itself under random signs, one a person.

    Args:
        excesses: the pairs, without replicate axes.
        tolerance: the excess allowed.
        alpha: near it the p is computed once more with ten times the signs.
        criterion: the demand as written; part of the seed.
        replicates: random assignments of the first look.

    Source: Nichols and Holmes (2002), Human Brain Mapping 15, 1-25, for signs and the maximum; Phipson and
    Smyth (2010) for (1 + number) / (replicates + 1).
    """
    table = person_table(excesses)
    generator = derived_generator(table.tally, criterion, _VERSION)
    beyond = np.where(table.held, table.each - tolerance, 0.0)
    p = _p(beyond, table.held, generator, replicates)
    if abs(p - alpha) < _NEAR * float(np.sqrt(alpha * (1 - alpha) / replicates)):
        p = _p(beyond, table.held, generator, _CLOSER * (replicates + 1) - 1)
    return p


def _p(
    beyond: NDArray[np.float64],
    held: NDArray[np.bool_],
    generator: np.random.Generator,
    replicates: int,
) -> float:
    people = len(beyond)
    observed = float(largest_mean(np.ones((1, people)), beyond, held)[0])
    bar = observed - _TIE * max(1.0, abs(observed))
    chunk = max(1, _BLOCK // max(people, 1))
    reached = done = 0
    while done < replicates:
        block = min(chunk, replicates - done)
        signs = generator.integers(0, 2, (block, people)).astype(np.float64) * 2 - 1
        reached += int((largest_mean(signs, beyond, held) >= bar).sum())
        done += block
    return (1 + reached) / (replicates + 1)
