"""A verdict about a level in plain words: no two groups are compared, each is held against a share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.report.clauses import allowed, missing, needed, reason
from fer_audit.report.names import shortened
from fer_audit.report.phrases import phrase
from fer_audit.report.quantities import confidence
from fer_audit.results import Outcome

if TYPE_CHECKING:
    from fer_audit.results import Record, Verdict

__all__ = ["level_brief", "level_sentence"]


def level_sentence(record: Record, unit: str, alpha: float) -> str:
    """What is demanded of every group, and what the one that decides it shows.

    Args:
        record: the verdict and where it was demanded.
        unit: what one observation is.
        alpha: the error rate of the bounds.
    """
    verdict = record.verdict
    sure = "" if verdict.outcome is Outcome.INCONCLUSIVE else f" ({confidence(alpha)} sure)"
    told = reason(verdict, unit).removesuffix(".")
    return (
        f"On {shortened(verdict.slicing)}, {shortened(record.model)} is held to "
        f"{phrase(verdict.measure).noun} of {allowed(verdict)} in every group.{told}{sure}."
        f"{needed(verdict, unit)}{missing(verdict, unit)} {verdict.outcome.name}."
    )


def level_brief(verdict: Verdict, where: str) -> str:
    """The same in one line.

    Args:
        verdict: about a level.
        where: what is demanded of which groups.
    """
    return f"{where}: {shortened(verdict.reason, 120)}; {allowed(verdict)} demanded"
