"""The error rates of 30 named cells, with fewer runs than the full form of ``python -m simulation run``."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from simulation.cells import Cell, bounds, count, misses
from simulation.families.register import all_cells, cells_named
from simulation.small import SMALL, SmallCell

CELLS = dict(zip((small.name for small in SMALL), cells_named(tuple(s.name for s in SMALL)), strict=True))


@pytest.mark.parametrize("small", SMALL, ids=lambda small: small.name)
def test_a_named_cell_keeps_its_limits(small: SmallCell) -> None:
    cell = CELLS[small.name]
    events = count(cell, small.runs)
    found = misses(cell.limits, events, small.runs)
    assert not found, [f"{miss.limit} is missed: {miss.events} of {miss.runs}" for miss in found]


def test_the_small_form_has_30_cells_of_all_kinds_of_question() -> None:
    assert len(SMALL) == len(CELLS) == 30
    assert {type(cell.question).__name__ for cell in CELLS.values()} == {
        type(cell.question).__name__ for cell in all_cells()
    }


def test_every_cell_has_a_name_of_its_own_a_seed_and_possible_limits() -> None:
    cells = all_cells()
    assert len({cell.name for cell in cells}) == len(cells) == len({cell.seed for cell in cells})
    for cell in cells:
        assert cell.limits, cell.name
        for limit in cell.limits:
            assert 0 <= (limit.at_least or 0) <= (1 if limit.at_most is None else limit.at_most) <= 1


def test_a_definition_changes_with_the_world_the_question_and_the_runs_but_not_with_a_limit() -> None:
    cell = next(iter(CELLS.values()))
    same = Cell(cell.family, cell.name, cell.world, cell.question, (), cell.runs)
    fewer = Cell(cell.family, cell.name, cell.world, cell.question, cell.limits, cell.runs - 1)
    other = Cell(cell.family, cell.name, all_cells()[5].world, cell.question, cell.limits, cell.runs)
    assert same.definition == cell.definition
    assert len({cell.definition, fewer.definition, other.definition}) == 3


def test_a_cell_gives_the_same_counts_every_time() -> None:
    cell = CELLS["fair: 8 slices of 10, 16 images, accuracy .85, icc .2 beta"]
    assert count(cell, 30) == count(cell, 30)


def test_bounds_are_those_of_clopper_and_pearson() -> None:
    """scipy's exact interval of 99.8 % leaves a thousandth on either side."""
    for events, runs in ((0, 50), (7, 200), (200, 200), (220, 4000)):
        exact = binomtest(events, runs).proportion_ci(0.998, method="exact")
        assert bounds(events, runs).lower == pytest.approx(exact.low, abs=1e-9)
        assert bounds(events, runs).upper == pytest.approx(exact.high, abs=1e-9)
