"""Tables beside a verdict with control factors: crude against adjusted, balance, Mantel and Haenszel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Aside, Outcome
from fer_audit.stats.confounding.balance import standardised_difference
from fer_audit.stats.contingency.mantel_haenszel import mantel_haenszel
from fer_audit.stats.quantiles import student_quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.results import Comparison, Verdict
    from fer_audit.stats.confounding.balance import Balance
    from fer_audit.stats.tally import Tally

__all__ = [
    "MEDIATOR",
    "MOST_ALIKE",
    "balance_table",
    "deciding",
    "far_apart",
    "mantel_haenszel_table",
    "side_by_side",
]

MOST_ALIKE = 1.0
"""Standardised difference of a covariate above which two slices hardly overlap in it."""

MEDIATOR = (
    "adjusting for what the group itself brings about (the brightness of a face, where the question is skin "
    "tone) hides the very bias: such a factor must not be given"
)
"""What every verdict with control factors warns of."""

# More slices than this make a table wider than a page: then only the deciding pair is shown.
_MOST_COLUMNS = 8


def side_by_side(crude: Verdict, adjusted: Verdict, given: str) -> Aside:
    """The verdict without and with the control factors.

    Args:
        crude: without.
        adjusted: with.
        given: the factors by name.
    """
    rows = (("crude", *_row(crude)), (f"given {given}", *_row(adjusted)))
    note = "The criterion passes or fails only where both do."
    return Aside(
        "Crude and adjusted", ("analysis", "verdict", "largest gap", "at least", "at most"), rows, note
    )


def _row(verdict: Verdict) -> tuple[str, ...]:
    if not verdict.comparisons:
        return (verdict.outcome.name, "nothing comparable", "", "")
    numbers = (verdict.estimate, verdict.lower, verdict.upper)
    return (verdict.outcome.name, *(f"{number:.3f}" for number in numbers))


def deciding(verdict: Verdict) -> Comparison | None:
    """The pair that a verdict turns on: the surest beyond the tolerance, else the widest."""
    if verdict.outcome is Outcome.FAIL:
        return max(verdict.comparisons, key=lambda pair: pair.lower, default=None)
    return max(verdict.comparisons, key=lambda pair: pair.upper, default=None)


def balance_table(found: Sequence[Balance], levels: tuple[str, ...], pair: Comparison | None) -> Aside:
    """How alike the slices are in what is held fixed.

    Args:
        found: covariates and strata.
        levels: names of the slices.
        pair: the deciding one; None where nothing was compared.
    """
    shown = levels
    if len(levels) > _MOST_COLUMNS and pair is not None:
        shown = (pair.a, pair.b)
    columns = [levels.index(level) for level in shown]
    rows = []
    for one in found:
        cells = [_cell(one, column) for column in columns]
        if pair is not None:
            cells.append(_apart(standardised_difference(one, levels.index(pair.a), levels.index(pair.b))))
        rows.append((one.name, *cells))
    last = () if pair is None else (f"apart: {pair.a} / {pair.b}",)
    note = (
        "Mean and standard deviation of a covariate, share of a stratum, each person counting the same. The "
        "last column is the difference of the deciding pair in standard deviations (Austin 2009): below 0.1 "
        f"is alike, above {MOST_ALIKE:g} there is little overlap."
    )
    return Aside("Balance", ("held fixed", *shown, *last), tuple(rows), note)


def _apart(difference: float) -> str:
    return f"{difference:+.2f}" if np.isfinite(difference) else "no overlap"


def _cell(one: Balance, column: int) -> str:
    if not np.isfinite(one.mean[column]):
        return ""
    if one.share:
        return f"{one.mean[column]:.0%}"
    return f"{one.mean[column]:.3g} ({np.sqrt(one.variance[column]):.2g})"


def far_apart(found: Sequence[Balance], levels: tuple[str, ...], verdict: Verdict) -> tuple[str, ...]:
    """Notes on covariates in which two compared slices hardly overlap, so that adjustment extrapolates.

    Args:
        found: covariates and strata.
        levels: names of the slices.
        verdict: whose comparisons are meant.
    """
    notes = []
    for one in found:
        worst, where = 0.0, ""
        for pair in verdict.comparisons:
            apart = abs(standardised_difference(one, levels.index(pair.a), levels.index(pair.b)))
            if apart > worst:
                worst, where = apart, f"{pair.a} and {pair.b}"
        if worst > MOST_ALIKE:
            how = f"{worst:.1f} standard deviations apart" if np.isfinite(worst) else "apart without overlap"
            notes.append(
                f"little overlap: {where} lie {how} in {one.name}, so that their comparison at equal values "
                "rests on the model more than on the data"
            )
    return tuple(notes)


def mantel_haenszel_table(tally: Tally, pair: Comparison | None, alpha: float) -> tuple[Aside, ...]:
    """The deciding pair by the test of Cochran, Mantel and Haenszel, for comparison with other work.

    Args:
        tally: hits and images by label and stratum.
        pair: the deciding one.
        alpha: one less the confidence of the interval.
    """
    if pair is None:
        return ()
    used = [tally.labels.index(label) for label in pair.labels]
    tables = np.zeros((len(used), 2, 2))
    for row, level in enumerate((pair.a, pair.b)):
        units = tally.level == tally.levels.index(level)
        hits = tally.hits[np.ix_(units, used)].sum(0)
        tables[:, row, 0] = hits
        tables[:, row, 1] = np.maximum(tally.images[np.ix_(units, used)].sum(0) - hits, 0.0)
    found = mantel_haenszel(tables)
    interval = ""
    if np.isfinite(found.log_odds_se):
        reach = float(student_quantile(1 - alpha / 2, np.inf)) * found.log_odds_se
        low, high = found.odds_ratio * np.exp([-reach, reach])
        interval = f"{low:.2f} to {high:.2f}"
    ratio = f"{found.odds_ratio:.2f}" if np.isfinite(found.odds_ratio) else ""
    row_ = (f"{pair.a} / {pair.b}", ratio, interval, f"{found.p:.2g}")
    columns = ("pair", "common odds ratio", f"{1 - alpha:.0%} interval", "p")
    note = (
        "Cochran, Mantel and Haenszel over labels and strata, which takes images as independent: with "
        "several images of a person its interval is too narrow and its p too small. No verdict rests on it."
    )
    return (Aside("The deciding pair, images taken as independent", columns, (row_,), note),)
