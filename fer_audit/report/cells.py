"""What a report needs of one cell beyond its verdicts: the answers themselves, and perhaps the pictures.

A cell's answers travel from the process that gathered them to the one that writes the reports as one Parquet
artefact, `write_cell` to `read_cell`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fer_audit.errors import ReportError
from fer_audit.predictions import Column, Predictions
from fer_audit.records import Provenance, Slicing
from fer_audit.report.files import replace_file
from fer_audit.stats.counts import count
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from fer_audit.stats.counts import Counts

__all__ = ["NO_ANSWER", "CellTable", "Confusion", "read_cell", "write_cell"]

NO_ANSWER = "no answer"
"""The last column of a confusion matrix: refused, blocked, unreadable or truncated."""

_METADATA = b"fer_audit"
_ATTRIBUTE = "attribute."
_FORMAT = 3
_KINDS = list(AnswerKind)


@dataclass(frozen=True, slots=True, eq=False)
class Confusion:
    """How often each label was read as which, in one slice.

    Attributes:
        true: the labels shown, one a row.
        predicted: the labels answered, one a column; the last is ``no answer`` where any was missing.
        images: shape (true, predicted): images, repeats of one image averaged.
    """

    true: tuple[str, ...]
    predicted: tuple[str, ...]
    images: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class CellTable:
    """The answers of one model on one dataset, as far as reports show them.

    Attributes:
        predictions: every answer.
        image_set: hash of the pictures and labels asked about; a baseline is compared on the same set only.
        read: gives the bytes of a picture by its name; None where pictures must not be shown.
    """

    predictions: Predictions
    image_set: str = ""
    read: Callable[[str], bytes] | None = None

    @property
    def model(self) -> str:
        """Short name of the model."""
        return self.predictions.provenance.model

    @property
    def dataset(self) -> str:
        """Short name of the dataset."""
        return self.predictions.provenance.dataset

    def counts(self, slicing: str) -> Counts | None:
        """Images per person, slice, true label and response, or None where an attribute is missing here."""
        names = tuple(slicing.split("*"))
        if any(name not in self.predictions.attributes for name in names):
            return None
        return count(self.predictions, Slicing(names))

    def confusion(self, slicing: str, level: str) -> Confusion | None:
        """The confusion matrix of one slice, or None where the cell has no such slice."""
        counts = self.counts(slicing)
        if counts is None or level not in counts.levels:
            return None
        cells = counts.cells[counts.level == counts.levels.index(level)].sum(axis=0)
        answers = len(counts.predicted)
        images = np.column_stack([cells[:, :answers], cells[:, answers:].sum(axis=1)])
        # Labels that only the model knows, and the lack of an answer, are shown where they occurred.
        used = [j < len(counts.labels) or bool(images[:, j].any()) for j in range(answers + 1)]
        names = (*counts.predicted, NO_ANSWER)
        return Confusion(
            true=counts.labels,
            predicted=tuple(name for name, keep in zip(names, used, strict=True) if keep),
            images=images[:, used],
        )


def write_cell(table: CellTable, path: Path) -> None:
    """Write one cell's answers; the file appears whole or not at all.

    Raises:
        ReportError: the file cannot be written.
    """
    predictions = table.predictions
    origin = predictions.provenance
    columns = {"identity": predictions.identity, "image": predictions.image, "true": predictions.true}
    columns |= {"predicted": predictions.predicted}
    columns |= {f"{_ATTRIBUTE}{name}": column for name, column in predictions.attributes.items()}
    kinds = Column(predictions.kind.astype(np.int32), tuple(str(kind) for kind in _KINDS))
    about = {
        "format": _FORMAT,
        "model": origin.model,
        "dataset": origin.dataset,
        "details": dict(origin.details),
        "fingerprint": origin.fingerprint,
        "synthetic": origin.synthetic,
        "partial": origin.partial,
        "image_set": table.image_set,
        "notes": list(predictions.notes),
        "identified": predictions.identified,
        "most_images": predictions.most_images,
        "words": dict(predictions.words),
        "levels": {name: list(column.levels) for name, column in columns.items()},
    }
    arrays = {name: _dictionary(column) for name, column in {**columns, "answer": kinds}.items()}
    data = pa.table(arrays).replace_schema_metadata({_METADATA: json.dumps(about).encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(data, sink, compression="snappy")
    replace_file(path, sink.getvalue().to_pybytes())


def read_cell(path: Path, *, read: Callable[[str], bytes] | None = None) -> CellTable:
    """Read one cell's answers back.

    Args:
        path: where `write_cell` put them.
        read: gives the bytes of a picture by its name; None where pictures must not be shown.

    Raises:
        ReportError: the file is missing, damaged, or was written by another version.
    """
    try:
        data = pq.read_table(path)
        about = json.loads((data.schema.metadata or {})[_METADATA])
        if about["format"] != _FORMAT:
            raise ReportError(
                f"{path} has cell format {about['format']}, this version reads {_FORMAT}; run the audit again"
            )
        columns = {name: _column(data[name], tuple(levels)) for name, levels in about["levels"].items()}
        kinds = _column(data["answer"], tuple(str(kind) for kind in _KINDS))
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0]
        raise ReportError(f"{path} is not an audit cell ({reason}); run the audit again") from error
    provenance = Provenance(
        model=about["model"],
        dataset=about["dataset"],
        details=about["details"],
        fingerprint=about["fingerprint"],
        synthetic=about["synthetic"],
        partial=about["partial"],
    )
    predictions = Predictions(
        identity=columns["identity"],
        image=columns["image"],
        true=columns["true"],
        predicted=columns["predicted"],
        kind=kinds.codes.astype(np.int8),
        attributes={
            name.removeprefix(_ATTRIBUTE): column
            for name, column in columns.items()
            if name.startswith(_ATTRIBUTE)
        },
        provenance=provenance,
        notes=tuple(about["notes"]),
        identified=about["identified"],
        most_images=about["most_images"],
        words={kind: tuple(words) for kind, words in about["words"].items()},
    )
    return CellTable(predictions, image_set=about["image_set"], read=read)


def _dictionary(column: Column) -> pa.Array[Any]:
    words = pa.array(column.levels, pa.string())
    return pa.DictionaryArray.from_arrays(column.codes, words, mask=column.codes < 0)


def _column(stored: pa.ChunkedArray[Any], levels: tuple[str, ...]) -> Column:
    """A stored column over its own levels again: the file keeps neither their order nor the unused ones."""
    places = pc.index_in(stored.cast(pa.string()), value_set=pa.array(levels, pa.string()))
    return Column(places.fill_null(-1).to_numpy().astype(np.int32), levels)
