from __future__ import annotations

import hashlib
import io
import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sample_runs import cell_table

from fer_audit.report.counts import render_counts

CELL = ("mini-xception", "faces")


def read(content: bytes) -> pd.DataFrame:
    return pd.DataFrame(pq.read_table(io.BytesIO(content)).to_pydict())


def test_the_counts_add_up_to_the_images() -> None:
    frame = read(render_counts([cell_table()], {CELL: ["skin_tone"]}))
    # Ten people, two tones, two labels; one of the forty images was an error.
    assert frame["count"].sum() == 39
    assert frame.groupby("level")["count"].sum().to_dict() == {"2": 20, "8": 19}
    wrong = frame[(frame["true"] == "anger") & (frame["predicted"] == "sadness")]
    assert wrong["level"].unique().tolist() == ["8"]
    assert wrong["count"].sum() == 5
    blocked = frame[frame["answer"] == "blocked_output"]
    assert blocked["count"].tolist() == [1]
    assert blocked["predicted"].isna().all()
    assert frame.loc[frame["answer"] == "answered", "predicted"].notna().all()
    assert frame.duplicated(["identity", "slicing", "level", "true", "predicted", "answer"]).sum() == 0


def test_a_slicing_that_a_cell_lacks_is_not_counted_there() -> None:
    content = render_counts([cell_table()], {CELL: ["skin_tone", "skin_tone*hair"]})
    frame = read(content)
    assert set(frame["slicing"]) == {"skin_tone"}


def test_people_are_hashed_with_the_image_set_and_nothing_else_is_told() -> None:
    content = render_counts([cell_table()], {CELL: ["skin_tone"]})
    frame = read(content)
    expected = {hashlib.sha256(f"set-1\0id{i}".encode()).hexdigest()[:16] for i in range(10)}
    assert set(frame["identity"]) == expected
    assert b"id3" not in content
    assert b"anger-2" not in content


def test_fingerprint_and_image_set_travel_as_metadata() -> None:
    metadata = pq.read_schema(io.BytesIO(render_counts([cell_table()], {CELL: ["skin_tone"]}))).metadata
    assert metadata is not None
    assert json.loads(metadata[b"fer_audit"]) == {
        "format": 2,
        "partial": False,
        "cells": [
            {
                "model": "mini-xception",
                "dataset": "faces",
                "fingerprint": "3b9dd0c4e1aa77",
                "image_set": "set-1",
                "details": dict(cell_table().predictions.provenance.details),
            }
        ],
    }


def test_columns_are_dictionaries_and_pages_snappy() -> None:
    content = render_counts([cell_table()], {CELL: ["skin_tone"]})
    file = pq.ParquetFile(io.BytesIO(content))
    assert [pa.types.is_dictionary(kind) for kind in file.schema_arrow.types] == [True] * 8 + [False]
    assert file.metadata.row_group(0).column(0).compression == "SNAPPY"


def test_nothing_judged_is_an_empty_table() -> None:
    assert read(render_counts([], {})).empty


def test_the_same_answers_give_the_same_bytes() -> None:
    assert render_counts([cell_table()], {CELL: ["skin_tone"]}) == render_counts(
        [cell_table(shown=False)], {CELL: ["skin_tone"]}
    )
