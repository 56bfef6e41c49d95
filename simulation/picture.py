"""One picture of every cell: the share of wrong verdicts against its limit, and power against its promise."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from simulation.questions import Property

if TYPE_CHECKING:
    from pathlib import Path

    from simulation.summary import FamilySummary, Reading

__all__ = ["draw_rates"]

# Dark enough on white, and told apart without colour vision by their place within a row as well.
_COLOURS = {
    Property.FAIL: "#b2182b",
    Property.PASS: "#2166ac",
    Property.DETECTED: "#7b3294",
    Property.FALSE_FINDING: "#bf812d",
    Property.DECIDED: "#1b7837",
}
_WORDS = {
    Property.FAIL: "FAIL although within the tolerance",
    Property.PASS: "PASS although at the tolerance",
    Property.DETECTED: "association detected where none is",
    Property.FALSE_FINDING: "scan finds a confusion that is not there",
    Property.DECIDED: "decided by the people printed",
}
# FAIL above the middle of a row, PASS below, what a family asks alone in it.
_PLACES = {Property.FAIL: 0.18, Property.PASS: -0.18}
_WIDEST = 0.12


def draw_rates(summaries: tuple[FamilySummary, ...], path: Path) -> None:
    """Write a PNG with one dot a cell and figure, and one row a family."""
    wrong = [summary for summary in summaries if _dots(summary)]
    figure = Figure(figsize=(9, 0.42 * len(wrong) + 1.6), layout="constrained")
    axes = figure.add_subplot()
    for row, summary in enumerate(wrong):
        for reading in _dots(summary):
            place = _PLACES.get(reading.limit.what, 0.0)
            axes.plot(
                min(reading.rate, _WIDEST),
                -row + place + _jitter(reading.cell.name),
                ".",
                color=_COLOURS[reading.limit.what],
                markersize=3,
                alpha=0.5,
                markeredgewidth=0,
                zorder=2,
            )
        for what in _COLOURS:
            shift = _PLACES.get(what, 0.0)
            limits = {reading.limit.at_most for reading in _dots(summary) if reading.limit.what is what}
            for limit in limits:
                if limit is not None and limit <= _WIDEST:
                    axes.plot([limit] * 2, [-row + shift - 0.16, -row + shift + 0.16], "k-", linewidth=1.2)
    axes.set_yticks([-row for row in range(len(wrong))], [summary.name for summary in wrong])
    axes.set_xlim(-0.002, _WIDEST + 0.004)
    axes.set_xticks(
        [0, 0.02, 0.04, 0.06, 0.08, 0.1, _WIDEST], ["0", "2 %", "4 %", "6 %", "8 %", "10 %", "≥12 %"]
    )
    axes.set_xlabel("share of runs with a wrong verdict; black: the limit")
    axes.spines[["top", "right"]].set_visible(False)
    shown = {reading.limit.what for summary in wrong for reading in _dots(summary)}
    for what in (what for what in _COLOURS if what in shown):
        axes.plot([], [], ".", color=_COLOURS[what], label=_WORDS[what])
    figure.legend(loc="outside upper left", frameon=False, fontsize=8, ncols=3)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def _dots(summary: FamilySummary) -> tuple[Reading, ...]:
    return tuple(
        reading
        for reading in summary.readings
        if reading.limit.what in _COLOURS
        and reading.limit.at_most is not None
        and reading.limit.at_least is None
    )


def _jitter(name: str) -> float:
    """A little up or down, the same every time, so that cells with one figure do not hide each other."""
    return (hashlib.sha256(name.encode()).digest()[0] / 255 - 0.5) * 0.26
