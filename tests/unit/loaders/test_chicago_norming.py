"""The norming workbook of the Chicago Face Database: joined by person, and refused where it cannot be trusted."""

from __future__ import annotations

import struct
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_audit.datasets import dataset_from
from fer_audit.datasets.chicago.sheets import MOST_BYTES, MOST_ROWS
from fer_audit.datasets.folder import FolderDataset
from fer_audit.errors import DatasetError

pytest.importorskip("openpyxl")

from norming_workbook import HEADER, INDIA, MAIN, MULTIRACIAL, RATED_IN_INDIA, WORKBOOK, write_norming

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ROWS: dict[str, Sequence[Sequence[object]]] = {
    MAIN: [
        ["AF-200", "A", "F", "NULL", 32.5, 8.1, 140],
        ["BM-001", "B", "M", 24, 27.25, 7.0, 90.5],
        ["WF-022", "W", "F", None, "26.0", 5.5, 160],
    ],
    MULTIRACIAL: [["MF-331", "BW", "F", 21, 22, 3.1, 120]],
    INDIA: [["IF601-519", None, "F", 30, 29.5, 4.4, 101], ["IM644-306-1", None, "M", 40, 41, 5.0, 99]],
    RATED_IN_INDIA: [["IF601-519", None, "F", 30, 99, 4.4, 101]],
}
PICTURES = {
    "CFD-AF-200-228-N.jpg": (np.nan, 32.5, 140),
    "CFD-BM-001-013-A.jpg": (24, 27.25, 90.5),
    "CFD-BM-001-014-N.jpg": (24, 27.25, 90.5),
    "CFD-WF-022-017-N.jpg": (np.nan, 26, 160),
    "CFD-MF-331-010-N.jpg": (21, 22, 120),
    "CFD-IF-601-519-N.jpg": (30, 29.5, 101),
    "CFD-IM-644-306-1-N.jpg": (40, 41, 99),
    "CFD-IM-644-306-2-N.jpg": (40, 41, 99),
}
APART = "move it out of the folder to read the pictures without it"
CURE = f"fetch it again, or {APART}"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Eight pictures of seven people, and no workbook yet."""
    for name in PICTURES:
        (tmp_path / name).write_bytes(b"")
    return tmp_path


def opened(copy: Path) -> FolderDataset:
    found = dataset_from("chicago", copy).open()
    assert isinstance(found, FolderDataset)
    return found


def refusal(copy: Path) -> str:
    with pytest.raises(DatasetError) as error:
        opened(copy)
    return str(error.value)


def with_rows(copy: Path, **sheets: Sequence[Sequence[object]]) -> Path:
    """The usual workbook, some of its sheets with other rows."""
    names = {"main": MAIN, "multiracial": MULTIRACIAL, "india": INDIA}
    return write_norming(copy / WORKBOOK, ROWS | {names[word]: rows for word, rows in sheets.items()})


@pytest.mark.parametrize("place", ["", "CFD Version 3.0/", "Ünter lagen/a b/"])
def test_numbers_of_each_person_are_joined_to_all_pictures_of_theirs(copy: Path, place: str) -> None:
    write_norming(copy / place / WORKBOOK, ROWS)
    found = opened(copy)
    assert found.inventory.annotations == (f"{place}{WORKBOOK}",)
    assert (found.inventory.present, found.inventory.read, found.inventory.skipped) == (9, 8, ())
    for face in found.faces:
        known = PICTURES[face.image]
        assert face.covariates == {
            name: value
            for name, value in zip(("AgeSelf", "AgeRated", "LuminanceMedian"), known, strict=True)
            if not np.isnan(value)
        }
    assert found.details["norming data"] == (
        "AgeSelf of 4 of 6 people; AgeRated of 6 of 6 people; LuminanceMedian of 6 of 6 people; "
        f"{MAIN}: AgeSelf is no number in row 10 ('NULL')"
    )


@pytest.mark.parametrize("above", [0, 3, 40])
def test_the_header_is_found_by_what_it_says(copy: Path, above: int) -> None:
    write_norming(copy / WORKBOOK, ROWS, above=above)
    assert opened(copy).faces[1].covariates["AgeRated"] == 27.25


def test_the_order_of_columns_does_not_matter(copy: Path) -> None:
    turned = {name: [row[::-1] for row in rows] for name, rows in ROWS.items()}
    write_norming(copy / WORKBOOK, turned, header=HEADER[::-1])
    assert opened(copy).faces[1].covariates == {"AgeSelf": 24, "AgeRated": 27.25, "LuminanceMedian": 90.5}


def test_people_without_a_row_and_rows_without_a_person_are_named(copy: Path) -> None:
    with_rows(
        copy, main=[*ROWS[MAIN][1:], ["LM-999", "L", "M", 20, 21, 1, 100], ["mean", None, None, 1, 1, 1, 1]]
    )
    found = opened(copy)
    assert found.details["norming data"].endswith("; no row of AF-200")
    assert found.faces[0].covariates == {}
    assert {(one.entry, one.reason) for one in found.inventory.rows} == {
        (f"{WORKBOOK}: {MAIN}, row 12", "about somebody whose picture is not there"),
        (f"{WORKBOOK}: {MAIN}, row 13", "about nobody: its key is not that of a person"),
    }
    assert "1 about somebody whose picture is not there" in found.details["rows without a face"]


def test_of_two_rows_that_differ_neither_counts(copy: Path) -> None:
    with_rows(copy, main=[*ROWS[MAIN], ["BM-001", "B", "M", 24, 55, 7.0, 90.5], ROWS[MAIN][2]])
    found = opened(copy)
    assert [one.entry for one in found.inventory.rows] == [f"{WORKBOOK}: {MAIN}, row 13"]
    assert found.inventory.rows[0].reason == "unlike another row about the same person: neither counts"
    assert found.faces[1].covariates == {}
    assert found.faces[7].covariates["AgeRated"] == 26


def test_a_column_or_a_sheet_that_is_not_there_is_named(copy: Path) -> None:
    without = {name: [row[:4] for row in rows] for name, rows in ROWS.items() if name != MULTIRACIAL}
    write_norming(copy / WORKBOOK, without, header=HEADER[:4])
    found = opened(copy)
    assert found.details["norming data"] == (
        f"AgeSelf of 3 of 6 people; {MAIN}: AgeSelf is no number in row 10 ('NULL'); {MAIN}: no column AgeRated, "
        f"LuminanceMedian; {INDIA}: no column AgeRated, LuminanceMedian; no sheet {MULTIRACIAL}; no row of MF-331"
    )
    assert set(found.faces[1].covariates) == {"AgeSelf"}


def test_without_a_workbook_the_pictures_are_read(copy: Path) -> None:
    found = opened(copy)
    assert len(found.faces) == 8
    assert found.faces[0].covariates == {}
    assert found.details["norming data"] == (
        f"no {WORKBOOK!r} there: AgeSelf, AgeRated, LuminanceMedian are not known"
    )


def test_a_lock_file_and_the_workbook_of_another_version_are_no_norming_data(copy: Path) -> None:
    for name in (f"~${WORKBOOK}", "CFD 2.0.3 Norming Data and Codebook.xlsx"):
        (copy / name).write_bytes(b"")
    found = opened(copy)
    assert found.inventory.annotations == ()
    assert {one.reason for one in found.inventory.skipped} == {"no picture"}


def test_two_workbooks_are_one_too_many(copy: Path) -> None:
    for place in ("", "old/"):
        write_norming(copy / place / WORKBOOK, ROWS)
    assert refusal(copy) == (
        f"Chicago Face Database: 2 workbooks of norming data ({WORKBOOK!r}, 'old/{WORKBOOK}'); which of them "
        "belongs to these pictures is not known, so leave one in the folder"
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            ["BM-001", "B", "F", 24, 27, 7, 90],
            "GenderSelf F for BM-001 in row 11, where the names of pictures say M",
        ),
        (
            ["BM-001", "W", "M", 24, 27, 7, 90],
            "EthnicitySelf W for BM-001 in row 11, where the names of pictures say B",
        ),
    ],
)
def test_a_workbook_that_contradicts_the_names_is_refused(
    copy: Path, row: list[object], message: str
) -> None:
    with_rows(copy, main=[ROWS[MAIN][0], row])
    assert refusal(copy) == f"{WORKBOOK}: sheet {MAIN!r} has {message}: rows or columns have slipped; {CURE}"


def test_what_people_of_the_extensions_answer_is_not_held_against_names(copy: Path) -> None:
    with_rows(copy, multiracial=[["MF-331", "B", "M", 21, 22, 3, 120]])
    assert {face.attributes["gender"] for face in opened(copy).faces if face.identity == "MF-331"} == {
        "female"
    }


def test_a_workbook_about_other_people_is_refused(copy: Path) -> None:
    write_norming(copy / WORKBOOK, {MAIN: [["LM-999", "L", "M", 20, 21, 1, 100]]})
    assert refusal(copy) == (
        f"{WORKBOOK}: none of the 1 people it tells of is in the pictures, whose first is AF-200: it belongs to "
        f"others; {CURE}"
    )


def test_another_workbook_of_that_name_is_refused(copy: Path) -> None:
    write_norming(copy / WORKBOOK, {"Budget": [["AF-200"]]})
    assert refusal(copy) == (
        f"{WORKBOOK}: none of the sheets {MAIN!r}, {MULTIRACIAL!r}, {INDIA!r} is there: these are not the norming "
        f"data of version 3.0; {CURE}"
    )


@pytest.mark.parametrize("cell", ["Model", "AgeRated"])
def test_no_formula_is_evaluated(copy: Path, cell: str) -> None:
    row: list[object] = ["BM-001", "B", "M", 24, 27, 7, 90]
    row[HEADER.index(cell)] = '=WEBSERVICE("http://localhost/")'
    with_rows(copy, main=[ROWS[MAIN][0], row])
    assert refusal(copy) == (
        f"{WORKBOOK}: sheet {MAIN!r} has a formula in row 11, where a value is wanted, and no formula is evaluated; "
        f"save the sheet with values, or {APART}"
    )


def test_a_formula_in_a_column_that_nobody_asks_for_does_no_harm(copy: Path) -> None:
    with_rows(copy, main=[*ROWS[MAIN][:2], ["WF-022", "W", "F", None, 26, "=1/0", 160]])
    assert opened(copy).faces[7].covariates["AgeRated"] == 26


@pytest.mark.parametrize("value", ["", "  ", None, "nan", "inf", True, "1e999", "#REF!", 10**400])
def test_what_is_no_number_is_not_recorded(copy: Path, value: object) -> None:
    with_rows(copy, main=[["BM-001", "B", "M", 24, value if value != 10**400 else str(value), 7, 90]])
    found = opened(copy)
    assert "AgeRated" not in found.faces[1].covariates
    empty = value is None or (isinstance(value, str) and not value.strip())
    assert ("AgeRated is no number in row 10" in found.details["norming data"]) is not empty


def test_an_empty_sheet_is_refused(copy: Path) -> None:
    write_norming(copy / WORKBOOK, ROWS, header=("Somebody",))
    assert refusal(copy) == f"{WORKBOOK}: no row of sheet {MAIN!r} has a column named 'Model'; {CURE}"


def test_a_sheet_of_too_many_rows_is_refused(copy: Path) -> None:
    write_norming(copy / WORKBOOK, {MAIN: [["BM-001", "B", "M", 1, 2, 3, 4]] * (MOST_ROWS + 1)})
    assert refusal(copy) == f"{WORKBOOK}: sheet {MAIN!r} has more than {MOST_ROWS:,} rows; {CURE}"


def test_a_row_at_the_end_of_the_sheet_takes_no_time(copy: Path) -> None:
    """Sheets may end in a row of number 1,048,576; the ones between are not there."""
    path = with_rows(copy)
    last = b'<row r="1048576"><c r="XFD1048576"/></row></sheetData>'
    rewrite(path, "xl/worksheets/sheet2.xml", b"</sheetData>", last)
    assert opened(copy).faces[1].covariates["AgeRated"] == 27.25


def rewrite(path: Path, member: str, before: bytes, after: bytes) -> None:
    """Put other bytes in place of some in one part of the workbook."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert before in members[member]
    members[member] = members[member].replace(before, after)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(copy: Path) -> None:
    with_rows(copy)
    with zipfile.ZipFile(copy / WORKBOOK, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(MOST_BYTES))
    said = refusal(copy)
    assert f"where at most {MOST_BYTES:,} are read; {CURE}" in said
    assert (copy / WORKBOOK).stat().st_size < MOST_BYTES / 100


def test_an_archive_that_lies_about_its_size_is_refused(copy: Path) -> None:
    path = with_rows(copy)
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo("xl/worksheets/sheet2.xml").file_size
    path.write_bytes(path.read_bytes().replace(struct.pack("<I", size), struct.pack("<I", 700)))
    assert refusal(copy).startswith(f"{WORKBOOK}: cannot be read as a workbook (Bad CRC-32 for file ")


def test_entities_that_multiply_are_not_expanded(copy: Path) -> None:
    levels = [b'<!ENTITY a0 "ha">'] + [
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)
    ]
    bomb = b"<!DOCTYPE x [" + b"".join(levels) + b"]>"
    path = with_rows(copy, main=[["BM-001", "B", "M", 24, "here", 7, 90]])
    rewrite(path, "xl/worksheets/sheet2.xml", b"<worksheet", bomb + b"<worksheet")
    rewrite(path, "xl/worksheets/sheet2.xml", b"<t>here</t>", b"<t>&a9;</t>")
    said = refusal(copy)
    assert said.startswith(f"{WORKBOOK}: cannot be read as a workbook (")
    assert said.endswith(f"; {CURE}")


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 encrypted", b"<html>not found</html>"],
)
def test_a_broken_file_is_refused(copy: Path, content: bytes) -> None:
    (copy / WORKBOOK).write_bytes(content)
    said = refusal(copy)
    assert said.startswith(f"{WORKBOOK}: cannot be read as a workbook (")
    assert said.endswith(f"; {CURE}")


@pytest.mark.parametrize("member", ["xl/workbook.xml", "xl/worksheets/sheet2.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("content", [b"", b"<worksheet><sheetData><row r='x'><c r='A1", b"\x00\xff" * 40])
def test_a_broken_part_of_the_file_is_refused(copy: Path, member: str, content: bytes) -> None:
    path = with_rows(copy)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()} | {member: content}
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    assert refusal(copy).startswith(f"{WORKBOOK}: cannot be read as a workbook (")


def test_a_cut_file_is_refused(copy: Path) -> None:
    path = with_rows(copy)
    path.write_bytes(path.read_bytes()[:-200])
    assert refusal(copy).startswith(f"{WORKBOOK}: cannot be read as a workbook (")
