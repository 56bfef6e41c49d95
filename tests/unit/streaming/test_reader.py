from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import fer_audit
from fer_audit import Audit, Gap, Predictions, Slicing, accuracy
from fer_audit.errors import ConfigurationError, FerAuditError, IncompleteError, TableError, UnknownNameError
from fer_audit.stats.counts import count
from fer_audit.streaming import count_parquet, reader

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.stats.counts import Counts

WORDS = ["anger", "Happy", "happiness", "fear", "neutral"]


def write(path: Path, columns: dict[str, list[Any]], rows: int = 100) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=rows)
    return path


def same(one: Counts, other: Counts) -> None:
    for name in ("people", "levels", "labels", "predicted", "slicing", "empty", "repeats", "missing"):
        assert getattr(one, name) == getattr(other, name), name
    for name in ("person", "level", "cells"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
        assert getattr(one, name).dtype == getattr(other, name).dtype, name
    assert one.answered is other.answered is None
    assert one.identified
    assert other.identified


tables = st.integers(1, 60).flatmap(
    lambda rows: st.fixed_dictionaries(
        {
            "identity": st.lists(
                st.sampled_from(["p", " p", "q", "\u00e9", "e\u0301", "10"]), min_size=rows, max_size=rows
            ),
            "gender": st.lists(st.sampled_from(["m", "f", None, ""]), min_size=rows, max_size=rows),
            "tone": st.lists(st.sampled_from([9, 10, 2]), min_size=rows, max_size=rows),
            "expression": st.lists(st.sampled_from(WORDS), min_size=rows, max_size=rows),
            "predicted": st.lists(st.sampled_from([*WORDS, None]), min_size=rows, max_size=rows),
            "answer": st.lists(st.sampled_from(["refused", "unreadable"]), min_size=rows, max_size=rows),
        }
    )
)


@given(tables, st.integers(1, 9), st.sampled_from(["gender", "tone", "gender*tone"]))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_table_read_in_batches_has_the_counts_of_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: dict[str, list[Any]], rows: int, by: str
) -> None:
    answer = [
        None if given_ else word for given_, word in zip(columns["predicted"], columns["answer"], strict=True)
    ]
    path = write(tmp_path / "table.parquet", {**columns, "answer": answer}, rows)
    monkeypatch.setattr(reader, "_BATCH", 7)
    whole = count(Predictions.read(path), Slicing(by))
    same(count_parquet(path, by), whole)


def test_a_slice_left_out_by_name_is_left_out(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", people(10))
    by = Slicing("gender", without={"m": "few"})
    same(count_parquet(path, by), count(Predictions.read(path), by))


def test_a_word_that_a_later_one_makes_unknown_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_BATCH", 5)
    columns = people(10) | {
        "expression": ["yes"] * 5 + ["anger"] * 5,
        "predicted": ["yes"] * 5 + ["anger"] * 5,
    }
    path = write(tmp_path / "t.parquet", columns)
    with pytest.raises(TableError, match="unknown label 'yes' in column 'expression'"):
        Predictions.read(path)
    with pytest.raises(TableError, match="from row 6 on: unknown label 'yes' in column 'expression'"):
        count_parquet(path, "gender")


def people(number: int, **others: list[Any]) -> dict[str, list[Any]]:
    """One image each of both genders in turn."""
    return {
        "identity": [f"p{i}" for i in range(number)],
        "gender": ["fm"[i % 2] for i in range(number)],
        "expression": ["anger"] * number,
        "predicted": ["anger", "anger", "anger", "fear", "anger"] * (number // 5),
        **others,
    }


def test_its_verdict_is_that_of_the_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", people(200))
    criterion = Gap(accuracy, at_most=0.3)
    audit = Audit.from_counts(fer_audit.count_parquet(path, "gender"))
    assert audit.require(criterion) == Audit(Predictions.read(path), "gender").judge(criterion)
    assert audit.slicing == Slicing("gender")
    assert audit.model == "predictions"
    assert audit.dataset == "table"
    assert len(audit.verdicts) == 1
    assert audit.renewed().verdicts == ()


def test_labels_of_a_vocabulary_of_its_own_keep_their_order(tmp_path: Path) -> None:
    columns = people(10) | {"expression": ["yes"] * 10, "predicted": ["no", "yes"] * 5}
    path = write(tmp_path / "t.parquet", columns)
    found = count_parquet(path, "gender", labels=("yes", "no"))
    assert found.labels == ("yes", "no")
    same(found, count(Predictions.read(path, labels=("yes", "no")), Slicing("gender")))


REFUSED: dict[str, dict[str, list[Any]]] = {
    "unknown label": {"expression": ["anger"] * 9 + ["angr"]},
    "unknown answer": {"predicted": ["anger"] * 9 + ["angr"]},
    "unknown kind": {"answer": [None] * 9 + ["bored"]},
    "no prediction": {"predicted": ["anger"] * 9 + [None]},
    "no label": {"expression": ["anger"] * 9 + [None]},
    "marked and predicted": {"answer": [None] * 9 + ["refused"]},
}


@pytest.mark.parametrize("columns", REFUSED.values(), ids=REFUSED)
def test_what_the_whole_table_refuses_is_refused_in_its_words(
    tmp_path: Path, columns: dict[str, list[Any]]
) -> None:
    path = write(tmp_path / "t.parquet", people(10, **columns))
    with pytest.raises(FerAuditError) as whole:
        Predictions.read(path)
    with pytest.raises(type(whole.value)) as batches:
        count_parquet(path, "gender")
    assert str(batches.value) == str(whole.value)


def test_a_later_batch_names_where_its_rows_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_BATCH", 4)
    path = write(tmp_path / "t.parquet", people(10, expression=["anger"] * 9 + ["angr"]))
    message = (
        "t.parquet from row 9 on: unknown label 'angr' in column 'expression', row 2; did you mean 'anger'?"
    )
    with pytest.raises(TableError, match=re.escape(message)):
        count_parquet(path, "gender")


def test_an_image_in_two_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_BATCH", 3)
    images = [f"{i}.jpg" for i in range(9)] + [" 0.jpg"]
    path = write(tmp_path / "t.parquet", people(10, image=images))
    with pytest.raises(TableError) as raised:
        count_parquet(path, "gender")
    assert str(raised.value) == (
        "t.parquet: 1 rows show an image that another row shows. Rows of one image are averaged, and a table "
        "read in batches does not hold them together: use Predictions.read, or average them beforehand"
    )
    path = write(tmp_path / "t.parquet", people(10, image=[f"{i}.jpg" for i in range(10)]))
    same(count_parquet(path, "gender"), count(Predictions.read(path), Slicing("gender")))


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"identity": ["p"] * 9 + [""]},
            "t.parquet: column 'identity' is empty or NaN in row 10; fill it or remove those rows (pictures of "
            "unknown people are counted by Predictions.read)",
        ),
        (
            {"image": ["a"] + [None] * 9},
            "t.parquet: column 'image' is empty or NaN in row 2; fill it or remove those rows",
        ),
    ],
)
def test_a_row_without_a_person_or_a_picture_is_refused(
    tmp_path: Path, columns: dict[str, list[Any]], message: str
) -> None:
    path = write(tmp_path / "t.parquet", people(10, **columns))
    with pytest.raises(TableError) as raised:
        count_parquet(path, "gender")
    assert str(raised.value) == message


def test_an_attribute_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", people(10, brightness=[0.5] * 10))
    with pytest.raises(UnknownNameError) as raised:
        count_parquet(path, "gendr")
    assert str(raised.value) == (
        "unknown attribute 'gendr' in slicing 'gendr'; did you mean 'gender'? Known: gender"
    )


@pytest.mark.parametrize("name", ["identity", "gender", "predicted"])
def test_lists_are_refused_with_the_cure(tmp_path: Path, name: str) -> None:
    columns = people(10)
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({**columns, name: [[value] for value in columns[name]]}), path)
    told = (
        rf"^t\.parquet: column '{name}' holds values of type list<\w+: string>, which are no text or number; "
        r"give it one plain value a row, or leave the column out$"
    )
    with pytest.raises(TableError, match=told):
        count_parquet(path, "gender")


def test_a_column_of_names_makes_too_many_groups(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", people(500, name=[f"n{i}" for i in range(500)]))
    with pytest.raises(
        ConfigurationError, match="slicing 'name' has 500 groups, at most 400 can be compared"
    ):
        count_parquet(path, "name")


def test_too_many_errors_give_no_counts(tmp_path: Path) -> None:
    columns = people(10, answer=[None] * 9 + ["error"]) | {"predicted": ["anger"] * 9 + [None]}
    path = write(tmp_path / "t.parquet", columns)
    with pytest.raises(IncompleteError, match=re.escape("1 of 10 answers are errors overall")):
        count_parquet(path, "gender")


def test_an_empty_table_and_another_file_are_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.parquet", {name: [] for name in ("identity", "expression", "predicted", "gender")}
    )
    with pytest.raises(TableError, match=re.escape("t.parquet: no rows")):
        count_parquet(path, "gender")
    with pytest.raises(TableError, match=re.escape("t.csv: only .parquet is read in batches")):
        count_parquet(tmp_path / "t.csv", "gender")
