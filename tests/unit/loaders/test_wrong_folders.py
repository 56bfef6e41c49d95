"""Folders that hold something else than was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from named_copies import loaded, refusal, write_copy

if TYPE_CHECKING:
    from pathlib import Path

RADIATE = ("AF01_AC.bmp", "BF20_HE.bmp", "WM13_SU.bmp")
KDEF = ("AF01ANS.JPG", "BF01ANS.JPG", "BM35SUFL.JPG")
# The faces of both sets, as they are asked for.
NAMES = {
    "ckplus": ["S005_001_00000001.png", "S005_001_00000011.png"],
    "face-place": ["CF0001_1101_00F.jpg", "MF0907_1100_HA.tiff"],
    "jaffe": ["KA.AN1.39.tiff", "KL.HA1.158.tiff"],
    "kdef": [*KDEF],
    "radiate": [*RADIATE],
    "rafd": ["Rafd090_01_Caucasian_female_angry_frontal.jpg", "Rafd000_72_Moroccan_male_sad_left.jpg"],
}
TITLES = {
    "ckplus": "CK+",
    "face-place": "Face-Place",
    "jaffe": "JAFFE",
    "kdef": "KDEF",
    "radiate": "RADIATE",
    "rafd": "RaFD",
}


# Another set's folder


def test_radiate_handed_to_kdef_is_recognized(tmp_path: Path) -> None:
    assert refusal("kdef", write_copy(tmp_path, *RADIATE, "Thumbs.db")) == (
        "KDEF: none of the 4 files there gives a face (mostly not named as the set names its pictures, such "
        "as 'AF01_AC.bmp'); a copy holds pictures named such as AF01ANS.JPG. 3 of them are named as those of "
        f"RADIATE: try radiate={tmp_path}"
    )


def test_kdef_handed_to_radiate_is_recognized(tmp_path: Path) -> None:
    assert refusal("radiate", write_copy(tmp_path, *(f"{name[:4]}/{name}" for name in KDEF))) == (
        "RADIATE: none of the 3 files there gives a face (mostly not named as the set names its pictures, "
        "such as 'AF01/AF01ANS.JPG'); a copy holds pictures named such as BF20_HE.bmp. 3 of them are named "
        f"as those of KDEF: try kdef={tmp_path}"
    )


@pytest.mark.parametrize("held", sorted(NAMES))
@pytest.mark.parametrize("asked", sorted(NAMES))
def test_any_set_handed_to_another_is_recognized(tmp_path: Path, asked: str, held: str) -> None:
    if asked == held:
        return
    copy = write_copy(tmp_path, *NAMES[held])
    said = refusal(asked, copy)
    assert said.startswith(f"{TITLES[asked]}: none of the {len(NAMES[held])} files there gives a face (")
    assert said.endswith(
        f". {len(NAMES[held])} of them are named as those of {TITLES[held]}: try {held}={copy}"
    )


def test_of_several_sets_the_one_with_most_pictures_is_named(tmp_path: Path) -> None:
    copy = write_copy(tmp_path, "KA.AN1.39.tiff", *RADIATE, "CF0001_1101_00F.jpg")
    assert "3 of them are named as those of RADIATE: try radiate=" in refusal("kdef", copy)
    for name in RADIATE:
        (copy / name).unlink()
    (copy / "CF0001_1101_00F.jpg").unlink()
    assert refusal("kdef", write_copy(copy, "notes.txt")).endswith(
        f". 1 of them is named as those of JAFFE: try jaffe={copy}"
    )


def test_a_set_is_not_recommended_in_place_of_itself(tmp_path: Path) -> None:
    said = refusal("radiate", write_copy(tmp_path, "BF20_CC.bmp", "BF20_CO.bmp"))
    assert said == (
        "RADIATE: none of the 2 files there gives a face (mostly labelled calm, which is not audited, such "
        "as 'BF20_CC.bmp'); a copy holds pictures named such as BF20_HE.bmp"
    )


def test_another_name_of_the_same_set_is_no_recommendation(tmp_path: Path) -> None:
    assert "named as those of" not in refusal(
        "utkface-race", write_copy(tmp_path, "61_1_20170109142408075.jpg")
    )
    assert "try utkface=" in refusal("fairface", write_copy(tmp_path, "26_1_2_20170116184024662.jpg"))


def test_a_folder_of_several_sets_gives_the_one_that_is_asked_for(tmp_path: Path) -> None:
    for family, names in NAMES.items():
        write_copy(tmp_path / family, *names)
    assert {face.image for face in loaded("kdef", tmp_path).faces} == {f"kdef/{name}" for name in KDEF}
    assert {face.image for face in loaded("radiate", tmp_path).faces} == {f"radiate/{n}" for n in RADIATE}


# No folder


@pytest.mark.parametrize("family", sorted(NAMES))
def test_a_folder_that_is_not_there_says_where_to_ask_for_a_copy(tmp_path: Path, family: str) -> None:
    request = {
        "ckplus": "the Affect Analysis Group of the University of Pittsburgh (for research",
        "face-place": "the Tarr Lab (Face-Place 3.0) (for non-profit scholarly use",
        "jaffe": "its authors, by Zenodo (for non-commercial research",
        "kdef": "Karolinska Institutet (kdef.se) (for research",
        "radiate": "its authors (PMC6446554) (for research",
        "rafd": "Radboud University (rafd.nl) (for research",
    }[family]
    nowhere = tmp_path / "nowhere"
    assert refusal(family, nowhere) == (
        f"{TITLES[family]}: the folder {str(nowhere)!r} is not there; check the path. A copy is had from "
        f"{request}; not to be passed on)"
    )


def test_a_path_that_is_a_file_is_no_folder(tmp_path: Path) -> None:
    file = write_copy(tmp_path, "RADIATE.zip") / "RADIATE.zip"
    assert refusal("radiate", file).startswith(
        f"RADIATE: the folder {str(file)!r} is no folder but a file; name the folder that holds the pictures. "
        "A copy is had from "
    )
    assert "is not there; check the path" in refusal("radiate", file / "below")


@pytest.mark.parametrize("path", ["a" * 300, "a/" * 3000, "nul\0byte"])
def test_a_path_that_no_system_takes_is_an_error(tmp_path: Path, path: str) -> None:
    assert "cannot be looked at (" in refusal("radiate", tmp_path / path)


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    assert refusal("radiate", write_copy(tmp_path / "empty")) == (
        f"RADIATE: the folder {str(tmp_path / 'empty')!r} is not there; check the path. A copy is had from "
        "its authors (PMC6446554) (for research; not to be passed on)"
    )
    (tmp_path / "empty" / "BF20").mkdir(parents=True)
    assert refusal("radiate", tmp_path / "empty") == (
        "RADIATE: no file is there at all; a copy holds pictures named such as BF20_HE.bmp"
    )
