"""``report.html``: one file that opens anywhere, asks no network and runs no script.

Everything that a user, a table or a model named goes through Jinja's automatic escaping; the only markup put
in as it is are the charts, which escape their own text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fer_audit.report.charts import forest_plot
from fer_audit.report.clauses import allowed, seen, size, sure
from fer_audit.report.comparisons import deciding, standing, worst_first
from fer_audit.report.faces import Portrait, find_pairs, portrait
from fer_audit.report.names import clean, shortened
from fer_audit.report.overall import RENDERED_CAVEAT, alpha_of, by_outcome, cell_of, gate, is_synthetic
from fer_audit.report.phrases import phrase
from fer_audit.report.quantities import confidence, number, people, percent, probability
from fer_audit.report.sentences import sentence
from fer_audit.results import CellResult, Comparison, Outcome, Record, RunResult, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fer_audit.report.cells import CellTable, Confusion

__all__ = ["render_html"]

_FIRST_CHART = 12
_DRAWN = 100
_PAIRS = 6
_PAIRS_IN_ALL = 60
_NUMBERS = 200


@dataclass(frozen=True, slots=True)
class Share:
    """One cell of a confusion matrix.

    Attributes:
        share: of the row, 0 to 1.
        percent: the share in words, or empty for none.
        count: images, in words.
        is_right: whether row and column name the same label.
    """

    share: float
    percent: str
    count: str
    is_right: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """A confusion matrix ready to print.

    Attributes:
        level: the slice.
        columns: the answers.
        rows: true label and cells of each row that has images.
    """

    level: str
    columns: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """The answers to one true label."""

    label: str
    cells: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class PortraitPair:
    """The same person with the same expression in two slices."""

    a: Portrait
    b: Portrait


@dataclass(frozen=True, slots=True)
class Gallery:
    """The faces behind a finding, and how many there are."""

    told: str
    pairs: tuple[PortraitPair, ...]


@dataclass(frozen=True, slots=True)
class NumbersRow:
    """One comparison in the table of all numbers."""

    standing: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One verdict as the page shows it.

    Attributes:
        anchor: id of the section within the page.
        record: the verdict and where it was demanded.
        word: the outcome.
        sentence: the verdict in plain words.
        pair: the two slices of the deciding comparison, or empty.
        size, sure, allowed, seen: the cells of the verdict table.
        charts: the forest plots: the first comparisons, and the others.
        rest: how many comparisons the second chart holds.
        undrawn: how many are in no chart.
        matrices: confusion matrices of the two slices.
        gallery: the faces behind it, or None.
        numbers: all comparisons.
    """

    anchor: str
    record: Record
    word: str
    sentence: str
    pair: str
    size: str
    sure: str
    allowed: str
    seen: str
    charts: tuple[Markup, ...]
    rest: int
    undrawn: int
    matrices: tuple[Matrix, ...]
    gallery: Gallery | None
    numbers: tuple[NumbersRow, ...]
