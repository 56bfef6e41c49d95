from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from fer_audit.datasets import dataset_from
from fer_audit.datasets.inventory import Inventoried, Skipped
from fer_audit.errors import DatasetError, ImageError

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.datasets import Dataset
    from fer_audit.datasets.inventory import Inventory


def picture(root: Path, name: str) -> None:
    """40 x 30 pixels, of which each says where it is."""
    across, down = np.meshgrid(np.arange(40), np.arange(30))
    grid = np.stack([across, down, np.zeros_like(across)], axis=-1).astype(np.uint8)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grid).save(root / name, "PNG")


def copy(root: Path, *rows: str) -> Path:
    picture(root, "image/origin/crowd.png")
    picture(root, "image/origin/one face.PNG")
    (root / "label.lst").write_text("".join(f"{row}\n" for row in rows))
    return root


def opened(root: Path) -> Dataset:
    return dataset_from("expw", root).open()


def inventory(dataset: Dataset) -> Inventory:
    assert isinstance(dataset, Inventoried)
    return dataset.inventory


def test_each_face_of_a_picture_is_what_lies_in_its_box(tmp_path: Path) -> None:
    dataset = opened(
        copy(
            tmp_path,
            "crowd.png 1 5 20 40 15 90.5 3",
            "one face.PNG 0 0 0 40 30 12 6",
            "crowd.png 0 2 3 9 12 50 0",
        )
    )
    assert [(face.image, face.expression, dict(face.covariates)) for face in dataset.faces] == [
        ("image/origin/crowd.png#0", "anger", {"confidence": 50.0}),
        ("image/origin/crowd.png#1", "happiness", {"confidence": 90.5}),
        ("image/origin/one face.PNG#0", "neutral", {"confidence": 12.0}),
    ]
    corners = {}
    for face in dataset.faces:
        cut = Image.open(BytesIO(dataset.read(face.image)))
        assert cut.format == "PNG"
        corners[face.image[13:]] = (cut.getpixel((0, 0)), cut.size)
    assert corners == {
        "crowd.png#0": ((3, 2, 0), (6, 10)),
        "crowd.png#1": ((20, 5, 0), (20, 10)),
        "one face.PNG#0": ((0, 0, 0), (40, 30)),
    }
    assert dataset.details["image set read"] == "2 of 3 files of ExpW"
    assert inventory(dataset).annotations == ("label.lst",)


def test_labels_stand_in_the_order_of_the_set(tmp_path: Path) -> None:
    dataset = opened(copy(tmp_path, *(f"crowd.png {code} 0 0 9 9 50 {code}" for code in range(8))))
    assert [face.expression for face in dataset.faces] == [
        "anger",
        "disgust",
        "fear",
        "happiness",
        "sadness",
        "surprise",
        "neutral",
    ]
    assert inventory(dataset).rows == (Skipped("label.lst, row 8", "unknown expression code '7'"),)


@pytest.mark.parametrize("box", ["-1 0 9 9", "0 -1 9 9", "0 0 41 9", "0 0 9 31"])
def test_a_box_that_leaves_its_picture_is_an_error_of_the_picture(tmp_path: Path, box: str) -> None:
    dataset = opened(copy(tmp_path, f"crowd.png 0 {box} 50 3"))
    top, left, right, bottom = box.split()
    with pytest.raises(ImageError) as error:
        dataset.read("image/origin/crowd.png#0")
    assert str(error.value) == (
        f"image 'image/origin/crowd.png#0' has the box {left}, {top} to {right}, {bottom}, which leaves its "
        "picture of 40 x 30 pixels; mend or remove its row"
    )


def test_a_picture_that_is_none_is_an_error_of_the_picture(tmp_path: Path) -> None:
    copy(tmp_path, "crowd.png 0 0 0 9 9 50 3")
    (tmp_path / "image/origin/crowd.png").write_bytes(b"no picture")
    with pytest.raises(ImageError, match=r"image 'image/origin/crowd\.png#0' is no JPEG, PNG"):
        opened(tmp_path).read("image/origin/crowd.png#0")


@pytest.mark.parametrize(
    "name", ["image/origin/crowd.png", "image/origin/crowd.png#1", "../label.lst#0", "zzz"]
)
def test_only_faces_of_the_set_are_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(ImageError) as error:
        opened(copy(tmp_path, "crowd.png 0 0 0 9 9 50 3")).read(name)
    assert str(error.value) == (
        f"image {name!r} is no face of this set; its faces are named as 'image/origin/crowd.png#0'"
    )


def test_rows_and_pictures_that_give_no_face_are_named(tmp_path: Path) -> None:
    copy(
        tmp_path,
        "crowd.png 0 0 0 9 9 50 3",
        "crowd.png 0 0 0 9 9 50 3",
        "crowd.png 1 0 0 9 9 50 3",
        "crowd.png 1 0 0 9 8 50 3",
        "gone.png 0 0 0 9 9 50 3",
        "crowd.png,2,0,0,9,9,50,3",
        "crowd.png 3 0 x 9 9 50 3",
        "one face.PNG 0 9 9 9 9 50 3",
        "",
        "crowd.png 4 0 0 9 99999999999 50 3",
    )
    picture(tmp_path, "more.png")
    (tmp_path / "readme.txt").write_text("")
    dataset = opened(tmp_path)
    assert [face.image for face in dataset.faces] == ["image/origin/crowd.png#0"]
    assert inventory(dataset).rows == (
        Skipped("label.lst, row 2", "a second row of one face"),
        Skipped("label.lst, row 4", "a second row of one face"),
        Skipped("label.lst, row 5", "names a picture that is not there"),
        Skipped("label.lst, row 6", "not a name, a face, a box of four numbers, a confidence and a label"),
        Skipped("label.lst, row 7", "not a name, a face, a box of four numbers, a confidence and a label"),
        Skipped("label.lst, row 8", "a box without an inside"),
        Skipped("label.lst, row 10", "a box without an inside"),
        Skipped("image/origin/crowd.png#1", "two rows disagree about one face"),
    )
    assert set(inventory(dataset).skipped) == {
        Skipped("image/origin/one face.PNG", "none of its faces can be read"),
        Skipped("more.png", "no row in label.lst"),
        Skipped("readme.txt", "no picture"),
    }


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_list_is_read_however_it_was_saved(tmp_path: Path, mark: str, end: str) -> None:
    copy(tmp_path)
    (tmp_path / "label.lst").write_bytes(f"{mark}crowd.png 0 0 0 9 9 50 3{end}".encode())
    assert opened(tmp_path).faces[0].expression == "happiness"


def test_a_copy_without_its_list_or_with_two_is_an_error(tmp_path: Path) -> None:
    copy(tmp_path).joinpath("label.lst").unlink()
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert str(error.value) == (
        "ExpW: none of the 2 files there gives a face (mostly no row in label.lst, such as "
        "'image/origin/crowd.png'); a copy holds label.lst and the pictures that it names"
    )
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "label.lst").write_text("")
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert str(error.value) == (
        "ExpW: two lists of labels, a/label.lst and b/label.lst; give the folder of one copy"
    )
