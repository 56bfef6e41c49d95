from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from fer_audit.errors import TableError
from fer_audit.predictions import Predictions
from fer_audit.tables import header
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from pathlib import Path

ROWS = {
    "identity": ["p1", "p1", "p2"],
    "expression": ["anger", "Happy", "fear"],
    "predicted": ["anger", "joy", "surprise"],
    "race": ["a", "a", "b"],
}


def frame(**changes: object) -> pd.DataFrame:
    return pd.DataFrame({**ROWS, **changes})


def words(predictions: Predictions, column: str) -> list[str]:
    col = getattr(predictions, column)
    return [col.levels[code] if code >= 0 else "" for code in col.codes]


def test_a_table_becomes_columns_of_the_vocabulary() -> None:
    predictions = Predictions.from_pandas(frame())
    assert words(predictions, "true") == ["anger", "happiness", "fear"]
    assert words(predictions, "predicted") == ["anger", "happiness", "surprise"]
    assert predictions.true.levels == ("anger", "fear", "happiness")
    assert predictions.predicted.levels == ("anger", "fear", "happiness", "surprise")
    assert words(predictions, "identity") == ["p1", "p1", "p2"]
    assert list(predictions.attributes) == ["race"]
    assert len(set(predictions.image.codes.tolist())) == 3


def test_other_column_names_are_mapped() -> None:
    table = frame().rename(columns={"identity": "who", "expression": "truth", "predicted": "said"})
    predictions = Predictions.from_pandas(table, identity="who", true="truth", predicted="said")
    assert words(predictions, "true") == ["anger", "happiness", "fear"]


def test_a_refusal_is_an_answer_of_its_kind() -> None:
    predictions = Predictions.from_pandas(
        frame(predicted=["anger", None, "fear"], answer=[None, "refused", "answered"])
    )
    assert words(predictions, "predicted") == ["anger", "", "fear"]
    assert [list(AnswerKind)[kind] for kind in predictions.kind] == ["answered", "refused", "answered"]


def test_any_label_set_is_taken_where_none_is_an_expression() -> None:
    table = frame(expression=["l1", "l0", "l1"], predicted=["l1", "other", "l0"])
    predictions = Predictions.from_pandas(table)
    assert predictions.true.levels == ("l0", "l1")
    assert predictions.predicted.levels == ("l0", "l1", "other")


def test_declared_labels_keep_their_order_and_bound_the_answers() -> None:
    table = frame(expression=["l1", "l0", "l1"], predicted=["l1", "other", "l0"])
    predictions = Predictions.from_pandas(table, labels=["l1", "l0", "other"])
    assert predictions.true.levels == ("l1", "l0", "other")
    with pytest.raises(TableError, match="unknown label 'other' in column 'predicted', row 2"):
        Predictions.from_pandas(table, labels=["l1", "l0"])


def test_rows_of_one_image_are_repeats_and_are_said() -> None:
    predictions = Predictions.from_pandas(frame(image=["x", "y", "z"]))
    assert predictions.notes == ()
    repeated = pd.concat([frame(image=["x", "y", "z"])] * 2)
    assert Predictions.from_pandas(repeated).notes == ("3 rows repeat an image and are averaged with it",)


def test_an_empty_attribute_is_no_group() -> None:
    predictions = Predictions.from_pandas(frame(race=["a", "a", None]))
    assert predictions.attributes["race"].levels == ("a",)
    assert predictions.attributes["race"].codes.tolist() == [0, 0, -1]


def test_two_spellings_of_one_name_are_one_person() -> None:
    composed, apart = "Zo\u00eb", "Zoe\u0308"
    predictions = Predictions.from_pandas(
        frame(identity=[composed, apart, "p2"], race=[composed, apart, "b"], image=[composed, apart, "z"])
    )
    assert predictions.identity.levels == (composed, "p2")
    assert len(predictions.attributes["race"].levels) == 2
    # File names are bytes on a disk: the two stay two.
    assert len(predictions.image.levels) == 3


def test_csv_and_parquet_read_alike_and_text_stays_text(tmp_path: Path) -> None:
    table = frame(identity=["01", "01", "02"])
    table.to_csv(tmp_path / "t.csv", index=False)
    pq.write_table(pa.Table.from_pandas(table), tmp_path / "t.parquet")
    from_csv = Predictions.read(tmp_path / "t.csv")
    from_parquet = Predictions.read_parquet(tmp_path / "t.parquet")
    assert from_csv.identity.levels == from_parquet.identity.levels == ("01", "02")
    assert np.array_equal(from_csv.predicted.codes, from_parquet.predicted.codes)
    assert from_csv.provenance.model == "t"
    assert header(tmp_path / "t.parquet") == header(tmp_path / "t.csv")


BAD = {
    "missing column": (
        frame().drop(columns="predicted"),
        "table: column 'predicted' is missing; Known: expression, identity, race",
    ),
    "misspelt column": (
        frame().rename(columns={"identity": "identiy"}),
        "table: column 'identity' is missing; did you mean 'identiy'? Known: expression, identiy, predicted, race",
    ),
    "no rows": (frame().iloc[:0], "table: no rows; a prediction table has one row for each answer"),
    "NaN identity": (
        frame(identity=["p1", None, "p2"]),
        "table: column 'identity' is empty or NaN in 1 of 3 rows (first: row 2); fill it or remove those rows",
    ),
    "NaN label": (
        frame(expression=["anger", "fear", float("nan")]),
        "table: column 'expression' is empty or NaN in 1 of 3 rows (first: row 3); fill it or remove those rows",
    ),
    "NaN prediction": (
        frame(predicted=["anger", float("nan"), "fear"]),
        "table: column 'predicted' is empty or NaN in 1 of 3 rows (first: row 2); say why in a column 'answer' "
        "(refused, unreadable, ...) or fill it",
    ),
    "unknown label": (
        frame(expression=["anger", "hapiness", "fear"]),
        "table: unknown label 'hapiness' in column 'expression', row 2; did you mean 'happiness'? Known: anger, "
        "contempt, disgust, fear, happiness, neutral, sadness, surprise",
    ),
    "unknown prediction": (
        frame(predicted=["anger", "Concentration", "fear"]),
        "table: unknown label 'Concentration' in column 'predicted', row 2; Known: anger, contempt, disgust, fear, "
        "happiness, neutral, sadness, surprise. An answer outside the labels is written with an empty prediction "
        "and 'unreadable' in a column 'answer'",
    ),
    "unknown kind": (
        frame(answer=["answered", "refusd", "answered"]),
        "table: unknown kind of answer 'refusd' in row 2; did you mean 'refused'? Known: absent, answered, "
        "blocked_input, blocked_output, empty, error, malformed, out_of_vocabulary, refused, several_labels, truncated, unreadable",
    ),
    "refused and predicted": (
        frame(answer=["answered", "refused", "answered"]),
        "table: row 2 is marked 'refused' but predicts 'joy'; only answered rows carry a prediction",
    ),
    "two people in one image": (
        frame(image=["x", "y", "x"], expression=["anger"] * 3, race=["a"] * 3),
        "table: image 'x' is listed with two values of 'identity': 'p1' and 'p2'; one picture shows one person "
        "with one label and one group",
    ),
    "two labels of one image": (
        frame(image=["x", "x", "y"]),
        "table: image 'x' is listed with two values of 'expression': 'anger' and 'happiness'; one picture shows "
        "one person with one label and one group",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_tables_say_what_where_and_what_to_do(case: str) -> None:
    table, message = BAD[case]
    with pytest.raises(TableError) as caught:
        Predictions.from_pandas(table)
    assert str(caught.value) == message


def test_bad_files_say_so(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no such file; check the path"):
        Predictions.read(tmp_path / "none.csv")
    (tmp_path / "t.xlsx").write_bytes(b"x")
    with pytest.raises(TableError, match=r"tables are read as \.csv or \.parquet, not '\.xlsx'"):
        Predictions.read(tmp_path / "t.xlsx")
    (tmp_path / "t.parquet").write_bytes(b"not parquet")
    with pytest.raises(
        TableError, match=r"t\.parquet: not a Parquet file \(.*\); export it again, or save it as \.csv"
    ):
        Predictions.read(tmp_path / "t.parquet")
    (tmp_path / "e.csv").write_bytes(b"")
    with pytest.raises(TableError, match=r"e\.csv: the file is empty"):
        Predictions.read(tmp_path / "e.csv")
    (tmp_path / "d.csv").write_text("identity,identity\n1,2\n")
    with pytest.raises(TableError, match=r"d\.csv: column 'identity' appears twice"):
        Predictions.read(tmp_path / "d.csv")
    (tmp_path / "r.csv").write_text("identity,expression,predicted\np1,anger\n")
    with pytest.raises(TableError) as ragged:
        Predictions.read(tmp_path / "r.csv")
    assert str(ragged.value) == (
        "r.csv: cannot be read as a table (CSV parse error: Expected 3 columns, got 2: p1,anger); every row needs "
        "one cell a column of the header, and a cell with a comma needs quotes"
    )
    (tmp_path / "l.csv").write_bytes("identity,expression,prédicted\n".encode("latin-1"))
    with pytest.raises(TableError, match=r"l\.csv: no readable header .* save it as UTF-8 CSV"):
        Predictions.read(tmp_path / "l.csv")


@pytest.mark.parametrize(
    ("cells", "kind", "reason"),
    [
        ([["a", "b"]], "list<.*: string>", "Unsupported cast"),
        ([{"a": 1}], "struct<a: int64>", "Unsupported cast"),
        ([b"\xff\xfe"], "binary", "Invalid UTF8"),
    ],
)
def test_a_column_of_other_things_than_words_says_what_to_do(
    tmp_path: Path, cells: list[object], kind: str, reason: str
) -> None:
    row = pa.table({"identity": ["p"], "expression": ["anger"], "predicted": ["anger"], "race": cells})
    pq.write_table(row, tmp_path / "t.parquet")
    with pytest.raises(
        TableError,
        match=rf"^t\.parquet: column 'race' holds values of type {kind}, which are no text or number "
        rf"\({reason}.*\); give it one plain value a row, or leave the column out$",
    ):
        Predictions.read(tmp_path / "t.parquet")


def test_a_file_that_may_not_be_read_is_told_without_its_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "t.csv"
    file.write_text("identity,expression,predicted\n")

    def refuse(*_arguments: object, **_named: object) -> None:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(type(file), "open", refuse)
    with pytest.raises(TableError) as caught:
        Predictions.read(file)
    assert str(caught.value) == "t.csv: no readable header (Permission denied); save it as UTF-8 CSV"
