from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.lib import format as npy

from fer_audit.datasets import dataset_from
from fer_audit.datasets.inventory import Inventoried, Skipped
from fer_audit.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import ArrayLike

    from fer_audit.datasets import Dataset
    from fer_audit.datasets.inventory import Inventory

HEADER = (
    "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"
)


def row(name: str, code: object, numbers: str = "0.5,-0.25") -> str:
    return f"{name},1,2,30,30,1.5;2.5;3.5,{code},{numbers}\n"


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def array(value: ArrayLike) -> bytes:
    stream = BytesIO()
    np.save(stream, np.array(value))
    return stream.getvalue()


def opened(root: Path) -> Dataset:
    return dataset_from("affectnet", root).open()


def inventory(dataset: Dataset) -> Inventory:
    assert isinstance(dataset, Inventoried)
    return dataset.inventory


def said(dataset: Dataset) -> dict[str, tuple[str, dict[str, str], dict[str, float]]]:
    return {
        face.image: (face.expression, dict(face.attributes), dict(face.covariates)) for face in dataset.faces
    }


def test_a_picture_has_what_its_row_says(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "training.csv": HEADER + row("1/a.jpg", 1) + row("2/b.jpg", 7, "-2,0"),
        "validation.csv": HEADER + row("1/c.jpg", 0, ",nan"),
        "Manually_Annotated_Images/1/a.jpg": "",
        "Manually_Annotated_Images/2/b.JPG": "",
        "Manually_Annotated_Images/1/c.jpg": "",
    }
    dataset = opened(write(tmp_path, files))
    assert said(dataset) == {
        "Manually_Annotated_Images/1/a.jpg": (
            "happiness",
            {"split": "train"},
            {"valence": 0.5, "arousal": -0.25},
        ),
        "Manually_Annotated_Images/2/b.JPG": ("contempt", {"split": "train"}, {"arousal": 0.0}),
        "Manually_Annotated_Images/1/c.jpg": ("neutral", {"split": "val"}, {}),
    }
    assert inventory(dataset).annotations == ("training.csv", "validation.csv")


def test_every_code_has_its_label_or_is_outside(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{code:02}.jpg": "" for code in range(12)}
    table = HEADER + "".join(row(f"x/{code:02}.jpg", code) for code in range(12))
    dataset = opened(write(tmp_path, {**files, "training.csv": table}))
    assert [face.expression for face in dataset.faces] == [
        "neutral",
        "happiness",
        "sadness",
        "surprise",
        "fear",
        "disgust",
        "anger",
        "contempt",
    ]
    assert inventory(dataset).skipped == (
        Skipped("08.jpg", "labelled none, which is not audited"),
        Skipped("09.jpg", "labelled uncertain, which is not audited"),
        Skipped("10.jpg", "labelled no face, which is not audited"),
        Skipped("11.jpg", "unknown expression code '11'"),
    )


@pytest.mark.parametrize(
    "table",
    [
        row("1/a.jpg", 6),
        "\ufeff" + HEADER + row("1/a.jpg", 6),
        (HEADER + row("1/a.jpg", 6)).replace("\n", "\r\n"),
        "expression,subDirectory_filePath\n6,1\\a.jpg\n",
    ],
    ids=["without header", "byte order mark", "other line ends", "other columns"],
)
def test_a_table_is_read_with_or_without_header_and_however_it_was_saved(tmp_path: Path, table: str) -> None:
    dataset = opened(write(tmp_path, {"validation.csv": table, "1/a.jpg": ""}))
    assert [(face.expression, face.attributes["split"]) for face in dataset.faces] == [("anger", "val")]
    assert inventory(dataset).rows == ()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (
            (HEADER + row("1/a.jpg", 6)).replace(",", ";"),
            "training.csv: its first row, 'subDirectory_filePath;face_x;face_y;face_width;face_height;facial_landmarks;exp, is neither",
        ),
        (
            "a.jpg,1,2,3,4,5,happy,0,0\n",
            "is neither the header nor a picture; its columns are subDirectory_filePath,face_x,",
        ),
        (
            "subDirectory_filePath,expresion\na.jpg,1\n",
            "training.csv: column 'expression' is missing; did you mean 'expresion'?",
        ),
        (
            (HEADER + row("1/a.jpg", 6)).encode("utf-16"),
            "training.csv: no UTF-8 text (invalid start byte); save it as",
        ),
        (HEADER + "x" * 70_000, "training.csv: line 2 has more than 65,536 characters"),
        (HEADER + '"a.jpg' + row("b.jpg", 1) * 4000, "training.csv: line 3"),
    ],
    ids=["delimiter", "words", "column", "encoding", "long line", "open quotes"],
)
def test_a_table_that_is_none_of_the_set_is_an_error(
    tmp_path: Path, table: str | bytes, message: str
) -> None:
    write(tmp_path, {"training.csv": table, "1/a.jpg": ""})
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert message in str(error.value)


def test_rows_that_give_no_face_are_named(tmp_path: Path) -> None:
    table = HEADER + "".join(
        [
            row("1/a.jpg", 1),
            row("1/gone.jpg", 1),
            "1/b.jpg,1,2\n",
            row("1/b.jpg", 1, "high,low"),
            row("1/a.jpg", 1),
            row("1/c.jpg", 2),
            row("1/c.jpg", 3),
        ]
    )
    files: dict[str, str | bytes] = {
        "training.csv": table,
        "1/a.jpg": "",
        "1/b.jpg": "",
        "1/c.jpg": "",
        "Thumbs.db": "",
    }
    dataset = opened(write(tmp_path, files))
    assert list(said(dataset)) == ["1/a.jpg"]
    assert inventory(dataset).rows == (
        Skipped("training.csv, row 2", "names a picture that is not there"),
        Skipped("training.csv, row 3", "fewer cells than the table has columns"),
        Skipped("training.csv, row 4", "valence or arousal is no number"),
        Skipped("training.csv, row 5", "names a picture that has a row already"),
        Skipped("training.csv, row 7", "names a picture that has a row already"),
    )
    assert set(inventory(dataset).skipped) == {
        Skipped("1/c.jpg", "two rows disagree about its label"),
        Skipped("1/b.jpg", "no row in a table of labels"),
        Skipped("Thumbs.db", "no picture"),
    }


def test_pictures_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    table = HEADER + row("1/a.jpg", 1) + row("2/a.jpg", 2) + row("a.jpg", 3)
    dataset = opened(write(tmp_path, {"training.csv": table, "x/1/a.jpg": "", "x/2/a.jpg": ""}))
    assert {image: label for image, (label, *_) in said(dataset).items()} == {
        "x/1/a.jpg": "happiness",
        "x/2/a.jpg": "sadness",
    }
    assert inventory(dataset).rows == (Skipped("training.csv, row 3", "names a picture that is not there"),)


def test_two_tables_of_one_split_are_an_error(tmp_path: Path) -> None:
    table = HEADER + row("a.jpg", 1)
    write(tmp_path, {"training.csv": table, "old/Training.csv": table, "a.jpg": ""})
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert str(error.value) == (
        "AffectNet: two tables of one split, old/Training.csv and training.csv; give the folder that holds the "
        "one that is meant"
    )


def test_tables_and_arrays_together_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"training.csv": HEADER, "train_set/annotations/5_exp.npy": array("1")})
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert str(error.value) == (
        "AffectNet: training.csv and arrays such as 5_exp.npy are both there, and may label one picture in two "
        "ways; give the folder that holds one of the two layouts"
    )


def test_a_picture_has_what_its_arrays_say(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "train_set/images/5.jpg": "",
        "train_set/annotations/5_exp.npy": array("3"),
        "train_set/annotations/5_val.npy": array("-0.5"),
        "train_set/annotations/5_aro.npy": array(0.75),
        "train_set/annotations/5_lnd.npy": array(np.zeros(136)),
        "val_set/images/5.JPG": "",
        "val_set/annotations/5_exp.npy": array([6]),
        "val_set/annotations/5_val.npy": array("-2"),
        "val_set/images/6.jpg": "",
        "val_set/annotations/6_exp.npy": array(8.0),
    }
    dataset = opened(write(tmp_path, files))
    assert said(dataset) == {
        "train_set/images/5.jpg": ("surprise", {"split": "train"}, {"valence": -0.5, "arousal": 0.75}),
        "val_set/images/5.JPG": ("anger", {"split": "val"}, {}),
    }
    assert inventory(dataset).skipped == (
        Skipped("val_set/images/6.jpg", "labelled none, which is not audited"),
    )
    part = opened(tmp_path / "val_set")
    assert said(part) == {"images/5.JPG": ("anger", {"split": "val"}, {})}


def test_a_flat_copy_of_arrays_loads(tmp_path: Path) -> None:
    dataset = opened(write(tmp_path, {"5.jpg": "", "5_exp.npy": array("1")}))
    assert said(dataset) == {"5.jpg": ("happiness", {}, {})}


def promise(kind: str, shape: tuple[int, ...]) -> bytes:
    """The header of an array, with eight bytes behind it."""
    stream = BytesIO()
    npy.write_array_header_1_0(stream, {"descr": kind, "fortran_order": False, "shape": shape})
    return stream.getvalue() + bytes(8)


def hostile_arrays() -> dict[str, bytes]:
    pickled = BytesIO()
    np.save(pickled, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    good = array("3")
    return {
        "pickle": pickled.getvalue(),
        "one pickle": promise("|O", ()),
        "empty": b"",
        "cut off": good[:60],
        "no array": b"3",
        "words": array("happy"),
        "several": array([1, 2]),
        "a second one behind it": good + good[-4:],
        "truth": array(True),
        "too long": good + b" " * 5000,
        "a promise of many": promise("<f8", (9999999999,)),
        "a promise of a long one": promise("<U999999999", ()),
        "no number": array(np.nan),
    }


@pytest.mark.parametrize("kind", hostile_arrays())
def test_an_array_that_is_not_one_number_is_named(tmp_path: Path, kind: str) -> None:
    files: dict[str, str | bytes] = {
        "5.jpg": "",
        "5_exp.npy": array("1"),
        "6.jpg": "",
        "6_exp.npy": hostile_arrays()[kind],
    }
    dataset = opened(write(tmp_path, files))
    assert list(said(dataset)) == ["5.jpg"]
    reasons = {skipped.entry: skipped.reason for skipped in inventory(dataset).skipped}
    assert reasons["6.jpg"] == "its label is not there or cannot be read"
    if kind != "no number":
        assert reasons["6_exp.npy"] == "no number that can be read"


def test_arrays_and_pictures_that_stand_alone_are_named(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "5.jpg": "",
        "5_exp.npy": array("1"),
        "6.jpg": "",
        "7_exp.npy": array("1"),
        "notes.txt": "",
    }
    dataset = opened(write(tmp_path, files))
    assert inventory(dataset).rows == (Skipped("7_exp.npy", "an array whose picture is not there"),)
    assert set(inventory(dataset).skipped) == {
        Skipped("6.jpg", "its label is not there or cannot be read"),
        Skipped("notes.txt", "no picture"),
    }


def test_pictures_without_any_label_are_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"a.jpg": "", "b.jpg": ""})
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert str(error.value) == (
        "AffectNet: none of the 2 files there gives a face (mostly no row in a table of labels, such as 'a.jpg'); "
        "a copy holds training.csv or validation.csv and the pictures that they name (or arrays: 5_exp.npy)"
    )
