from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit.datasets import dataset_from
from fer_audit.datasets.inventory import Inventoried, Skipped
from fer_audit.datasets.wild import RAFDB
from fer_audit.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.datasets import Dataset
    from fer_audit.datasets.inventory import Inventory

LANDMARKS = "36.5\t41.25\n66\t40\n52\t60\n38\t78\n64\t79\n"
LABELS = ("train_00001.jpg 5", "train_00002.jpg 1", "test_0001.jpg 7")


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return root


def copy(root: Path, *, labels: str = "\n".join(LABELS) + "\n", aligned: str = "_aligned") -> Path:
    """Three pictures, with attributes of two; no picture has any content."""
    return write(
        root,
        {
            "EmoLabel/list_patition_label.txt": labels,
            f"Image/aligned/train_00001{aligned}.jpg": "",
            f"Image/aligned/train_00002{aligned}.jpg": "",
            f"Image/aligned/test_0001{aligned}.jpg": "",
            "Annotation/manual/train_00001_manu_attri.txt": f"{LANDMARKS}1\n2\n0\n",
            "Annotation/manual/test_0001_manu_attri.txt": f"{LANDMARKS}2\n0\n4\n",
        },
    )


def opened(root: Path) -> Dataset:
    return dataset_from("rafdb", root).open()


def inventory(dataset: Dataset) -> Inventory:
    assert isinstance(dataset, Inventoried)
    return dataset.inventory


def said(dataset: Dataset) -> dict[str, tuple[str, dict[str, str]]]:
    return {face.image.rpartition("/")[2]: (face.expression, dict(face.attributes)) for face in dataset.faces}


def test_a_picture_has_the_label_of_its_row_and_the_attributes_of_its_file(tmp_path: Path) -> None:
    dataset = opened(copy(tmp_path))
    assert said(dataset) == {
        "train_00001_aligned.jpg": (
            "sadness",
            {"gender": "female", "race": "asian", "age_band": "0-3", "split": "train"},
        ),
        "train_00002_aligned.jpg": ("surprise", {"split": "train"}),
        "test_0001_aligned.jpg": (
            "neutral",
            {"gender": "unsure", "race": "caucasian", "age_band": "70+", "split": "test"},
        ),
    }
    assert all(face.identity == face.image for face in dataset.faces)
    assert dataset.details["image set read"] == "3 of 6 files of RAF-DB"
    assert len(inventory(dataset).annotations) == 3


def test_every_code_has_its_label(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"train_{code:05}.jpg": "" for code in range(1, 8)}
    rows = "".join(f"train_{code:05}.jpg {code}\n" for code in range(1, 8))
    faces = opened(write(tmp_path, {**files, "list_patition_label.txt": rows})).faces
    assert [face.expression for face in faces] == [
        "surprise",
        "fear",
        "disgust",
        "happiness",
        "sadness",
        "anger",
        "neutral",
    ]


@pytest.mark.parametrize("labels", ["\ufeff{}\n", "{}\r\n", "{}", "  {}  \n\n\n"])
def test_a_list_is_read_however_it_was_saved(tmp_path: Path, labels: str) -> None:
    end = "\r\n" if "\r" in labels else "\n"
    dataset = opened(copy(tmp_path, labels=labels.format(end.join(LABELS))))
    assert len(dataset.faces) == 3
    assert inventory(dataset).rows == ()


def test_both_spellings_of_the_list_may_be_there_if_they_agree(tmp_path: Path) -> None:
    copy(tmp_path)
    write(tmp_path, {"list_partition_label.txt": "\n".join(reversed(LABELS))})
    dataset = opened(tmp_path)
    assert len(dataset.faces) == 3
    assert "list_partition_label.txt" in inventory(dataset).annotations


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (
            "train_00001.jpg 5\ntrain_00002.jpg 2\ntest_0001.jpg 7\n",
            "train_00002 is 1 in EmoLabel/list_patition_label.txt and 2 in list_partition_label.txt",
        ),
        (
            "train_00001.jpg 5\ntrain_00002.jpg 1\n",
            "test_0001 is 7 in EmoLabel/list_patition_label.txt and not there in list_partition_label.txt",
        ),
    ],
)
def test_lists_that_disagree_are_an_error(tmp_path: Path, other: str, message: str) -> None:
    write(copy(tmp_path), {"list_partition_label.txt": other})
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert str(error.value) == f"RAF-DB: two lists of labels disagree: {message}; remove the wrong list"


def test_a_list_that_disagrees_with_itself_is_an_error(tmp_path: Path) -> None:
    copy(tmp_path, labels="\n".join([*LABELS, "train_00002.jpg 3"]))
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert str(error.value) == (
        "RAF-DB: EmoLabel/list_patition_label.txt says of train_00002 that it is 1, and in row 4 that it is 3; "
        "keep the right row"
    )


def test_pictures_without_a_row_and_rows_without_a_picture_are_named(tmp_path: Path) -> None:
    labels = "train_00001.jpg 5\ntrain_00009.jpg 2\ntrain_00002.jpg 8\ntrain_00003,jpg,5\ntrain_00001.jpg 5\n"
    dataset = opened(copy(tmp_path, labels=labels))
    file = "EmoLabel/list_patition_label.txt"
    assert list(said(dataset)) == ["train_00001_aligned.jpg"]
    assert set(inventory(dataset).skipped) == {
        Skipped("Image/aligned/train_00002_aligned.jpg", "unknown expression code '8'"),
        Skipped("Image/aligned/test_0001_aligned.jpg", "no row in the list of labels"),
    }
    assert inventory(dataset).rows == (
        Skipped(f"{file}, row 4", "not written as train_00001.jpg 5"),
        Skipped(f"{file}, row 5", "repeats an earlier row"),
        Skipped(f"{file}: train_00009", "a row whose picture is not there"),
    )
    assert dataset.details["rows without a face"] == (
        "1 not written as train_00001.jpg 5; 1 repeats an earlier row; 1 a row whose picture is not there"
    )


def test_a_list_of_other_pictures_is_an_error(tmp_path: Path) -> None:
    copy(tmp_path, labels="train_00007.jpg 5\n")
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert str(error.value) == (
        "RAF-DB: none of the 6 files there gives a face (mostly no row in the list of labels, such as "
        "'Image/aligned/test_0001_aligned.jpg'); a copy holds list_patition_label.txt and the pictures that it "
        "names, such as train_00001_aligned.jpg"
    )


def test_the_pictures_as_they_were_found_are_read_where_no_aligned_ones_are(tmp_path: Path) -> None:
    dataset = opened(copy(tmp_path, aligned=""))
    assert sorted(said(dataset)) == ["test_0001.jpg", "train_00001.jpg", "train_00002.jpg"]


def test_a_picture_that_is_there_in_both_ways_is_read_once(tmp_path: Path) -> None:
    write(copy(tmp_path), {"Image/original/train_00001.jpg": "", "backup/train_00002_aligned.JPG": ""})
    dataset = opened(tmp_path)
    assert sorted(face.image for face in dataset.faces) == [
        "Image/aligned/test_0001_aligned.jpg",
        "Image/aligned/train_00001_aligned.jpg",
        "Image/aligned/train_00002_aligned.jpg",
    ]
    assert set(inventory(dataset).skipped) == {
        Skipped("Image/original/train_00001.jpg", "the same face is read as it was aligned"),
        Skipped("backup/train_00002_aligned.JPG", "a second picture of one name"),
    }


def test_a_copy_without_annotations_loads_with_nothing_recorded(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"list_patition_label.txt": LABELS[0], "TRAIN_00001.JPG": ""}
    dataset = opened(write(tmp_path, files))
    assert said(dataset) == {"TRAIN_00001.JPG": ("sadness", {"split": "train"})}


@pytest.mark.parametrize(
    "content",
    [
        "",
        "1\n2\n0\n",
        f"{LANDMARKS}1\n2\n9\n",
        f"{LANDMARKS}1\n2\n",
        LANDMARKS * 2000 + "1\n2\n0\n",
        b"\xff\xfe\x00",
    ],
)
def test_attributes_that_cannot_be_read_are_named_and_the_picture_keeps_its_label(
    tmp_path: Path, content: str | bytes
) -> None:
    file = "Annotation/manual/train_00001_manu_attri.txt"
    write(copy(tmp_path), {file: content})
    dataset = opened(tmp_path)
    assert said(dataset)["train_00001_aligned.jpg"] == ("sadness", {"split": "train"})
    assert inventory(dataset).skipped == (Skipped(file, "no gender, race and age that can be read"),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("train_00001.jpg 5\n".encode("utf-16"), "no UTF-8 text (invalid start byte); save it as UTF-8"),
        (b"train_00001.jpg 5\n\xe9 5\n", "no UTF-8 text (invalid continuation byte); save it as UTF-8"),
        (
            b"train_00001.jpg 5\n" + b"x" * 70_000,
            "line 2 has more than 65,536 characters; this is no such annotation file, fetch it again",
        ),
    ],
)
def test_a_list_that_is_no_such_text_is_an_error(tmp_path: Path, content: bytes, message: str) -> None:
    write(copy(tmp_path), {"EmoLabel/list_patition_label.txt": content})
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert str(error.value) == f"EmoLabel/list_patition_label.txt: {message}"


def test_the_slicings_leave_out_whom_annotators_were_unsure_of() -> None:
    left_out = {slicing.name: [level for level, _ in slicing.without] for slicing in RAFDB.slicings}
    assert left_out == {
        "race": [],
        "gender": ["unsure"],
        "race*gender": ["unsure"],
    }
