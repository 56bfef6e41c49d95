"""Whatever a run found, and however things are called in it, every report of it can be written and read."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser
from typing import NoReturn

from hypothesis import given, settings

from fer_audit.report.html import render_html
from fer_audit.report.json import render_json
from fer_audit.report.markdown import render_markdown
from fer_audit.report.overall import gate
from fer_audit.report.text import terminal_lines
from fer_audit.results import Outcome, Record, RunResult, Verdict, decode_record, encode_record
from fer_audit.strategies import records, runs, verdicts

quick = settings(max_examples=40, deadline=None)
pages = settings(max_examples=25, deadline=None)


def refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not JSON")


class Tags(HTMLParser):
    """Which elements a page has, and what its scripts are told to do on an event."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []
        self.events: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.events += [name for name, _value in attrs if name.startswith("on")]


@given(runs())
@quick
def test_json_is_strict_and_says_what_was_found(result: RunResult) -> None:
    document = json.loads(render_json(result), parse_constant=refuse)
    assert document["run"] == result.run
    assert [entry["outcome"] for entry in document["verdicts"]] == [r.verdict.outcome for r in result.records]
    assert [entry["model"] for entry in document["cells"]] == [cell.model for cell in result.cells]
    for entry, record in zip(document["verdicts"], result.records, strict=True):
        bound = record.verdict.upper
        assert entry["upper"] == (bound if math.isfinite(bound) else None)


@given(runs())
@pages
def test_a_page_has_no_script_but_its_own(result: RunResult) -> None:
    page, empty = Tags(), Tags()
    page.feed(render_html(result))
    empty.feed(
        render_html(RunResult("inconclusive", partial=False, records=(), faults=(), cells=(), settings={}))
    )
    assert page.names.count("script") == empty.names.count("script")
    assert page.events == []
    assert "html" in page.names


@given(runs())
@quick
def test_a_comment_and_the_terminal_tell_the_gate(result: RunResult) -> None:
    assert gate(result).word in render_markdown(result)
    assert "<script" not in render_markdown(result)
    lines = terminal_lines(result, verbosity=1)
    assert lines
    for line in lines:
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f\u202a-\u202e]", line.text), (
            "control characters rule terminals"
        )


@given(runs())
@quick
def test_the_same_findings_give_the_same_bytes(result: RunResult) -> None:
    assert render_json(result) == render_json(result)
    assert render_markdown(result) == render_markdown(result)


@given(records())
@quick
def test_a_record_travels_between_processes_unchanged(record: Record) -> None:
    line = encode_record(record)
    assert "\n" not in line
    # nan differs from itself, so that the written forms are compared.
    assert repr(decode_record(line)) == repr(record)


@given(verdicts())
@quick
def test_a_drawn_verdict_is_one_that_could_be_found(verdict: Verdict) -> None:
    for pair in verdict.comparisons:
        assert pair.lower <= pair.estimate <= pair.upper
        assert pair.value_a >= pair.value_b
    if verdict.outcome is Outcome.PASS:
        assert verdict.tolerance is not None
        assert verdict.upper <= verdict.tolerance
        assert not verdict.not_assessable
    if not verdict.comparisons:
        assert verdict.outcome is Outcome.INCONCLUSIVE
        assert math.isnan(verdict.estimate)
    assert verdict.people_needed == {} or verdict.outcome is Outcome.INCONCLUSIVE
