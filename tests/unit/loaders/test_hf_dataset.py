"""Folders of the Hugging Face library datasets, written by that library and read through it."""

from __future__ import annotations

import json
import shutil
import socket
import sys
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow.parquet as pq
import pytest
from PIL import Image

from fer_audit.datasets import DatasetSpec, hf_dataset
from fer_audit.datasets.huggingface.dataset import HubDataset
from fer_audit.errors import DatasetError, ImageError, MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

Table: TypeAlias = Any  # the library is untyped
WORDS = ["angry", "happy"]


def png(number: int) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (8, 8), (number, 0, 0)).save(stream, "PNG")
    return stream.getvalue()


def test_without_the_library_the_line_for_pip_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.parquet").write_bytes(b"")
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(MissingExtraError) as caught:
        hf_dataset(tmp_path)
    assert str(caught.value).startswith("dataset 'hf-dataset' needs ")
    assert str(caught.value).endswith(": pip install 'fer-audit[hf-dataset]'")


def test_a_folder_of_nothing_of_the_kind_needs_no_library_to_be_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no data")
    with pytest.raises(
        DatasetError, match="nothing there that the library datasets writes; give the folder of"
    ):
        hf_dataset(tmp_path)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The library, with a cache of the test's own and no way to the network."""
    found: ModuleType = pytest.importorskip("datasets")
    monkeypatch.setattr(found.config, "HF_DATASETS_CACHE", tmp_path / "cache")

    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    return found


def faces(library: ModuleType, *, count: int = 6, **more: list[object]) -> Table:
    """Pictures of two people with the usual columns."""
    rows: dict[str, list[object]] = {
        "image": [{"bytes": png(number), "path": None} for number in range(count)],
        "label": [number % 2 for number in range(count)],
        "identity": [f"p{number // 2}" for number in range(count)],
        "gender": ["female" if number % 4 < 2 else "male" for number in range(count)],
        "yaw": [float(number) for number in range(count)],
        "box": [[1, 2] for _ in range(count)],
    }
    made = library.Dataset.from_dict({**rows, **more})
    return made.cast_column("image", library.Image()).cast_column("label", library.ClassLabel(names=WORDS))


def opened(spec: DatasetSpec) -> HubDataset:
    found = spec.open()
    assert isinstance(found, HubDataset)
    return found


KINDS = ("saved", "saved in splits", "parquet", "parquet in splits", "arrow")


def write(library: ModuleType, made: Table, kind: str, folder: Path) -> None:
    both = library.DatasetDict({"train": made.select(range(4)), "test": made.select(range(4, 6))})
    match kind:
        case "saved":
            made.save_to_disk(folder)
        case "saved in splits":
            both.save_to_disk(folder)
        case "parquet":
            folder.mkdir()
            made.to_parquet(folder / "faces.parquet")
        case "parquet in splits":
            (folder / "data").mkdir(parents=True)
            for split, part in both.items():
                part.to_parquet(folder / "data" / f"{split}-00000-of-00001.parquet")
        case _:
            made.save_to_disk(folder / "away")
            (file,) = (folder / "away").glob("*.arrow")
            shutil.move(file, folder / "faces.arrow")
            shutil.rmtree(folder / "away")


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_of_keeping_gives_the_same_faces(
    library: ModuleType, kind: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    write(library, faces(library), kind, tmp_path / "my faces")
    capfd.readouterr()
    spec = hf_dataset(tmp_path / "my faces")
    assert (spec.name, spec.task, spec.identified) == ("my_faces", "expression", True)
    assert (spec.attributes, spec.covariates) == (("gender", "split"), ("yaw",))
    assert [slicing.name for slicing in spec.slicings] == ["gender"]
    found = opened(spec)
    assert capfd.readouterr() == ("", "")
    assert found.labels == ("anger", "happiness")
    by_yaw = sorted(found.faces, key=lambda face: face.covariates["yaw"])
    assert [face.expression for face in by_yaw] == ["anger", "happiness"] * 3
    assert [face.identity for face in by_yaw] == ["p0", "p0", "p1", "p1", "p2", "p2"]
    assert [face.attributes["gender"] for face in by_yaw] == [
        "female",
        "female",
        "male",
        "male",
        "female",
        "female",
    ]
    splits = [face.attributes["split"] for face in by_yaw]
    assert splits == (["train"] * 4 + ["test"] * 2 if "splits" in kind else ["train"] * 6)
    assert [found.read(face.image) for face in by_yaw] == [png(number) for number in range(6)]
    assert (found.inventory.present, found.inventory.read) == (6, 6)
    assert found.details["columns left out"] == "box"


def test_pictures_in_folders_are_read_where_they_lie(library: ModuleType, tmp_path: Path) -> None:
    for split, word, number in (("train", "happy", 1), ("train", "sad", 2), ("test", "sad", 3)):
        folder = tmp_path / "faces" / split / word
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{number}.png").write_bytes(png(number))
    (tmp_path / "faces/test/happy").mkdir()
    (tmp_path / "faces/test/happy/4.png").write_bytes(png(4))
    found = opened(hf_dataset(tmp_path / "faces"))
    del library
    assert {face.image: face.expression for face in found.faces} == {
        "train/happy/1.png": "happiness",
        "train/sad/2.png": "sadness",
        "test/happy/4.png": "happiness",
        "test/sad/3.png": "sadness",
    }
    assert found.read("test/sad/3.png") == png(3)


def test_labels_of_any_kind_are_as_they_are_written(library: ModuleType, tmp_path: Path) -> None:
    made = faces(library).remove_columns(["label", "identity"]).add_column("label", ["beard", "none"] * 3)
    made.save_to_disk(tmp_path / "faces")
    spec = hf_dataset(tmp_path / "faces", task="facial hair", most_images=3)
    assert (spec.task, spec.identified, spec.most_images) == ("facial hair", False, 3)
    found = opened(spec)
    assert found.labels == ("beard", "none")
    assert all(face.identity == face.image for face in found.faces)
    assert hf_dataset(tmp_path / "faces").task == "label"


def test_a_row_without_an_expression_is_skipped_with_its_reason(library: ModuleType, tmp_path: Path) -> None:
    made = (
        faces(library)
        .remove_columns("label")
        .add_column("expression", ["Happy", "none", None, "angry", "joy", "none"])
    )
    made.save_to_disk(tmp_path / "faces")
    found = opened(hf_dataset(tmp_path / "faces"))
    assert [(one.entry, one.reason) for one in found.inventory.skipped] == [
        ("train row 2", "labelled 'none', which is no expression"),
        ("train row 3", "no label"),
        ("train row 6", "labelled 'none', which is no expression"),
    ]
    assert [(face.image, face.expression) for face in found.faces] == [
        ("train/0", "happiness"),
        ("train/3", "anger"),
        ("train/4", "happiness"),
    ]


def test_a_number_that_has_no_name_is_no_label(library: ModuleType, tmp_path: Path) -> None:
    made = faces(library)
    made.cast_column("label", library.ClassLabel(names=WORDS)).map(
        lambda row, number: {"label": -1 if number == 1 else row["label"]}, with_indices=True
    ).save_to_disk(tmp_path / "faces")
    assert [one.reason for one in opened(hf_dataset(tmp_path / "faces")).inventory.skipped] == ["no label"]


class TestRefused:
    def test_labels_that_are_numbers_without_names(self, library: ModuleType, tmp_path: Path) -> None:
        faces(library).cast_column("label", library.Value("int64")).save_to_disk(tmp_path / "faces")
        with pytest.raises(
            DatasetError, match=r"column 'label' is of .*, which says nothing in words; cast it to"
        ):
            hf_dataset(tmp_path / "faces")

    def test_a_dataset_without_pictures(self, library: ModuleType, tmp_path: Path) -> None:
        faces(library).remove_columns("image").save_to_disk(tmp_path / "faces")
        with pytest.raises(
            DatasetError, match=r"it has the columns label, .*; an audit needs image and label"
        ):
            hf_dataset(tmp_path / "faces")

    def test_an_empty_identity(self, library: ModuleType, tmp_path: Path) -> None:
        faces(library, identity=["p", None, "p", "q", "q", "q"]).save_to_disk(tmp_path / "faces")
        with pytest.raises(
            DatasetError, match="hf-dataset faces: column 'identity' is empty or NaN in 1 of 6 rows"
        ):
            hf_dataset(tmp_path / "faces").open()

    @pytest.mark.parametrize("name", ["../secret.png", "{folder}/secret.png"])
    def test_a_picture_outside_the_folder(self, library: ModuleType, name: str, tmp_path: Path) -> None:
        (tmp_path / "secret.png").write_bytes(png(9))
        path = name.format(folder=tmp_path)
        made = faces(library, count=1, image=[{"bytes": None, "path": path}])
        (tmp_path / "faces").mkdir()
        # By hand, for the library itself would put the bytes in the place of the path.
        pq.write_table(made.data.table, tmp_path / "faces/faces.parquet")
        found = opened(hf_dataset(tmp_path / "faces"))
        with pytest.raises(ImageError, match="is no path inside the dataset's folder"):
            found.read(found.faces[0].image)

    @pytest.mark.parametrize("named", ["../elsewhere.arrow", "/etc/passwd", "nowhere.arrow", 7])
    def test_a_saved_dataset_that_names_other_files(
        self, library: ModuleType, named: object, tmp_path: Path
    ) -> None:
        faces(library).save_to_disk(tmp_path / "faces")
        shutil.copy(next((tmp_path / "faces").glob("*.arrow")), tmp_path / "elsewhere.arrow")
        state = json.loads((tmp_path / "faces/state.json").read_text())
        state["_data_files"] = [{"filename": named}]
        (tmp_path / "faces/state.json").write_text(json.dumps(state))
        with pytest.raises(DatasetError) as caught:
            hf_dataset(tmp_path / "faces")
        assert str(caught.value) == (
            f"hf-dataset faces: state.json names {named!r}, which is no file of its folder; save it again "
            "with save_to_disk, and copy the whole folder"
        )

    def test_splits_outside_the_folder(self, library: ModuleType, tmp_path: Path) -> None:
        faces(library).save_to_disk(tmp_path / "other")
        (tmp_path / "faces").mkdir()
        (tmp_path / "faces/dataset_dict.json").write_text('{"splits": ["../other"]}')
        with pytest.raises(
            DatasetError, match=r"dataset_dict.json names '../other/state.json', which is no file"
        ):
            hf_dataset(tmp_path / "faces")

    @pytest.mark.parametrize("name", ["faces.parquet", "faces.arrow", "state.json"])
    def test_a_broken_file_is_told_and_no_traceback(
        self, library: ModuleType, name: str, tmp_path: Path
    ) -> None:
        del library
        (tmp_path / name).write_bytes(b"PAR1 this is nothing of the kind")
        with pytest.raises(DatasetError, match=r"cannot be read|the library datasets .* cannot read it as"):
            hf_dataset(tmp_path)

    def test_a_script_or_a_readme_in_the_folder_is_not_looked_at(
        self, library: ModuleType, tmp_path: Path
    ) -> None:
        folder = tmp_path / "faces"
        folder.mkdir()
        faces(library).to_parquet(folder / "faces.parquet")
        (folder / "faces.py").write_text("raise SystemExit('ran')")
        (folder / "README.md").write_text(
            "---\nconfigs:\n- config_name: default\n  data_files: https://example.org/x\n---\n"
        )
        assert len(opened(hf_dataset(folder)).faces) == 6
