"""The pytest plug-in: options, hooks, the ``audit`` fixture, outcomes and the fairness report.

Nothing of the statistics, the datasets or the models is imported before a test asks for an audit.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from fer_audit.errors import FerAuditError
from fer_audit.options import INI_KEYS, add_options
from fer_audit.plugin import hookspecs
from fer_audit.plugin.grid import CASE_FIXTURE, REQUIRED, asks_for_audit, case_of, group_by_cell, parametrize
from fer_audit.plugin.state import AUDIT, STATE, State, carries_findings
from fer_audit.plugin.summary import Collection, Summary

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from fer_audit.audit import Audit
    from fer_audit.plugin.selection import Case

__all__ = ["audit"]

_SUMMARY = pytest.StashKey[Summary]()
_CELLS = pytest.StashKey[Path]()
_LEFT_OUT = pytest.StashKey[int]()
_WORKER_KEY = "fer_audit"


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks by which repositories register models, datasets and slicings."""
    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the namespaced options and the ini keys."""
    add_options(parser.getgroup("fer_audit", "fairness audit").addoption, prefix="--fer-")
    for key in INI_KEYS:
        parser.addini(key.name, key.help, type=key.type, default=key.default)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and this process's state; a worker shares the cell folder of the controller."""
    config.addinivalue_line(
        "markers",
        "slices(*names, optional=False): judge an audit test on these slicings, e.g. 'gender', "
        "'gender*race'; an optional one need not be known to any chosen dataset",
    )
    workerinput: dict[str, Any] | None = getattr(config, "workerinput", None)
    if workerinput is None:
        # Made with the first cell and not before: an idle plug-in leaves no trace.
        cells = Path(tempfile.gettempdir()) / f"fer-audit-{uuid4().hex}"
        summary = Summary(config, cells)
        config.stash[_SUMMARY] = summary
        config.pluginmanager.register(summary, "fer_audit.summary")
    else:
        cells = Path(workerinput[_WORKER_KEY])
    config.stash[_CELLS] = cells
    config.stash[_LEFT_OUT] = 0
    config.stash[STATE] = State(config, cells)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the cells that the workers handed over."""
    if _SUMMARY in config.stash:
        shutil.rmtree(config.stash[_CELLS], ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:  # noqa: ANN401 - xdist's controller object has no public type
    """Tell a worker of pytest-xdist where to leave its cells."""
    node.workerinput[_WORKER_KEY] = str(node.config.stash[_CELLS])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ANN401, ARG001 - as above; xdist names both
    """Take from a worker what it collected."""
    told = getattr(node, "workeroutput", {}).get(_WORKER_KEY)
    if told is not None and _SUMMARY in node.config.stash:
        audits, idle, left_out, not_applicable, refusal = told
        node.config.stash[_SUMMARY].take(Collection(audits, idle, left_out, tuple(not_applicable), refusal))


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Refuse unknown names and an unwritable report folder before anything is collected or asked."""
    config = session.config
    state = config.stash[STATE]
    if not state.is_chosen:
        return
    # Resolving everything here gives one usage error instead of one error a test.
    _ = state.selection, state.settings, state.baseline
    if _SUMMARY in config.stash and not config.option.collectonly:
        config.stash[_SUMMARY].check_report_folder()


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for an audit one run for each chosen cell and slicing."""
    parametrize(metafunc)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Visit one cell after the other, whatever reordered the items before."""
    if REQUIRED in config.stash and _SUMMARY in config.stash:
        raise pytest.UsageError(config.stash[REQUIRED])
    group_by_cell(items)


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Count audits left out: a partial run cannot serve as a baseline."""
    for item in items:
        if case_of(item) is not None:
            item.config.stash[_LEFT_OUT] += 1


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Tell the controller what was collected."""
    config = session.config
    audits = [item for item in session.items if asks_for_audit(item)] if config.stash[STATE].is_chosen else []
    collection = Collection(
        audits=len(audits),
        idle=sum(case_of(item) is None for item in audits),
        left_out=config.stash[_LEFT_OUT],
        not_applicable=tuple(sorted(config.stash[STATE].not_applicable)),
        # A usage error in a worker would be a crash of the whole session: the controller says it instead.
        refusal=config.stash.get(REQUIRED, ""),
    )
    if _SUMMARY in config.stash:
        config.stash[_SUMMARY].take(collection)
        if config.option.collectonly and collection.audits:
            config.stash[_SUMMARY].plan(session.items)
    else:
        workeroutput: dict[str, object] = config.workeroutput  # type: ignore[attr-defined]  # set by xdist
        workeroutput[_WORKER_KEY] = [
            collection.audits,
            collection.idle,
            collection.left_out,
            list(collection.not_applicable),
            collection.refusal,
        ]


@pytest.fixture(name=CASE_FIXTURE)
def _case(request: pytest.FixtureRequest) -> object:
    """The cell and slicing of this run of the test."""
    if not hasattr(request, "param"):
        pytest.fail(
            "ask for `audit` as an argument of a test function: only then is it given a model", pytrace=False
        )
    return request.param


@pytest.fixture
def audit(request: pytest.FixtureRequest, _fer_audit_case: Case) -> Audit:
    """One cell under judgement: ``audit.require(Gap(accuracy, at_most=0.10))``.

    The model is asked, and the data are checked, while the fixture is set up: what goes wrong there is an
    ERROR of the data or the model, never a verdict.
    """
    try:
        judge = request.config.stash[STATE].audit(_fer_audit_case)
    except FerAuditError as error:
        message = f"{type(error).__name__}: {error}"
    else:
        request.node.stash[AUDIT] = judge
        return judge
    pytest.fail(message, pytrace=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn verdicts into the outcome, after every other plug-in had its say."""
    report = yield
    if case_of(item) is not None:
        from fer_audit.plugin.outcome import settle

        settle(item, call, report)
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(
    report: pytest.TestReport | pytest.CollectReport,
) -> tuple[str, str, str | tuple[str, dict[str, bool]]] | None:
    """Give INCONCLUSIVE a word of its own."""
    if not isinstance(report, pytest.TestReport) or not carries_findings(report):
        return None
    from fer_audit.plugin.outcome import status

    return status(report)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the fairness report and set the exit status of the gate."""
    if _SUMMARY in session.config.stash and not session.config.option.collectonly:
        session.config.stash[_SUMMARY].finish(session)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the fairness section."""
    if _SUMMARY in config.stash:
        config.stash[_SUMMARY].write(terminalreporter)
