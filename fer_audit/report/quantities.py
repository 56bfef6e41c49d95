"""Numbers as a report prints them: percent, points, times, scores, people; no bound is overstated."""

from __future__ import annotations

import math

from fer_audit.report.names import shortened

__all__ = [
    "apart",
    "at_least",
    "at_most",
    "confidence",
    "number",
    "people",
    "percent",
    "plural",
    "points",
    "probability",
    "times",
    "units",
]

_DIGITS = 3
# What one of a quantity is multiplied by, its coarsest decimals, and what it is called after a number.
_UNITS = {"difference": (100, 0, "points"), "ratio": (1, 2, "times"), "score": (1, 3, "")}
_ROUNDING = 1e-9


def percent(share: float) -> str:
    """A share in whole percent; the ends are kept for exactly none and all.

    >>> percent(0.574), percent(0.998), percent(0.0)
    ('57 %', 'over 99 %', '0 %')
    """
    if math.isnan(share):
        return "unknown"
    # Halves go up, as a reader rounds, and a sum that misses one half by its last digit too.
    shown = math.floor(100 * share + 0.5 + _ROUNDING)
    if shown == 0 and share > 0:
        return "under 1 %"
    if shown == 100 and share < 1:  # noqa: PLR2004 - percent
        return "over 99 %"
    return f"{shown} %"


def number(value: float, digits: int = 1) -> str:
    """A number without trailing zeros, with a typographic minus sign.

    >>> number(-3.04), number(12.5), number(7.0)
    ('−3', '12.5', '7')
    """
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "no limit"
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", "0"} else text.replace("-", "−")


def points(share: float) -> str:
    """A difference of shares in percentage points.

    >>> points(0.346), points(0.01), points(0.004)
    ('35 points', '1 point', '0.4 points')
    """
    value = 100 * share
    shown = number(value, 0 if abs(value) >= 1 or value == 0 else 1)
    return f"{shown} point" if shown in {"1", "−1"} else f"{shown} points"


def units(scale: str) -> str:
    """What a quantity of a scale is called after a number, with the space between; nothing of a plain number.

    >>> units("difference"), units("score")
    (' points', '')
    """
    return f" {_UNITS[scale][2]}".rstrip()


def apart(value: float, scale: str) -> str:
    """How far two groups are from each other: points of a share or of confidence, else a plain number.

    >>> apart(0.082, "difference"), apart(0.082, "score"), apart(0.0004, "score")
    ('8 points', '0.082', '0.0004')
    """
    if scale != "score":
        return points(value)
    return number(value, _DIGITS if abs(value) >= 10**-_DIGITS else 2 * _DIGITS)


def times(ratio: float) -> str:
    """A ratio of shares.

    >>> times(1.5434)
    '1.54 times'
    """
    return f"{number(ratio, 2)} times"


def at_least(
    bound: float, tolerance: float | None, *, scale: str = "difference", digits: int | None = None
) -> str:
    """A lower bound, rounded down: never above the bound, and on the same side of the tolerance as it.

    It has no more digits than that takes, and as many as asked for.

    >>> at_least(0.247, 0.10), at_least(0.1034, 0.10)
    ('24', '10.3')
    """
    return _towards(bound, tolerance, scale=scale, digits=digits, up=False)


def at_most(
    bound: float, tolerance: float | None, *, scale: str = "difference", digits: int | None = None
) -> str:
    """An upper bound, rounded up: never below the bound, and on the same side of the tolerance as it.

    It has no more digits than that takes, and as many as asked for.

    >>> at_most(0.0823, 0.10), at_most(0.09998, 0.10), at_most(1.2341, 1.25, scale="ratio")
    ('9', '9.998', '1.24')
    """
    return _towards(bound, tolerance, scale=scale, digits=digits, up=True)


def _towards(bound: float, tolerance: float | None, *, scale: str, digits: int | None, up: bool) -> str:
    if not math.isfinite(bound):
        return number(bound)
    unit, coarsest, _ = _UNITS[scale]
    # Without this a bound of exactly 7 points (7.000000000000001) would round up to 8.
    value = round(unit * bound, 9)
    digits = coarsest = coarsest if digits is None else digits
    while True:
        step = 10**digits
        shown = (math.ceil(round(value * step, 6)) if up else math.floor(round(value * step, 6))) / step
        same_side = tolerance is None or _side(shown, unit * tolerance) == _side(value, unit * tolerance)
        if same_side or digits >= coarsest + _DIGITS:
            return number(shown, digits)
        digits += 1


def _side(value: float, tolerance: float) -> int:
    """-1 below, 0 at, 1 above."""
    tolerance = round(tolerance, 9)
    return (value > tolerance) - (value < tolerance)


def confidence(alpha: float) -> str:
    """How sure a bound of error rate alpha is.

    >>> confidence(0.05)
    '95 %'
    """
    return f"{number(100 * (1 - alpha), 2)} %"


def probability(p: float) -> str:
    """A p-value.

    >>> probability(0.0312), probability(0.00002)
    ('p = 0.0312', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.3g}"  # noqa: PLR2004 - the customary end of the scale


def people(count: int, unit: str = "person") -> str:
    """So many units of observation, in words: rendered identities are never called people.

    >>> people(48), people(1), people(48, "rendered identity")
    ('48 people', '1 person', '48 rendered identities')
    """
    return f"1 {shortened(unit, 40)}" if count == 1 else f"{count:,} {plural(unit)}"


def plural(unit: str) -> str:
    """What several units of observation are called.

    >>> plural("person"), plural("rendered identity"), plural("actor")
    ('people', 'rendered identities', 'actors')
    """
    name = shortened(unit, 40)
    if name == "person":
        return "people"
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"
