"""What a run says as a whole: the gate, why it is open or closed, and the caveat of rendered faces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.report.quantities import plural
from fer_audit.report.ranking import most_telling
from fer_audit.results import Outcome, Record, RunResult

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "RENDERED_CAVEAT",
    "Error",
    "Gate",
    "alpha_of",
    "anchor",
    "by_outcome",
    "errors",
    "gate",
    "is_synthetic",
    "partial_words",
    "ranked",
    "unit_of",
    "units_of",
]

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


@dataclass(frozen=True, slots=True)
class Error:
    """One reason why something has no verdict, and everything it kept from one.

    Attributes:
        cell: ``model-dataset``, or empty.
        reason: the message.
        tests: node ids of the tests without a verdict; an empty one is the run itself.
    """

    cell: str
    reason: str
    tests: tuple[str, ...]

    @property
    def where(self) -> str:
        """What it happened to, in a few words.

        >>> Error("clip-radiate", "the model broke", ("t1", "t2")).where
        '2 tests of clip-radiate'
        """
        if len(self.tests) == 1:
            return self.cell or self.tests[0] or "the run"
        return f"{len(self.tests)} tests of {self.cell}" if self.cell else f"{len(self.tests)} tests"


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
    # An error outranks every verdict: what it left out is not known.
    if result.faults or result.run == "error":
        errors = _counted(max(len(result.faults), 1), "error", "errors")
        told = f"{errors} left the audit without a full verdict, so the gate is closed."
        if failed:
            told += f" Of what was judged, {failed} of {criteria} FAILED."
        return Gate(is_open=False, word="ERROR", sentence=told, undecided=hint)
    if failed:
        told = f"{failed} of {criteria} FAILED, so the gate is closed."
        return Gate(is_open=False, word="FAIL", sentence=told, undecided=hint)
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
    """The records by outcome, what failed first; of the undecided the most telling come first."""
    found = {
        outcome: tuple(record for record in result.records if record.verdict.outcome is outcome)
        for outcome in _ORDER
    }
    return {**found, Outcome.INCONCLUSIVE: most_telling(found[Outcome.INCONCLUSIVE])}


def ranked(result: RunResult) -> tuple[Record, ...]:
    """Every record in the order of a report."""
    return tuple(record for records in by_outcome(result).values() for record in records)


def anchor(position: int) -> str:
    """The id of a verdict's section, by its position among the ranked records."""
    return f"v{position + 1}"


def errors(result: RunResult) -> tuple[Error, ...]:
    """The faults of a run, those of one cell with one reason told once."""
    found: dict[tuple[str, str], list[str]] = {}
    for fault in result.faults:
        found.setdefault((fault.cell, fault.reason), []).append(fault.test)
    return tuple(Error(cell, reason, tuple(tests)) for (cell, reason), tests in found.items())


def unit_of(result: RunResult, record: Record) -> str:
    """What one observation behind a record is; a person where the run does not say."""
    where = (record.model, record.dataset)
    return next((cell.unit for cell in result.cells if (cell.model, cell.dataset) == where), "person")


def units_of(result: RunResult) -> str:
    """What the observations are called in the plural, over all cells."""
    units = dict.fromkeys(plural(cell.unit) for cell in result.cells)
    return " and ".join(units) or "people"


def partial_words(result: RunResult) -> str:
    """What a partial run is not, or nothing for a whole one."""
    if not result.partial:
        return ""
    return f"Partial run: not every test on all {units_of(result)}; it is no baseline."


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
