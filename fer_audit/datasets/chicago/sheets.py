"""Sheets of a workbook that somebody else wrote: the wanted columns, within limits; no formula is run."""

from __future__ import annotations

import warnings
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zipfile import ZipFile

from fer_audit.errors import DatasetError, one_line
from fer_audit.extras import import_package

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from openpyxl import Workbook
    from openpyxl.cell.cell import Cell, MergedCell

    Cells = Sequence[Cell | MergedCell]

__all__ = ["CURE", "MOST_BYTES", "MOST_ROWS", "Row", "Sheet", "read_sheets"]

MOST_BYTES = 32 * 2**20
"""Of the file, and of all that is packed in it: ten times what the norming data of 827 people take."""
MOST_ROWS = 10_000
"""Of one sheet."""
_MOST_COLUMNS = 500
_APART = "move it out of the folder to read the pictures without it"
CURE = f"fetch it again, or {_APART}"
"""What helps against a workbook that cannot be used, as messages end."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header.

    Attributes:
        number: as the spreadsheet counts rows.
        key: who it is about; text.
        cells: the value of each wanted column that the sheet has.
    """

    number: int
    key: str
    cells: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one sheet says.

    Attributes:
        name: as it was asked for.
        rows: every row with a key.
        missing: wanted columns that it lacks.
    """

    name: str
    rows: tuple[Row, ...]
    missing: tuple[str, ...]


def read_sheets(
    path: Path, file: str, *, sheets: Iterable[str], key: str, columns: Sequence[str]
) -> tuple[Sheet, ...]:
    """Those of some sheets that a workbook has; the header of each is its first row with the key's name.

    Args:
        path: the .xlsx file.
        file: what messages call it.
        sheets: names of the sheets, in whatever case.
        key: name of the column that says who a row is about.
        columns: names of the columns that are wanted.

    Raises:
        MissingExtraError: the package that reads workbooks is not installed.
        DatasetError: no such file, no workbook, too large, a sheet without header, or a formula where a value
            is wanted.
    """
    openpyxl = import_package("openpyxl", extra="chicago", asker="the norming data of dataset 'chicago'")
    _check_size(path, file)
    try:
        # What a spreadsheet has beside its cells (styles, extensions) is warned of, and of no interest.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with closing(openpyxl.load_workbook(path, read_only=True, keep_links=False)) as book:
                return tuple(_read(book, file, sheets, key, columns))
    except DatasetError:
        raise
    except Exception as error:
        # A reader may raise anything on a hostile file; whatever it is, there is no workbook.
        raise _unreadable(file, error) from error


def _check_size(path: Path, file: str) -> None:
    """Sizes stand in the archive's directory, and no more than they say is ever unpacked."""
    try:
        packed = path.stat().st_size
        with ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except Exception as error:
        raise _unreadable(file, error) from error
    if max(packed, unpacked) > MOST_BYTES:
        raise DatasetError(
            f"{file}: {packed:,} bytes that unpack to {unpacked:,}, where at most {MOST_BYTES:,} are read; "
            f"{CURE}"
        )


def _unreadable(file: str, error: Exception) -> DatasetError:
    return DatasetError(f"{file}: cannot be read as a workbook ({one_line(error)}); {CURE}")


def _read(
    book: Workbook, file: str, sheets: Iterable[str], key: str, columns: Sequence[str]
) -> Iterator[Sheet]:
    there = {name.strip().casefold(): name for name in book.sheetnames}
    for name in sheets:
        if (found := there.get(name.casefold())) is not None:
            rows = book[found].iter_rows(max_row=MOST_ROWS + 1, max_col=_MOST_COLUMNS)
            yield _sheet(enumerate(rows, start=1), file, name, key, columns)


def _sheet(
    rows: Iterator[tuple[int, Cells]], file: str, name: str, key: str, columns: Sequence[str]
) -> Sheet:
    header: dict[str, int] = {}
    found: list[Row] = []
    for number, cells in rows:
        if number > MOST_ROWS and any(cell.value is not None for cell in cells):
            raise DatasetError(f"{file}: sheet {name!r} has more than {MOST_ROWS:,} rows; {CURE}")
        if not header:
            titles = [str(cell.value).strip() for cell in cells]
            if key in titles:
                header = {title: titles.index(title) for title in (key, *columns) if title in titles}
            continue
        values = {title: _value(cells[place], file, name, number) for title, place in header.items()}
        who = values.pop(key)
        if who is not None:
            found.append(Row(number, str(who).strip(), values))
    if not header:
        raise DatasetError(f"{file}: no row of sheet {name!r} has a column named {key!r}; {CURE}")
    return Sheet(name, tuple(found), tuple(title for title in columns if title not in header))


def _value(cell: Cell | MergedCell, file: str, sheet: str, row: int) -> object:
    if cell.data_type == "f":
        raise DatasetError(
            f"{file}: sheet {sheet!r} has a formula in row {row}, where a value is wanted, and no formula is "
            f"evaluated; save the sheet with values, or {_APART}"
        )
    value = cell.value
    return None if isinstance(value, str) and not value.strip() else value
