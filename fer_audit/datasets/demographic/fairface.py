"""FairFace: faces gathered from the web, about as many of each of seven races, labelled by a table a split.

``fairface_label_train.csv`` and ``fairface_label_val.csv`` have the columns file, age, gender, race and
service_test; a file is named with the folder of its split (``val/12.jpg``). Nobody knows who is in which
picture, and gender, race and age are what annotators took people for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import repeat
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.demographic.tasks import AGE_BANDS, families_of, in_order
from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory, NoFacesError, Origin, Skipped
from fer_audit.datasets.walking import Listing, is_image, list_files
from fer_audit.errors import DatasetError, TableError
from fer_audit.tables import Column, column, read_table, require_columns
from fer_audit.vocabulary import AGE, GENDER, RACE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["FAIRFACE", "FAIRFACE_AGE", "FAIRFACE_RACE"]

_ORIGIN = Origin(
    title="FairFace",
    citation="Kärkkäinen, Joo, FairFace: Face Attribute Dataset for Balanced Race, Gender, and Age for Bias "
    "Measurement and Mitigation, WACV 2021",
    licence="CC BY 4.0",
    request="its page, github.com/joojs/fairface",
)
_RACES = (
    "Black",
    "East Asian",
    "Indian",
    "Latino_Hispanic",
    "Middle Eastern",
    "Southeast Asian",
    "White",
)
_LISTS = re.compile(r"fairface_label_(?P<split>train|val)\.csv", re.IGNORECASE)
_SAYS = ("gender", "race", "age", "service_test")
_ATTRIBUTES = ("gender", "race", "age_band", "service_test", "split")
_COPY = "fairface_label_train.csv or fairface_label_val.csv and the pictures that it lists (train/1.jpg)"


def _spelled(word: str) -> str:
    """A word of the set as this package writes it."""
    return word.casefold().replace("_", " ")


_CODES = {
    GENDER: Codes({"Female": "female", "Male": "male"}, kind=GENDER),
    RACE: Codes({race: _spelled(race) for race in _RACES}, kind=RACE),
    AGE: Codes({band: band for band in AGE_BANDS}, kind=AGE),
}


@dataclass(frozen=True, slots=True)
class _List:
    """One list of labels, in columns.

    Attributes:
        name: of the file.
        files: the pictures that it lists.
        codes: what each row says of the task, as the set writes it; None where it says nothing.
        attributes: what each row says of the person and the picture, as this package writes it.
    """

    name: str
    files: Sequence[str]
    codes: Sequence[str | None]
    attributes: Sequence[tuple[str | None, ...]]


def _open(root: Path, codes: Codes, *, task: str) -> FolderDataset:
    listing = list_files(root, _ORIGIN)
    lists = [file for file in listing.files if _is_list(file)]
    pictures, skipped = _pictures(listing)
    faces = FaceColumns(_ATTRIBUTES, identified=False)
    listed: set[str] = set()
    absent: list[Skipped] = []
    for one in (_read_list(root, name, task) for name in lists):
        for file, code, attributes in zip(one.files, one.codes, one.attributes, strict=True):
            name = file.casefold()
            if name in listed:
                raise DatasetError(
                    f"FairFace: {file!r:.80} is listed twice, the second time in {one.name}; one "
                    "picture has one row: remove the other, or give the folder of one copy"
                )
            listed.add(name)
            if name not in pictures:
                absent.append(Skipped(f"{one.name}: {file}", "its picture is not there"))
            elif code is None:
                skipped.append(Skipped(pictures[name], f"its row says no {task}"))
            elif code not in codes.labels:
                skipped.append(Skipped(pictures[name], codes.refusal(code)))
            else:
                faces.add(pictures[name], None, codes.labels[code], attributes)
    for name, file in pictures.items():
        if name not in listed:
            skipped.append(Skipped(file, "in no list of labels"))
    inventory = Inventory(listing.present, len(faces), tuple(lists), tuple(skipped), rows=tuple(absent))
    if not len(faces):
        raise NoFacesError(_ORIGIN.title, _COPY, inventory)
    table = faces.table()
    labels = in_order(codes, table.label.levels)
    return FolderDataset(root, table, labels, inventory, inventory.describe(_ORIGIN))


def _is_list(file: str) -> bool:
    return _LISTS.fullmatch(file.rpartition("/")[2]) is not None


def _pictures(listing: Listing) -> tuple[dict[str, str], list[Skipped]]:
    """The pictures by the last two parts of their names, as lists name them; and what is no picture."""
    pictures: dict[str, str] = {}
    skipped = list(listing.skipped)
    for file in listing.files:
        name = "/".join(file.rsplit("/", 2)[-2:]).casefold()
        if not is_image(file):
            if not _is_list(file):
                skipped.append(Skipped(file, "no picture"))
        elif pictures.setdefault(name, file) != file:
            skipped.append(Skipped(file, "another copy of a picture"))
    return pictures, skipped


def _read_list(root: Path, name: str, task: str) -> _List:
    where = PurePosixPath(name).name
    split = where.casefold().removeprefix("fairface_label_").removesuffix(".csv")
    try:
        table = read_table(root / name)
        require_columns(table.column_names, ("file", *_SAYS), where=where)
        file = column(table, "file", where=where, exact=True)
        says = {said: column(table, said, where=where, optional=True) for said in _SAYS}
    except TableError as error:
        raise DatasetError(f"FairFace: {error}") from error
    spelled = [_cells(found, tuple(map(_spelled, found.levels))) for found in says.values()]
    return _List(
        where,
        [file.levels[code] for code in file.codes.tolist()],
        _cells(says[task], says[task].levels),
        list(zip(*spelled, repeat(split, len(file.codes)), strict=True)),
    )


def _cells(found: Column, words: tuple[str, ...]) -> list[str | None]:
    """The cells of a column in these words for its levels; None for an empty one."""
    cells = (*words, None)
    return [cells[code] for code in found.codes.tolist()]


FAIRFACE, FAIRFACE_RACE, FAIRFACE_AGE = families_of(
    "fairface", _ORIGIN, _open, _CODES, attributes=_ATTRIBUTES
)
"""Recognition of gender (``fairface=PATH``), race (``fairface-race=``) and age (``fairface-age=``)."""
