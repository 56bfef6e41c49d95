"""Pictures that are rows of a table: digits in one cell, found again by where the row begins.

The table may have hundreds of megabytes; what is held of a row is where it begins, its label and its split.
"""

from __future__ import annotations

import csv
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fer_audit.datasets.annotations import LONGEST_LINE
from fer_audit.datasets.wild.encoding import as_png
from fer_audit.errors import DatasetError, ImageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from fer_audit.datasets.face_table import FaceTable
    from fer_audit.datasets.inventory import Inventory, Origin

__all__ = ["PixelIndex", "PixelRows", "index_rows", "split_of"]

SIDE = 48
"""Pixels of a side."""

_SPLITS = {"training": "train", "publictest": "public test", "privatetest": "private test"}
_BRIGHTEST = 255
_TOO_LARGE = 10  # digits that no number of rows has


@dataclass(frozen=True, slots=True)
class PixelIndex:
    """The rows of a table before anybody says what they show.

    Attributes:
        path: the table.
        place: the column of the pixels.
        offsets: shape (rows,): bytes before each row.
        codes: the label of each, as it is written.
        splits: the part of the set that each is of; None where it is not recorded.
        broken: why a row holds no picture; empty where it seems to hold one.
    """

    path: Path
    place: int
    offsets: NDArray[np.int64]
    codes: Sequence[str]
    splits: Sequence[str | None]
    broken: Sequence[str]

    def name(self, row: int) -> str:
        """What the picture of a row, counted from 0, is called: ``fer2013.csv#1`` for the first."""
        return f"{self.path.name}#{row + 1}"


@dataclass(frozen=True, slots=True)
class PixelRows:
    """Faces that are rows of a table.

    Attributes:
        path: the table.
        place: the column of the pixels.
        offsets: shape (rows,): bytes before each row.
        faces: every labelled picture.
        labels: the label set, in its order.
        inventory: every row, and what became of it.
        details: what the report says of the image set.
    """

    path: Path
    place: int
    offsets: NDArray[np.int64]
    faces: FaceTable
    labels: tuple[str, ...]
    inventory: Inventory
    details: Mapping[str, str] = field(default_factory=dict)

    def read(self, image: str, /) -> bytes:
        """One picture as a PNG.

        Raises:
            ImageError: it is no row of the table, or the row does not hold 2,304 numbers from 0 to 255.
        """
        table, _, number = image.rpartition("#")
        known = number.isdecimal() and len(number) < _TOO_LARGE and 0 < int(number) <= len(self.offsets)
        if table != self.path.name or not known:
            raise ImageError(
                f"image {image!r} is no row of {self.path.name}; its pictures are named {self.path.name}#1 "
                f"to {self.path.name}#{len(self.offsets)}"
            )
        try:
            with self.path.open("rb") as stream:
                stream.seek(int(self.offsets[int(number) - 1]))
                line = stream.readline(LONGEST_LINE)
        except OSError as error:
            raise ImageError(
                f"image {image!r} cannot be read ({error.strerror}); check the file and its permissions"
            ) from error
        try:
            cells = next(csv.reader([line.decode()]), [])
            grey = bytes(int(digits) for digits in cells[self.place].split())
            return as_png(Image.frombytes("L", (SIDE, SIDE), grey))
        except (ValueError, IndexError, csv.Error) as error:
            raise ImageError(
                f"image {image!r} is not {SIDE} x {SIDE} numbers from 0 to {_BRIGHTEST}; fetch the table "
                "again"
            ) from error


def split_of(usage: str) -> str | None:
    """The part of the set that a row is of; None for a word that names none.

    >>> split_of("PublicTest"), split_of("?")
    ('public test', None)
    """
    return _SPLITS.get(usage.strip().casefold())


def index_rows(path: Path, origin: Origin) -> PixelIndex:
    """Where each row begins, and what it says beside its pixels.

    Args:
        path: the table, with the columns emotion, pixels and Usage.
        origin: whose faces these are, for messages.

    Raises:
        DatasetError: it cannot be read, or has no such columns.
    """
    offsets, starts = array("q"), array("q")
    codes: list[str] = []
    splits: list[str | None] = []
    broken: list[str] = []
    reader = csv.reader(_lines(path, starts))
    try:
        names = [cell.strip().casefold() for cell in next(reader, [])]
        for column in ("emotion", "pixels"):
            if column not in names:
                hint = did_you_mean(column, [name[:20] for name in names])
                raise DatasetError(f"{origin.title}: {path.name} has no column {column!r}; {hint}")
        code, pixels = names.index("emotion"), names.index("pixels")
        usage = names.index("usage") if "usage" in names else None
        before = len(starts)
        for row in reader:
            one_line, before, start = len(starts) == before + 1, len(starts), starts[before]
            if not row:
                continue
            whole = one_line and len(row) == len(names)
            offsets.append(start)
            codes.append(row[code].strip() if whole else "")
            splits.append(split_of(row[usage]) if whole and usage is not None else None)
            broken.append(_broken(row[pixels]) if whole else "not one cell for each column of the table")
    except csv.Error as error:
        raise DatasetError(
            f"{origin.title}: {path.name}, line {reader.line_num}, is no row of a CSV file ({error}); "
            "fetch the table again"
        ) from error
    return PixelIndex(path, pixels, np.array(offsets, dtype=np.int64), codes, splits, broken)


def _lines(path: Path, starts: array[int]) -> Iterator[str]:
    """The lines of the table; where each begins is noted."""
    try:
        with path.open("rb") as stream:
            begin = 0
            while line := stream.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise DatasetError(
                        f"{path.name}: line {len(starts) + 1} has more than {LONGEST_LINE:,} bytes; this is "
                        "no table of small pictures, fetch it again"
                    )
                starts.append(begin)
                yield line.decode("utf-8-sig" if not begin else "utf-8")
                begin += len(line)
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path.name}: no UTF-8 text ({error.reason}); save it as UTF-8") from error
    except OSError as error:
        raise DatasetError(
            f"{path.name}: cannot be read ({error.strerror}); check the file and its permissions"
        ) from error


def _broken(pixels: str) -> str:
    """Why a cell is no picture, as far as a glance tells; a number above 255 is seen when it is read."""
    digits = pixels.strip()
    if digits.count(" ") != SIDE * SIDE - 1:
        return f"not {SIDE * SIDE:,} numbers"
    return "" if digits.replace(" ", "").isdecimal() else "pixels that are no numbers"
