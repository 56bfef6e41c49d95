"""A scan as reports tell it: each comparison by its own confusion."""

from __future__ import annotations

from dataclasses import replace

from sample_runs import comparison, gap

from fer_audit.report.charts import forest_plot
from fer_audit.report.comparisons import deciding, worst_first
from fer_audit.report.phrases import confusion_of, phrase
from fer_audit.report.sections import make_sections
from fer_audit.report.sentences import short, table
from fer_audit.results import Kind, Outcome, Record, RunResult, Verdict

FIRST = replace(comparison(0.2, -0.01, 0.3), measure="misclassification(anger->disgust)", p=0.004)
SECOND = replace(comparison(0.3, 0.02, 0.4), measure="refusals(fear)", p=0.2)


def scan(outcome: Outcome = Outcome.FAIL) -> Verdict:
    return replace(
        gap(outcome, FIRST, SECOND, measure="confusions"),
        criterion="Scan(alpha=0.05)",
        kind=Kind.SCAN,
        tolerance=None,
        p=0.004,
    )


def test_comparisons_of_a_scan_stay_in_the_order_of_their_p_values() -> None:
    assert worst_first(scan()) == (FIRST, SECOND)
    assert deciding(scan()) is not None
    assert deciding(scan()) == FIRST
    assert deciding(scan(Outcome.INCONCLUSIVE)) == FIRST
    assert deciding(replace(scan(Outcome.PASS), tolerance=0.5)) == SECOND


def test_each_comparison_is_named_by_its_confusion_and_its_own_p() -> None:
    record = Record("test", "m", "d", scan())
    told = table(record)
    assert "anger read as disgust: " in told
    assert "no answer to fear: " in told
    assert "p = 0.004" in told
    assert "p = 0.2" in told
    assert "anger read as disgust: " in short(record)
    assert confusion_of(replace(FIRST, measure="")) == ""


def test_the_page_names_confusions_in_the_chart_and_in_the_numbers() -> None:
    record = Record("test", "m", "d", scan())
    drawn = forest_plot(record.verdict, record.verdict.comparisons, prefix="x", title="scan")
    assert "anger read as disgust: " in drawn
    (section,) = make_sections(RunResult("fail", False, (record,), (), (), {}), ())
    assert section.pair.startswith("anger read as disgust: ")
    assert [row.cells[-1] for row in section.numbers] == ["anger read as disgust", "no answer to fear"]


def test_an_answer_that_was_not_given_to_one_label_is_told() -> None:
    assert phrase("refusals(fear)").does("female faces") == "gives no answer to fear in female faces"
    assert phrase("refusals(fear)").event.true == "fear"
