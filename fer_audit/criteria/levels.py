"""Levels and margins of criteria that test, and measures that a method is not made for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError

if TYPE_CHECKING:
    from fer_audit.stats.measures import Measure

__all__ = ["check_proportion", "check_test"]


def check_proportion(name: str, measure: Measure) -> None:
    """Refuse a measure that is no share of images where the method rests on how shares vary."""
    if not measure.is_proportion:
        raise ConfigurationError(
            f"{name}({measure!r}) cannot be judged: its method is one for shares of images, and {measure!r} "
            f"is a mean of other numbers; use Gap({measure!r}, at_most=0.1)"
        )


def check_test(name: str, alpha: float, margin: float | None) -> None:
    """Refuse levels and margins that mean nothing."""
    if not 0 < alpha < 0.5:  # noqa: PLR2004 - as the alpha of the settings
        raise ConfigurationError(
            f"{name}(alpha={alpha}) is no level of a test; give a number between 0 and 0.5, e.g. 0.05"
        )
    if margin is not None and not 0 < margin < 1:
        raise ConfigurationError(
            f"{name}(margin={margin}) is no difference of two rates that could be shown; "
            "give a number between 0 and 1, e.g. 0.1, or leave it out: the criterion then detects "
            "but never clears"
        )
