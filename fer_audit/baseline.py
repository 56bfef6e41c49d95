"""An earlier run as the baseline of this one: its ``counts.parquet``, read back for the same pictures.

Nothing is compared unless both runs asked the same question: the same people in the same pictures, cropped
and worded alike. What may differ is the model.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from fer_audit.errors import BaselineError
from fer_audit.stats.counts import NON_ANSWERS, Counts
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from fer_audit.records import Provenance

__all__ = ["COUNTS_FILE", "COUNTS_FORMAT", "METADATA", "Baseline", "hashed_identities", "open_baseline"]

COUNTS_FILE = "counts.parquet"
"""Name of the table inside the folder of a report."""

COUNTS_FORMAT = 2
"""Version of the table's layout."""

METADATA = b"fer_audit"
"""Key of the schema metadata: JSON with the format, and what each cell's answers depend on."""

_HEX = 16
_COLUMNS = ("model", "dataset", "identity", "slicing", "level", "true", "predicted", "answer", "count")
# What the question depends on; everything else that a cell's details name belongs to the model.
_QUESTION = ("preprocessing", "crop", "resampling", "prompt", "prompts")
# As many rows may be absent from a run that is judged at all, and both may lack some.
_MOST_DIFFERING = 0.04
_ANSWERS = (AnswerKind.ANSWERED, *NON_ANSWERS)


def hashed_identities(names: Sequence[str], *, salt: str) -> tuple[str, ...]:
    """Names of people that match between runs on one image set and nowhere else.

    >>> hashed_identities(["BF20"], salt="faces-1")
    ('eef558184cecbd19',)
    """
    return tuple(hashlib.sha256(f"{salt}\0{name}".encode()).hexdigest()[:_HEX] for name in names)


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """The counts of an earlier, whole run.

    Attributes:
        table: the rows of its ``counts.parquet``.
        cells: what is known of each model on each dataset, as the file says it.
    """

    table: pa.Table
    cells: Sequence[Mapping[str, Any]]

    def counts(self, now: Counts, provenance: Provenance) -> Counts:
        """The earlier counts of the cell and slicing that are judged now, people by their names of now.

        Args:
            now: the counts of this run.
            provenance: the cell they belong to.

        Raises:
            BaselineError: the baseline has no such cell or slicing, or asked another question: other
                pictures, people, crop or wording.
        """
        cell = self._cell(provenance)
        _check_question(cell, provenance)
        wanted = {"model": cell["model"], "dataset": cell["dataset"], "slicing": now.slicing.name}
        kept = np.ones(self.table.num_rows, dtype=np.bool_)
        for name, word in wanted.items():
            kept &= _codes(self.table, name, (word,)) == 0
        rows = self.table.filter(pa.array(kept))
        if not rows.num_rows:
            raise BaselineError(
                f"the baseline has no counts by {now.slicing.name!r} of {cell['model']} on {cell['dataset']}"
                "; run the release it stands for with the same tests and slicings"
            )
        salt = provenance.details.get("image set", "") or provenance.dataset
        place = {name: code for code, name in enumerate(hashed_identities(now.people, salt=salt))}
        earlier = _counts(rows, now, place)
        _check_pictures(earlier, now, provenance)
        return earlier

    def _cell(self, provenance: Provenance) -> Mapping[str, Any]:
        same = [cell for cell in self.cells if cell["dataset"] == provenance.dataset]
        named = [cell for cell in same if cell["model"] == provenance.model]
        # One model on the dataset then and one now are two releases, whatever they are called.
        if len(named) != 1 and len(same) != 1:
            known = ", ".join(f"{cell['model']} on {cell['dataset']}" for cell in self.cells) or "nothing"
            raise BaselineError(
                f"the baseline has no {provenance.model} on {provenance.dataset}; it holds {known}. Give "
                "the new release the name the old one had, e.g. --fer-model=mine=onnx:new.onnx"
            )
        return named[0] if len(named) == 1 else same[0]


def open_baseline(directory: Path) -> Baseline:
    """Read the baseline that an earlier run left in its report folder.

    Args:
        directory: the folder of the report, as ``--report`` named it.

    Raises:
        BaselineError: no such folder, a file in its place, a damaged or newer table, or a partial run.
    """
    if directory.is_file():
        raise BaselineError(
            f"{directory.name} is a file; a baseline is the folder of an earlier report, the one that holds "
            f"{COUNTS_FILE}: give {directory.parent}"
        )
    path = directory / COUNTS_FILE
    if not path.is_file():
        raise BaselineError(
            f"{directory} holds no {COUNTS_FILE}; a baseline is the report folder of an earlier run, e.g. "
            "the fairness-report that CI kept of the last release"
        )
    try:
        table = pq.read_table(path)
        about = json.loads((table.schema.metadata or {})[METADATA])
        version, partial, cells = about["format"], about.get("partial", False), about["cells"]
    except (OSError, KeyError, ValueError, TypeError, pa.ArrowException) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise BaselineError(
            f"{path.name} of the baseline cannot be read ({reason}); make it anew with the earlier release"
        ) from error
    if version != COUNTS_FORMAT:
        raise BaselineError(
            f"the baseline has format {version}, this version reads {COUNTS_FORMAT}; make it anew with the "
            "earlier release and this version of fer_audit"
        )
    if partial:
        raise BaselineError(
            "the baseline is a partial run (tests or people were left out); run the earlier release whole"
        )
    if tuple(table.column_names) != _COLUMNS:
        raise BaselineError(
            f"{path.name} of the baseline has the columns {', '.join(table.column_names)} instead of "
            f"{', '.join(_COLUMNS)}; make it anew with the earlier release"
        )
    return Baseline(table, cells)


def _counts(rows: pa.Table, now: Counts, place: Mapping[str, int]) -> Counts:
    """The earlier rows over the people, slices and labels of now."""
    person = _codes(rows, "identity", tuple(place))
    level = _codes(rows, "level", now.levels)
    true = _codes(rows, "true", now.labels)
    for what, codes in (("people", person), ("groups", level), ("labels", true)):
        if (codes < 0).any():
            raise BaselineError(
                f"the baseline has {what} that this run has not: it was made on other pictures; "
                "run the earlier release on the same dataset"
            )
    words = {
        str(word) for word in rows["predicted"].cast(pa.string()).unique().to_pylist() if word is not None
    }
    predicted = (*now.predicted, *sorted(words - set(now.predicted)))
    kind = _codes(rows, "answer", tuple(str(word) for word in _ANSWERS))
    label = _codes(rows, "predicted", predicted)
    broken = (kind < 0) | ((kind == 0) & (label < 0))
    amount = rows["count"].to_numpy().astype(np.float64)
    if broken.any() or not (np.isfinite(amount) & (amount > 0)).all():
        raise BaselineError("the baseline holds rows without an answer or a number; make it anew")
    response = np.where(kind == 0, label, len(predicted) + kind - 1)
    owner = person * max(len(now.levels), 1) + level
    keys, unit = np.unique(owner, return_inverse=True)
    cells = np.zeros((len(keys), len(now.labels), len(predicted) + len(NON_ANSWERS)))
    np.add.at(cells, (unit.ravel(), true, response), amount)
    return Counts(
        person=keys // max(len(now.levels), 1),
        level=keys % max(len(now.levels), 1),
        cells=cells,
        people=now.people,
        levels=now.levels,
        labels=now.labels,
        predicted=predicted,
        slicing=now.slicing,
        identified=now.identified,
        most_images=now.most_images,
    )


def _codes(rows: pa.Table, name: str, words: Sequence[str]) -> NDArray[np.int64]:
    found = pc.index_in(rows[name].cast(pa.string()), value_set=pa.array(list(words), pa.string()))
    return found.fill_null(-1).to_numpy().astype(np.int64)


def _check_question(cell: Mapping[str, Any], provenance: Provenance) -> None:
    then, now = cell.get("image_set", ""), provenance.details.get("image set", "")
    if then != now:
        raise BaselineError(
            f"the baseline was made on other pictures of {provenance.dataset} (image set "
            f"{then or 'unknown'}, now {now or 'unknown'}); run the earlier release on the same pictures"
        )
    before = cell.get("details", {})
    for name in _QUESTION:
        if before.get(name) != provenance.details.get(name):
            raise BaselineError(
                f"the baseline asked in another way: {name} was {before.get(name)!r} and is "
                f"{provenance.details.get(name)!r}; ask both releases alike, or the change is not the model's"
            )


def _check_pictures(then: Counts, now: Counts, provenance: Provenance) -> None:
    """Both runs hold the same people with the same labels; rows in error are missing from either."""
    held_now = {tuple(row) for row in _held(now)}
    held_then = {tuple(row) for row in _held(then)}
    differing = len(held_now ^ held_then)
    if differing > _MOST_DIFFERING * max(len(held_now), 1):
        raise BaselineError(
            f"the baseline holds other pictures: {differing} of {len(held_now)} combinations of a person, "
            f"group and label of {provenance.dataset} are in one run only; run both on the same pictures"
        )


def _held(counts: Counts) -> NDArray[np.int64]:
    """Shape (cells with images, 4): person, level, true label and number of images."""
    images = np.rint(counts.cells.sum(-1)).astype(np.int64)
    unit, label = np.nonzero(images)
    return np.column_stack([counts.person[unit], counts.level[unit], label, images[unit, label]])
