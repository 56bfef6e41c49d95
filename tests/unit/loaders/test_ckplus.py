"""CK+: the labels of frames stand in files of their own, and every file is accounted for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from named_copies import loaded, said_of, skips, write_copy

from fer_audit.datasets import dataset_from
from fer_audit.errors import DatasetError

IMAGES = "cohn-kanade-images"
ONSET = "labelled nothing (the first frame of a sequence, neutral by custom), which is not audited"


def frame(number: int, sequence: str = "S005_001") -> str:
    return f"{IMAGES}/{sequence.replace('_', '/')}/{sequence}_{number:08}.png"


def write_label(
    root: Path, number: int, content: bytes, sequence: str = "S005_001", top: str = "Emotion"
) -> str:
    name = f"{top}/{sequence.replace('_', '/')}/{sequence}_{number:08}_emotion.txt"
    write_copy(root, name)
    (root / name).write_bytes(content)
    return name


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Two sequences of one person, of which one has a label, and one of another person."""
    write_copy(tmp_path, *(frame(number) for number in (1, 2, 3)))
    write_copy(tmp_path, *(frame(number, "S005_002") for number in (1, 2)))
    write_copy(tmp_path, *(frame(number, "S130_013") for number in (1, 2)))
    write_label(tmp_path, 3, b"   3.0000000e+00\n")
    write_label(tmp_path, 2, b"   2.0000000e+00\n", "S130_013")
    return tmp_path


def test_the_labelled_frame_is_read_and_the_others_say_why_not(copy: Path) -> None:
    opened = loaded("ckplus", copy)
    assert said_of(opened) == {
        frame(3): ("S005", "disgust", {}),
        frame(2, "S130_013"): ("S130", "contempt", {}),
    }
    assert skips(opened) == {
        frame(1): ONSET,
        frame(2): "a frame without a label",
        frame(1, "S005_002"): ONSET,
        frame(2, "S005_002"): "a frame without a label",
        frame(1, "S130_013"): ONSET,
    }
    assert opened.inventory.annotations == (
        "Emotion/S005/001/S005_001_00000003_emotion.txt",
        "Emotion/S130/013/S130_013_00000002_emotion.txt",
    )


def test_that_a_first_frame_is_neutral_is_a_choice(copy: Path) -> None:
    opened = loaded("ckplus", copy, codes={"onset": "neutral"})
    assert opened.labels == ("contempt", "disgust", "neutral")
    assert {face.image for face in opened.faces if face.expression == "neutral"} == {
        frame(1),
        frame(1, "S005_002"),
        frame(1, "S130_013"),
    }
    assert set(skips(opened).values()) == {"a frame without a label"}


def test_a_first_frame_that_the_set_labels_keeps_its_label(tmp_path: Path) -> None:
    write_copy(tmp_path, frame(1))
    write_label(tmp_path, 1, b"6")
    assert loaded("ckplus", tmp_path, codes={"onset": "neutral"}).labels == ("sadness",)


@pytest.mark.parametrize(
    ("content", "label"),
    [
        (b"   0.0000000e+00\n", "neutral"),
        (b"   1.0000000e+00\n", "anger"),
        (b"   4.0000000e+00\r\n", "fear"),
        (b"5", "happiness"),
        (b"6.0", "sadness"),
        (b" 7 ", "surprise"),
    ],
)
def test_a_number_is_an_expression(tmp_path: Path, content: bytes, label: str) -> None:
    write_copy(tmp_path, frame(9))
    write_label(tmp_path, 9, content)
    assert loaded("ckplus", tmp_path).labels == (label,)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"anger",
        b"3.5",
        b"nan",
        b"inf",
        b"1e999",
        b"3\n4",
        b"\xff\xfe3\x003\x00",
        b"\0",
        b"3" + b" " * 5000,
    ],
)
def test_a_label_that_cannot_be_read_is_named(copy: Path, content: bytes) -> None:
    name = write_label(copy, 2, content, "S005_002")
    opened = loaded("ckplus", copy)
    assert len(opened.faces) == 2
    assert skips(opened)[name] == "a label that is not one whole number"
    assert skips(opened)[frame(2, "S005_002")] == "a frame without a label"


def test_a_number_of_no_expression_is_an_unknown_code(copy: Path) -> None:
    name = write_label(copy, 2, b"9", "S005_002")
    opened = loaded("ckplus", copy)
    assert skips(opened)[frame(2, "S005_002")] == "unknown expression code '9'"
    assert name in opened.inventory.annotations


def test_a_label_of_a_frame_that_is_missing_is_named(copy: Path) -> None:
    name = write_label(copy, 40, b"3")
    assert skips(loaded("ckplus", copy))[name] == "the label of a frame that is not there"


def test_codings_and_landmarks_are_annotations_and_everything_else_says_why_not(copy: Path) -> None:
    annotations = (
        "FACS/S005/001/S005_001_00000003_facs.txt",
        "Landmarks/S005/001/S005_001_00000001_landmarks.txt",
    )
    write_copy(copy, *annotations, "ReadMe_CK+.txt", f"{IMAGES}/.DS_Store", "S5_1_3.png", "S005_001_3.png")
    opened = loaded("ckplus", copy)
    assert set(annotations) <= set(opened.inventory.annotations)
    assert {name: skips(opened)[name] for name in ("ReadMe_CK+.txt", f"{IMAGES}/.DS_Store")} == {
        "ReadMe_CK+.txt": "no picture",
        f"{IMAGES}/.DS_Store": "no picture",
    }
    unnamed = "not named as the set names its pictures"
    assert skips(opened)["S5_1_3.png"] == skips(opened)["S005_001_3.png"] == unnamed


def test_a_flat_copy_says_the_same(copy: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    flat = tmp_path_factory.mktemp("flat")
    for file in copy.rglob("*.*"):
        (flat / file.name.upper()).write_bytes(file.read_bytes())
    nested = sorted((face.identity, face.expression) for face in loaded("ckplus", copy).faces)
    assert sorted((face.identity, face.expression) for face in loaded("ckplus", flat).faces) == nested


def test_two_copies_in_one_folder_count_once_unless_they_contradict(copy: Path) -> None:
    write_copy(copy, f"again/{Path(frame(3)).name}")
    write_label(copy, 3, b"3", top="Emotion again")
    opened = loaded("ckplus", copy)
    assert skips(opened)[frame(3)] == "a second picture of one name"
    assert len(opened.faces) == 2
    write_label(copy, 3, b"4", top="Emotion of somebody else")
    with pytest.raises(
        DatasetError,
        match=re.escape(
            "CK+: 'Emotion of somebody else/S005/001/S005_001_00000003_emotion.txt' labels frame "
            "S005_001_00000003 4, another file of that name 3; remove the wrong one"
        ),
    ):
        dataset_from("ckplus", copy).open()


def test_frames_without_any_label_are_no_dataset(tmp_path: Path) -> None:
    write_copy(tmp_path, *(f"anger/S010_004_000000{number}.png" for number in (17, 18, 19)))
    with pytest.raises(
        DatasetError,
        match=re.escape(
            "CK+: none of the 3 files there gives a face (mostly a frame without a label, such as "
            "'anger/S010_004_00000017.png'); a copy holds frames named such as S005_001_00000011.png, and "
            "labels of some of them named such as S005_001_00000011_emotion.txt"
        ),
    ):
        dataset_from("ckplus", tmp_path).open()
