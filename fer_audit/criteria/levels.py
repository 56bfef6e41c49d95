"""Levels and margins of criteria that test."""

from __future__ import annotations

from fer_audit.errors import ConfigurationError

__all__ = ["check_test"]


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
