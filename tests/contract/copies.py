"""Every kind of dataset as a small copy: rendered pictures under the names that a real copy has.

A set that is known by name is one line of ``COPIES``: the names of a few of its files, and the text of those
that hold no picture. Each copy holds something that gives no face beside them.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from fer_audit.datasets import (
    DatasetSpec,
    age_bands,
    dataset_from,
    hf_dataset,
    image_folder,
    joined,
    manifest_dataset,
    merged,
    rendered_faces,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

__all__ = ["COPIES"]

STRAY = "Thumbs.db"


@cache
def pictures() -> tuple[bytes, ...]:
    """Unlike pictures of a few people."""
    source = rendered_faces().open()
    return tuple(source.read(face.image) for face in source.faces[:28])


def write(folder: Path, names: Sequence[str], texts: Mapping[str, str] | None = None) -> None:
    for name, picture in zip(names, pictures(), strict=False):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(picture)
    for name, text in (texts or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (folder / STRAY).write_bytes(b"no picture")


def known(family: str, *names: str, texts: Mapping[str, str] | None = None) -> Callable[[Path], DatasetSpec]:
    """A copy of a set that is known by name."""

    def make(folder: Path) -> DatasetSpec:
        write(folder, names, texts)
        return dataset_from(family, folder)

    return make


def _manifest(folder: Path) -> DatasetSpec:
    rows = ["image,identity,expression,skin_tone"]
    for face, picture in zip(rendered_faces().open().faces, pictures(), strict=False):
        name = face.image.replace("/", "-")
        (folder / name).write_bytes(picture)
        rows.append(f"{name},{face.identity},{face.expression},{face.attributes['skin_tone']}")
    (folder / "m.csv").write_text("\n".join(rows) + "\n")
    return manifest_dataset(folder / "m.csv")


def _manifest_of_labels(folder: Path) -> DatasetSpec:
    rows = "image,label,task,site,max_images_per_person\na.webp,beard,facial hair,x,2\nb.webp,none,facial hair,y,2\n"
    write(folder, ["a.webp", "b.webp"], {"m.csv": rows})
    return manifest_dataset(folder / "m.csv")


def _widened(folder: Path) -> DatasetSpec:
    """A manifest joined to a table, with ages in bands and groups merged."""
    (folder / "who.csv").write_text("identity,age,site\nid01,24,here\nid02,,there\nid03,70,there\n")
    spec = age_bands(joined(_manifest(folder), folder / "who.csv"))
    return merged(spec, "site", {"there": "elsewhere"})


def _images(folder: Path) -> DatasetSpec:
    write(folder, ["train/happy/1.jpg", "train/Sad/2.jpg", "test/angry/3.jpg", "4.jpg"])
    return image_folder(folder)


def _hf_dataset(folder: Path) -> DatasetSpec:
    library = pytest.importorskip("datasets")
    rows = {
        "image": [{"bytes": picture, "path": None} for picture in pictures()[:4]],
        "expression": ["happy", "sad", "joy", "concentration"],
        "identity": ["p", "p", "q", "q"],
        "gender": ["f", "f", "m", "m"],
        "yaw": [1.0, 2.0, 3.0, 4.0],
    }
    library.Dataset.from_dict(rows).cast_column("image", library.Image()).save_to_disk(folder / "faces")
    return hf_dataset(folder / "faces")


def _faces(_folder: Path) -> DatasetSpec:
    return rendered_faces()


def _part_of_the_faces(_folder: Path) -> DatasetSpec:
    return rendered_faces("matched", only={"exposure": "matched"})


_FAIRFACE = ("val/1.jpg", "val/2.jpg", "val/3.jpg")
_FAIRFACE_LIST = {
    "fairface_label_val.csv": "file,age,gender,race,service_test\nval/1.jpg,20-29,Male,White,True\n"
    "val/2.jpg,more than 70,Female,East Asian,False\n"
}
_UTKFACE = (
    "part1/1_0_0_20161219140623097.jpg.chip.jpg",
    "part1/26_1_4_20170116174525125.jpg",
    "26_20170116.jpg",
)

_ROW = " ".join(["7", "200"] * 1152)
_FER2013 = f"emotion,pixels,Usage\n3,{_ROW},Training\n6,{_ROW[::-1]},PublicTest\n"

COPIES: Mapping[str, Callable[[Path], DatasetSpec]] = {
    "faces": _faces,
    "faces, part": _part_of_the_faces,
    "manifest": _manifest,
    "manifest, widened": _widened,
    "manifest of labels": _manifest_of_labels,
    "images": _images,
    "hf-dataset": _hf_dataset,
    "affectnet": known(
        "affectnet",
        "Manually_Annotated/1/a.jpg",
        "Manually_Annotated/1/b.jpg",
        texts={
            "validation.csv": "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,"
            "expression,valence,arousal\n1/a.jpg,0,0,9,9,1;1,1,0.5,0.5\n1/b.jpg,0,0,9,9,1;1,6,-0.5,0.5\n"
        },
    ),
    "chicago": known(
        "chicago",
        "Images/CFD/BF-001/CFD-BF-001-009-F.jpg",
        "Images/CFD/WM-002/CFD-WM-002-001-N.jpg",
        "Images/CFD/WM-002/CFD-WM-002-001-N_cropped.jpg",
    ),
    "ckplus": known(
        "ckplus",
        "cohn-kanade-images/S005/001/S005_001_00000001.png",
        "cohn-kanade-images/S005/001/S005_001_00000011.png",
        texts={"Emotion/S005/001/S005_001_00000011_emotion.txt": "   3.0000000e+00\n"},
    ),
    "expw": known(
        "expw",
        "origin/a.jpg",
        "origin/b.jpg",
        texts={"label.lst": "a.jpg 0 4 6 58 60 0.9 0\na.jpg 1 0 0 20 20 0.9 3\nb.jpg 0 4 6 58 60 0.9 6\n"},
    ),
    "face-place": known("face-place", "CF0001_1101_HA.jpg", "african-american/MB0601_1100_00F.tiff", "x.jpg"),
    "fer2013": known("fer2013", texts={"fer2013.csv": _FER2013}),
    "ferplus": known(
        "ferplus",
        texts={
            "fer2013.csv": _FER2013,
            "fer2013new.csv": "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,"
            "unknown,NF\nTraining,a.png,1,9,0,0,0,0,0,0,0,0\nPublicTest,b.png,9,1,0,0,0,0,0,0,0,0\n",
        },
    ),
    "jaffe": known("jaffe", "KA.AN1.39.tiff", "KA.HA1.29.tiff", "KA.XX1.29.tiff"),
    "kdef": known("kdef", "AF01/AF01ANS.JPG", "AM02/BM02HAHL.JPG", "AF31/AF31V.JPG"),
    "rafd": known(
        "rafd",
        "Rafd090_01_Caucasian_female_angry_frontal.jpg",
        "Rafd045_07_Moroccan_male_happy_left.jpg",
        "Rafd090_01.jpg",
    ),
    "radiate": known("radiate", "RADIATE_COLOR_1/BF20/BF20_HE.bmp", "WM01_AC.jpg", "OM01_CC.bmp"),
    "rafdb": known(
        "rafdb",
        "Image/aligned/train_00001_aligned.jpg",
        "Image/aligned/test_0001_aligned.jpg",
        texts={
            "EmoLabel/list_patition_label.txt": "train_00001.jpg 5\ntest_0001.jpg 4\n",
            "Annotation/manual/train_00001_manu_attri.txt": "1 1\n2 2\n3 3\n4 4\n5 5\n1\n0\n2\n",
        },
    ),
    "fairface": known("fairface", *_FAIRFACE, texts=_FAIRFACE_LIST),
    "fairface-race": known("fairface-race", *_FAIRFACE, texts=_FAIRFACE_LIST),
    "fairface-age": known("fairface-age", *_FAIRFACE, texts=_FAIRFACE_LIST),
    "utkface": known("utkface", *_UTKFACE),
    "utkface-race": known("utkface-race", *_UTKFACE),
    "utkface-age": known("utkface-age", *_UTKFACE),
}
"""How each kind is made in an empty folder."""
