"""``report.html``: one file that opens anywhere, asks no network and runs no script.

Everything that a user, a table or a model named goes through Jinja's automatic escaping; the only markup put
in as it is are the charts, which escape their own text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fer_audit.report.charts import forest_plot
from fer_audit.report.clauses import listing
from fer_audit.report.comparisons import is_association, worst_first
from fer_audit.report.family import family_words
from fer_audit.report.names import clean, shortened
from fer_audit.report.overall import (
    RENDERED_CAVEAT,
    alpha_of,
    by_outcome,
    errors,
    gate,
    is_synthetic,
    partial_words,
    units_of,
)
from fer_audit.report.overview import SYMBOLS, make_grid
from fer_audit.report.quantities import confidence, people
from fer_audit.report.remarks import settings_in_words, software
from fer_audit.report.sections import Section, make_sections
from fer_audit.report.unanswered import answer_kinds, words_said
from fer_audit.results import Outcome, RunResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.report.cells import CellTable

__all__ = ["render_html"]

_FIRST = 12
_DRAWN = 60


@dataclass(frozen=True, slots=True)
class Charts:
    """The forest plots of one verdict.

    Attributes:
        first: the worst comparisons, or nothing where none could be made.
        others: those after them, folded away, or nothing.
        further: how many the second chart holds.
        undrawn: how many are left to ``report.json``.
    """

    first: Markup
    others: Markup
    further: int
    undrawn: int


def render_html(result: RunResult, cells: Sequence[CellTable] = ()) -> str:
    """The text of ``report.html``.

    Args:
        result: what the run found.
        cells: the answers behind it, for confusion matrices, faces and kinds of answer; without them the
            page has none of these.
    """
    sections = make_sections(result, cells)
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            result=result,
            gate=gate(result),
            family=family_words(result),
            caveat=RENDERED_CAVEAT if is_synthetic(result) else "",
            sure=confidence(alpha_of(result)),
            sections=[(section, _charts(section)) for section in sections],
            subject=_subject(result),
            headlines=_headlines(result),
            grid=make_grid(result),
            tallies=[
                (outcome, SYMBOLS[outcome], len(records)) for outcome, records in by_outcome(result).items()
            ],
            errors=errors(result),
            kinds=answer_kinds(result, cells),
            said=words_said(cells),
            partial=partial_words(result),
            units=units_of(result),
            tested=any(is_association(record.verdict) for record in result.records),
            settings=settings_in_words(result, unit=_unit(result), units=units_of(result)),
            software=software(result),
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("fer_audit.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clean"] = clean
    environment.filters["people"] = people
    return environment


def _charts(section: Section) -> Charts:
    verdict = section.record.verdict
    ordered = worst_first(verdict)
    # What passed is folded away as a whole; it is drawn in one piece.
    first = ordered[:_DRAWN] if verdict.outcome is Outcome.PASS else ordered[:_FIRST]
    others = ordered[len(first) : _DRAWN]
    drawn = [
        Markup(  # noqa: S704 - a chart escapes its own text
            forest_plot(
                verdict, part, prefix=prefix, title=f"{len(part)} comparisons, also in the table below"
            )
        )
        for part, prefix in ((first, section.anchor), (others, f"{section.anchor}-more"))
        if part
    ]
    return Charts(
        first=drawn[0] if first else Markup(),
        others=drawn[1] if others else Markup(),
        further=len(others),
        undrawn=len(ordered) - len(first) - len(others),
    )


def _subject(result: RunResult) -> str:
    models = list(dict.fromkeys(shortened(cell.model) for cell in result.cells))
    return listing(models) if models else "no model"


def _headlines(result: RunResult) -> list[str]:
    return [
        f"{shortened(cell.model)} on {shortened(cell.dataset)}: {people(cell.people, cell.unit)}, "
        f"{cell.images:,} images."
        for cell in result.cells
    ]


def _unit(result: RunResult) -> str:
    """What one observation is called, over all cells."""
    return " or ".join(dict.fromkeys(shortened(cell.unit, 40) for cell in result.cells)) or "person"
