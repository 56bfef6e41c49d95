"""The numbers behind a forest plot: what each bar spans, and the axis on which all of them have a place."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.report.comparisons import told_by_difference
from fer_audit.report.quantities import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.results import Comparison, Verdict

__all__ = ["Bar", "Scale", "bar", "drawn_unit", "make_scale", "value_text"]

_TICKS = 5
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_RATIOS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_CLOSE_RATIOS = (0.8, 1.25, 1.5)


@dataclass(frozen=True, slots=True)
class Bar:
    """The numbers of one row.

    Attributes:
        estimate: where the mark stands.
        lower: where the interval begins.
        upper: where it ends.
    """

    estimate: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The horizontal axis: even for a difference, a logarithm for a ratio.

    Attributes:
        unit: ``difference`` in points, ``score`` in plain numbers, or ``ratio``.
        low: left end, as drawn.
        high: right end, as drawn.
    """

    unit: str
    low: float
    high: float

    @property
    def is_ratio(self) -> bool:
        """Whether values are ratios."""
        return self.unit == "ratio"

    def place(self, value: float) -> float:
        """Where a value is drawn; what lies beyond the axis is drawn at its end."""
        if self.is_ratio:
            value = math.log(value) if value > 0 else -math.inf
        return min(max(value, self.low), self.high)

    def beyond(self, value: float) -> bool:
        """Whether the axis cannot show the value: no ratio scale reaches zero or infinity."""
        return math.isinf(value) or (self.is_ratio and value <= 0)

    def ticks(self) -> list[float]:
        """A few round values on the axis, as many as have room."""
        if not self.is_ratio:
            span = self.high - self.low
            step = next((s for s in _STEPS if span / s <= _TICKS + 1), _STEPS[-1])
            return [k * step for k in range(math.ceil(self.low / step), math.floor(self.high / step) + 1)]
        inside = [v for v in _RATIOS if self.low <= math.log(v) <= self.high]
        if len(inside) > 1:
            return inside
        return sorted({1.0, *(v for v in _CLOSE_RATIOS if self.low <= math.log(v) <= self.high)})


def drawn_unit(verdict: Verdict, comparisons: Sequence[Comparison]) -> str:
    """What a chart shows; ratios of which none tells a reader anything are shown as differences."""
    if verdict.scale == "ratio" and all(told_by_difference(verdict, c) for c in comparisons):
        return "difference"
    return verdict.scale


def bar(comparison: Comparison, *, is_difference: bool) -> Bar:
    """What is drawn of one comparison: its own numbers, or those of the difference beside its ratio."""
    if is_difference and comparison.difference is not None:
        return Bar(*comparison.difference)
    return Bar(comparison.estimate, comparison.lower, comparison.upper)


def make_scale(bars: Sequence[Bar], tolerance: float | None, unit: str) -> Scale:
    """The axis that holds every bar, equality and the tolerance, with a little room at both ends.

    >>> make_scale([Bar(0.2, -0.1, 0.4)], 0.1, "difference")
    Scale(unit='difference', low=-0.13, high=0.43000000000000005)
    """
    is_ratio = unit == "ratio"
    values = [v for drawn in bars for v in (drawn.lower, drawn.estimate, drawn.upper)]
    values += [1.0 if is_ratio else 0.0, *([tolerance] if tolerance is not None else [])]
    shown = [math.log(v) if is_ratio else v for v in values if math.isfinite(v) and not (is_ratio and v <= 0)]
    low, high = min(shown), max(shown)
    room = 0.06 * (high - low) or 0.1
    return Scale(unit, low=low - room, high=high + room)


def value_text(value: float, unit: str) -> str:
    """A value on the axis or beside a row.

    >>> value_text(0.346, "difference"), value_text(1.5, "ratio"), value_text(0.346, "score")
    ('35', '1.5', '0.346')
    """
    if unit != "difference":
        return number(value, 2 if unit == "ratio" else 3)
    shown = 100 * value
    return number(shown, 0 if abs(shown) >= 1 else 1)
