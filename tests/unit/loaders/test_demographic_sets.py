"""FairFace and UTKFace: what is recognised in them, and what divides people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit.datasets import DatasetSpec, dataset_from
from fer_audit.datasets.families import FAMILIES
from fer_audit.datasets.folder import FolderDataset
from fer_audit.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "file,age,gender,race,service_test"
UTK = (
    "1_0_0_20161219140623097.jpg.chip.jpg",
    "9_1_3_20161220220749.jpg",
    "26_1_1_20170116174525125.JPG.chip.jpg",
    "26_0_2_20170116174525126.jpg",
    "70_1_4_20170110.jpg.chip.jpg",
    "110_0_0_20170117195501881.jpg.chip.jpg",
)


def opened(spec: DatasetSpec) -> FolderDataset:
    found = spec.open()
    assert isinstance(found, FolderDataset)
    return found


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"a picture")


def fairface(folder: Path, rows: list[str], split: str = "val") -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"fairface_label_{split}.csv").write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def skipped(dataset: FolderDataset) -> dict[str, str]:
    return {one.entry: one.reason for one in dataset.inventory.skipped}


class TestUTKFace:
    @pytest.mark.parametrize(
        ("family", "labels"),
        [
            ("utkface", ["male", "female", "female", "male", "female", "male"]),
            ("utkface-race", ["white", "indian", "black", "asian", "other", "white"]),
            ("utkface-age", ["0-2", "3-9", "20-29", "20-29", "more than 70", "more than 70"]),
        ],
    )
    def test_a_name_says_age_gender_and_race_and_each_can_be_the_label(
        self, family: str, labels: list[str], tmp_path: Path
    ) -> None:
        write(tmp_path, *UTK)
        found = opened(dataset_from(family, tmp_path))
        by_name = {face.image: face for face in found.faces}
        assert [by_name[name].expression for name in UTK] == labels
        assert dict(by_name[UTK[2]].attributes) == {"gender": "female", "race": "black", "age_band": "20-29"}
        assert dict(by_name[UTK[5]].covariates) == {"age": 110.0}
        assert all(face.identity == face.image for face in found.faces)

    def test_bands_of_age_are_in_the_order_of_age(self, tmp_path: Path) -> None:
        write(tmp_path, *UTK, "15_0_0_20170117195501881.jpg")
        labels = opened(dataset_from("utkface-age", tmp_path)).labels
        assert labels == ("0-2", "3-9", "10-19", "20-29", "more than 70")

    def test_what_is_no_face_of_the_set_is_skipped_with_its_reason(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            "part1/25_1_0_20170116174525125.jpg",
            "part1/61_1_20170109142408075.jpg.chip.jpg",
            "part1/39_20170116174525125.jpg",
            "part1/24_7_0_20170116174525125.jpg",
            "part1/BF20_HE.bmp",
            "part1/Thumbs.db",
        )
        found = opened(dataset_from("utkface", tmp_path))
        assert skipped(found) == {
            "part1/61_1_20170109142408075.jpg.chip.jpg": "its name lacks a field",
            "part1/39_20170116174525125.jpg": "its name lacks a field",
            "part1/24_7_0_20170116174525125.jpg": "unknown gender code '7'",
            "part1/BF20_HE.bmp": "not named as the set names its pictures",
            "part1/Thumbs.db": "no picture",
        }
        assert found.inventory.present == 6

    def test_a_code_of_this_copy_is_configuration(self, tmp_path: Path) -> None:
        write(tmp_path, "24_0_5_20170116174525125.jpg", "24_0_0_20170116174525126.jpg")
        found = opened(dataset_from("utkface-race", tmp_path, codes={"5": "several"}))
        assert found.labels == ("white", "several")

    def test_its_names_are_told_from_those_of_another_set(self, tmp_path: Path) -> None:
        write(tmp_path, *UTK)
        with pytest.raises(DatasetError) as caught:
            dataset_from("radiate", tmp_path).open()
        assert "6 of them are named as those of UTKFace: try utkface=" in str(caught.value)


class TestFairFace:
    @pytest.mark.parametrize(
        ("family", "labels"),
        [
            ("fairface", ("female", "male")),
            ("fairface-race", ("black", "east asian", "latino hispanic")),
            ("fairface-age", ("3-9", "10-19", "more than 70")),
        ],
    )
    def test_each_column_can_be_the_label_and_the_others_divide_people(
        self, family: str, labels: tuple[str, ...], tmp_path: Path
    ) -> None:
        fairface(
            tmp_path,
            [
                "val/1.jpg,10-19,Female,East Asian,True",
                "val/2.jpg,more than 70,Male,Latino_Hispanic,False",
                "val/3.jpg,3-9,Male,Black,False",
            ],
        )
        write(tmp_path, "val/1.jpg", "val/2.jpg", "val/3.jpg")
        found = opened(dataset_from(family, tmp_path))
        assert found.labels == labels
        assert dict(found.faces[0].attributes) == {
            "gender": "female",
            "race": "east asian",
            "age_band": "10-19",
            "service_test": "true",
            "split": "val",
        }
        assert found.details["licence"] == "CC BY 4.0"
        assert found.inventory.annotations == ("fairface_label_val.csv",)

    def test_lists_and_pictures_may_lie_apart_and_deep(self, tmp_path: Path) -> None:
        fairface(tmp_path / "lists", ["train/1.jpg,20-29,Male,White,True"], "train")
        fairface(tmp_path / "lists", ["val/1.jpg,20-29,Female,White,True"])
        write(tmp_path, "my copy/margin025/train/1.JPG", "my copy/margin025/val/1.jpg")
        faces = opened(dataset_from("fairface", tmp_path)).faces
        assert [(face.image, face.expression, face.attributes["split"]) for face in faces] == [
            ("my copy/margin025/train/1.JPG", "male", "train"),
            ("my copy/margin025/val/1.jpg", "female", "val"),
        ]

    def test_every_disagreement_of_list_and_pictures_is_told(self, tmp_path: Path) -> None:
        rows = [
            "val/1.jpg,20-29,Male,White,True",
            "val/2.jpg,20-29,,White,True",
            "val/3.jpg,20-29,Robot,White,True",
            "val/4.jpg,20-29,Male,White,True",
        ]
        fairface(tmp_path, rows)
        pictures = ("val/1.jpg", "val/2.jpg", "val/3.jpg", "val/5.jpg", "wide/val/1.jpg", "read.me")
        write(tmp_path, *pictures)
        found = opened(dataset_from("fairface", tmp_path))
        assert skipped(found) == {
            "val/2.jpg": "its row says no gender",
            "val/3.jpg": "unknown gender code 'Robot'",
            "val/5.jpg": "in no list of labels",
            "wide/val/1.jpg": "another copy of a picture",
            "read.me": "no picture",
        }
        assert (found.inventory.present, found.inventory.read) == (7, 1)
        assert [(one.entry, one.reason) for one in found.inventory.rows] == [
            ("fairface_label_val.csv: val/4.jpg", "its picture is not there")
        ]

    def test_a_picture_that_is_listed_twice_is_refused(self, tmp_path: Path) -> None:
        fairface(tmp_path, ["val/1.jpg,20-29,Male,White,True", "val/1.jpg,20-29,Female,White,True"])
        write(tmp_path, "val/1.jpg")
        with pytest.raises(DatasetError) as caught:
            dataset_from("fairface", tmp_path).open()
        assert str(caught.value) == (
            "FairFace: 'val/1.jpg' is listed twice, the second time in fairface_label_val.csv; one picture "
            "has one row: remove the other, or give the folder of one copy"
        )

    def test_a_list_that_lacks_a_column_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "fairface_label_val.csv").write_text("file,age,gender\nval/1.jpg,20-29,Male\n")
        with pytest.raises(DatasetError, match=r"FairFace: fairface_label_val.csv: column 'race' is missing"):
            dataset_from("fairface", tmp_path).open()

    def test_a_folder_without_a_list_says_what_a_copy_holds(self, tmp_path: Path) -> None:
        write(tmp_path, "val/1.jpg")
        with pytest.raises(DatasetError) as caught:
            dataset_from("fairface", tmp_path).open()
        assert str(caught.value) == (
            "FairFace: the only file there, 'val/1.jpg', gives no face (in no list of labels); a copy holds "
            "fairface_label_train.csv or fairface_label_val.csv and the pictures that it lists (train/1.jpg)"
        )


@pytest.mark.parametrize(
    "name", ["fairface", "fairface-race", "fairface-age", "utkface", "utkface-race", "utkface-age"]
)
def test_what_is_recognised_can_divide_people_but_only_where_a_test_asks(name: str) -> None:
    family = FAMILIES[name]
    label = {"gender": "gender", "race": "race", "age": "age_band"}[family.task]
    assert label in family.attributes
    assert family.slicings
    assert all(label not in slicing.attributes for slicing in family.slicings)
    assert not family.identified
