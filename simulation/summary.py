"""What the measurements of a family come to: how many cells, the worst of them, and what misses its limit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from simulation.cells import Miss, misses
from simulation.families.register import FAMILIES, all_cells
from simulation.results import standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulation.cells import Cell, Limit
    from simulation.questions import Property
    from simulation.results import Measurement, Standing

__all__ = ["EXPLANATIONS", "FamilySummary", "Missed", "Reading", "explanations", "summarise"]

EXPLANATIONS = Path(__file__).with_name("explanations.toml")


@dataclass(frozen=True, slots=True)
class Reading:
    """One figure of one cell.

    Attributes:
        cell: the cell.
        limit: what it is held against.
        events: runs in which it happened.
        runs: all runs.
        stale: measured with other code than the code at hand.
    """

    cell: Cell
    limit: Limit
    events: int
    runs: int
    stale: bool

    @property
    def rate(self) -> float:
        """Share of the runs."""
        return self.events / self.runs

    @property
    def excess(self) -> float:
        """How far it lies beyond its limit; below 0 within."""
        high = -1.0 if self.limit.at_most is None else self.rate - self.limit.at_most
        low = -1.0 if self.limit.at_least is None else self.limit.at_least - self.rate
        return max(high, low)


@dataclass(frozen=True, slots=True)
class Missed:
    """A cell beyond its limit, with the reason if somebody found one.

    Attributes:
        cell: the cell.
        miss: limit and figures.
        because: the reason; empty where nobody has found it.
    """

    cell: Cell
    miss: Miss
    because: str


@dataclass(frozen=True, slots=True)
class FamilySummary:
    """A family, as far as it was measured.

    Attributes:
        name: of the family.
        asks: what was asked.
        cells: how many there are.
        standings: the measured ones.
        readings: every figure that has a limit.
        missed: what lies beyond its limit.
    """

    name: str
    asks: str
    cells: int
    standings: tuple[Standing, ...]
    readings: tuple[Reading, ...]
    missed: tuple[Missed, ...]

    @property
    def runs(self) -> int:
        """Tables judged."""
        return sum(known.measured.runs for known in self.standings if known.measured is not None)

    @property
    def stale(self) -> int:
        """Cells measured with other code than the code at hand."""
        return sum(known.stale for known in self.standings)

    @property
    def missing_cells(self) -> int:
        """Cells with a miss."""
        return len({missed.cell.name for missed in self.missed})

    def worst(self, what: Property) -> Reading | None:
        """What lies farthest beyond its limit, or nearest to it."""
        own = [reading for reading in self.readings if reading.limit.what is what]
        return max(own, key=lambda reading: (reading.excess, reading.cell.name), default=None)

    def events(self, what: Property) -> int:
        """In how many runs of all cells something happened."""
        return sum(
            known.measured.events.get(what, 0) for known in self.standings if known.measured is not None
        )


def summarise(measurements: tuple[Measurement, ...], because: Mapping[str, str]) -> tuple[FamilySummary, ...]:
    """Hold every measurement against its limits, family by family.

    Args:
        measurements: what was measured.
        because: reasons for misses, by name of the cell.
    """
    grouped: dict[str, list[Cell]] = {}
    for cell in all_cells():
        grouped.setdefault(cell.family, []).append(cell)
    found = []
    for family in FAMILIES:
        cells = grouped[family.name]
        known = tuple(item for item in standing(cells, measurements) if item.measured is not None)
        found.append(
            FamilySummary(
                name=family.name,
                asks=family.asks,
                cells=len(cells),
                standings=known,
                readings=tuple(reading for item in known for reading in _readings(item)),
                missed=tuple(missed for item in known for missed in _missed(item, because)),
            )
        )
    return tuple(found)


def explanations(path: Path = EXPLANATIONS) -> Mapping[str, str]:
    """Reasons for misses, by name of the cell.

    Raises:
        ValueError: a cell is explained twice.
    """
    reasons: dict[str, str] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("explanation", []):
        for name in entry["cells"]:
            if name in reasons:
                raise ValueError(f"{path.name} explains {name!r} twice; keep one reason")
            reasons[name] = str(entry["because"])
    return reasons


def _readings(known: Standing) -> tuple[Reading, ...]:
    if known.measured is None:
        return ()
    events, runs = known.measured.events, known.measured.runs
    return tuple(
        Reading(known.cell, limit, events[limit.what], runs, known.stale) for limit in known.cell.limits
    )


def _missed(known: Standing, because: Mapping[str, str]) -> tuple[Missed, ...]:
    if known.measured is None:
        return ()
    found = misses(known.cell.limits, known.measured.events, known.measured.runs)
    return tuple(Missed(known.cell, miss, because.get(known.cell.name, "")) for miss in found)
