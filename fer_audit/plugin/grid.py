"""Tests times cells times slicings: parametrisation, and the order in which cells are visited."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from fer_audit.errors import ConfigurationError, FerAuditError
from fer_audit.plugin.state import STATE

if TYPE_CHECKING:
    from fer_audit.plugin.selection import Case, Marked

__all__ = ["CASE_FIXTURE", "REQUIRED", "asks_for_audit", "case_of", "group_by_cell", "parametrize"]

CASE_FIXTURE = "_fer_audit_case"
"""A private fixture below ``audit``: a repository whose own fixture is named audit never meets it."""

REQUIRED = pytest.StashKey[str]()
"""Why a run that must audit something audits nothing; absent where all is well."""


def parametrize(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for an audit one run for each chosen cell and slicing."""
    if CASE_FIXTURE not in metafunc.fixturenames:
        return
    state = metafunc.config.stash[STATE]
    try:
        selection = state.selection
        grid = selection.grid(_marked(metafunc.definition)) if selection.sources else None
    except (FerAuditError, pytest.UsageError) as error:
        # Here pytest reports what is raised as an error of collection; without a traceback it can be read.
        pytest.fail(f"{metafunc.definition.nodeid}: {error}", pytrace=False)
    if grid is not None:
        state.not_applicable.update(grid.lacking)
    if grid is not None and grid.cases:
        parameters = [pytest.param(case, id=case.id) for case in grid.cases]
    elif grid is None:
        reason = "no model was chosen: add --fer-model=NAME (and --fer-dataset=NAME)"
        if metafunc.config.getini("fer_required"):
            metafunc.config.stash[REQUIRED] = f"fer_required is set, but {reason}"
        parameters = [pytest.param(None, id="no-model", marks=pytest.mark.skip(reason=reason))]
    else:
        reason = "none of its slicings was chosen or is known to a chosen dataset"
        parameters = [pytest.param(None, id="not-applicable", marks=pytest.mark.skip(reason=reason))]
    metafunc.parametrize(CASE_FIXTURE, parameters, indirect=True)


def asks_for_audit(item: pytest.Item) -> bool:
    """Whether an item asks for an audit, even one that no chosen cell can give."""
    return (
        isinstance(item, pytest.Function)
        and hasattr(item, "callspec")
        and CASE_FIXTURE in item.callspec.params
    )


def case_of(item: pytest.Item) -> Case | None:
    """The audit that an item runs, or None for a test of another kind."""
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return None
    # The type is known without loading its module: only `parametrize` fills this fixture.
    return cast("Case | None", item.callspec.params.get(CASE_FIXTURE))


def group_by_cell(items: list[pytest.Item]) -> None:
    """Visit one cell after the other, whatever reordered the items before.

    Only audits move, and only among the places that audits hold: other tests stay where they are.
    """
    places = [place for place, item in enumerate(items) if case_of(item) is not None]
    audits = [items[place] for place in places]
    first: dict[str, int] = {}
    for order, item in enumerate(audits):
        first.setdefault(_cell(item), order)
    audits.sort(key=lambda item: first[_cell(item)])
    for place, item in zip(places, audits, strict=True):
        items[place] = item


def _cell(item: pytest.Item) -> str:
    case = case_of(item)
    return case.source.id if case is not None else ""


def _marked(definition: pytest.Item) -> list[Marked]:
    from fer_audit.plugin.selection import Marked
    from fer_audit.records import Slicing

    marked: dict[Marked, None] = {}
    for mark in definition.iter_markers("slices"):
        optional = mark.kwargs.get("optional", False)
        if not mark.args or not set(mark.kwargs) <= {"optional"} or not isinstance(optional, bool):
            raise ConfigurationError(
                "the slices marker takes one or more names, e.g. slices('gender*race'), and optional=True "
                "where the test does not apply to datasets without them"
            )
        for asked in mark.args:
            if not isinstance(asked, str | Slicing):
                raise ConfigurationError(
                    f"the slices marker takes names such as 'gender*race', or a Slicing, not {asked!r}"
                )
            marked[Marked(Slicing(asked) if isinstance(asked, str) else asked, optional)] = None
    return list(marked)
