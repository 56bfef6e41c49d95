"""The controller's side: it hears every report, writes the fairness report and sets the exit status."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import FerAuditError, ReportError
from fer_audit.plugin.state import STATE, carries_findings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.plugin.state import State
    from fer_audit.report.cells import CellTable
    from fer_audit.report.text import Line
    from fer_audit.results import Fault, Record, RunResult

__all__ = ["Collection", "Summary"]

_NARROWING = ("keyword", "markexpr", "lf", "deselect", "ignore", "ignore_glob", "fer_slices")

_MARKUP = {
    "strong": {"bold": True},
    "faint": {"light": True},
    "fail": {"red": True, "bold": True},
    "open": {"yellow": True},
    "pass": {"green": True},
}


@dataclass(frozen=True, slots=True)
class Collection:
    """What one process collected.

    Attributes:
        audits: audit tests to run.
        idle: those among them that no chosen cell can be judged by; they are skipped.
        left_out: audit tests deselected.
        not_applicable: slicings asked for that a cell does not have.
        refusal: why the run must not count as one; empty where all is well.
    """

    audits: int
    idle: int
    left_out: int
    not_applicable: tuple[str, ...]
    refusal: str


class Summary:
    """Collects what the tests found, in this process or sent by workers."""

    def __init__(self, config: pytest.Config, cells: Path) -> None:
        self._config = config
        self._cells = cells
        self._records: list[Record] = []
        self._faults: list[Fault] = []
        self._deselected = 0
        self._collected = 0
        self._idle = 0
        self._finished = 0
        self._not_applicable: set[str] = set()
        self._lines: tuple[Line, ...] = ()
        self._plan: tuple[str, ...] = ()
        self._trouble = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what one test report carries, from this process or from a worker."""
        if not carries_findings(report):
            # A worker of pytest-xdist that died leaves a report of no phase; not ours without audits.
            is_crash = report.failed and report.when not in {"setup", "call", "teardown"}
            if is_crash and self._config.stash[STATE].is_chosen:
                self._fault(report.nodeid, report.longreprtext)
            return
        from fer_audit.plugin.outcome import findings_of

        findings = findings_of(report)
        self._records += findings.records
        self._finished += 1
        if findings.fault is not None:
            self._faults.append(findings.fault)
        elif report.failed and not findings.word:
            self._fault(report.nodeid, "the test failed by itself, beside its verdicts")

    def _fault(self, test: str, reason: str) -> None:
        from fer_audit.results import Fault

        self._faults.append(Fault(test, "", reason))

    def take(self, collection: Collection) -> None:
        """Take what one process collected.

        Every worker collects the same suite, so that the largest count stands for all.
        """
        self._collected = max(self._collected, collection.audits)
        self._idle = max(self._idle, collection.idle)
        self._deselected = max(self._deselected, collection.left_out)
        self._not_applicable |= set(collection.not_applicable)
        self._trouble = self._trouble or collection.refusal

    def check_report_folder(self) -> None:
        """Raise pytest.UsageError before anything is asked if the report could not be written."""
        from fer_audit.report import check_writable

        try:
            check_writable(self._directory)
        except ReportError as error:
            raise pytest.UsageError(str(error)) from error

    def plan(self, items: Sequence[pytest.Item]) -> None:
        """Prepare the audit plan that ends ``--collect-only``."""
        from fer_audit.plugin.plan import plan_lines

        try:
            self._plan = tuple(plan_lines(self._config.stash[STATE], items))
        except FerAuditError as error:
            self._trouble = f"no audit plan: {error}"

    def finish(self, session: pytest.Session) -> None:
        """Write the reports and set the exit status of a run that audited something."""
        if self._trouble:
            session.exitstatus = pytest.ExitCode.USAGE_ERROR
        decides_nothing = not self._records and not self._faults
        if decides_nothing and (not self._collected or session.exitstatus != pytest.ExitCode.OK):
            return
        from fer_audit.report import write_reports
        from fer_audit.report.overall import gate
        from fer_audit.report.text import terminal_lines

        tables = self._tables()
        result = self._result(session, tables)
        shown: str | None = self._shown_directory
        try:
            write_reports(result, tables, self._directory)
        except Exception as error:  # noqa: BLE001 - whatever keeps a report from being written, verdicts are told
            shown = None
            name = "" if isinstance(error, FerAuditError) else f"{type(error).__name__}: "
            self._trouble = f"no report was written: {name}{error}"
        self._lines = terminal_lines(result, directory=shown, verbosity=self._config.get_verbosity())
        is_closed = not gate(result).is_open or shown is None
        if is_closed and session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def write(self, terminal: pytest.TerminalReporter) -> None:
        """The terminal section."""
        if not self._lines and not self._plan and not self._trouble:
            return
        terminal.section("audit plan" if self._plan else "fairness", "=", bold=True)
        for text in self._plan:
            terminal.write_line(text)
        for text in sorted(self._not_applicable):
            terminal.write_line(f"not applicable: {text}")
        for line in self._lines:
            terminal.write_line(line.text, **_MARKUP.get(line.style, {}))
        if self._trouble:
            terminal.write_line(self._trouble, red=True, bold=True)

    @property
    def _directory(self) -> Path:
        chosen = self._config.getoption("fer_report") or "fairness-report"
        return self._config.invocation_params.dir / Path(chosen).expanduser()

    @property
    def _shown_directory(self) -> str:
        return str(self._config.getoption("fer_report") or "fairness-report")

    @property
    def _is_narrowed(self) -> bool:
        """Whether the command line left out audits of the suite: such a run is no baseline."""
        options = self._config.option
        # --lf drops whole files while collecting, and a node id collects nothing else: neither is deselected.
        named = any("::" in argument for argument in self._config.args)
        chosen = any(getattr(options, name, None) for name in _NARROWING)
        return named or chosen or self._deselected > 0

    def _tables(self) -> tuple[CellTable, ...]:
        from fer_audit.report.cells import read_cell

        tables = []
        state = self._config.stash[STATE]
        for source in state.selection.sources:
            path = state.cell_file(source)
            if path.is_file():
                spec = source.dataset_spec
                read = spec.open().read if spec is not None and spec.showable else None
                tables.append(read_cell(path, read=read))
        return tuple(tables)

    def _result(self, session: pytest.Session, tables: tuple[CellTable, ...]) -> RunResult:
        from fer_audit.plugin.plan import cell_result
        from fer_audit.report.family import adjusted_for_run
        from fer_audit.results import Outcome, RunResult

        state = self._config.stash[STATE]
        units = {(source.model, source.dataset): source.unit for source in state.selection.sources}
        outcomes = {record.verdict.outcome for record in self._records}
        if self._faults:
            run = "error"
        elif Outcome.FAIL in outcomes:
            run = "fail"
        else:
            run = "pass" if outcomes == {Outcome.PASS} else "inconclusive"
        cells = tuple(
            cell_result(table.predictions, unit=units[table.model, table.dataset]) for table in tables
        )
        stopped = bool(session.shouldstop or session.shouldfail)
        partial = stopped or self._is_narrowed or any(cell.partial for cell in cells)
        return RunResult(
            run=run,
            partial=partial or self._finished < self._collected - self._idle,
            records=adjusted_for_run(
                sorted(self._records, key=lambda r: (r.test, r.model, r.dataset, r.verdict.criterion))
            ),
            faults=tuple(sorted(self._faults, key=lambda f: (f.test, f.reason))),
            cells=cells,
            settings=self._settings(state),
        )

    def _settings(self, state: State) -> dict[str, str]:
        from fer_audit import __version__

        chosen = {
            "fail_inconclusive": bool(self._config.getoption("fer_fail_inconclusive")),
            "allow_inconclusive": bool(self._config.getoption("fer_allow_inconclusive")),
        }
        numbers = {name: f"{value:g}" for name, value in asdict(state.settings).items()}
        if self._not_applicable:
            numbers["not_applicable"] = "; ".join(sorted(self._not_applicable))
        flags = {name: "true" for name, on in chosen.items() if on}
        return {**numbers, **flags, "fer_audit": __version__, **_versions()}


def _versions() -> dict[str, str]:
    """The versions of what asks and judges beside this package, as installed; nothing is imported for it."""
    from fer_audit.report.remarks import PACKAGES

    found = {"python": ".".join(str(part) for part in sys.version_info[:3])}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
