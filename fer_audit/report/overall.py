"""What a run says as a whole: the gate, why it is open or closed, and the caveat of rendered faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.results import CellResult, Outcome, Record, RunResult

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RENDERED_CAVEAT", "Gate", "alpha_of", "by_outcome", "cell_of", "gate", "is_synthetic"]

RENDERED_CAVEAT = "Rendered faces are a lead about the model, not a finding about people."

_ORDER = (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.PASS)


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether the run lets a release through, and why.

    Attributes:
        is_open: whether pytest exits with 0.
        word: ``FAIL``, ``ERROR``, ``UNDECIDED``, ``PASS`` or ``PASS, WITH GAPS``.
        sentence: why the gate is open or closed.
        undecided: ``n of m criteria UNDECIDED: not a clean bill``, or empty when all were decided.
    """

    is_open: bool
    word: str
    sentence: str
    undecided: str


def gate(result: RunResult) -> Gate:
    """The release decision that follows from a run.

    Open when nothing failed, nothing broke and at least one criterion passed. The settings
    ``fail_inconclusive`` and ``allow_inconclusive`` (``true``), where the run was started with them, change
    what undecided criteria mean.
    """
    counts = {outcome: len(records) for outcome, records in by_outcome(result).items()}
    failed, undecided, passed = (counts[outcome] for outcome in _ORDER)
    criteria = _counted(len(result.records), "criterion", "criteria")
    hint = f"{undecided} of {criteria} UNDECIDED: not a clean bill" if undecided else ""
    if failed:
        told = f"{failed} of {criteria} FAILED, so the gate is closed."
        if result.faults:
            errors = _counted(len(result.faults), "error", "errors")
            told += f" {errors} left part of the audit without a verdict."
        return Gate(is_open=False, word="FAIL", sentence=told, undecided=hint)
    if result.faults or result.run == "error":
        errors = _counted(max(len(result.faults), 1), "error", "errors")
        told = f"{errors} left the audit without a full verdict, so the gate is closed."
        return Gate(is_open=False, word="ERROR", sentence=told, undecided=hint)
    if undecided or not passed:
        return _undecided(result, undecided, passed, hint)
    told = "The one criterion passed" if passed == 1 else f"All {criteria} passed"
    return Gate(is_open=True, word="PASS", sentence=f"{told}, so the gate is open.", undecided="")


def _undecided(result: RunResult, undecided: int, passed: int, hint: str) -> Gate:
    strict = result.settings.get("fail_inconclusive") == "true"
    lenient = result.settings.get("allow_inconclusive") == "true"
    criteria = _counted(undecided + passed, "criterion", "criteria")
    is_open = not strict and (passed > 0 or (lenient and undecided > 0))
    if not undecided:
        told = "No criterion was judged, so the gate is closed."
    elif strict:
        told = f"{undecided} of {criteria} could not be decided, as this run demands: the gate is closed."
    elif passed:
        told = f"Nothing failed and {passed} of {criteria} passed, so the gate is open; "
        told += f"{undecided} could not be decided."
    else:
        told = f"None of {criteria} could be decided, so the gate is "
        told += "open only because this run allows that." if is_open else "closed."
    return Gate(is_open, "PASS, WITH GAPS" if passed and is_open else "UNDECIDED", told, hint)


def by_outcome(result: RunResult) -> Mapping[Outcome, tuple[Record, ...]]:
    """The records by outcome: what failed first, what passed last."""
    return {
        outcome: tuple(record for record in result.records if record.verdict.outcome is outcome)
        for outcome in _ORDER
    }


def cell_of(result: RunResult, record: Record) -> CellResult | None:
    """The cell that a record is about, if the run knows it."""
    where = (record.model, record.dataset)
    return next((cell for cell in result.cells if (cell.model, cell.dataset) == where), None)


def is_synthetic(result: RunResult) -> bool:
    """Whether any cell rests on rendered faces."""
    return any(cell.synthetic for cell in result.cells)


def alpha_of(result: RunResult) -> float:
    """The error rate of the bounds in this run, from its settings."""
    try:
        return float(result.settings.get("alpha", "0.05"))
    except ValueError:
        return 0.05


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
