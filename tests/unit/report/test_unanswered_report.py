"""Kinds of answer by slice: what a reader of a report learns about what was not answered."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sample_runs import FAILED, KINDS, PASSED, cell_table, predictions, run

from fer_audit.predictions import Column
from fer_audit.report.cells import CellTable
from fer_audit.report.html import render_html
from fer_audit.report.json import render_json
from fer_audit.report.markdown import render_markdown
from fer_audit.report.unanswered import answer_kinds, words_said
from fer_audit.vocabulary import AnswerKind


def everything_answered() -> CellTable:
    found = predictions()
    return CellTable(replace(found, predicted=found.true, kind=np.zeros(len(found), dtype=np.int8), words={}))


def of_kinds(*kinds: AnswerKind) -> CellTable:
    """The first answers in tone 2 are of these kinds, and nothing else went wrong."""
    found = predictions()
    codes = np.zeros(len(found), dtype=np.int8)
    tone_2 = np.flatnonzero(found.attributes["skin_tone"].codes == 0)
    codes[tone_2[: len(kinds)]] = [KINDS.index(kind) for kind in kinds]
    return CellTable(replace(found, kind=codes, words={}))


def test_each_kind_is_counted_in_each_slice_and_most_unanswered_first() -> None:
    (kinds,) = answer_kinds(run(FAILED), [cell_table()])
    assert (kinds.model, kinds.dataset, kinds.slicing) == ("mini-xception", "faces", "skin_tone")
    assert kinds.kinds == (AnswerKind.ANSWERED, AnswerKind.BLOCKED_OUTPUT, AnswerKind.ERROR)
    # A picture of tone 2 was asked about twice.
    assert [(row.level, row.asked, row.counts) for row in kinds.rows] == [
        ("8", 20, (18, 1, 1)),
        ("2", 21, (21, 0, 0)),
    ]
    assert kinds.rows[0].shares == (0.9, 0.05, 0.05)
    assert kinds.told == "by skin tone: 0 % to 10 % without a label"


@pytest.mark.parametrize("kind", [kind for kind in AnswerKind if kind is not AnswerKind.ANSWERED])
def test_every_kind_of_answer_has_its_column(kind: AnswerKind) -> None:
    (kinds,) = answer_kinds(run(FAILED), [of_kinds(kind, kind, kind)])
    assert kinds.kinds == (AnswerKind.ANSWERED, kind)
    assert [(row.level, row.counts) for row in kinds.rows] == [("2", (18, 3)), ("8", (20, 0))]
    assert kinds.shown[0] == ("skin tone 2", "21", "18 (86 %)", "3 (14 %)")
    assert kinds.shown[1] == ("skin tone 8", "20", "20 (100 %)", "–")


def test_where_everything_was_answered_nothing_is_shown() -> None:
    cells = [everything_answered()]
    assert answer_kinds(run(FAILED), cells) == ()
    assert "without a label" not in render_html(run(FAILED), cells)
    assert "without a label" not in render_markdown(run(FAILED), cells)
    assert json.loads(render_json(run(FAILED), cells))["answer_kinds"] == []


def test_a_table_for_each_cell_and_slicing_that_was_judged() -> None:
    camera = replace(FAILED, slicing="camera")
    both = replace(FAILED, slicing="camera*skin_tone")
    # Gender was judged of another cell: this one has no such attribute.
    kinds = answer_kinds(run(FAILED, camera, both, PASSED), [cell_table(), everything_answered()])
    assert [table.slicing for table in kinds] == ["skin_tone", "camera", "camera*skin_tone"]
    assert [row.level for row in kinds[2].rows] == ["x*8", "y*8", "x*2", "y*2"]
    assert kinds[2].shown[0][0] == "camera x, skin tone 8"
    assert kinds[1].where == "mini-xception on faces"


def test_faces_that_no_value_is_recorded_of_are_a_row_of_their_own() -> None:
    found = predictions()
    tone = found.attributes["skin_tone"]
    codes = np.where(np.arange(len(found)) < 4, -1, tone.codes).astype(np.int32)
    table = CellTable(replace(found, attributes={"skin_tone": Column(codes, tone.levels)}))
    (kinds,) = answer_kinds(run(FAILED), [table])
    assert sum(row.asked for row in kinds.rows) == len(found)
    assert ("no value recorded", "4", "4 (100 %)", "–", "–") in kinds.shown
    document = json.loads(render_json(run(FAILED), [table]))
    assert {entry["level"] for entry in document["answer_kinds"][0]["slices"]} == {"2", "8", None}


def test_machines_get_counts_and_shares() -> None:
    document = json.loads(render_json(run(FAILED), [cell_table()]))
    assert document["answer_kinds"] == [
        {
            "model": "mini-xception",
            "dataset": "faces",
            "slicing": "skin_tone",
            "slices": [
                {
                    "level": "8",
                    "answers": 20,
                    "counts": {"answered": 18, "blocked_output": 1, "error": 1},
                    "shares": {"answered": 0.9, "blocked_output": 0.05, "error": 0.05},
                },
                {
                    "level": "2",
                    "answers": 21,
                    "counts": {"answered": 21, "blocked_output": 0, "error": 0},
                    "shares": {"answered": 1.0, "blocked_output": 0.0, "error": 0.0},
                },
            ],
        }
    ]


def test_a_comment_folds_the_table_away() -> None:
    lines = render_markdown(run(FAILED), [cell_table()]).splitlines()
    start = lines.index("<details><summary>Answers without a label</summary>")
    assert lines[start + 2 : start + 8] == [
        "mini-xception on faces, by skin tone: 0 % to 10 % without a label",
        "",
        "| | answers | answered | blocked output | error |",
        "|---|--:|--:|--:|--:|",
        "| skin tone 8 | 20 | 18 (90 %) | 1 (5 %) | 1 (5 %) |",
        "| skin tone 2 | 21 | 21 (100 %) | – | – |",
    ]
    assert "</details>" in lines[start:]


def test_a_page_shows_the_table_and_a_few_of_the_words() -> None:
    page = render_html(run(FAILED), [cell_table()])
    assert '<h2 id="unanswered">Answers without a label</h2>' in page
    assert '<th scope="row">skin tone 8</th><td>20</td><td>18 (90 %)</td><td>1 (5 %)</td>' in page
    assert "mini-xception on faces, blocked output: “Blocked: SAFETY”" in page


def test_words_of_a_model_are_clean_and_short() -> None:
    said = "I can\u202e not\x1b[2J\ntell. " + "x" * 5_000
    table = CellTable(replace(predictions(), words={"refused": (said,), "out_of_vocabulary": ("Wut",)}))
    refused, other = words_said([table])
    assert (other.where, other.kind, other.words) == ("mini-xception on faces", "out of vocabulary", ("Wut",))
    (shown,) = refused.words
    assert shown.startswith("I can not[2J tell. xxx")
    assert len(shown) == 160


def test_of_many_slices_the_page_shows_the_first_and_machines_get_all() -> None:
    found = predictions()
    codes = np.arange(len(found), dtype=np.int32)
    many = Column(np.concatenate([codes, codes + len(found)]), tuple(str(i) for i in range(2 * len(found))))
    doubled = replace(found.take(np.tile(np.arange(len(found)), 2)), attributes={"skin_tone": many}, words={})
    (kinds,) = answer_kinds(run(FAILED), [CellTable(doubled)])
    assert (len(kinds.rows), len(kinds.shown), kinds.unlisted) == (82, 60, 22)
    assert "22 more slices are in report.json." in render_html(run(FAILED), [CellTable(doubled)])
    assert "22 more slices, in `report.json`" in render_markdown(run(FAILED), [CellTable(doubled)])
