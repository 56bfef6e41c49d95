"""The section that ends a terminal run: cells, verdicts by outcome, what is undecided, where the report lies.

Lines carry a style, not colour codes: the terminal that prints them colours them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap
from typing import TYPE_CHECKING

from fer_audit.report.names import shortened
from fer_audit.report.overall import RENDERED_CAVEAT, by_outcome, cell_of, gate, is_synthetic
from fer_audit.report.quantities import people
from fer_audit.report.sentences import short
from fer_audit.results import CellResult, Outcome, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Line", "Style", "terminal_lines"]

_WIDTH = 96
_INDENT = 14


class Style(StrEnum):
    """How a line is meant to look."""

    PLAIN = "plain"
    STRONG = "strong"
    FAINT = "faint"
    FAIL = "fail"
    OPEN = "open"
    PASS = "pass"  # noqa: S105 - a verdict, not a password


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the terminal section.

    Attributes:
        text: at most about 96 columns, without colour codes and control characters.
        style: how it is meant to look.
    """

    text: str
    style: Style = Style.PLAIN


_STYLES = {Outcome.FAIL: Style.FAIL, Outcome.INCONCLUSIVE: Style.OPEN, Outcome.PASS: Style.PASS}


def terminal_lines(result: RunResult, *, directory: str | None = None) -> tuple[Line, ...]:
    """The section's lines, in the order in which they are printed.

    Args:
        result: what the run found.
        directory: where the reports were written, as the user would type it; None if nowhere.
    """
    return tuple(_lines(result, directory))


def _lines(result: RunResult, directory: str | None) -> Iterator[Line]:
    if is_synthetic(result):
        yield Line(RENDERED_CAVEAT, Style.STRONG)
    if result.partial:
        yield Line("Partial run: not every test on all people; it is no baseline.", Style.STRONG)
    for cell in result.cells:
        yield Line(_headline(cell))
    for fault in result.faults:
        where = shortened(fault.cell or fault.test)
        yield from _hanging("ERROR", f"{where}: {shortened(fault.reason, 400)}", Style.FAIL)
    for outcome, records in by_outcome(result).items():
        for record in records:
            yield from _hanging(
                outcome.upper(),
                short(record, cell_of(result, record), with_cell=len(result.cells) != 1),
                _STYLES[outcome],
            )
    decision = gate(result)
    if decision.undecided:
        yield Line(decision.undecided, Style.OPEN)
    yield Line(decision.sentence, Style.STRONG)
    if directory is not None:
        yield Line(f"report: {directory.rstrip('/')}/report.html")


def _headline(cell: CellResult) -> str:
    answers = ", ".join(
        f"{count:,} {kind.replace('_', ' ')}" for kind, count in cell.answers.items() if count
    )
    told = f"{shortened(cell.model)} on {shortened(cell.dataset)}: {people(cell.people, cell.unit)}"
    told += f", {cell.images:,} {'image' if cell.images == 1 else 'images'}"
    return f"{told} ({answers})" if answers else told


def _hanging(word: str, told: str, style: Style) -> Iterator[Line]:
    first, *rest = wrap(told, _WIDTH - _INDENT) or [""]
    yield Line(f"{word:<{_INDENT}}{first}", style)
    for line in rest:
        yield Line(" " * _INDENT + line, Style.PLAIN)
