"""Every family, in the order of the page. A new criterion adds its module here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from simulation.families import (
    association,
    availability,
    beyond,
    calibration,
    change,
    confounders,
    coverage,
    fair,
    flips,
    gap,
    generators,
    non_answers,
    overlap,
    people_needed,
    ratio,
    ratio_shared,
    reference,
    refusals,
    scan,
    twins,
    unequal,
    wordings,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulation.cells import Cell

__all__ = ["FAMILIES", "Family", "all_cells", "cells_named"]


@dataclass(frozen=True, slots=True)
class Family:
    """Cells that are told of together.

    Attributes:
        name: as cells carry it.
        asks: what is asked, for people who doubt.
        cells: makes them.
    """

    name: str
    asks: str
    cells: Callable[[], tuple[Cell, ...]]


FAMILIES: tuple[Family, ...] = (
    Family(fair.NAME, fair.ASKS, fair.cells),
    Family(gap.NAME, gap.ASKS, gap.cells),
    Family(unequal.NAME, unequal.ASKS, unequal.cells),
    Family(twins.NAME, twins.ASKS, twins.cells),
    Family(overlap.NAME, overlap.ASKS, overlap.cells),
    Family(availability.NAME, availability.ASKS, availability.cells),
    Family(refusals.NAME, refusals.ASKS, refusals.cells),
    Family(non_answers.NAME, non_answers.ASKS, non_answers.cells),
    Family(coverage.NAME, coverage.ASKS, coverage.cells),
    Family(ratio.NAME, ratio.ASKS, ratio.cells),
    Family(ratio_shared.NAME, ratio_shared.ASKS, ratio_shared.cells),
    Family(association.NAME, association.ASKS, association.cells),
    Family(scan.NAME, scan.ASKS, scan.cells),
    Family(change.NAME, change.ASKS, change.cells),
    Family(calibration.NAME, calibration.ASKS, calibration.cells),
    Family(confounders.NAME, confounders.ASKS, confounders.cells),
    Family(generators.NAME, generators.ASKS, generators.cells),
    Family(people_needed.NAME, people_needed.ASKS, people_needed.cells),
    Family(flips.NAME, flips.ASKS, flips.cells),
    Family(wordings.NAME, wordings.ASKS, wordings.cells),
    Family(reference.NAME, reference.ASKS, reference.cells),
    Family(beyond.NAME, beyond.ASKS, beyond.cells),
    Family(confounders.OUTSIDE, confounders.OUTSIDE_ASKS, confounders.outside),
)


@cache
def all_cells() -> tuple[Cell, ...]:
    """Every cell of every family, in order.

    Raises:
        ValueError: two cells have one name.
    """
    found = tuple(cell for family in FAMILIES for cell in family.cells())
    names = [cell.name for cell in found]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"{len(twice)} names stand for several cells, such as {twice[0]!r}; tell them apart")
    return found


def cells_named(names: tuple[str, ...]) -> tuple[Cell, ...]:
    """These cells.

    Raises:
        KeyError: a name that no cell has.
    """
    known = {cell.name: cell for cell in all_cells()}
    return tuple(known[name] for name in names)
