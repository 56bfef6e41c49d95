from __future__ import annotations

import json
from dataclasses import replace

from sample_runs import FAILED, gap, run

from fer_audit.report.family import adjusted_for_run, family_words, run_words
from fer_audit.report.html import render_html
from fer_audit.report.json import render_json
from fer_audit.report.markdown import render_markdown
from fer_audit.report.text import terminal_lines
from fer_audit.results import Aside, Outcome, RunResult

PASSED = gap(Outcome.PASS)


def family(*p: float | None) -> RunResult:
    """FAILs with these p-values, and as many PASSes whose p is 1."""
    failed = run(*(replace(FAILED, p=value) for value in p), *(replace(PASSED, p=1.0) for _ in p))
    return replace(failed, records=adjusted_for_run(failed.records))


def test_each_p_is_adjusted_by_holm_over_the_run() -> None:
    result = family(0.01, 0.04, None)
    found = [record.p_run for record in result.records]
    # Of six criteria the smallest p is taken six times, the next five times; one without a p counts as 1.
    assert found == [0.06, 0.2, None, 1.0, 1.0, 1.0]
    assert [record.verdict for record in result.records] == [
        r.verdict for r in run(*(r.verdict for r in result.records)).records
    ]


def test_the_run_says_how_many_findings_remain() -> None:
    assert family_words(family(0.01, 0.04)) == (
        "Holm over the 4 criteria of this run: 1 of 2 FAILs remain at 0.05 (each verdict stands by itself)."
    )
    assert family_words(run(FAILED)) == ""


def test_every_report_tells_it() -> None:
    result = family(0.001, 0.04)
    told = family_words(result)
    assert told in render_html(result, ())
    assert "1 of 2 FAILs remain" in render_markdown(result)
    assert any("1 of 2 FAILs remain" in line.text for line in terminal_lines(result))
    assert next(v["p_run"] for v in json.loads(render_json(result))["verdicts"]) == 0.004
    assert run_words(result, result.records[0]) == "among the 4 criteria of this run, by Holm: p = 0.004"
    assert run_words(result, result.records[0]) in render_html(result, ())


def test_tables_beside_a_verdict_are_printed_and_escaped() -> None:
    aside = Aside("Images without <b>", ("who", "gap"), (("<script>", "0.1"),), "Read it.")
    result = run(replace(FAILED, asides=(aside,)))
    page = render_html(result, ())
    assert "<h4>Images without &lt;b&gt;</h4>" in page
    assert "<td>&lt;script&gt;</td><td>0.1</td>" in page
    assert "Read it." in page
    (verdict,) = json.loads(render_json(result))["verdicts"]
    assert verdict["asides"] == [
        {
            "title": "Images without <b>",
            "columns": ["who", "gap"],
            "rows": [["<script>", "0.1"]],
            "note": "Read it.",
        }
    ]
