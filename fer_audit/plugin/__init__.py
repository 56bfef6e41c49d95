"""The pytest plug-in: options, hooks, the ``audit`` fixture, outcomes and the fairness report.

Nothing of the statistics, the datasets or the models is imported before a test asks for an audit.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fer_audit.errors import FerAuditError
from fer_audit.options import INI_KEYS, add_options
from fer_audit.plugin import hookspecs
from fer_audit.plugin.grid import CASE_FIXTURE, case_of, group_by_cell, parametrize
from fer_audit.plugin.outcome import AUDIT, settle, status
from fer_audit.plugin.state import STATE, State
from fer_audit.plugin.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from fer_audit.audit import Audit

__all__ = ["audit"]

_SUMMARY = pytest.StashKey[Summary]()
_CELLS = pytest.StashKey[Path]()
_LEFT_OUT = pytest.StashKey[int]()
_WORKER_KEY = "fer_audit_cells"


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks by which repositories register models, datasets and slicings."""
    pluginmanager.add_hookspecs(hookspecs)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the namespaced options and the ini keys."""
    add_options(parser.getgroup("fer_audit", "fairness audit").addoption, prefix="--fer-")
    for key in INI_KEYS:
        parser.addini(key.name, key.help, type=key.type, default=key.default)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and the state of this process; a worker gets its cell folder from the controller."""
    config.addinivalue_line(
        "markers", "slices(*names): judge an audit test on these slicings, e.g. 'gender', 'gender*race'"
    )
    workerinput: dict[str, Any] | None = getattr(config, "workerinput", None)
    if workerinput is None:
        cells = Path(tempfile.gettempdir()) / f"fer-audit-{id(config):x}"
        config.stash[_SUMMARY] = Summary(config, cells)
    else:
        cells = Path(workerinput[_WORKER_KEY])
    config.stash[_CELLS] = cells
    config.stash[_LEFT_OUT] = 0
    config.stash[STATE] = State(config, cells)
