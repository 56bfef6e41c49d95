"""Forest plots: every comparison of a verdict with its bounds, the tolerance, and where each one stands.

An interval is drawn from exactly the numbers of ``report.json`` and carries an id, so that a test reads them
back from the picture. Colours are names of the page's own colours, so that a dark page has a dark chart;
outcomes differ in marker shape and in words too.

The picture is inline SVG without script, link or namespace address; its text is text.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fer_audit.report.clauses import interval, size
from fer_audit.report.comparisons import difference_allowed, standing, told_by_difference
from fer_audit.report.names import shortened
from fer_audit.report.quantities import number
from fer_audit.results import Comparison, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

__all__ = ["forest_plot"]

_WIDTH = 380.0
_ROW = 37.0
_TOP = 34.0
_BOTTOM = 44.0
_SIDE = 12.0
_POINTS = 72.0
_LANE = (0.53, 0.93)  # of a row; the words stand above it
_LETTER = 6.4  # points, on the generous side
_GAP = 4.0
_FONT = 12.0
_NAME = 20

# Stand-ins that no other part of a chart uses; after drawing they become the page's colours.
_INK, _FAINT, _BAND = "#010101", "#020202", "#030303"
_COLOURS = {Outcome.FAIL: "#040404", Outcome.INCONCLUSIVE: "#050505", Outcome.PASS: "#060606"}
_VARIABLES = {
    _INK: "var(--ink)",
    _FAINT: "var(--faint)",
    _BAND: "var(--band)",
    _COLOURS[Outcome.FAIL]: "var(--fail)",
    _COLOURS[Outcome.INCONCLUSIVE]: "var(--open)",
    _COLOURS[Outcome.PASS]: "var(--pass)",
}
_MARKERS = {Outcome.FAIL: "D", Outcome.INCONCLUSIVE: "o", Outcome.PASS: "s"}
_TICKS = 5
_VIEW_BOX = re.compile(r'viewBox="([^"]+)"')


@dataclass(frozen=True, slots=True)
class _Scale:
    """The horizontal axis: points for a difference, a logarithm for a ratio.

    Attributes:
        ratio: whether values are ratios.
        low: left end, as drawn.
        high: right end, as drawn.
    """

    ratio: bool
    low: float
    high: float

    def place(self, value: float) -> float:
        """Where a value is drawn; what lies beyond the axis is drawn at its end."""
        if self.ratio:
            value = math.log(value) if value > 0 else -math.inf
        return min(max(value, self.low), self.high)

    def beyond(self, value: float) -> bool:
        """Whether the axis cannot show the value: no ratio scale reaches zero or infinity."""
        return math.isinf(value) or (self.ratio and value <= 0)


def forest_plot(verdict: Verdict, comparisons: Sequence[Comparison], *, prefix: str, title: str) -> str:
    """The comparisons as inline SVG, one row each, in the order given.

    Args:
        verdict: gives the unit, the tolerance and where each comparison stands.
        comparisons: what is drawn; each must be one of the verdict's.
        prefix: begins every id in the picture, unique within the page. The interval of the verdict's i-th
            comparison has the id ``PREFIX-interval-i``, its estimate ``PREFIX-estimate-i``, the reference
            lines ``PREFIX-null`` and ``PREFIX-tolerance``.
        title: what the picture shows, read out in its place.
    """
    ratio = verdict.scale == "ratio"
    scale = _scale(verdict, comparisons)
    height = _TOP + _ROW * len(comparisons) + _BOTTOM
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "forest", "font.size": _FONT}):
        figure = Figure(figsize=(_WIDTH / _POINTS, height / _POINTS))
        axes = figure.add_axes(
            (
                _SIDE / _WIDTH,
                _BOTTOM / height,
                1 - 2 * _SIDE / _WIDTH,
                1 - (_TOP + _BOTTOM) / height,
            )
        )
        figure.patch.set_visible(False)
        axes.patch.set_visible(False)
        axes.set_xlim(scale.low, scale.high)
        axes.set_ylim(len(comparisons), 0)
        _draw_references(axes, verdict, scale, len(comparisons), prefix)
        for row, comparison in enumerate(comparisons):
            _draw_row(axes, verdict, comparison, scale, row=row, prefix=prefix)
        _draw_axis(axes, scale, ratio=ratio)
        svg = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        FigureCanvasSVG(figure).print_figure(svg, format="svg", metadata=nothing)
    names = [f"{shortened(c.a, _NAME)} over {shortened(c.b, _NAME)}" for c in comparisons]
    return _inline(svg.getvalue(), prefix=prefix, title=title, names=names)


def _scale(verdict: Verdict, comparisons: Sequence[Comparison]) -> _Scale:
    ratio = verdict.scale == "ratio"
    values = [v for c in comparisons for v in (c.lower, c.estimate, c.upper)]
    values += [1.0 if ratio else 0.0, *([verdict.tolerance] if verdict.tolerance is not None else [])]
    shown = [math.log(v) if ratio else v for v in values if math.isfinite(v) and not (ratio and v <= 0)]
    low, high = min(shown), max(shown)
    room = 0.06 * (high - low) or 0.1
    return _Scale(ratio=ratio, low=low - room, high=high + room)


def _draw_references(axes: Axes, verdict: Verdict, scale: _Scale, rows: int, prefix: str) -> None:
    """Equality, the tolerance and all between, in the lane under each row's words and never through them."""
    lanes = [edge for row in range(rows) for edge in (row + _LANE[0], row + _LANE[1], math.nan)]
    null = 1.0 if scale.ratio else 0.0
    words = [(null, "equal", _FAINT)]
    if verdict.tolerance is not None:
        tolerance = verdict.tolerance
        opposite = 1 / tolerance if scale.ratio else -tolerance
        left, right = scale.place(opposite), scale.place(tolerance)
        lane, height = _LANE[0], _LANE[1] - _LANE[0]
        bands = [Rectangle((left, row + lane), right - left, height) for row in range(rows)]
        axes.add_collection(PatchCollection(bands, color=_BAND, linewidth=0))
        line = axes.plot([right] * len(lanes), lanes, color=_INK, linewidth=1.6)
        line[0].set_gid(f"{prefix}-tolerance")
        words.append((tolerance, f"allowed {_value(tolerance, ratio=scale.ratio)}", _INK))
    line = axes.plot([scale.place(null)] * len(lanes), lanes, color=_FAINT, linewidth=1.2)
    line[0].set_gid(f"{prefix}-null")
    top = _BOTTOM + _ROW * rows + 6
    for (value, word, colour), side in zip(words, ("right", "left"), strict=False):
        x = _SIDE + (_WIDTH - 2 * _SIDE) * (scale.place(value) - scale.low) / (scale.high - scale.low)
        length = _LETTER * len(word)
        # Beside its line, but never off the picture.
        x = max(x - _GAP, length) if side == "right" else min(x + _GAP, _WIDTH - length)
        axes.annotate(word, (x, top), xycoords="figure points", ha=side, color=colour)


def _draw_row(
    axes: Axes, verdict: Verdict, comparison: Comparison, scale: _Scale, *, row: int, prefix: str
) -> None:
    where = standing(verdict, comparison)
    colour = _COLOURS[where]
    index = verdict.comparisons.index(comparison)
    height = row + sum(_LANE) / 2
    ends = [scale.place(comparison.lower), scale.place(comparison.upper)]
    interval = axes.plot(ends, [height, height], color=colour, linewidth=2.4, solid_capstyle="butt")
    interval[0].set_gid(f"{prefix}-interval-{index}")
    for value, sign, end in zip((comparison.lower, comparison.upper), "<>", ends, strict=True):
        if scale.beyond(value):
            axes.plot([end], [height], marker=sign, markersize=6, color=colour, clip_on=False)
    if not scale.beyond(comparison.estimate):
        estimate = axes.plot(
            [scale.place(comparison.estimate)],
            [height],
            marker=_MARKERS[where],
            markersize=6.5,
            markeredgecolor=colour,
            markeredgewidth=1.6,
            markerfacecolor=colour if where is not Outcome.INCONCLUSIVE else _BAND,
            linestyle="none",
        )
        estimate[0].set_gid(f"{prefix}-estimate-{index}")
    low = at_least(comparison.lower, verdict.tolerance, scale=verdict.scale)
    high = at_most(comparison.upper, verdict.tolerance, scale=verdict.scale)
    middle = _value(comparison.estimate, ratio=scale.ratio)
    for x, side, text in ((0.0, "left", f"@{row}@"), (1.0, "right", f"{middle}  ({low} to {high})")):
        axes.text(
            x,
            row + 0.29,
            text,
            transform=axes.get_yaxis_transform(),
            ha=side,
            va="center",
            color=_INK,
            parse_math=False,
        )


def _draw_axis(axes: Axes, scale: _Scale, *, ratio: bool) -> None:
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_FAINT)
    axes.set_yticks([])
    ticks = _ratio_ticks(scale) if ratio else _point_ticks(scale)
    axes.set_xticks([scale.place(tick) for tick in ticks], [_value(tick, ratio=ratio) for tick in ticks])
    axes.tick_params(axis="x", colors=_FAINT, labelcolor=_FAINT, length=3)
    axes.set_xlabel("times the rate" if ratio else "points apart", color=_FAINT, labelpad=3)


def _point_ticks(scale: _Scale) -> list[float]:
    span = scale.high - scale.low
    step = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if span / s <= _TICKS + 1), 0.5)
    first = math.ceil(scale.low / step)
    return [k * step for k in range(first, math.floor(scale.high / step) + 1)]


def _ratio_ticks(scale: _Scale) -> list[float]:
    steps = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]
    inside = [v for v in steps if scale.low <= math.log(v) <= scale.high]
    return (
        inside
        if len(inside) > 1
        else sorted({1.0, *(v for v in (0.8, 1.25, 1.5) if scale.low <= math.log(v) <= scale.high)})
    )


def _value(value: float, *, ratio: bool) -> str:
    if ratio:
        return number(value, 2)
    shown = 100 * value
    return number(shown, 0 if abs(shown) >= 1 else 1)


def _inline(svg: str, *, prefix: str, title: str, names: Sequence[str]) -> str:
    """The drawing as a part of a page: no prologue, no addresses, ids of its own, the page's colours.

    Names are put in last: the reader's fonts draw them, and no replacement before can touch them.
    """
    body = svg[svg.index("<svg") :]
    unwanted = (
        r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>|<clipPath.*?</clipPath>|<defs>\s*</defs>"
    )
    body = re.sub(unwanted, "", body, flags=re.DOTALL)
    # All is drawn inside the frame, so nothing needs clipping; a turn by nothing is no turn.
    body = re.sub(r' id="[\w.]+_\d+"| transform="rotate\(-0 [^"]*"| clip-path="[^"]*"', "", body)
    # What remains is named by us, or is a marker, and the same markers occur in every chart of a page.
    body = re.sub(rf'( id="|"#)(?!{re.escape(prefix)}-)', rf"\g<1>{prefix}-", body)
    for stand_in, variable in _VARIABLES.items():
        body = body.replace(stand_in, variable)
    body = body.replace("xlink:href", "href")
    body = re.sub(r"font-size: ([\d.]+)px; font-family: [^;\"]*|font: ([\d.]+)px[^;\"]*", _font, body)
    body = re.sub(r"@(\d+)@", lambda found: escape(names[int(found[1])], quote=False), body)
    head = (
        f'<svg class="forest" viewBox="{_VIEW_BOX.findall(body)[0]}" role="img" aria-label="{escape(title)}">'
    )
    return re.sub(r"\n\s*", "\n", head + body[body.index(">") + 1 :]).strip()


def _font(found: re.Match[str]) -> str:
    return f"font-size: {found[1] or found[2]}px"
