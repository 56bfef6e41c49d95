"""From verdicts to the outcome of a test: set once, after the call."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import FerAuditError
from fer_audit.plugin.grid import case_of
from fer_audit.plugin.state import AUDIT, FINDINGS, STATE
from fer_audit.results import Fault, Outcome, Record, decode_record, encode_record

if TYPE_CHECKING:
    from fer_audit.plugin.selection import Case

__all__ = ["Findings", "findings_of", "settle", "status"]


@dataclass(frozen=True, slots=True)
class Findings:
    """What one test report carries home.

    Attributes:
        records: its verdicts.
        fault: what kept it from a verdict, if anything.
        word: ``pass``, ``fail``, ``inconclusive`` or ``error``; empty where the test ended by itself.
    """

    records: list[Record]
    fault: Fault | None
    word: str

    def attach(self, report: pytest.TestReport) -> None:
        """Put the findings on a report, as text: any transport between processes carries it."""
        fault = [self.fault.test, self.fault.cell, self.fault.reason] if self.fault else None
        vars(report)[FINDINGS] = json.dumps([[encode_record(r) for r in self.records], fault, self.word])


def findings_of(report: pytest.TestReport) -> Findings:
    """The findings that a report carries; see `carries_findings`."""
    records, fault, word = json.loads(vars(report)[FINDINGS])
    return Findings([decode_record(record) for record in records], Fault(*fault) if fault else None, word)


def settle(item: pytest.Item, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
    """Turn what an audit found into the outcome of its test: ERROR > FAIL > INCONCLUSIVE > PASS.

    A FAIL stands whatever the test did afterwards, be it a skip or an expected failure: a gap that is
    accepted is accepted by a larger tolerance with its reason, not by a marker.
    """
    case = case_of(item)
    if case is None:
        return
    raised = call.excinfo.value if call.excinfo is not None else None
    if report.when != "call":
        if raised is not None and not isinstance(raised, pytest.skip.Exception):
            # An expected failure is one of the test, not of its data.
            _forget_xfail(report)
            reason = str(raised) or type(raised).__name__
            if not report.failed:
                report.outcome, report.longrepr = "failed", reason
            Findings([], Fault(item.nodeid, case.source.id, reason), "").attach(report)
        return
    audit = item.stash.get(AUDIT, None)
    verdicts = audit.verdicts if audit is not None else ()
    records = [Record(item.nodeid, case.source.model, case.source.dataset, verdict) for verdict in verdicts]
    fault = _fault(item, case, raised, required=bool(records))
    if fault is not None:
        word = "error"
        report.outcome = "failed"
        if raised is None or isinstance(raised, FerAuditError):
            report.longrepr = fault.reason
    else:
        word = _word(records, ended=raised is not None)
        if word == "fail":
            _fail(report, _explain(item, case, records, Outcome.FAIL))
        elif word == "inconclusive":
            strict = bool(item.config.getoption("fer_fail_inconclusive"))
            _leave_open(report, _explain(item, case, records, Outcome.INCONCLUSIVE), strict=strict)
    for record in records:
        item.user_properties.append((f"fer_audit {record.verdict.criterion}", _property(record)))
    Findings(records, fault, word).attach(report)


def _word(records: list[Record], *, ended: bool) -> str:
    """FAIL > INCONCLUSIVE > PASS; a test that ended by itself (a skip, a failed assertion) keeps its own."""
    outcomes = {record.verdict.outcome for record in records}
    if Outcome.FAIL in outcomes:
        return "fail"
    if ended or not records:
        return ""
    return "inconclusive" if Outcome.INCONCLUSIVE in outcomes else "pass"


def _fail(report: pytest.TestReport, explained: str) -> None:
    if report.failed:
        # The test failed by itself as well: its own message stays where it is.
        report.sections.append(("fairness", explained))
        return
    _forget_xfail(report)
    report.outcome = "failed"
    report.longrepr = explained


def _leave_open(report: pytest.TestReport, explained: str, *, strict: bool) -> None:
    _forget_xfail(report)
    if strict:
        report.outcome = "failed"
        report.longrepr = explained
    else:
        report.outcome = "skipped"
        report.wasxfail = explained


def status(report: pytest.TestReport) -> tuple[str, str, str | tuple[str, dict[str, bool]]] | None:
    """How the terminal writes the outcome: INCONCLUSIVE has a word of its own."""
    if report.when != "call":
        return None
    findings = findings_of(report)
    if findings.word == "error":
        return "error", "E", "ERROR"
    if findings.word == "inconclusive" and report.skipped:
        return "inconclusive", "I", ("INCONCLUSIVE", {"yellow": True})
    return None


def _fault(item: pytest.Item, case: Case, raised: BaseException | None, *, required: bool) -> Fault | None:
    cell = case.source.id
    if raised is None:
        if required:
            return None
        reason = (
            "this test took an audit and required nothing of it; call audit.require(criterion), "
            "or do not ask for the audit"
        )
        return Fault(item.nodeid, cell, reason)
    # A failed assertion is a test's own finding and a skip its own choice; any other exception is a crash,
    # and a crash is never evidence about a model.
    if isinstance(raised, AssertionError | pytest.skip.Exception | pytest.fail.Exception):
        return None
    name = "" if isinstance(raised, FerAuditError) else f"{type(raised).__name__}: "
    return Fault(item.nodeid, cell, f"{name}{raised}")


def _forget_xfail(report: pytest.TestReport) -> None:
    if hasattr(report, "wasxfail"):
        del report.wasxfail


def _explain(item: pytest.Item, case: Case, records: list[Record], outcome: Outcome) -> str:
    from fer_audit.report.sentences import table

    unit, alpha = case.source.unit, item.config.stash[STATE].settings.alpha
    told = [table(record, unit, alpha=alpha) for record in records if record.verdict.outcome is outcome]
    return "\n\n".join(told)


def _property(record: Record) -> str:
    verdict = record.verdict
    return (
        f"{verdict.outcome.value}; slicing={verdict.slicing}; estimate={verdict.estimate:.6g}; "
        f"lower={verdict.lower:.6g}; upper={verdict.upper:.6g}; tolerance={verdict.tolerance}"
    )
