from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sample_runs import FAILED, PASSED, cell_table, run

from fer_audit.criteria import Gap
from fer_audit.errors import ReportError
from fer_audit.records import Slicing
from fer_audit.report import check_writable, write_reports
from fer_audit.report.files import replace_file
from fer_audit.stats.counts import count
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import accuracy, recall
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_four_reports_are_written_and_nothing_else(tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "fairness-report"
    files = write_reports(run(FAILED, PASSED), [cell_table()], directory)
    assert sorted(path.name for path in directory.iterdir()) == [
        "counts.parquet",
        "report.html",
        "report.json",
        "report.md",
    ]
    assert files.html.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert files.counts.read_bytes().startswith(b"PAR1")


def test_a_run_judged_for_real_is_told_from_its_answers(tmp_path: Path) -> None:
    table = cell_table()
    # Ten people in both tones: right in 20 of 20 images, and in 13 of 19 (five wrong, one blocked).
    verdicts = [
        Gap(measure, at_most=0.1).decide(Evidence(count(table.predictions, Slicing(by))), Settings())
        for by in ("skin_tone", "skin_tone*camera")
        for measure in (accuracy, recall("anger"))
    ]
    files = write_reports(run(*verdicts), [table], tmp_path)
    told = [found["sentence"] for found in json.loads(files.json.read_text())["verdicts"]]
    assert told[0].startswith(
        "On skin_tone, mini-xception reads faces of skin tone 2 correctly more often than faces of skin tone "
        "8: 100 % against 69 %, 31 points apart"
    )
    assert told[1].startswith(
        "On skin_tone, mini-xception recognises anger in faces of skin tone 2 more often than in faces of skin "
        "tone 8: 100 % against 50 %, 50 points apart"
    )
    assert (
        "Not assessable: 2*x (5 people with images that count here; 8 are needed), 2*y (5 people" in told[2]
    )
    counted = pd.DataFrame(pq.read_table(files.counts).to_pydict())
    totals = counted.groupby(["slicing", "level"], observed=True)["count"].sum().to_dict()
    assert totals == {
        ("skin_tone", "2"): 20,
        ("skin_tone", "8"): 19,
        ("skin_tone*camera", "2*x"): 10,
        ("skin_tone*camera", "2*y"): 10,
        ("skin_tone*camera", "8*x"): 9,
        ("skin_tone*camera", "8*y"): 10,
    }


def test_the_same_findings_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_reports(run(FAILED, PASSED), [cell_table()], tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_folder_that_cannot_be_made_is_named_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    directory = tmp_path / "file" / "reports"
    message = re.escape(f"cannot write the report to {directory} (Not a directory)")
    cure = "; choose another folder with --fer-report=DIR or mend this one$"
    with pytest.raises(ReportError, match=message + cure):
        check_writable(directory)
    with pytest.raises(ReportError, match=message):
        write_reports(run(FAILED), [], directory)


def test_the_check_makes_the_folder_and_leaves_it_empty(tmp_path: Path) -> None:
    check_writable(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_file_that_cannot_be_replaced_is_named_and_nothing_is_left_over(tmp_path: Path) -> None:
    (tmp_path / "report.html").mkdir()
    (tmp_path / "report.html" / "in the way").write_text("")
    with pytest.raises(ReportError, match=r"cannot write the report to .*report\.html"):
        replace_file(tmp_path / "report.html", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_report_is_replaced_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.md"
    path.write_text("old and long")
    replace_file(path, b"new")
    assert path.read_bytes() == b"new"
