"""Which tables beside a verdict are told with it, and not only in the full report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer_audit.results import Aside, Verdict

__all__ = ["told_asides", "told_lines"]

_ROWS = 5
# Crude against adjusted, and the balance: what a verdict with control factors cannot be read without.
_OF_ADJUSTMENT = 2


def told_asides(verdict: Verdict) -> tuple[Aside, ...]:
    """The tables that stand under a verdict in the terminal and in the short report, in their order.

    Of a long one the first rows, and how many more there are.
    """
    count = _OF_ADJUSTMENT if verdict.adjustment is not None else 0
    of_adjustment, others = verdict.asides[:count], verdict.asides[count:]
    return (*of_adjustment, *(_cut(aside) for aside in others if aside.told))


def told_lines(verdict: Verdict) -> tuple[str, ...]:
    """The first row of each table that is told of itself, in words: what a line has room for."""
    return tuple(
        f"beside it: {aside.title}: "
        + ", ".join(f"{column} {cell}" for column, cell in zip(aside.columns, aside.rows[0], strict=True))
        for aside in verdict.asides
        if aside.told and aside.rows
    )


def _cut(aside: Aside) -> Aside:
    rest = len(aside.rows) - _ROWS
    if rest <= 0:
        return aside
    more = "1 more row is" if rest == 1 else f"{rest} more rows are"
    return replace(aside, rows=aside.rows[:_ROWS], note=f"{aside.note} {more} in the report.")
