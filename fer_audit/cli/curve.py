"""The power curve as a picture: a verdict becomes likelier with more people, or a larger difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from fer_audit.stats.ratios.comparison import RatioClaim

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.planning import DataProspect, StudyPlan

__all__ = ["draw_prospect", "draw_study"]

# Okabe and Ito (2008): told apart by every kind of colour vision; dashes and markers, in print without any.
_PASS, _FAIL, _INK, _FAINT = "#0072B2", "#D55E00", "#222222", "#888888"
_SIZE = (6.4, 4.0)
_DOTS = 200


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the picture, as (x, probability)."""

    name: str
    points: tuple[tuple[float, float], ...]
    colour: str
    dashes: str
    marker: str


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place on the x axis that the answer names."""

    x: float
    text: str
    colour: str


def draw_study(plan: StudyPlan, path: Path) -> None:
    """Write power against people as SVG or PNG: one line for PASS of a fair model, one for FAIL.

    Args:
        plan: with its curve.
        path: whose suffix says which kind of file.

    Raises:
        OSError: the file cannot be written.
    """
    passes = tuple((point.people, point.passes) for point in plan.curve)
    fails = tuple((point.people, point.fails) for point in plan.curve if point.fails is not None)
    far = "far beyond" if isinstance(plan.study.claim, RatioClaim) else "at twice"
    lines = [_Line("PASS of a fair model", passes, _PASS, "-", "o")]
    if fails:
        lines.append(_Line(f"FAIL of a model {far} the tolerance", fails, _FAIL, "--", "s"))
    people = plan.people
    marks = () if people is None else (_Mark(people, f"{people} people", _INK),)
    _write(path, lines, marks, target=plan.target, x=f"people in each of {plan.study.slices} groups")


def draw_prospect(found: DataProspect, path: Path) -> None:
    """Write power against the size of a difference as SVG or PNG: what is true for FAIL, allowed for PASS.

    Args:
        found: what a table could show.
        path: whose suffix says which kind of file.

    Raises:
        OSError: the file cannot be written.
    """
    is_ratio = isinstance(found.claim, RatioClaim)
    curve = found.found.curve
    kind = "ratio" if is_ratio else "gap"

    def shown(size: float) -> float:
        return size if is_ratio else 100 * size

    claim = found.claim
    allowed = f"{claim.at_most:g}" if isinstance(claim, RatioClaim) else f"{100 * claim:g}"
    passes = tuple((shown(point.size), point.passes) for point in curve)
    fails = tuple((shown(point.size), point.fails) for point in curve)
    lines = [
        _Line(f"PASS of a fair model if this {kind} is allowed", passes, _PASS, "-", "o"),
        _Line(f"FAIL of a model with this {kind}, {allowed} allowed", fails, _FAIL, "--", "s"),
    ]
    named = ((found.found.passes_from, _PASS), (found.found.fails_from, _FAIL))
    marks = tuple(
        _Mark(shown(size), f"{size:.2f}" if is_ratio else f"{100 * size:.1f}", colour)
        for size, colour in named
        if size is not None
    )
    unit = "" if is_ratio else ", in points"
    _write(path, lines, marks, target=found.found.power, x=f"{kind} between groups{unit}")


def _write(path: Path, lines: list[_Line], marks: tuple[_Mark, ...], *, target: float, x: str) -> None:
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "power", "font.size": 10}):
        figure = Figure(figsize=_SIZE, layout="constrained")
        axes = figure.add_subplot()
        for line in lines:
            axes.plot(
                [point[0] for point in line.points],
                [point[1] for point in line.points],
                color=line.colour,
                linestyle=line.dashes,
                marker=line.marker,
                markersize=4,
                linewidth=1.8,
                label=line.name,
            )
        axes.axhline(target, color=_FAINT, linewidth=1, linestyle=":")
        axes.annotate(
            f"{100 * target:.0f} %",
            (1.01, target),
            xycoords=("axes fraction", "data"),
            va="center",
            color=_INK,
        )
        for mark in marks:
            axes.vlines(mark.x, 0, target, color=mark.colour, linewidth=1, linestyle=":")
            axes.annotate(
                mark.text,
                (mark.x, target),
                xytext=(-6, 6),
                textcoords="offset points",
                ha="right",
                color=mark.colour,
                fontweight="bold",
                # Readable where the other line runs behind it.
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
            )
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(x)
        axes.set_ylabel("probability of the verdict")
        axes.yaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
        axes.spines[["top", "right"]].set_visible(False)
        figure.legend(loc="outside upper left", frameon=False)
        nothing = {"Date": None} if path.suffix.casefold() == ".svg" else None
        figure.savefig(path, dpi=_DOTS, metadata=nothing)
