"""Tables on disk and in memory: CSV, Parquet and pandas, read into columns of integer codes.

CSV cells are text and stay text: ``01`` is a name, not the number one.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from fer_audit.errors import TableError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = [
    "Column",
    "as_numbers",
    "column",
    "first_values",
    "floats",
    "groupable",
    "header",
    "integers",
    "numbers",
    "read_table",
    "require_columns",
]

_BATCH = 1024  # rows of a Parquet file that are looked at together


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A categorical column.

    Attributes:
        codes: shape (rows,), int32: index into ``levels``; -1 where nothing is recorded.
        levels: the distinct values, sorted by name unless the column has an order of its own.
    """

    codes: NDArray[np.int32]
    levels: tuple[str, ...]


def header(path: Path) -> tuple[str, ...]:
    """The column names of a table, without reading its rows.

    Raises:
        TableError: the file is missing, of another kind, or has no readable header.
    """
    _check_file(path)
    if path.suffix.casefold() == ".csv":
        try:
            with path.open(newline="", encoding="utf-8-sig") as stream:
                names = tuple(next(csv.reader(stream), ()))
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise TableError(
                f"{path.name}: no readable header ({_first_line(error)}); save it as UTF-8 CSV"
            ) from error
    else:
        try:
            names = tuple(pq.read_schema(path).names)
        except (OSError, pa.ArrowException) as error:
            raise TableError(
                f"{path.name}: not a Parquet file ({_first_line(error)}); export it again, or save it as .csv"
            ) from error
    repeated = sorted({name for name in names if names.count(name) > 1})
    for name in names:
        odd = not name or name != name.strip() or any(mark in name for mark in ("*", "[", "]", ",", "::"))
        if odd:
            raise TableError(
                f"{path.name}: column name {name!r} cannot be used; rename it, without *, [, ], ',' "
                "or '::' and without space around it (an unnamed one is often an index: use index=False)"
            )
    if not names or repeated:
        problem = f"column {repeated[0]!r} appears twice" if repeated else "the file is empty"
        raise TableError(f"{path.name}: {problem}; give each column a name of its own")
    return names


def groupable(path: Path) -> tuple[str, ...]:
    """The columns whose values can be groups: all of a CSV, those of a Parquet file that are no floats.

    Raises:
        TableError: see `header`.
    """
    names = header(path)
    if path.suffix.casefold() == ".csv":
        return names
    schema = pq.read_schema(path)
    return tuple(
        name
        for name in names
        if not pa.types.is_floating(schema.field(name).type) and not name.startswith("__index_level_")
    )


def floats(path: Path) -> tuple[str, ...]:
    """The columns that a table types as floats: none of a CSV, whose cells are text.

    Raises:
        TableError: see `header`.
    """
    names = header(path)
    if path.suffix.casefold() == ".csv":
        return ()
    schema = pq.read_schema(path)
    return tuple(
        name
        for name in names
        if pa.types.is_floating(schema.field(name).type) and not name.startswith("__index_level_")
    )


def first_values(path: Path, names: Sequence[str]) -> Mapping[str, str]:
    """The first value of each of these columns, as text; a column that is empty throughout is left out.

    No more rows are read than that takes: usually one.

    Args:
        path: the table.
        names: columns that it has.

    Raises:
        TableError: the file cannot be read.
    """
    found: dict[str, str] = {}
    try:
        for row in _rows(path, names):
            for name, value in row.items():
                text = "" if value is None or value != value else str(value).strip()  # noqa: PLR0124 - nan
                if text:
                    found.setdefault(name, text)
            if len(found) == len(names):
                break
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise TableError(
            f"{path.name}: cannot be read as a table ({_first_line(error)}); export it again"
        ) from error
    return found


def _rows(path: Path, names: Sequence[str]) -> Iterator[Mapping[str, object]]:
    if path.suffix.casefold() == ".csv":
        with path.open(newline="", encoding="utf-8-sig") as stream:
            for row in csv.DictReader(stream):
                yield {name: row[name] for name in names}
    else:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH, columns=list(names)):
                yield from batch.to_pylist()


def read_table(path: Path) -> pa.Table:
    """The whole table; every CSV cell as text, an empty one as missing.

    Raises:
        TableError: the file cannot be read as CSV or Parquet.
    """
    names = header(path)
    try:
        if path.suffix.casefold() == ".csv":
            return pacsv.read_csv(
                path,
                convert_options=pacsv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True
                ),
            )
        return pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        cure = "export it again"
        if path.suffix.casefold() == ".csv":
            cure = "every row needs one cell a column of the header, and a cell with a comma needs quotes"
        raise TableError(f"{path.name}: cannot be read as a table ({_first_line(error)}); {cure}") from error


def require_columns(names: Sequence[str], needed: Sequence[str], *, where: str) -> None:
    """Check that a table has the columns it must have.

    Raises:
        TableError: one is missing; the message names it, and the nearest that is there.
    """
    for name in needed:
        if name not in names:
            raise TableError(f"{where}: column {name!r} is missing; {did_you_mean(name, names)}")


def column(table: pa.Table, name: str, *, where: str, optional: bool = False, exact: bool = False) -> Column:
    """One column as codes into its sorted distinct values, each written as text.

    Args:
        table: the table.
        name: the column's name.
        where: what the table is called in messages.
        optional: an empty (or NaN) cell is code -1 instead of an error.
        exact: keep the code points as they are (file names); else two spellings of one word in Unicode, such
            as an accent of its own, are one value.

    Raises:
        TableError: a cell is empty or NaN, and the column is not optional.
    """
    values = table.column(name)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_floating(values.type):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
    if not pa.types.is_string(values.type):
        try:
            values = values.cast(pa.string())
        except pa.ArrowException as error:
            raise TableError(
                f"{where}: column {name!r} holds values of type {values.type}, which are no text or number "
                f"({_first_line(error)}); give it one plain value a row, or leave the column out"
            ) from error
    values = pc.utf8_trim_whitespace(values)
    values = pc.if_else(pc.equal(values, pa.scalar("")), pa.scalar(None, pa.string()), values)
    if values.null_count and not optional:
        empty = np.flatnonzero(values.is_null().to_numpy())
        raise TableError(
            f"{where}: column {name!r} is empty or NaN in {len(empty)} of {len(values)} rows "
            f"(first: row {int(empty[0]) + 1}); fill it or remove those rows"
        )
    encoded = values.combine_chunks().dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    if not exact:
        distinct = [normalize("NFC", word) for word in distinct]
    levels = tuple(sorted(set(distinct)))
    code = {level: position for position, level in enumerate(levels)}
    # The last place is that of an empty cell, which the indices below call -1.
    rank = np.array([*(code[word] for word in distinct), -1], dtype=np.int32)
    return Column(rank[integers(encoded.indices.fill_null(-1))], levels)


def integers(values: pa.Array[Any]) -> NDArray[np.int32]:
    """An array of 32-bit integers without gaps as numpy sees it, shape (values,), without a copy.

    pyarrow's own conversion imports pandas for it, which takes most of a second and 60 MiB.

    >>> integers(pa.array([3, 1, 2], pa.int32()).slice(1)).tolist()
    [1, 2]
    """
    numbers_in_memory = np.frombuffer(memoryview(values.buffers()[1] or b""), dtype=np.int32)
    return np.asarray(numbers_in_memory[values.offset : values.offset + len(values)])


def numbers(table: pa.Table, name: str, *, where: str) -> NDArray[np.float64]:
    """One column as numbers, shape (rows,); nan where a cell is empty.

    Raises:
        TableError: a cell is no finite number.
    """
    values = table.column(name)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    words = values
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        trimmed = pc.utf8_trim_whitespace(values)
        values = pc.if_else(pc.equal(trimmed, pa.scalar("")), pa.scalar(None, trimmed.type), trimmed)
    try:
        found = values.cast(pa.float64()).to_numpy().astype(np.float64)
    except (pa.ArrowException, ValueError) as error:
        raise TableError(
            f"{where}: column {name!r} holds something that is no number ({_first_line(error)}); "
            "write numbers with a decimal point, and leave unknown cells empty"
        ) from error
    infinite = np.flatnonzero(np.isinf(found))
    if infinite.size:
        row = int(infinite[0])
        raise TableError(
            f"{where}: {words[row].as_py()!r} in column {name!r}, row {row + 1}, is no finite number; "
            "leave unknown cells empty"
        )
    return found


def as_numbers(col: Column, name: str, *, where: str) -> NDArray[np.float64]:
    """A column of text as numbers, shape (rows,); nan where a cell is empty.

    >>> as_numbers(Column(np.array([1, 0, -1]), ("12", "7.5")), "yaw", where="table").tolist()
    [7.5, 12.0, nan]

    Raises:
        TableError: a cell is no finite number.
    """
    found = np.full(len(col.levels) + 1, np.nan)
    for code, word in enumerate(col.levels):
        try:
            # Python reads 1_5 as 15, which nobody means in a table.
            found[code] = np.inf if "_" in word else float(word)
        except ValueError:
            found[code] = np.inf
        if not np.isfinite(found[code]) and (col.codes == code).any():
            row = int(np.flatnonzero(col.codes == code)[0]) + 1
            raise TableError(
                f"{where}: {word!r} in column {name!r}, row {row}, is no finite number; write numbers with a "
                "decimal point, and leave unknown cells empty"
            )
    return found[col.codes]


def _check_file(path: Path) -> None:
    if path.suffix.casefold() not in {".csv", ".parquet"}:
        raise TableError(
            f"{path.name}: tables are read as .csv or .parquet, not {path.suffix or 'no suffix'!r}"
        )
    if not path.is_file():
        raise TableError(f"{path}: no such file; check the path (it is read from the folder pytest runs in)")


def _first_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        # The text of such an error names the file with its folders.
        return error.strerror
    return (str(error).splitlines() or [type(error).__name__])[0]
