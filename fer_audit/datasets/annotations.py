"""Annotation files of a set, read as what they are: input that somebody else wrote, within limits.

Text is UTF-8, with or without a byte order mark, and lines may end in either way. A file that cannot be read
is an error that names it; a row that says nothing is for the loader to name.
"""

from __future__ import annotations

import csv
import os
from typing import TYPE_CHECKING

from fer_audit.errors import DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["LONGEST_LINE", "read_small", "rows_of", "text_lines"]

LONGEST_LINE = 2**16
"""Characters of one line: a picture of 48 x 48 pixels in digits takes 9,216."""


def text_lines(path: Path, name: str) -> Iterator[str]:
    """The lines of a text file, without their ends; one at a time, so that a long file takes no memory.

    Args:
        path: the file.
        name: what messages call it.

    Raises:
        DatasetError: it cannot be read, is no UTF-8 text, or has a line that no annotation needs.
    """
    try:
        with path.open(encoding="utf-8-sig") as stream:
            number = 0
            while line := stream.readline(LONGEST_LINE + 1):
                number += 1
                if len(line) > LONGEST_LINE:
                    raise DatasetError(
                        f"{name}: line {number} has more than {LONGEST_LINE:,} characters; this is no such "
                        "annotation file, fetch it again"
                    )
                yield line.rstrip("\n")
    except UnicodeDecodeError as error:
        raise DatasetError(f"{name}: no UTF-8 text ({error.reason}); save it as UTF-8") from error
    except OSError as error:
        raise DatasetError(
            f"{name}: cannot be read ({error.strerror}); check the file and its permissions"
        ) from error


def rows_of(path: Path, name: str) -> Iterator[list[str]]:
    """The rows of a CSV file, each as its cells; empty lines are left out.

    Raises:
        DatasetError: see `text_lines`, or quotes that are never closed.
    """
    reader = csv.reader(text_lines(path, name))
    try:
        for row in reader:
            if row:
                yield row
    except csv.Error as error:
        raise DatasetError(
            f"{name}: line {reader.line_num} is no row of a CSV file ({error}); export it again"
        ) from error


def read_small(path: str, most: int) -> bytes | None:
    """The content of a small file; None where it is larger than it may be, or cannot be read.

    Args:
        path: the file.
        most: bytes that it may have.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        data = os.read(descriptor, most + 1)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return data if len(data) <= most else None
