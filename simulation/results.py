"""What was measured, one line of JSON a cell, so that a run that is stopped goes on where it was."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from simulation.questions import Property

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from simulation.cells import Cell

__all__ = ["Measurement", "Standing", "append", "read", "standing", "tidy"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """One cell as it was run.

    Attributes:
        cell: its name.
        definition: fingerprint of world and question.
        code: fingerprint of the code that answered.
        runs: tables.
        seconds: of one processor.
        events: in how many runs each thing happened.
    """

    cell: str
    definition: str
    code: str
    runs: int
    seconds: float
    events: Mapping[Property, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a cell.

    Attributes:
        cell: the cell.
        measured: the last measurement of this definition; None if it was never run.
        stale: the code has changed since. The figure stays, and says so: it was true of code that people
            may still be using, and taking it down would leave nothing until someone has three hours.
    """

    cell: Cell
    measured: Measurement | None
    stale: bool


def append(path: Path, measurement: Measurement) -> None:
    """Add one line to a results file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(_line(measurement))


def read(path: Path) -> tuple[Measurement, ...]:
    """All measurements of a file, in the order in which they were made; none where there is no file.

    Raises:
        ValueError: a line is not JSON, unless it is the last, which a killed run may leave half written.
    """
    if not path.exists():
        return ()
    found = []
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line)
        except json.JSONDecodeError as error:
            if number == len(lines):
                break
            raise ValueError(f"line {number} of {path} is no JSON; remove it and run again") from error
        events = {Property(name): count for name, count in fields.pop("events").items()}
        found.append(Measurement(**fields, events=events))
    return tuple(found)


def standing(cells: Iterable[Cell], measurements: Iterable[Measurement]) -> tuple[Standing, ...]:
    """Each cell with the last measurement of its definition; one of the code at hand is preferred."""
    known: dict[str, list[Measurement]] = {}
    for measurement in measurements:
        known.setdefault(measurement.cell, []).append(measurement)
    found = []
    for cell in cells:
        named = known.get(cell.name, [])
        # To define a cell takes time, and most are asked about before they are measured.
        own = [measurement for measurement in named if measurement.definition == cell.definition]
        current = [measurement for measurement in own if measurement.code == cell.code]
        candidates = current or own
        last = candidates[-1] if candidates else None
        found.append(Standing(cell, last, stale=bool(own) and not current))
    return tuple(found)


def tidy(path: Path, cells: Iterable[Cell]) -> None:
    """Leave one line a cell in a results file, in the order of the cells; what no cell defines is dropped."""
    if not path.exists():
        return
    kept = [known.measured for known in standing(cells, read(path)) if known.measured is not None]
    path.write_text("".join(map(_line, kept)), encoding="utf-8")


def _line(measurement: Measurement) -> str:
    fields = asdict(measurement)
    fields["events"] = {what.value: count for what, count in measurement.events.items()}
    return json.dumps(fields, separators=(",", ":")) + "\n"
