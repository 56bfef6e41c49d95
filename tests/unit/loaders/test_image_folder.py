"""Folders of pictures with a folder for each label."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fer_audit.catalog import Catalog
from fer_audit.datasets import DatasetSpec, choose_dataset, image_folder
from fer_audit.datasets.folder import FolderDataset
from fer_audit.errors import ConfigurationError, DatasetError

if TYPE_CHECKING:
    from collections.abc import Iterable


def write(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"a picture")


def opened(spec: DatasetSpec) -> FolderDataset:
    found = spec.open()
    assert isinstance(found, FolderDataset)
    return found


def test_a_folder_is_a_label_in_any_word_for_an_expression(tmp_path: Path) -> None:
    write(tmp_path, ["Happy/ö 1.JPG", "joy/2.png", "angry/3.jpeg", "Surprise/4.webp"])
    spec = image_folder(tmp_path)
    assert (spec.attributes, spec.slicings, spec.identified, spec.task) == ((), (), False, "expression")
    found = opened(spec)
    assert found.labels == ("anger", "happiness", "surprise")
    assert {face.image: face.expression for face in found.faces} == {
        "Happy/ö 1.JPG": "happiness",
        "Surprise/4.webp": "surprise",
        "angry/3.jpeg": "anger",
        "joy/2.png": "happiness",
    }
    assert found.read("joy/2.png") == b"a picture"


def test_a_split_above_is_an_attribute_known_before_anything_is_listed(tmp_path: Path) -> None:
    write(tmp_path, ["Train/happy/1.jpg", "test/sad/2.jpg", "sad/3.jpg"])
    spec = image_folder(tmp_path)
    assert (spec.attributes, spec.slicings) == (("split",), ())
    assert {face.image: dict(face.attributes) for face in opened(spec).faces} == {
        "Train/happy/1.jpg": {"split": "Train"},
        "test/sad/2.jpg": {"split": "test"},
        "sad/3.jpg": {},
    }


def test_what_is_no_labelled_picture_is_skipped_with_its_reason(tmp_path: Path) -> None:
    write(tmp_path, ["happy/1.jpg", "0/2.jpg", "bored/3.jpg", "4.jpg", "happy/Thumbs.db"])
    found = opened(image_folder(tmp_path))
    assert {one.entry: one.reason for one in found.inventory.skipped} == {
        "0/2.jpg": "its folder '0' names no expression",
        "bored/3.jpg": "its folder 'bored' names no expression",
        "4.jpg": "in no folder that could name its label",
        "happy/Thumbs.db": "no picture",
    }
    assert found.inventory.present == 5
    assert found.details["image set read"] == "1 of 5 files"
    assert "licence" not in found.details


def test_numbers_mean_what_they_are_told_to(tmp_path: Path) -> None:
    write(tmp_path, ["0/1.jpg", "1/2.jpg", "happy/3.jpg"])
    spec = image_folder(tmp_path, codes={"0": "anger", "1": "disgust"}, name="fer", most_images=2)
    assert opened(spec).labels == ("anger", "disgust", "happiness")
    assert (spec.name, spec.most_images) == ("fer", 2)


def test_of_another_task_every_folder_is_a_label(tmp_path: Path) -> None:
    write(tmp_path, ["beard/1.jpg", "women/2.jpg"])
    assert opened(image_folder(tmp_path, task="facial hair")).labels == ("beard", "women")
    assert opened(image_folder(tmp_path, task="gender", codes={"women": "female"})).labels == (
        "beard",
        "female",
    )


def test_no_labelled_picture_at_all_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, ["0/1.jpg"])
    with pytest.raises(DatasetError) as caught:
        image_folder(tmp_path).open()
    assert (
        "the only file there, '0/1.jpg', gives no face (its folder '0' names no expression); a copy holds "
        "pictures in folders named by their label (happy/1.jpg)" in str(caught.value)
    )


def test_a_file_and_a_path_that_is_not_there_are_refused_at_once(tmp_path: Path) -> None:
    write(tmp_path, ["people.csv"])
    with pytest.raises(
        DatasetError, match=r"images=people\.csv is a file; give the folder that has a folder"
    ):
        image_folder(tmp_path / "people.csv")
    with pytest.raises(DatasetError, match=r"cannot be read \(No such file or directory\); check the path"):
        image_folder(tmp_path / "nowhere")


def test_a_link_that_leads_out_is_no_face(tmp_path: Path) -> None:
    write(tmp_path, ["secret.jpg", "set/happy/1.jpg"])
    (tmp_path / "set/happy/2.jpg").symlink_to(tmp_path / "secret.jpg")
    found = opened(image_folder(tmp_path / "set"))
    assert [face.image for face in found.faces] == ["happy/1.jpg"]
    assert found.inventory.skipped[0].reason.startswith("a link that leads out of the folder")


class TestOnTheCommandLine:
    def test_it_is_images_with_or_without_an_alias(self, tmp_path: Path) -> None:
        write(tmp_path, ["my set/happy/1.jpg"])
        catalog = Catalog[DatasetSpec]("dataset")
        assert choose_dataset("images=my set", catalog, root=tmp_path).name == "my_set"
        assert choose_dataset("mine=images=my set", catalog, root=tmp_path).name == "mine"

    @pytest.mark.parametrize("kind", ["images", "hf-dataset", "manifest"])
    def test_without_a_path_each_kind_says_what_it_needs(self, kind: str) -> None:
        with pytest.raises(ConfigurationError, match=f"dataset '{kind}' needs its f[a-z]+: {kind}=PATH"):
            choose_dataset(kind, Catalog[DatasetSpec]("dataset"), root=Path())

    def test_a_registered_dataset_keeps_its_name(self, tmp_path: Path) -> None:
        write(tmp_path, ["happy/1.jpg"])
        mine = image_folder(tmp_path, name="images")
        assert choose_dataset("images", Catalog("dataset", [mine]), root=tmp_path) is mine

    def test_an_equals_sign_in_a_path_is_part_of_it(self, tmp_path: Path) -> None:
        write(tmp_path, ["a=b/happy/1.jpg"])
        assert choose_dataset("images=a=b", Catalog[DatasetSpec]("dataset"), root=tmp_path).name == "a_b"
