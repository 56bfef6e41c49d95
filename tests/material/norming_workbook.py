"""A workbook of norming data as the Chicago Face Database has it, made cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openpyxl import Workbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    Rows = Sequence[Sequence[object]]

WORKBOOK = "CFD 3.0 Norming Data and Codebook.xlsx"
MAIN, MULTIRACIAL, INDIA = "CFD U.S. Norming Data", "CFD-MR U.S. Norming Data", "CFD-I U.S. Norming Data"
RATED_IN_INDIA = "CFD-I INDIA Norming Data"
HEADER = ("Model", "EthnicitySelf", "GenderSelf", "AgeSelf", "AgeRated", None, "LuminanceMedian")


def write_norming(
    path: Path, sheets: Mapping[str, Rows], *, header: Sequence[object] = HEADER, above: int = 7
) -> Path:
    """A workbook with a codebook first, and sheets whose header stands below some lines of text.

    Args:
        path: where it is written.
        sheets: rows below the header, by the name of the sheet.
        header: names of the columns; the unnamed one holds deviations.
        above: lines before the header.
    """
    book = Workbook()
    assert book.active is not None
    book.active.title = "Codebook"
    book.active.append(["AgeRated", "Estimate the approximate age of this person"])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for line in range(above):
            sheet.append([f"line {line} of what the sheet is about"])
        sheet.append(header)
        sheet.append([None] * len(header))
        for row in rows:
            sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path
