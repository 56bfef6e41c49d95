"""RAF-DB, its basic expressions: pictures from the web, each labelled by some forty people.

One list says ``train_00001.jpg 5`` for every picture. The pictures are read as they were cut and turned
(``train_00001_aligned.jpg``), or as they were found (``train_00001.jpg``) in a copy without those. Gender,
race and age are in a small file a picture, which not every copy has.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.datasets.annotations import read_small, text_lines
from fer_audit.datasets.codes import Codes
from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.family import Family
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory, NoFacesError, Origin, Skipped
from fer_audit.datasets.naming import SECOND
from fer_audit.datasets.walking import IMAGE_SUFFIXES, list_files
from fer_audit.errors import DatasetError
from fer_audit.records import Slicing
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

__all__ = ["RAFDB"]

_ORIGIN = Origin(
    title="RAF-DB",
    citation="Li, Deng and Du, Reliable crowdsourcing and deep locality-preserving learning for expression "
    "recognition in the wild, CVPR 2017",
    licence="for research; not to be passed on",
    request="its authors",
)
_CODES = Codes(
    {
        "1": Expression.SURPRISE,
        "2": Expression.FEAR,
        "3": Expression.DISGUST,
        "4": Expression.HAPPINESS,
        "5": Expression.SADNESS,
        "6": Expression.ANGER,
        "7": Expression.NEUTRAL,
    }
)
_ATTRIBUTES = ("gender", "race", "age_band", "split")
_GENDERS = {b"0": "male", b"1": "female", b"2": "unsure"}
_RACES = {b"0": "caucasian", b"1": "african-american", b"2": "asian"}
_AGES = {b"0": "0-3", b"1": "4-19", b"2": "20-39", b"3": "40-69", b"4": "70+"}
_SPLITS = {"train": "train", "test_": "test"}
_LISTS = ("list_patition_label.txt", "list_partition_label.txt")
_PICTURE = re.compile(r"(?:train|test)_\d{5}(?:_aligned)?\.(?:jpe?g|png)", re.IGNORECASE)
_MANUAL = "_manu_attri.txt"
_UNRECORDED = (None, None, None)
_CELLS = 2
_NUMBERS = 13  # five landmarks of two each, gender, race and age
_MOST_BYTES = 4096
_NO_ROW = "no row in the list of labels"
_ALIGNED = "the same face is read as it was aligned"
_UNSURE = "annotators could not tell the gender"


@dataclass(frozen=True, slots=True)
class _Labels:
    """What one list of labels says.

    Attributes:
        codes: the code of each picture, by the stem of its name.
        rows: rows that say nothing of any picture.
        source: the list's file.
    """

    codes: Mapping[str, str]
    rows: Sequence[Skipped] = ()
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of a copy, by what they are.

    Attributes:
        lists: lists of labels.
        pictures: one picture of each stem.
        manual: the file of attributes of each stem.
        skipped: every other, with its reason.
    """

    lists: Sequence[str]
    pictures: Mapping[str, str]
    manual: Mapping[str, str]
    skipped: Sequence[Skipped]


def _open(root: Path, codes: Codes) -> FolderDataset:
    listing = list_files(root, _ORIGIN)
    files = _sorted_out(listing.files)
    labels = _read_lists(root, files.lists)
    faces = FaceColumns(_ATTRIBUTES, identified=False)
    skipped = [*listing.skipped, *files.skipped]
    unreadable: set[str] = set()
    said, manual = labels.codes, files.manual
    for stem, file in files.pictures.items():
        code = said.get(stem, "")
        label = codes.labels.get(code)
        if label is None:
            reason = codes.refusal(code) if code else "no row in the list of labels"
            skipped.append(Skipped(file, reason))
            continue
        people: tuple[str | None, ...] = _UNRECORDED
        if stem in manual:
            people = _attributes(f"{root}/{manual[stem]}")
            if people is _UNRECORDED:
                unreadable.add(manual[stem])
        faces.add(file, None, label, (*people, _SPLITS.get(stem[:5])))
    skipped += [Skipped(file, "no gender, race and age that can be read") for file in sorted(unreadable)]
    annotations = (*files.lists, *(file for file in files.manual.values() if file not in unreadable))
    alone = [
        Skipped(f"{labels.source}: {stem}", "a row whose picture is not there")
        for stem in labels.codes
        if stem not in files.pictures
    ]
    inventory = Inventory(
        listing.present, len(faces), annotations, tuple(skipped), rows=(*labels.rows, *alone)
    )
    if not len(faces):
        expected = f"{_LISTS[0]} and the pictures that it names, such as train_00001_aligned.jpg"
        raise NoFacesError(_ORIGIN.title, expected, inventory)
    table = faces.table()
    return FolderDataset(root, table, table.label.levels, inventory, inventory.describe(_ORIGIN))


def _sorted_out(files: Sequence[str]) -> _Files:
    lists: list[str] = []
    aligned: dict[str, str] = {}
    found: dict[str, str] = {}
    manual: dict[str, str] = {}
    skipped: list[Skipped] = []
    for file in files:
        name = file[file.rfind("/") + 1 :].casefold()
        stem, dot, suffix = name.rpartition(".")
        if dot + suffix in IMAGE_SUFFIXES:
            pictures = aligned if stem.endswith("_aligned") else found
            if pictures.setdefault(stem.removesuffix("_aligned"), file) is not file:
                skipped.append(Skipped(file, SECOND))
        elif name.endswith(_MANUAL):
            if manual.setdefault(name.removesuffix(_MANUAL), file) is not file:
                skipped.append(Skipped(file, "a second file of attributes of one picture"))
        elif name in _LISTS:
            lists.append(file)
        else:
            skipped.append(Skipped(file, "no picture"))
    skipped += [Skipped(file, _ALIGNED) for stem, file in found.items() if stem in aligned]
    return _Files(lists, {**found, **aligned}, manual, skipped)


def _read_lists(root: Path, lists: Sequence[str]) -> _Labels:
    """The labels, which must be the same in every list that is there."""
    read = [_read_list(root, file) for file in lists]
    for other in read[1:]:
        for stem in {**read[0].codes, **other.codes}:
            here, there = (one.codes.get(stem, "not there") for one in (read[0], other))
            if here != there:
                raise DatasetError(
                    f"{_ORIGIN.title}: two lists of labels disagree: {stem} is {here} in {read[0].source} "
                    f"and {there} in {other.source}; remove the wrong list"
                )
    return read[0] if read else _Labels({})


def _read_list(root: Path, file: str) -> _Labels:
    codes: dict[str, str] = {}
    rows: list[Skipped] = []
    for number, line in enumerate(text_lines(root / file, file), start=1):
        said = line.split()
        if len(said) != _CELLS or not said[1].isdecimal():
            if said:
                rows.append(Skipped(f"{file}, row {number}", "not written as train_00001.jpg 5"))
            continue
        name, code = said
        stem = name[: name.rfind(".")].casefold()
        if stem not in codes:
            codes[stem] = code
            continue
        if codes[stem] != code:
            raise DatasetError(
                f"{_ORIGIN.title}: {file} says of {stem} that it is {codes[stem]}, and in row {number} that "
                f"it is {code}; keep the right row"
            )
        rows.append(Skipped(f"{file}, row {number}", "repeats an earlier row"))
    return _Labels(codes, rows, file)


def _attributes(path: str) -> tuple[str | None, ...]:
    """Gender, race and age band of one picture, or `_UNRECORDED` where its file is not as it should be."""
    said = (read_small(path, _MOST_BYTES) or b"").split()
    if len(said) != _NUMBERS:
        return _UNRECORDED
    gender, race, age = _GENDERS.get(said[-3]), _RACES.get(said[-2]), _AGES.get(said[-1])
    return _UNRECORDED if None in {gender, race, age} else (gender, race, age)


RAFDB = Family(
    name="rafdb",
    origin=_ORIGIN,
    open=_open,
    codes=_CODES,
    attributes=_ATTRIBUTES,
    slicings=(
        Slicing("race"),
        Slicing("gender", without={"unsure": _UNSURE}),
        Slicing("race*gender", without={"unsure": _UNSURE}),
    ),
    identified=False,
    pattern=_PICTURE,
)
"""The set, as ``--dataset=rafdb=PATH``."""
