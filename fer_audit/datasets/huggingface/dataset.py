"""A dataset of the library datasets as this package uses it: pictures stay as they were encoded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fer_audit.datasets.face_table import FaceTable
from fer_audit.datasets.huggingface.columns import Columns, find_columns
from fer_audit.datasets.huggingface.kept import Kept, find_kept
from fer_audit.datasets.inventory import Inventory, NoFacesError, Skipped
from fer_audit.datasets.manifest import check_task, short_name
from fer_audit.datasets.specification import DatasetSpec
from fer_audit.errors import DatasetError, ImageError, TableError
from fer_audit.pixels import read_image_file
from fer_audit.pixels.files import check_bytes
from fer_audit.records import Slicing
from fer_audit.tables import Column, column, numbers
from fer_audit.vocabulary import EXPRESSION, LABEL, expression_named

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["HubDataset", "hf_dataset"]

_SPLIT = "split"


def hf_dataset(
    path: Path, *, name: str | None = None, task: str | None = None, most_images: int | None = None
) -> DatasetSpec:
    """A dataset specification from a folder; its rows are read when it is opened.

    Before that the library is imported, and asked for the columns: it reads the header of a file of each
    split, or the names of pictures.

    Args:
        path: the folder.
        name: the short name; the folder's without one.
        task: what the labels are of, where they are no expressions.
        most_images: nobody is in more pictures than this, where people are not known.

    Raises:
        DatasetError: the folder is no dataset of the library, or lacks a column.
        MissingExtraError: the library is not installed.
    """
    kept = find_kept(path)
    columns = find_columns(kept.features(), where=kept.title)
    split = (_SPLIT,) if _SPLIT not in columns.attributes else ()
    attributes = (*columns.attributes, *split)
    return DatasetSpec(
        name=name or short_name(path.name),
        open=lambda: _open(kept, columns),
        attributes=attributes,
        slicings=tuple(Slicing((attribute,)) for attribute in columns.attributes),
        covariates=columns.covariates,
        identified=columns.identified,
        most_images=None if columns.identified else most_images,
        task=check_task(task or (EXPRESSION if columns.is_expression else LABEL), where=kept.title),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one picture is: a row of one split."""

    split: str
    row: int


@dataclass(frozen=True, slots=True)
class HubDataset:
    """Faces that the library datasets keeps.

    Attributes:
        root: the folder; pictures that are files are read from it alone.
        splits: the library's dataset of each split, with pictures left as they are.
        image: the column of pictures.
        places: where each picture is, by name.
        faces: every labelled picture.
        labels: the label set.
        inventory: every row, and what became of it.
        details: what the report says of the image set.
    """

    root: Path
    splits: Mapping[str, Any]
    image: str
    places: Mapping[str, _Place]
    faces: FaceTable
    labels: tuple[str, ...]
    inventory: Inventory
    details: Mapping[str, str]

    def read(self, image: str, /) -> bytes:
        """The encoded bytes of one picture.

        Raises:
            ImageError: there is none of that name, it is too large, or its file is missing or outside the
                folder.
        """
        place = self.places.get(image)
        if place is None:
            raise ImageError(f"image {image!r} is in no row of the dataset; name one that it has")
        said = self.splits[place.split][place.row][self.image] or {}
        data, path = said.get("bytes"), said.get("path")
        if data is not None:
            check_bytes(len(data), image)
            return bytes(data)
        if path is None:
            raise ImageError(f"image {image!r} has neither bytes nor a path; fill it or remove its row")
        return read_image_file(self.root, _relative(str(path), self.root))


def _open(kept: Kept, columns: Columns) -> HubDataset:
    undecoded = kept.library().Image(decode=False)
    splits = {name: split.cast_column(columns.image, undecoded) for name, split in kept.load().items()}
    places = [_Place(name, row) for name, split in splits.items() for row in range(len(split))]
    names = _image_names(kept.root, splits, columns.image) or [f"{at.split}/{at.row}" for at in places]
    table = pa.concat_tables([_plain(split, name, columns) for name, split in splits.items()])
    where = kept.title
    try:
        said = column(table, columns.label, where=where, optional=True)
        rows = FaceTable(
            tuple(names),
            column(table, "identity", where=where) if columns.identified else None,
            said,
            {
                name: column(table, name, where=where, optional=True)
                for name in dict.fromkeys((*columns.attributes, _SPLIT))
            },
            {name: numbers(table, name, where=where) for name in columns.covariates},
        )
    except TableError as error:
        raise DatasetError(str(error)) from error
    label = _labels(said, is_expression=columns.is_expression)
    kept_rows = label.codes >= 0
    skipped = tuple(
        Skipped(f"{places[row].split} row {places[row].row + 1}", _refusal(said, row))
        for row in np.flatnonzero(~kept_rows).tolist()
    )
    inventory = Inventory(len(places), int(kept_rows.sum()), skipped=skipped, entry="row")
    if not inventory.read:
        raise NoFacesError(where, f"labels in a column {columns.label}", inventory)
    details = dict(inventory.describe(None))
    if columns.left_out:
        details["columns left out"] = ", ".join(columns.left_out)
    return HubDataset(
        kept.root,
        splits,
        columns.image,
        dict(zip(names, places, strict=True)),
        replace(rows, label=label).take(kept_rows),
        label.levels,
        inventory,
        details,
    )


def _plain(split: Any, name: str, columns: Columns) -> pa.Table:  # noqa: ANN401 - the library is untyped
    """The columns of a split that are no pictures, numbers of names as the names."""
    wanted = [columns.label, *columns.attributes, *columns.covariates]
    wanted += ["identity"] if columns.identified else []
    found: pa.Table = split.data.table.select(wanted)
    for place, wanted_name in enumerate(wanted):
        words = columns.names.get(wanted_name)
        if words is not None:
            # The library writes -1 where there is none.
            said = [
                words[code] if code is not None and 0 <= code < len(words) else None
                for code in found.column(wanted_name).to_pylist()
            ]
            found = found.set_column(place, wanted_name, pa.array(said, pa.string()))
    if _SPLIT not in wanted:
        found = found.append_column(_SPLIT, pa.array([name] * len(found)))
    return found


def _image_names(root: Path, splits: Mapping[str, Any], image: str) -> list[str] | None:
    """The pictures by their paths; None where not each has one of its own inside the folder."""
    paths: list[str | None] = []
    for split in splits.values():
        paths += pc.struct_field(split.data.table.column(image), "path").to_pylist()
    names = [_relative(path, root) for path in paths if path]
    has_own = len(set(names)) == len(paths)
    return names if has_own and not any(map(_is_outside, names)) else None


def _relative(path: str, root: Path) -> str:
    """A path as it is inside the folder; as it is where it lies outside."""
    try:
        return Path(path).relative_to(root).as_posix()
    except ValueError:
        return path


def _is_outside(name: str) -> bool:
    return PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts


def _labels(said: Column, *, is_expression: bool) -> Column:
    """The labels; code -1 in a row that has none, or one that is no expression where it should be."""
    if not is_expression:
        return said
    meant = [expression_named(word) for word in said.levels]
    levels = tuple(sorted({str(found) for found in meant if found is not None}))
    codes = [-1 if found is None else levels.index(str(found)) for found in meant]
    return Column(np.array([*codes, -1], dtype=np.int32)[said.codes], levels)


def _refusal(said: Column, row: int) -> str:
    code = said.codes[row]
    return "no label" if code < 0 else f"labelled {said.levels[code]!r:.40}, which is no expression"
