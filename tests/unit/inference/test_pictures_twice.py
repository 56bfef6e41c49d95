"""Pictures that are in an unidentified set twice: gathered from anywhere, and labelled by whoever saw them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from small_faces import LABELS, label_of, picture

from fer_audit.datasets import dataset_from
from fer_audit.inference import gather
from fer_audit.models import ModelSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from PIL import Image

    from fer_audit.datasets import DatasetSpec
    from fer_audit.records import Answer
    from fer_audit.store import PredictionStore

CODES = {"anger": 6, "fear": 2, "happiness": 4}


class Reader:
    def recognize(self, images: Sequence[Image.Image]) -> list[Answer | str]:
        return [label_of(image) for image in images]


READER = ModelSpec("reader", lambda _labels: Reader(), lambda: {"version": "1"})


def gathered(
    root: Path, rows: Mapping[str, tuple[int, str]], gender: Mapping[str, str] | None = None
) -> DatasetSpec:
    """RAF-DB of these pictures: number of the content and label, by the stem of the name."""
    for stem, (content, _) in rows.items():
        (root / f"{stem}_aligned.jpg").write_bytes(picture(content, 0))
        code = (gender or {}).get(stem, "0")
        (root / f"{stem}_manu_attri.txt").write_text(f"{'1 2 ' * 5}\n{code}\n0\n2\n")
    listing = "".join(f"{stem}.jpg {CODES[label]}\n" for stem, (_, label) in rows.items())
    (root / "list_patition_label.txt").write_text(listing)
    return dataset_from("rafdb", root)


def test_a_picture_under_two_labels_is_left_out_in_both_places(
    tmp_path: Path, store: PredictionStore
) -> None:
    rows = {
        "train_00001": (1, "anger"),
        "train_00002": (2, "anger"),
        "train_00003": (1, "fear"),
        "test_0001": (3, "happiness"),
    }
    predictions = gather(READER, gathered(tmp_path, rows), store)
    assert predictions.image.levels == ("test_0001_aligned.jpg", "train_00002_aligned.jpg")
    assert predictions.notes == (
        "2 pictures are there twice with different labels, groups or covariates and are left out "
        "(train_00001_aligned.jpg, train_00003_aligned.jpg)",
    )
    assert not predictions.identified
    assert not predictions.provenance.partial


def test_a_picture_under_two_groups_is_left_out_in_both_places(
    tmp_path: Path, store: PredictionStore
) -> None:
    rows = {"train_00001": (1, "anger"), "train_00002": (2, "anger"), "train_00003": (1, "anger")}
    predictions = gather(READER, gathered(tmp_path, rows, {"train_00003": "1"}), store)
    assert predictions.image.levels == ("train_00002_aligned.jpg",)


def test_a_picture_under_two_numbers_is_left_out_in_both_places(
    tmp_path: Path, store: PredictionStore
) -> None:
    for name, content in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / f"{name}.jpg").write_bytes(picture(content, 0))
    rows = "expression,subDirectory_filePath,valence\n6,a.jpg,0.5\n6,b.jpg,0.25\n6,c.jpg,0.5\n"
    (tmp_path / "training.csv").write_text(rows)
    predictions = gather(READER, dataset_from("affectnet", tmp_path), store)
    assert predictions.image.levels == ("c.jpg",)


def test_a_picture_twice_under_one_label_is_a_repeat(tmp_path: Path, store: PredictionStore) -> None:
    rows = {"train_00001": (1, "anger"), "train_00002": (2, "anger"), "train_00003": (1, "anger")}
    predictions = gather(READER, gathered(tmp_path, rows), store)
    assert len(predictions) == 3
    assert predictions.image.levels == ("train_00001_aligned.jpg", "train_00002_aligned.jpg")
    assert predictions.identity.levels == predictions.image.levels
    assert predictions.notes == (
        "1 rows repeat a picture and are averaged with it (train_00003_aligned.jpg = train_00001_aligned.jpg)",
    )


@pytest.mark.parametrize("label", LABELS)
def test_one_picture_three_times_with_one_dissent_is_left_out_everywhere(
    tmp_path: Path, store: PredictionStore, label: str
) -> None:
    other = LABELS[LABELS.index(label) - 1]
    rows = {
        "train_00001": (1, label),
        "train_00002": (1, label),
        "train_00003": (1, other),
        "train_00004": (2, "fear"),
    }
    predictions = gather(READER, gathered(tmp_path, rows), store)
    assert predictions.image.levels == ("train_00004_aligned.jpg",)
