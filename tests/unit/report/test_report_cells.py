from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sample_runs import cell_table, picture

from fer_audit.errors import ReportError
from fer_audit.predictions import Column
from fer_audit.report.cells import read_cell, write_cell

if TYPE_CHECKING:
    from pathlib import Path


def test_a_cell_comes_back_as_it_was_written(tmp_path: Path) -> None:
    table = cell_table()
    write_cell(table, tmp_path / "cell.parquet")
    again = read_cell(tmp_path / "cell.parquet", read=picture)
    for column in fields(table.predictions):
        before, after = (getattr(x.predictions, column.name) for x in (table, again))
        if isinstance(before, Column):
            assert after.levels == before.levels
            assert np.array_equal(after.codes, before.codes)
            assert after.codes.dtype == np.int32
    assert np.array_equal(again.predictions.kind, table.predictions.kind)
    tone = again.predictions.attributes["skin_tone"]
    assert tone.levels == ("2", "8")
    assert np.array_equal(tone.codes, table.predictions.attributes["skin_tone"].codes)
    assert again.predictions.provenance == table.predictions.provenance
    assert again.predictions.notes == table.predictions.notes
    assert again.predictions.words == table.predictions.words == {"blocked_output": ("Blocked: SAFETY",)}
    assert again.image_set == "set-1"
    assert again.read is picture
    assert (again.model, again.dataset) == ("mini-xception", "faces")


def test_an_unused_label_keeps_its_place(tmp_path: Path) -> None:
    write_cell(cell_table(), tmp_path / "cell.parquet")
    assert read_cell(tmp_path / "cell.parquet").predictions.true.levels == ("anger", "happiness", "sadness")


def test_the_confusion_matrix_of_a_slice() -> None:
    # Tone 8: five of ten angry faces read as sad; ten happy faces, one blocked, one in error.
    found = cell_table().confusion("skin_tone", "8")
    assert found is not None
    assert found.true == ("anger", "happiness", "sadness")
    assert found.predicted == ("anger", "happiness", "sadness", "no answer")
    assert found.images.tolist() == [[5, 0, 5, 0], [0, 8, 0, 1], [0, 0, 0, 0]]


def test_an_image_asked_about_twice_counts_once() -> None:
    found = cell_table().confusion("skin_tone", "2")
    assert found is not None
    assert found.predicted == ("anger", "happiness", "sadness")
    assert found.images.tolist() == [[10, 0, 0], [0, 10, 0], [0, 0, 0]]


def test_a_slice_that_is_not_there_has_no_matrix() -> None:
    assert cell_table().confusion("skin_tone", "5") is None
    assert cell_table().confusion("gender", "female") is None


def test_a_file_that_is_no_cell_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.parquet"
    with pytest.raises(ReportError, match=r"missing\.parquet is not an audit cell .*run the audit again"):
        read_cell(missing)
    (tmp_path / "text.parquet").write_text("not a table")
    with pytest.raises(ReportError, match=r"text\.parquet is not an audit cell"):
        read_cell(tmp_path / "text.parquet")
    pq.write_table(pa.table({"x": [1]}), tmp_path / "other.parquet")
    with pytest.raises(ReportError, match=r"other\.parquet is not an audit cell"):
        read_cell(tmp_path / "other.parquet")


def test_a_cell_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "new.parquet"
    pq.write_table(pa.table({"x": [1]}).replace_schema_metadata({b"fer_audit": b'{"format": 99}'}), path)
    with pytest.raises(
        ReportError, match=r"new\.parquet has cell format 99, this version reads 3; run the audit again$"
    ):
        read_cell(path)
