"""FER2013: grey pictures of 48 x 48 pixels as digits in one table, and the votes on them that are FER+.

The same pictures have two sets of labels, each a set of its own here: ``fer2013`` takes those of the table,
and ``ferplus`` the label that most voters gave, from ``fer2013new.csv``, whose rows are those of the table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.datasets.annotations import rows_of
from fer_audit.datasets.codes import Codes
from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.family import Family
from fer_audit.datasets.inventory import Inventory, NoFacesError, Origin, Skipped
from fer_audit.datasets.walking import list_files
from fer_audit.datasets.wild.pixel_rows import PixelRows, index_rows, split_of
from fer_audit.errors import DatasetError, did_you_mean
from fer_audit.vocabulary import Expression

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fer_audit.datasets.wild.pixel_rows import PixelIndex

__all__ = ["FER2013", "FERPLUS"]

_ORIGIN = Origin(
    title="FER2013",
    citation="Goodfellow et al., Challenges in representation learning: a report on three machine learning "
    "contests, ICONIP 2013",
    licence="for research; not to be passed on",
    request="the contest Challenges in Representation Learning (2013)",
)
_VOTED = Origin(
    title="FER+",
    citation="Barsoum, Zhang, Canton Ferrer and Zhang, Training deep networks for facial expression "
    "recognition with crowd-sourced label distribution, ICMI 2016",
    licence="the pictures for research, not to be passed on",
    request="its authors for the votes (the repository FERPlus), and as FER2013 for the pictures",
)
_PICTURES, _VOTES = "fer2013.csv", "fer2013new.csv"
_CODES = Codes(
    {
        "0": Expression.ANGER,
        "1": Expression.DISGUST,
        "2": Expression.FEAR,
        "3": Expression.HAPPINESS,
        "4": Expression.SADNESS,
        "5": Expression.SURPRISE,
        "6": Expression.NEUTRAL,
    }
)
_VOTED_FOR = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
_VOTED_CODES = Codes(
    {word: Expression(word) for word in _VOTED_FOR}, outside={"unknown": "unknown", "nf": "no face"}
)
_NAME, _USAGE = "image name", "usage"
_MANY = 5  # digits that no number of votes has


@dataclass(frozen=True, slots=True)
class _Said:
    """What one row says: a code, or why it says none."""

    code: str = ""
    refusal: str = ""


def _open(path: Path, codes: Codes) -> PixelRows:
    index = index_rows(_file(path, _ORIGIN), _ORIGIN)
    return _labelled(index, [_Said(code) for code in index.codes], codes, _ORIGIN)


def _open_voted(path: Path, codes: Codes) -> PixelRows:
    index = index_rows(_file(path, _VOTED), _VOTED)
    beside = [file for file in index.path.parent.iterdir() if file.name.casefold() == _VOTES]
    if not beside:
        raise DatasetError(
            f"{_VOTED.title}: no file {_VOTES} is beside {index.path.name}; fetch it from {_VOTED.request}, "
            "or audit the labels of the table itself: fer2013=PATH"
        )
    return _labelled(index, _read_votes(beside[0], index), codes, _VOTED)


def _labelled(index: PixelIndex, said: Sequence[_Said], codes: Codes, origin: Origin) -> PixelRows:
    faces = FaceColumns(("split",), identified=False)
    skipped: list[Skipped] = []
    kept: list[int] = []
    for row, (one, broken, split) in enumerate(zip(said, index.broken, index.splits, strict=True)):
        label = codes.labels.get(one.code)
        if broken or one.refusal or label is None:
            reason = broken or one.refusal or codes.refusal(one.code)
            skipped.append(Skipped(index.name(row), reason))
        else:
            faces.add(index.name(row), None, label, (split,))
            kept.append(row)
    inventory = Inventory(len(said), len(faces), skipped=tuple(skipped), entry="row")
    if not kept:
        raise NoFacesError(origin.title, "rows of a label and 2,304 grey values", inventory)
    table = faces.table()
    details = inventory.describe(origin)
    return PixelRows(index.path, index.place, index.offsets, table, table.label.levels, inventory, details)


def _file(path: Path, origin: Origin) -> Path:
    """The table that is meant: the file itself, or the one of that name in its folder."""
    if path.is_file():
        return path
    listing = list_files(path, origin)
    found = [file for file in listing.files if file.rpartition("/")[2].casefold() == _PICTURES]
    if len(found) != 1:
        what = f"{len(found)} files {_PICTURES} are" if found else f"no file {_PICTURES} is"
        raise DatasetError(
            f"{origin.title}: {what} in {str(path)!r}; give the table of the "
            f"pictures itself, or the folder of one copy. A copy is had from {origin.request} "
            f"({origin.licence})"
        )
    return path / found[0]


def _read_votes(path: Path, index: PixelIndex) -> list[_Said]:
    """What most voters said of each row.

    Raises:
        DatasetError: the votes are not on these rows.
    """
    rows = rows_of(path, path.name)
    names = [cell.strip().casefold() for cell in next(rows, [])]
    wanted = (*_VOTED_FOR, *_VOTED_CODES.outside)
    for column in (_NAME, *wanted):
        if column not in names:
            raise DatasetError(f"{path.name}: column {column!r} is missing; {did_you_mean(column, names)}")
    places = [names.index(word) for word in wanted]
    said: list[_Said] = []
    for row in rows:
        if len(row) != len(names):
            said.append(_Said(refusal="fewer or more votes than there are columns"))
        elif not row[names.index(_NAME)].strip():
            said.append(_Said(refusal="taken out of FER+ (no image name)"))
        elif moved := _moved(row, names, index.splits, len(said)):
            raise DatasetError(
                f"{_VOTED.title}: row {len(said) + 1} of {path.name} is of {moved!r:.40}, and that of "
                f"{index.path.name} is of another part; the votes are on other rows than these: fetch both "
                "tables again"
            )
        else:
            said.append(_most_voted([row[place].strip() for place in places], wanted))
    if len(said) != len(index.codes):
        raise DatasetError(
            f"{_VOTED.title}: {path.name} has {len(said):,} rows and {index.path.name} has "
            f"{len(index.codes):,}; the votes are on other rows than these: fetch both tables again"
        )
    return said


def _moved(row: Sequence[str], names: Sequence[str], splits: Sequence[str | None], place: int) -> str:
    """The part that a row of votes is of, where the picture of that row is of another; else empty."""
    if _USAGE not in names or place >= len(splits):
        return ""
    part = row[names.index(_USAGE)]
    return part if splits[place] not in {None, split_of(part)} else ""


def _most_voted(votes: Sequence[str], wanted: Sequence[str]) -> _Said:
    if not all(vote.isdecimal() and len(vote) < _MANY for vote in votes):
        return _Said(refusal="votes that are no numbers")
    counts = np.array([int(vote) for vote in votes])
    first = np.flatnonzero(counts == counts.max())
    if len(first) > 1:
        return _Said(refusal="no label has most of the votes")
    return _Said(wanted[first[0]])


FER2013 = Family(
    name="fer2013",
    origin=_ORIGIN,
    open=_open,
    codes=_CODES,
    attributes=("split",),
    slicings=(),
    identified=False,
)
"""The set with its own labels, as ``--dataset=fer2013=PATH``: the table, or its folder."""

FERPLUS = Family(
    name="ferplus",
    origin=_VOTED,
    open=_open_voted,
    codes=_VOTED_CODES,
    attributes=("split",),
    slicings=(),
    identified=False,
)
"""The same pictures with the labels that most voters gave, as ``--dataset=ferplus=PATH``."""
