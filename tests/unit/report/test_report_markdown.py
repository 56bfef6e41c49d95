from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sample_runs import FAILED, PASSED, UNDECIDED, cell, comparison, gap, predictions, run

from fer_audit.records import Provenance
from fer_audit.report.cells import CellTable
from fer_audit.report.markdown import escape, render_markdown
from fer_audit.results import Fault, Outcome


def test_the_comment_on_a_pull_request() -> None:
    lines = render_markdown(run(PASSED, FAILED, UNDECIDED, synthetic=True)).splitlines()
    assert lines[0] == "> Rendered faces are a lead about the model, not a finding about people."
    assert lines[2] == "### Fairness audit: FAIL"
    assert lines[4] == "1 of 3 criteria FAILED, so the gate is closed."
    assert lines[6] == "**1 of 3 criteria UNDECIDED: not a clean bill**"
    assert lines[8:11] == [
        "| demand | gender | skin tone | group |",
        "|---|:-:|:-:|:-:|",
        "| accuracy, at most 10 points apart | ✓ pass | ✕ **FAIL** | ? inconclusive |",
    ]
    assert lines[12].startswith(r"- On skin\_tone, mini-xception reads faces of skin tone 2 correctly")
    assert lines[14] == "<details><summary>1 could not be decided</summary>"
    assert lines[16].startswith("- On group, mini-xception reads faces of group BF correctly")
    assert lines[18:21] == ["</details>", "", "<details><summary>1 passed</summary>"]
    assert lines[22] == (
        "- accuracy by gender: female over male, 3 points (at most 9.3, allowed 10); 56 against 53"
    )
    assert lines[-1].startswith("<sub>mini-xception on faces: 48 rendered identities, 1,344 images")


def test_several_cells_are_named_in_the_grid() -> None:
    other = replace(run(FAILED).records[0], dataset="radiate|x")
    both = replace(
        run(FAILED), cells=(cell(), cell(dataset="radiate|x")), records=(*run(FAILED).records, other)
    )
    lines = render_markdown(both).splitlines()
    assert lines[4:8] == [
        "| demand | model, data | skin tone |",
        "|---|---|:-:|",
        "| accuracy, at most 10 points apart | mini-xception on faces | ✕ **FAIL** |",
        r"| accuracy, at most 10 points apart | mini-xception on radiate\|x | ✕ **FAIL** |",
    ]


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("name", ["short", "<&|" * 40], ids=["short", "hostile"])
def test_the_comment_fits_a_forge_however_much_was_found(outcome: Outcome, name: str) -> None:
    pair = comparison(0.4, 0.3, 0.5, a=name, b=f"other {name}")
    many = [
        replace(gap(outcome, pair, slicing=f"{name}{i % 7}", measure=f"recall({name}{i})"))
        for i in range(600)
    ]
    faults = tuple(Fault(f"test_{i}", name, f"{i} {name}") for i in range(300))
    cells = tuple(cell(model=f"{name}{i}") for i in range(200))
    tables = [
        CellTable(
            replace(predictions(), provenance=Provenance("mini-xception", "faces"), attributes={key: tone})
        )
        for tone in [predictions().attributes["skin_tone"]]
        for key in (f"{name}{i}" for i in range(7))
    ] * 40
    text = render_markdown(replace(run(*many), faults=faults, cells=cells), tables)
    assert len(text) <= 65_000
    assert re.search(r"\nand \d+ more demands, in `report.html`\n", text)
    assert re.search(r"\nand \d+ more cells, in `report.html`\n", text)
    assert re.search(r"\nand \d+ more lines, in `report.html`\n", text)
    assert text.count("<details>") == text.count("</details>") == (1 if outcome is Outcome.FAIL else 2)


def test_nothing_is_left_out_that_fits() -> None:
    many = [gap(Outcome.INCONCLUSIVE, comparison(0.2, 0, 0.3), slicing=f"s{i}") for i in range(60)]
    text = render_markdown(run(*many))
    assert text.count("\n- On s") == 60
    assert "more" not in text.replace("more often", "")


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a|b", r"a\|b"),
        ("`x` *y* _z_", r"\`x\` \*y\* \_z\_"),
        ("[x](y)", r"\[x\](y)"),
        ("![x](y)", r"\!\[x\](y)"),
        ("@team", "@\u2060team"),
        ("http://x", "http:\u2060//x"),
        ("a\nb\u202ec", "a bc"),
        ("\\", "\\\\"),
    ],
)
def test_names_are_shown_and_never_interpreted(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_a_hostile_level_stays_in_its_cell() -> None:
    hostile = "x|<img src=a onerror=b>\n| PASS |"
    text = render_markdown(run(gap(Outcome.FAIL, comparison(0.4, 0.3, 0.5, b=hostile))))
    told = [line for line in text.splitlines() if "onerror" in line]
    assert len(told) == 1
    assert told[0].startswith("- On ")
    assert "|" not in told[0].replace(r"\|", "")
    assert "<img" not in text


def test_a_hostile_slicing_stays_in_its_column() -> None:
    text = render_markdown(run(gap(Outcome.FAIL, comparison(0.4, 0.3, 0.5), slicing="x|<b>\n| PASS |")))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert [row.replace(r"\|", "").count("|") for row in rows] == [3, 3, 3]
    assert "<b>" not in text


def test_errors_are_named() -> None:
    text = render_markdown(replace(run(PASSED), faults=(Fault("t", "clip-radiate", "no <weights>"),)))
    assert "- ERROR clip-radiate: no &lt;weights&gt;" in text
    both = (Fault("t", "clip-radiate", "the model broke"), Fault("u", "clip-radiate", "the model broke"))
    text = render_markdown(replace(run(PASSED), faults=both))
    assert "- ERROR 2 tests of clip-radiate: the model broke\n" in text
