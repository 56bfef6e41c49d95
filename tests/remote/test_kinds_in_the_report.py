"""What an endpoint answered instead of a label, from its reply to the table of the report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from loopback_plan import Plan
from vendors import VENDORS, Vendor

if TYPE_CHECKING:
    from collections.abc import Callable

    from loopback import Server

    Serve = Callable[[Plan], Server]

KINDS = {
    "openai": {
        "refusal": "refused",
        "content policy": "blocked_input",
        "content filter": "blocked_output",
        "length": "truncated",
        "empty content": "empty",
        "foreign word": "out_of_vocabulary",
        "two choices": "several_labels",
    },
    "gemini": {
        "say I'm unable to view images.": "refused",
        "block SAFETY": "blocked_input",
        "finish PROHIBITED_CONTENT": "blocked_output",
        "finish MAX_TOKENS": "truncated",
        "nobody": "empty",
        "say Concentration": "out_of_vocabulary",
        "say anger or fear": "several_labels",
        'say {"expression": "ang': "malformed",
    },
}
"""Replies of the server, and the kind of answer that each is counted as."""

CASES = [(name, reply) for name, kinds in KINDS.items() for reply in kinds]


@pytest.fixture
def vendor(request: pytest.FixtureRequest) -> Vendor:
    name, _ = request.node.callspec.params["case"]
    return VENDORS[name]


@pytest.fixture(autouse=True)
def suite(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_fairness="""
        import pytest
        from fer_audit import Gap, refusals

        @pytest.mark.slices("skin_tone")
        def test_gap(audit):
            audit.require(Gap(refusals, at_most=0.05))
        """
    )


def report(pytester: pytest.Pytester, vendor: Vendor) -> dict[str, Any]:
    pytester.runpytest(
        f"--fer-model={vendor.model}",
        "--fer-dataset=faces",
        "--fer-limit-people=1",
        "--fer-live",
        *("-p", "no:randomly", "-p", "no:cacheprovider"),
    )
    found: dict[str, Any] = json.loads((pytester.path / "fairness-report" / "report.json").read_text())
    return found


@pytest.mark.parametrize("case", CASES)
def test_each_kind_is_counted_in_each_slice(
    pytester: pytest.Pytester, serve: Serve, vendor: Vendor, case: tuple[str, str]
) -> None:
    name, reply = case
    serve(Plan(reply=reply))
    found = report(pytester, vendor)
    assert not found["errors"]
    (table,) = found["answer_kinds"]
    assert table["slicing"] == "skin_tone"
    assert {row["level"]: row["counts"] for row in table["slices"]} == {
        tone: {"answered": 0, KINDS[name][reply]: 7} for tone in ("2", "4", "6", "8")
    }
    page = (pytester.path / "fairness-report" / "report.html").read_text(encoding="utf-8")
    assert KINDS[name][reply].replace("_", " ") in page


@pytest.mark.parametrize("case", [("openai", "gpt-4o-2024-05-13"), ("gemini", "gemini-3.5-flash-lite")])
def test_another_model_than_was_asked_for_is_an_error_and_no_verdict(
    pytester: pytest.Pytester, serve: Serve, vendor: Vendor, case: tuple[str, str]
) -> None:
    _, served = case
    serve(Plan(model=served))
    found = report(pytester, vendor)
    assert not found["verdicts"]
    (error,) = found["errors"]
    assert f"{served!r} was served where" in error["reason"]
