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
from html import escape
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fer_audit.report.bars import bar, drawn_unit, make_scale, value_text
from fer_audit.report.clauses import interval, size
from fer_audit.report.comparisons import difference_allowed, joined, standing
from fer_audit.report.names import shortened
from fer_audit.report.phrases import confusion_of
from fer_audit.report.quantities import units
from fer_audit.results import Comparison, Kind, Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from fer_audit.report.bars import Bar, Scale

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
_LEAST_NAME = 6

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
_VIEW_BOX = re.compile(r'viewBox="([^"]+)"')


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
    unit = drawn_unit(verdict, comparisons)
    bars = [bar(comparison, is_difference=unit != verdict.scale) for comparison in comparisons]
    tolerance = verdict.tolerance
    if unit != verdict.scale:
        tolerance = difference_allowed(verdict)
    scale = make_scale(bars, tolerance, unit)
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
        _draw_references(axes, tolerance, scale, len(comparisons), prefix)
        texts = [_told(verdict, comparison, unit) for comparison in comparisons]
        for row, (comparison, drawn, text) in enumerate(zip(comparisons, bars, texts, strict=True)):
            _draw_row(axes, verdict, comparison, drawn, scale, text=text, row=row, prefix=prefix)
        _draw_axis(axes, scale, excess=verdict.kind is Kind.FLIPS)
        svg = io.StringIO()
        nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        FigureCanvasSVG(figure).print_figure(svg, format="svg", metadata=nothing)
    names = [_pair(verdict, one, len(text)) for one, text in zip(comparisons, texts, strict=True)]
    return _inline(svg.getvalue(), prefix=prefix, title=title, names=names)


def _told(verdict: Verdict, comparison: Comparison, unit: str) -> str:
    """The numbers beside a row; those of a ratio without an end are told as the difference."""
    bounds = interval(verdict, comparison)
    reach = f"{bounds.low} to {bounds.high}" if bounds.high else f"{bounds.low} or more"
    if bounds.unit != units(verdict.scale):
        return f"{size(verdict, comparison)}  ({reach}{bounds.unit if unit == 'ratio' else ''})"
    return f"{value_text(comparison.estimate, unit)}  ({reach})"


def _pair(verdict: Verdict, comparison: Comparison, taken: int) -> str:
    """Both groups, shortened to what the numbers leave of the row."""
    what = confusion_of(comparison)
    room = int((_WIDTH - 2 * _SIDE) / _LETTER) - taken - len("  over ") - len(what)
    limit = max(min(room // 2, _NAME), _LEAST_NAME)
    return f"{what}{shortened(comparison.a, limit)} {joined(verdict)} {shortened(comparison.b, limit)}"


def _draw_references(axes: Axes, tolerance: float | None, scale: Scale, rows: int, prefix: str) -> None:
    """Equality, the tolerance and all between, in the lane under each row's words and never through them."""
    lanes = [edge for row in range(rows) for edge in (row + _LANE[0], row + _LANE[1], math.nan)]
    null = 1.0 if scale.is_ratio else 0.0
    words = [(null, "equal", _FAINT)]
    if tolerance is not None:
        opposite = 1 / tolerance if scale.is_ratio else -tolerance
        left, right = scale.place(opposite), scale.place(tolerance)
        lane, height = _LANE[0], _LANE[1] - _LANE[0]
        bands = [Rectangle((left, row + lane), right - left, height) for row in range(rows)]
        axes.add_collection(PatchCollection(bands, color=_BAND, linewidth=0))
        line = axes.plot([right] * len(lanes), lanes, color=_INK, linewidth=1.6)
        line[0].set_gid(f"{prefix}-tolerance")
        words.append((tolerance, f"allowed {value_text(tolerance, scale.unit)}", _INK))
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
    axes: Axes,
    verdict: Verdict,
    comparison: Comparison,
    drawn: Bar,
    scale: Scale,
    *,
    text: str,
    row: int,
    prefix: str,
) -> None:
    where = standing(verdict, comparison)
    colour = _COLOURS[where]
    index = verdict.comparisons.index(comparison)
    height = row + sum(_LANE) / 2
    ends = [scale.place(drawn.lower), scale.place(drawn.upper)]
    interval = axes.plot(ends, [height, height], color=colour, linewidth=2.4, solid_capstyle="butt")
    interval[0].set_gid(f"{prefix}-interval-{index}")
    for value, sign, end in zip((drawn.lower, drawn.upper), "<>", ends, strict=True):
        if scale.beyond(value):
            axes.plot([end], [height], marker=sign, markersize=6, color=colour, clip_on=False)
    if not scale.beyond(drawn.estimate):
        estimate = axes.plot(
            [scale.place(drawn.estimate)],
            [height],
            marker=_MARKERS[where],
            markersize=6.5,
            markeredgecolor=colour,
            markeredgewidth=1.6,
            markerfacecolor=colour if where is not Outcome.INCONCLUSIVE else _BAND,
            linestyle="none",
        )
        estimate[0].set_gid(f"{prefix}-estimate-{index}")
    for x, side, words in ((0.0, "left", f"@{row}@"), (1.0, "right", text)):
        axes.text(
            x,
            row + 0.29,
            words,
            transform=axes.get_yaxis_transform(),
            ha=side,
            va="center",
            color=_INK,
            parse_math=False,
        )


def _draw_axis(axes: Axes, scale: Scale, *, excess: bool) -> None:
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(_FAINT)
    axes.set_yticks([])
    ticks = scale.ticks()
    names = [value_text(tick, scale.unit) for tick in ticks]
    axes.set_xticks([scale.place(tick) for tick in ticks], names)
    axes.tick_params(axis="x", colors=_FAINT, labelcolor=_FAINT, length=3)
    apart = "points of excess" if excess else "points apart"
    words = {"ratio": "times the rate", "difference": apart, "score": "apart"}
    axes.set_xlabel(words[scale.unit], color=_FAINT, labelpad=3)


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
