"""``counts.parquet``: how often each person was read as what, in each slice; the baseline of a later run.

It holds counts and hashed identities only: neither pictures nor their names, nor the people's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from fer_audit.baseline import COUNTS_FORMAT, METADATA, hashed_identities
from fer_audit.stats.counts import NON_ANSWERS
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from fer_audit.report.cells import CellTable
    from fer_audit.stats.counts import Counts

__all__ = ["render_counts"]

_ANSWERED = AnswerKind.ANSWERED
_TEXT = pa.dictionary(pa.int32(), pa.string())
_SCHEMA = pa.schema(
    [
        ("model", _TEXT),
        ("dataset", _TEXT),
        ("identity", _TEXT),
        ("slicing", _TEXT),
        ("level", _TEXT),
        ("true", _TEXT),
        ("predicted", _TEXT),
        ("answer", _TEXT),
        ("count", pa.float64()),
    ]
)


def render_counts(
    cells: Sequence[CellTable],
    slicings: Mapping[tuple[str, str], Sequence[str]],
    *,
    partial: bool = False,
) -> bytes:
    """The bytes of ``counts.parquet``.

    One row for each model, dataset, hashed identity, slicing, level, true label and answer that occurs;
    ``predicted`` is empty where ``answer`` is not ``answered``. Counts are images, an image asked about
    several times being one; rows in error are left out, as every verdict leaves them out.

    Args:
        cells: the answers.
        slicings: names of the slicings to count by, for each (model, dataset).
        partial: not the whole suite on all people, so that it cannot serve as a baseline.
    """
    tables = [
        _table(cell, slicing, counts)
        for cell in cells
        for slicing in slicings.get((cell.model, cell.dataset), ())
        if (counts := cell.counts(slicing)) is not None
    ]
    about = {
        "format": COUNTS_FORMAT,
        "partial": partial,
        "cells": [
            {
                "model": cell.model,
                "dataset": cell.dataset,
                "fingerprint": cell.predictions.provenance.fingerprint,
                "image_set": cell.image_set,
                "details": dict(cell.predictions.provenance.details),
            }
            for cell in cells
        ],
    }
    data = pa.concat_tables(tables) if tables else _SCHEMA.empty_table()
    data = data.unify_dictionaries().replace_schema_metadata({METADATA: json.dumps(about).encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(data, sink, compression="snappy")
    return sink.getvalue().to_pybytes()


def _table(cell: CellTable, slicing: str, counts: Counts) -> pa.Table:
    unit, true, response = np.nonzero(counts.cells)
    answers = len(counts.predicted)
    people = hashed_identities(counts.people, salt=cell.image_set or cell.dataset)
    once = np.zeros(len(unit), dtype=np.intp)
    columns = (
        _encoded(once, (cell.model,)),
        _encoded(once, (cell.dataset,)),
        _encoded(counts.person[unit], people),
        _encoded(once, (slicing,)),
        _encoded(counts.level[unit], counts.levels),
        _encoded(true, counts.labels),
        _encoded(response, counts.predicted),
        _encoded(np.maximum(response - answers + 1, 0), (_ANSWERED, *NON_ANSWERS)),
        pa.array(counts.cells[unit, true, response]),
    )
    return pa.Table.from_arrays(columns, schema=_SCHEMA)


def _encoded(codes: NDArray[np.integer], words: Sequence[str]) -> pa.Array[Any]:
    """Codes over words; a code beyond them is an empty cell."""
    code = codes.astype(np.int32)
    names = pa.array([str(word) for word in words], pa.string())
    return pa.DictionaryArray.from_arrays(code, names, mask=code >= len(words))
