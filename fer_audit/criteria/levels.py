"""What a criterion refuses as it is written: other measures than its own, levels that mean nothing."""

from __future__ import annotations

from fer_audit.errors import ConfigurationError, UnknownNameError, did_you_mean
from fer_audit.stats import measures
from fer_audit.stats.measures import Measure

__all__ = ["check_measure", "check_proportion", "check_test"]


def check_measure(name: str, measure: object) -> None:
    """Refuse what is no measure: its name as text, or a function that still wants its label."""
    if isinstance(measure, Measure):
        return
    called = getattr(measure, "__name__", None)
    if callable(measure) and called in measures.__all__:
        labels = "'anger', 'disgust'" if called == "misclassification" else "'anger'"
        raise ConfigurationError(f"{name} was given {called} without a label; write e.g. {called}({labels})")
    known = [word for word in measures.__all__ if word.islower()]
    raise UnknownNameError(
        f"{name} was given {measure!r:.60}, which is no measure; {did_you_mean(str(measure), known)}. "
        "Import it: from fer_audit import accuracy"
    )


def check_proportion(name: str, measure: Measure) -> None:
    """Refuse a measure that is no share of images where the method rests on how shares vary."""
    check_measure(name, measure)
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
