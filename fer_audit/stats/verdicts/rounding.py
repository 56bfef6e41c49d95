"""Bounds as a sentence quotes them: rounded away from what they would overstate."""

from __future__ import annotations

import math

__all__ = ["at_least", "at_most", "p_value"]

_MOST_DIGITS = 9
# A bound of .247 times 1,000 is 246.99999999999997 to a computer.
_ROUNDING = 6


def at_least(bound: float, digits: int, tolerance: float) -> str:
    """A lower bound, rounded down; with more digits where fewer would put it on the tolerance's other side.

    Args:
        bound: finite.
        digits: decimals, as many as that takes.
        tolerance: what the bound is held against.

    >>> at_least(0.2479, 3, 0.1), at_least(0.10004, 3, 0.1)
    ('0.247', '0.10004')
    """
    return _round(bound, digits, tolerance, up=False)


def at_most(bound: float, digits: int, tolerance: float) -> str:
    """An upper bound, rounded up; with more digits where fewer would put it on the tolerance's other side.

    >>> at_most(0.0823, 3, 0.1), at_most(0.09998, 3, 0.1)
    ('0.083', '0.09998')
    """
    return _round(bound, digits, tolerance, up=True)


def p_value(p: float, alpha: float) -> str:
    """A p-value with two significant digits, or more where two would put it on the other side of alpha.

    >>> p_value(0.0001, 0.05), p_value(0.0504, 0.05)
    ('0.0001', '0.0504')
    """
    texts = (f"{p:.{digits}g}" for digits in range(2, _MOST_DIGITS))
    return next((text for text in texts if (float(text) <= alpha) == (p <= alpha)), f"{p!r}")


def _round(bound: float, digits: int, tolerance: float, *, up: bool) -> str:
    towards = math.ceil if up else math.floor
    for more in range(digits, _MOST_DIGITS + 1):
        shown = towards(round(bound * 10**more, _ROUNDING)) / 10**more
        if _side(shown, tolerance) == _side(bound, tolerance):
            return f"{shown:.{more}f}"
    return f"{bound:.{digits}f}"


def _side(value: float, tolerance: float) -> int:
    """-1 below, 0 at, 1 above."""
    if math.isclose(value, tolerance, rel_tol=0.0, abs_tol=10.0**-_MOST_DIGITS):
        return 0
    return 1 if value > tolerance else -1
