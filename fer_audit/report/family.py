"""All criteria of a run as one family: what remains significant when it is counted how many were tried.

Information beside the verdicts. No verdict depends on which other tests ran.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fer_audit.report.overall import alpha_of
from fer_audit.report.quantities import number, probability
from fer_audit.results import Outcome
from fer_audit.stats.multiplicity import holm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.results import Record, RunResult

__all__ = ["adjusted_for_run", "family_words", "run_words"]


def adjusted_for_run(records: Sequence[Record]) -> tuple[Record, ...]:
    """The records with each p adjusted by Holm (1979) over all criteria of the run.

    A criterion without a p (nothing was compared, or nothing could FAIL) counts as one that found nothing.
    """
    given = [1.0 if record.verdict.p is None else record.verdict.p for record in records]
    adjusted = holm(given).tolist() if given else []
    return tuple(
        replace(record, p_run=None if record.verdict.p is None else p)
        for record, p in zip(records, adjusted, strict=True)
    )


def run_words(result: RunResult, record: Record) -> str:
    """The p of one criterion among all criteria of the run, as a clause."""
    p = probability(record.p_run) if record.p_run is not None else "no p"
    return f"among the {len(result.records)} criteria of this run, by Holm: {p}"


def family_words(result: RunResult) -> str:
    """What the number of criteria does to the findings of a run, in a sentence; empty below two tests."""
    if len(result.records) <= 1 or all(record.p_run is None for record in result.records):
        return ""
    alpha = alpha_of(result)
    failed = [record for record in result.records if record.verdict.outcome is Outcome.FAIL]
    kept = sum(record.p_run is not None and record.p_run <= alpha for record in failed)
    return (
        f"Holm over the {len(result.records)} criteria of this run: {kept} of {len(failed)} FAILs remain at "
        f"{number(alpha, 3)} (each verdict stands by itself)."
    )
