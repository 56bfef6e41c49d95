"""The norming data of the Chicago Face Database: what is known of each person beside the name of a picture.

``CFD 3.0 Norming Data and Codebook.xlsx`` has a sheet for each part of the set, rated in the United States,
and one more for CFD-INDIA, rated in India. The three of one pool of raters are read, so that their numbers
can be compared:

``AgeSelf``           age in years, as the person gave it
``AgeRated``          age in years, as raters guess it, on average
``LuminanceMedian``   median luminance of the person's neutral picture

Ratings of impressions are not offered: how attractive somebody is was asked of the main set relative to
people of the same race and gender, which takes out the very differences that an audit is after, and
otherwise of CFD-INDIA.

Rows are found by person: ``BF-001`` of the main set and CFD-MR, ``IF601-519`` of CFD-INDIA, where the last
number is that of a picture. People with two such pictures have a row for one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isfinite, nan
from typing import TYPE_CHECKING

from fer_audit.datasets.chicago.sheets import CURE, read_sheets
from fer_audit.datasets.inventory import Skipped
from fer_audit.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from fer_audit.datasets.chicago.sheets import Row, Sheet

__all__ = ["NUMBERS", "UNKNOWN", "WORKBOOK", "Norming", "is_norming", "read_norming"]

WORKBOOK = "CFD 3.0 Norming Data and Codebook.xlsx"
NUMBERS = ("AgeSelf", "AgeRated", "LuminanceMedian")
"""Columns that become covariates."""
UNKNOWN = (nan,) * len(NUMBERS)
"""The numbers of a person of whom the workbook says nothing."""
_SHEETS = ("CFD U.S. Norming Data", "CFD-MR U.S. Norming Data", "CFD-I U.S. Norming Data")
# What the names of the main set's pictures say too; what people of the extensions answered is not known here.
_MAIN = frozenset("ABLW")
_SELVES = {"EthnicitySelf": (0, _MAIN), "GenderSelf": (1, frozenset("FM"))}
_FILE = re.compile(r"CFD 3\.0 Norming Data.*\.xlsx", re.IGNORECASE | re.ASCII)
_KEY = re.compile(r"([ABILMW][FM])-?(\d+)(?:-\d+){0,2}", re.IGNORECASE | re.ASCII)
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Norming:
    """What the workbook says of people, and what it does not.

    Attributes:
        numbers: of each person, one for each of `NUMBERS`; nan where it is not recorded.
        rows: those that say nothing of anybody in the pictures, each with its reason.
        remarks: what else could not be understood or found, in words.
    """

    numbers: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    rows: tuple[Skipped, ...] = ()
    remarks: tuple[str, ...] = ()


def is_norming(file: str) -> bool:
    """Whether a file is named as the norming data are.

    >>> is_norming("docs/CFD 3.0 Norming Data and Codebook.xlsx"), is_norming("~$CFD 3.0 Norming Data.xlsx")
    (True, False)
    """
    return _FILE.fullmatch(file.rpartition("/")[2]) is not None


def read_norming(path: Path, file: str, people: Iterable[str]) -> Norming:
    """What a workbook says of the people whose pictures are there.

    Args:
        path: the workbook.
        file: what messages call it.
        people: as the names of pictures have them, e.g. ``BF-001``.

    Raises:
        MissingExtraError: the package that reads workbooks is not installed.
        DatasetError: it cannot be read, is another workbook, or contradicts the names of pictures.
    """
    sheets = read_sheets(path, file, sheets=_SHEETS, key="Model", columns=(*NUMBERS, *_SELVES))
    if not sheets:
        raise DatasetError(
            f"{file}: none of the sheets {', '.join(map(repr, _SHEETS))} is there: these are not the norming "
            f"data of version 3.0; {CURE}"
        )
    told = _Told(file)
    remarks = [remark for sheet in sheets for remark in _take(sheet, told)]
    numbers, known = told.numbers, set(people)
    if not known & numbers.keys():
        raise DatasetError(
            f"{file}: none of the {len(numbers):,} people it tells of is in the pictures, whose first is "
            f"{min(known)}: it belongs to others; {CURE}"
        )
    lacking = {
        "no sheet": sorted(set(_SHEETS) - {sheet.name for sheet in sheets}),
        "no row of": sorted(known - numbers.keys()),
    }
    remarks += [f"{what} {_named(names)}" for what, names in lacking.items() if names]
    told.rows.extend(
        Skipped(where, "about somebody whose picture is not there")
        for person, where in told.first.items()
        if person not in known
    )
    return Norming(numbers, tuple(told.rows), tuple(remarks))


class _Told:
    """What has been read so far.

    Args:
        file: what messages call the workbook.

    Attributes:
        numbers: as in `Norming`.
        first: the first row about each person.
        rows: as in `Norming`.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.numbers: dict[str, tuple[float, ...]] = {}
        self.first: dict[str, str] = {}
        self.rows: list[Skipped] = []


def _take(sheet: Sheet, told: _Told) -> list[str]:
    """Add what one sheet says of each person, and tell what it does not."""
    wordy: dict[str, list[str]] = {}
    for row in sheet.rows:
        where = f"{told.file}: {sheet.name}, row {row.number}"
        if (match := _KEY.fullmatch(row.key)) is None:
            told.rows.append(Skipped(where, "about nobody: its key is not that of a person"))
            continue
        person = f"{match[1]}-{match[2]}".upper()
        _refuse_contradiction(person, row, sheet.name, told.file)
        numbers = tuple(_number(row, name, wordy) for name in NUMBERS)
        told.first.setdefault(person, where)
        # By their text two unknown numbers are alike.
        if repr(told.numbers.setdefault(person, numbers)) != repr(numbers):
            told.numbers[person] = UNKNOWN
            told.rows.append(Skipped(where, "unlike another row about the same person: neither counts"))
    said = {f"{name} is no number in": where for name, where in wordy.items()}
    said["no column"] = [name for name in NUMBERS if name in sheet.missing]
    return [f"{sheet.name}: {what} {_named(names)}" for what, names in said.items() if names]


def _refuse_contradiction(person: str, row: Row, sheet: str, file: str) -> None:
    for column, (place, letters) in _SELVES.items():
        said = str(row.cells.get(column) or "").strip().upper()
        if person[0] in _MAIN and said in letters and said != person[place]:
            raise DatasetError(
                f"{file}: sheet {sheet!r} has {column} {said} for {person} in row {row.number}, where the "
                f"names of pictures say {person[place]}: rows or columns have slipped; {CURE}"
            )


def _number(row: Row, column: str, wordy: dict[str, list[str]]) -> float:
    value = row.cells.get(column)
    if value is None:
        return nan
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else nan
    except (ValueError, OverflowError):
        number = nan
    if not isfinite(number):
        wordy.setdefault(column, []).append(f"row {row.number} ({value!r:.40})")
        return nan
    return number


def _named(words: list[str]) -> str:
    more = f" and {len(words) - _SHOWN:,} more" if len(words) > _SHOWN else ""
    return ", ".join(words[:_SHOWN]) + more
