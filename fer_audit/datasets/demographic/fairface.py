"""FairFace: faces gathered from the web, about as many of each of seven races, labelled by a table a split.

``fairface_label_train.csv`` and ``fairface_label_val.csv`` have the columns file, age, gender, race and
service_test; a file is named with the folder of its split (``val/12.jpg``). Nobody knows who is in which
picture, and gender, race and age are what annotators took people for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from fer_audit.datasets.codes import Codes
from fer_audit.datasets.demographic.tasks import AGE_BANDS, SLICINGS
from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.family import Family
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory, NoFacesError, Origin, Skipped
from fer_audit.datasets.walking import Listing, is_image, list_files
from fer_audit.errors import DatasetError, TableError
from fer_audit.tables import Column, column, read_table, require_columns
from fer_audit.vocabulary import AGE, GENDER, RACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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
class _Row:
    """One row of a list: what it says of one picture."""

    table: str
    split: str
    file: str
    says: Mapping[str, str | None]

    def attributes(self) -> tuple[str | None, ...]:
        spelled = [word if word is None else _spelled(word) for word in self.says.values()]
        return (*spelled, self.split)


def _open(root: Path, codes: Codes, *, task: str) -> FolderDataset:
    listing = list_files(root, _ORIGIN)
    lists = [file for file in listing.files if _LISTS.fullmatch(PurePosixPath(file).name)]
    pictures, skipped = _pictures(listing)
    faces = FaceColumns(_ATTRIBUTES, identified=False)
    listed: set[str] = set()
    absent: list[Skipped] = []
    for row in _rows(root, lists):
        name = row.file.casefold()
        if name in listed:
            raise DatasetError(
                f"FairFace: {row.file!r:.80} is listed twice, the second time in {row.table}; one picture "
                "has one row: remove the other, or give the folder of one copy"
            )
        listed.add(name)
        code = row.says[task]
        if name not in pictures:
            absent.append(Skipped(f"{row.table}: {row.file}", "its picture is not there"))
        elif code is None:
            skipped.append(Skipped(pictures[name], f"its row says no {task}"))
        elif code not in codes.labels:
            skipped.append(Skipped(pictures[name], codes.refusal(code)))
        else:
            faces.add(pictures[name], None, codes.labels[code], row.attributes())
    for name, file in pictures.items():
        if name not in listed:
            skipped.append(Skipped(file, "in no list of labels"))
    inventory = Inventory(listing.present, len(faces), tuple(lists), tuple(skipped), rows=tuple(absent))
    if not len(faces):
        raise NoFacesError(_ORIGIN.title, _COPY, inventory)
    table = faces.table()
    labels = tuple(label for label in dict.fromkeys(codes.labels.values()) if label in table.label.levels)
    return FolderDataset(root, table, labels, inventory, inventory.describe(_ORIGIN))


def _pictures(listing: Listing) -> tuple[dict[str, str], list[Skipped]]:
    """The pictures by the last two parts of their names, as lists name them; and what is no picture."""
    pictures: dict[str, str] = {}
    skipped = list(listing.skipped)
    for file in listing.files:
        name = "/".join(PurePosixPath(file).parts[-2:]).casefold()
        if not is_image(file):
            if not _LISTS.fullmatch(PurePosixPath(file).name):
                skipped.append(Skipped(file, "no picture"))
        elif pictures.setdefault(name, file) != file:
            skipped.append(Skipped(file, "another copy of a picture"))
    return pictures, skipped


def _rows(root: Path, lists: list[str]) -> Iterator[_Row]:
    for name in lists:
        where = PurePosixPath(name).name
        split = where.casefold().removeprefix("fairface_label_").removesuffix(".csv")
        try:
            table = read_table(root / name)
            require_columns(table.column_names, ("file", *_SAYS), where=where)
            file = column(table, "file", where=where, exact=True)
            columns = {said: column(table, said, where=where, optional=True) for said in _SAYS}
        except TableError as error:
            raise DatasetError(f"FairFace: {error}") from error
        words = [_words(found) for found in columns.values()]
        for picture, *said in zip(_words(file), *words, strict=True):
            yield _Row(where, split, str(picture), dict(zip(_SAYS, said, strict=True)))


def _words(found: Column) -> Iterator[str | None]:
    """The cells of a column; None for an empty one."""
    words = (*found.levels, None)
    return (words[code] for code in found.codes.tolist())


def _family(name: str, task: str) -> Family:
    return Family(
        name=name,
        origin=_ORIGIN,
        open=partial(_open, task=task),
        codes=_CODES[task],
        attributes=_ATTRIBUTES,
        slicings=SLICINGS[task],
        identified=False,
        task=task,
    )


FAIRFACE = _family("fairface", GENDER)
"""Gender recognition, as ``--dataset=fairface=PATH``."""

FAIRFACE_RACE = _family("fairface-race", RACE)
"""Race recognition."""

FAIRFACE_AGE = _family("fairface-age", AGE)
"""Recognition of an age band."""
