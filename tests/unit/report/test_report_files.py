from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sample_runs import FAILED, PASSED, cell_table, run

from fer_audit.errors import ReportError
from fer_audit.report import check_writable, write_reports
from fer_audit.report.files import replace_file

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


def test_the_same_findings_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_reports(run(FAILED, PASSED), [cell_table()], tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_a_folder_that_cannot_be_made_is_named_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    directory = tmp_path / "file" / "reports"
    message = re.escape(f"cannot write the report to {directory} (Not a directory)")
    cure = "; choose another folder with --report=DIR or mend this one$"
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
