"""Counts and tallies: what criteria and statistics look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.records import Slicing
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.measures import Measure, accuracy
from fer_audit.strategies.demands import measures
from fer_audit.strategies.tables import predictions

if TYPE_CHECKING:
    from hypothesis import strategies as st

    from fer_audit.predictions import Predictions
    from fer_audit.stats.tally import Tally

__all__ = ["count_tables", "tallies"]


def count_tables(
    tables: st.SearchStrategy[Predictions] | None = None, *, by: str | Slicing | None = None
) -> st.SearchStrategy[Counts]:
    """Images per person, slice, true label and response, counted from drawn tables.

    Args:
        tables: the tables that are counted, e.g. ``predictions(max_people=8)``.
        by: the slicing; all attributes of the table by default.
    """

    def counted(table: Predictions) -> Counts:
        slicing = by if isinstance(by, Slicing) else Slicing(by or tuple(table.attributes))
        return count(table, slicing)

    return (predictions() if tables is None else tables).map(counted)


def tallies(
    counts: st.SearchStrategy[Counts] | None = None, *, measure: Measure | None = accuracy
) -> st.SearchStrategy[Tally]:
    """Hits and images per unit and label, of one measure.

    Args:
        counts: the counts that are read, e.g. ``count_tables(predictions(max_slices=2))``.
        measure: what is read from them; any measure of their labels where it is None.
    """
    drawn = count_tables() if counts is None else counts
    if measure is not None:
        return drawn.map(measure.tally)
    return drawn.flatmap(lambda table: measures(table.labels).map(lambda one: one.tally(table)))
