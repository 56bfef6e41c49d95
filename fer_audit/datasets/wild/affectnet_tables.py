"""AffectNet as tables: a row a picture in ``training.csv`` or ``validation.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.datasets.annotations import rows_of
from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory, NoFacesError, Skipped
from fer_audit.datasets.walking import is_image
from fer_audit.datasets.wild.pictures import Pictures
from fer_audit.errors import DatasetError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fer_audit.datasets.codes import Codes
    from fer_audit.datasets.face_table import FaceTable
    from fer_audit.datasets.inventory import Origin
    from fer_audit.datasets.walking import Listing

__all__ = ["is_table", "open_tables", "within_range"]

_SPLITS = {"training.csv": "train", "validation.csv": "val"}
_HEADER = (
    "subDirectory_filePath",
    "face_x",
    "face_y",
    "face_width",
    "face_height",
    "facial_landmarks",
    "expression",
    "valence",
    "arousal",
)
_PICTURE, _LABEL, _NUMBERS = "subdirectory_filepath", "expression", ("valence", "arousal")


def is_table(file: str) -> bool:
    """Whether a file is one of the set's tables.

    >>> is_table("AffectNet/Training.csv"), is_table("faces.csv")
    (True, False)
    """
    return file.rpartition("/")[2].casefold() in _SPLITS


def within_range(said: str | float) -> float:
    """Valence or arousal, in [-1, 1]; nan where nobody gave one, which the set writes as -2.

    >>> within_range("0.25"), within_range(-2.0), within_range("")
    (0.25, nan, nan)

    Raises:
        ValueError: it is no number.
    """
    number = np.nan if said == "" else float(said)
    return number if -1 <= number <= 1 else np.nan


def open_tables(listing: Listing, tables: Sequence[str], origin: Origin, codes: Codes) -> FolderDataset:
    """Every picture that has a row.

    Args:
        listing: the files of the copy.
        tables: those of them that are tables.
        origin: whose faces these are.
        codes: what the codes of labels mean.

    Raises:
        DatasetError: a table cannot be read or is none of this set, there are two of one split, or no row
            names a picture that is there.
    """
    pictures = [file for file in listing.files if is_image(file)]
    load = _Load(Pictures(pictures), codes)
    taken: dict[str, str] = {}
    for table in tables:
        split = _SPLITS[table.rpartition("/")[2].casefold()]
        if taken.setdefault(split, table) != table:
            raise DatasetError(
                f"{origin.title}: two tables of one split, {taken[split]} and {table}; give the folder that "
                "holds the one that is meant"
            )
        load.take(rows_of(listing.root / table, table), table, split)
    faces = load.faces()
    skipped = [*listing.skipped, *(Skipped(file, why) for file, why in load.refused.items())]
    skipped += [Skipped(file, "no row in a table of labels") for file in pictures if file not in load.codes]
    others = set(listing.files).difference(pictures, tables)
    skipped += [Skipped(file, "no picture") for file in sorted(others)]
    inventory = Inventory(listing.present, len(faces), tuple(tables), tuple(skipped), rows=tuple(load.rows))
    if not faces:
        expected = "training.csv or validation.csv and the pictures that they name (or arrays: 5_exp.npy)"
        raise NoFacesError(origin.title, expected, inventory)
    return FolderDataset(listing.root, faces, faces.label.levels, inventory, inventory.describe(origin))


@dataclass(frozen=True, slots=True)
class _Places:
    """Where a table has what is read of it.

    Attributes:
        picture: column of the picture's name.
        label: column of its label.
        numbers: columns of valence and arousal; None where the table has none.
        headed: the first row names the columns.
    """

    picture: int
    label: int
    numbers: tuple[int | None, ...]
    headed: bool

    @classmethod
    def of(cls, first: Sequence[str], table: str) -> _Places:
        """What the first row says: it is a header, or the first picture of a table that has none."""
        known = [name.casefold() for name in _HEADER]
        headed = _PICTURE in (names := [cell.strip().casefold() for cell in first])
        if not headed:
            label = first[known.index(_LABEL)].strip() if len(first) == len(known) else ""
            if not label.isdecimal():
                raise DatasetError(
                    f"{table}: its first row, {','.join(first)!r:.80}, is neither the header nor a picture; "
                    f"its columns are {','.join(_HEADER)}, with commas between them"
                )
            names = known
        elif _LABEL not in names:
            raise DatasetError(f"{table}: column {_LABEL!r} is missing; {did_you_mean(_LABEL, names)}")
        numbers = tuple(names.index(name) if name in names else None for name in _NUMBERS)
        return cls(names.index(_PICTURE), names.index(_LABEL), numbers, headed)


class _Load:
    """Rows, one table after the other, on their way to faces.

    Attributes:
        codes: the code of each picture that has a row.
        refused: why a picture that has a row gives no face.
        rows: rows that give none, each with its reason.
    """

    def __init__(self, pictures: Pictures, meant: Codes) -> None:
        self._pictures, self._meant = pictures, meant
        self._columns = FaceColumns(("split",), _NUMBERS, identified=False)
        self.codes: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.rows: list[Skipped] = []

    def take(self, rows: Iterable[list[str]], table: str, split: str) -> None:
        """Read the rows of one table."""
        waiting = iter(rows)
        first = next(waiting, [])
        if not first:
            return
        places = _Places.of(first, table)
        attributes = (split,)
        for number, row in enumerate(waiting if places.headed else chain([first], waiting), start=1):
            try:
                name, code = row[places.picture], row[places.label].strip()
                numbers = [np.nan if place is None else within_range(row[place]) for place in places.numbers]
            except (IndexError, ValueError) as error:
                short = isinstance(error, IndexError)
                why = "fewer cells than the table has columns" if short else "valence or arousal is no number"
                self.rows.append(Skipped(f"{table}, row {number}", why))
                continue
            file = self._pictures.find(name)
            if file is None:
                self.rows.append(Skipped(f"{table}, row {number}", "names a picture that is not there"))
            elif file in self.codes:
                self.rows.append(Skipped(f"{table}, row {number}", "names a picture that has a row already"))
                if self.codes[file] != code:
                    self.refused[file] = "two rows disagree about its label"
            else:
                self.codes[file] = code
                label = self._meant.labels.get(code)
                if label is None:
                    self.refused[file] = self._meant.refusal(code)
                else:
                    self._columns.add(file, None, label, attributes, numbers)

    def faces(self) -> FaceTable:
        """Every picture that has one label."""
        found = self._columns.table()
        if self.refused.keys().isdisjoint(found.images):
            return found
        return found.take(np.array([image not in self.refused for image in found.images]))
