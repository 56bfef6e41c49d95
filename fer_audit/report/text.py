"""The section that ends a terminal run: cells, verdicts by outcome, what is undecided, where the report lies.

Lines carry a style, not colour codes: the terminal that prints them colours them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from textwrap import wrap
from typing import TYPE_CHECKING

from fer_audit.report.asides import told_lines
from fer_audit.report.family import family_words
from fer_audit.report.names import clean, shortened
from fer_audit.report.overall import RENDERED_CAVEAT, by_outcome, errors, gate, is_synthetic, partial_words
from fer_audit.report.quantities import people
from fer_audit.report.sentences import brief, short
from fer_audit.results import CellResult, Outcome, Record, RunResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Line", "Style", "terminal_lines"]

_WIDTH = 100
_INDENT = 6
_UNDECIDED_ROWS = 6


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


def terminal_lines(
    result: RunResult, *, directory: str | None = None, verbosity: int = 0
) -> tuple[Line, ...]:
    """The section's lines, in the order in which they are printed.

    What failed is told whole; of the undecided the most telling, of what passed the number.

    Args:
        result: what the run found.
        directory: where the reports were written, as the user would type it; None if nowhere.
        verbosity: from 1 on every verdict is told.
    """
    return tuple(_lines(result, directory, is_verbose=verbosity >= 1))


def _lines(result: RunResult, directory: str | None, *, is_verbose: bool) -> Iterator[Line]:
    if is_synthetic(result):
        yield Line(RENDERED_CAVEAT, Style.STRONG)
    if result.partial:
        yield Line(partial_words(result), Style.STRONG)
    for cell in result.cells:
        yield Line(_headline(cell))
    for error in errors(result):
        yield from _hanging(
            "ERROR", f"{shortened(error.where, 100)}: {shortened(error.reason, 400)}", Style.FAIL
        )
    found = by_outcome(result)
    with_cell = len(result.cells) != 1
    for record in found[Outcome.FAIL]:
        yield from _hanging("FAIL", short(record, with_cell=with_cell), Style.FAIL)
    where = "see the report" if directory is not None else "run with -v to see them"
    yield from _undecided(
        found[Outcome.INCONCLUSIVE], where, with_cell=with_cell, rows=None if is_verbose else _UNDECIDED_ROWS
    )
    yield from _passed(found[Outcome.PASS], with_cell=with_cell, is_verbose=is_verbose)
    if family := family_words(result):
        yield Line(family, Style.FAINT)
    decision = gate(result)
    if decision.undecided:
        yield Line(decision.undecided, Style.OPEN)
    yield Line(decision.sentence, Style.STRONG)
    if directory is not None:
        yield Line(f"report: {directory.rstrip('/')}/report.html")


def _undecided(records: Sequence[Record], where: str, *, with_cell: bool, rows: int | None) -> Iterator[Line]:
    """The first of the undecided, in so many rows at most, and how many more there are."""
    used = 0
    tell = short if rows is None else brief
    for position, record in enumerate(records):
        lines = list(_hanging("INCONCLUSIVE", tell(record, with_cell=with_cell), Style.OPEN))
        used += len(lines)
        if rows is not None and position and used > rows:
            yield Line(f"... and {len(records) - position} more undecided: {where}", Style.OPEN)
            return
        yield from lines
        if rows is None:
            yield from _beside(record)


def _passed(records: Sequence[Record], *, with_cell: bool, is_verbose: bool) -> Iterator[Line]:
    if is_verbose:
        for record in records:
            yield from _hanging("PASS", short(record, with_cell=with_cell), Style.PASS)
            yield from _beside(record)
    elif records:
        yield Line(f"PASS  {len(records)} {'criterion' if len(records) == 1 else 'criteria'}", Style.PASS)


def _beside(record: Record) -> Iterator[Line]:
    """What is told beside a verdict; one that failed has its tables under the test."""
    for told in told_lines(record.verdict):
        indent = " " * _INDENT
        for line in wrap(clean(told), _WIDTH, initial_indent=indent, subsequent_indent=indent):
            yield Line(line, Style.FAINT)


def _headline(cell: CellResult) -> str:
    answers = ", ".join(
        f"{count:,} {kind.replace('_', ' ')}" for kind, count in cell.answers.items() if count
    )
    told = f"{shortened(cell.model)} on {shortened(cell.dataset)}: {people(cell.people, cell.unit)}"
    told += f", {cell.images:,} {'image' if cell.images == 1 else 'images'}"
    return f"{told} ({answers})" if answers else told


def _hanging(word: str, told: str, style: Style) -> Iterator[Line]:
    first, *rest = wrap(f"{word}  {told}", _WIDTH, subsequent_indent=" " * _INDENT)
    yield Line(first, style)
    for line in rest:
        yield Line(line, Style.PLAIN)
