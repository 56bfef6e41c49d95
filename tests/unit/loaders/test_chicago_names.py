"""The Chicago Face Database by the names of its pictures, which are written here by hand."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from fer_audit.datasets import dataset_from
from fer_audit.datasets.chicago.names import SCHEME
from fer_audit.datasets.folder import FolderDataset
from fer_audit.errors import ConfigurationError, DatasetError

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.records import Face

NAMES = {
    "CFD-BF-001-009-HO.jpg": ("BF-001", "happiness", "black", "female", "open", "CFD"),
    "CFD-BF-001-010-HC.jpg": ("BF-001", "happiness", "black", "female", "closed", "CFD"),
    "CFD-WM-040-011-A.jpg": ("WM-040", "anger", "white", "male", None, "CFD"),
    "CFD-WM-040-012-F.jpeg": ("WM-040", "fear", "white", "male", None, "CFD"),
    "CFD-AF-200-228-N.JPG": ("AF-200", "neutral", "asian", "female", None, "CFD"),
    "CFD-LM-211-128-N.jpg": ("LM-211", "neutral", "latino", "male", None, "CFD"),
    "CFD-MF-331-010-N.jpg": ("MF-331", "neutral", "multiracial", "female", None, "CFD-MR"),
    "CFD-IF-601-519-N.jpg": ("IF-601", "neutral", "indian", "female", None, "CFD-INDIA"),
    "CFD-IM-644-306-1-N.jpg": ("IM-644", "neutral", "indian", "male", None, "CFD-INDIA"),
    "cfd-wf-022-017-n.jpg": ("WF-022", "neutral", "white", "female", None, "CFD"),
}


def opened(folder: Path, *names: str) -> FolderDataset:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    found = dataset_from("chicago", folder).open()
    assert isinstance(found, FolderDataset)
    return found


def told(face: Face) -> tuple[str | None, ...]:
    said = face.attributes
    return (face.identity, face.expression, *(said.get(name) for name in ("race", "gender", "mouth", "set")))


def test_a_name_says_who_what_and_of_which_part(tmp_path: Path) -> None:
    faces = opened(tmp_path, *NAMES).faces
    assert {face.image: told(face) for face in faces} == NAMES


@pytest.mark.parametrize("folder", ["", "CFD Version 3.0/Images/CFD/BF-001/", "CFD-INDIA/A/", "été/顔 写真/"])
def test_folders_say_nothing(tmp_path: Path, folder: str) -> None:
    (face,) = opened(tmp_path, f"{folder}CFD-BF-001-009-HO.jpg").faces
    assert told(face) == NAMES["CFD-BF-001-009-HO.jpg"]


def test_derived_copies_are_refused_by_their_mark(tmp_path: Path) -> None:
    marked = {
        "CFD-BF-001-009-N_cropped.jpg",
        "CFD-BF-001-009-HO_high.jpg",
        "CFD-BF-001-009-HO_high_2.png",
        "CFD-BF-001-009-N (1).jpg",
        "CFD-BF-001-009-N-small.jpg",
        "CFD-BF-001-009-N.bak.jpg",
    }
    found = opened(tmp_path, "CFD-BF-001-009-N.jpg", *marked)
    assert len(found.faces) == 1
    assert {one.entry for one in found.inventory.skipped} == marked
    assert found.inventory.reasons() == {
        "a derived copy: its name goes on after the expression (as in _cropped, _high)": 6
    }


def test_what_is_not_understood_is_named_with_its_reason(tmp_path: Path) -> None:
    found = opened(
        tmp_path,
        "CFD-BF-001-009-N.jpg",
        "again/CFD-BF-001-009-N.jpg",
        "CFD-BF-001-009-X.jpg",
        "CFD-QF-001-009-N.jpg",
        "CFD-BF-001-N.jpg",
        "BF-001.jpg",
        "Thumbs.db",
        "CFD-BF-001-009-N.jpg.txt",
    )
    assert {one.entry: one.reason for one in found.inventory.skipped} == {
        "again/CFD-BF-001-009-N.jpg": "a second picture of one name",
        "CFD-BF-001-009-X.jpg": "unknown expression code 'X'",
        "CFD-QF-001-009-N.jpg": "not named as the set names its pictures",
        "CFD-BF-001-N.jpg": "not named as the set names its pictures",
        "BF-001.jpg": "not named as the set names its pictures",
        "Thumbs.db": "no picture",
        "CFD-BF-001-009-N.jpg.txt": "no picture",
    }
    assert found.inventory.present == 8


def test_what_an_unknown_code_means_is_configuration(tmp_path: Path) -> None:
    (tmp_path / "CFD-BF-001-009-S.jpg").write_bytes(b"")
    (face,) = dataset_from("chicago", tmp_path, codes={"S": "sadness"}).open().faces
    assert (face.identity, face.expression) == ("BF-001", "sadness")


@pytest.mark.parametrize(
    "name",
    ["AF01_AC.bmp", "AF01ANS.JPG", "AF0301_1100_AN.jpg", "Rafd090_01_Caucasian_female_angry_frontal.jpg"],
)
def test_names_of_other_sets_are_not_taken(name: str) -> None:
    assert SCHEME.pattern.fullmatch(name) is None


def test_another_set_is_named_in_the_error(tmp_path: Path) -> None:
    (tmp_path / "AF01_AC.bmp").write_bytes(b"")
    with pytest.raises(DatasetError) as error:
        dataset_from("chicago", tmp_path).open()
    assert "a copy holds pictures named such as CFD-BF-001-009-HO.jpg" in str(error.value)
    assert str(error.value).endswith(f"1 of them is named as those of RADIATE: try radiate={tmp_path}")


def test_a_copy_that_is_not_there_says_whom_to_ask(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as error:
        dataset_from("chicago", tmp_path / "none").open()
    assert str(error.value).endswith(
        "is not there; check the path. A copy is had from the set's site, chicagofaces.org (for research; not to "
        "be passed on)"
    )


def test_most_images_of_a_person_are_not_declared_where_people_are_known(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="the set says who is in each picture"):
        dataset_from("chicago", tmp_path, most_images=3)


def test_pictures_of_one_person_are_of_one_identity(tmp_path: Path) -> None:
    names = [
        "CFD-IM-644-306-1-N.jpg",
        "CFD-IM-644-306-2-N.jpg",
        "CFD-BM-001-013-A.jpg",
        "CFD-BM-001-014-N.jpg",
    ]
    assert Counter(face.identity for face in opened(tmp_path, *names).faces) == {"IM-644": 2, "BM-001": 2}


def test_without_the_package_the_pictures_are_read_and_the_load_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbook = "CFD 3.0 Norming Data and Codebook.xlsx"
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    found = opened(tmp_path, "CFD-BF-001-009-N.jpg", workbook)
    assert len(found.faces) == 1
    assert found.inventory.annotations == (workbook,)
    assert found.details["norming data"] == (
        f"{workbook!r} is not read: the norming data of dataset 'chicago' needs 'openpyxl', which is not "
        "installed: pip install 'fer-audit[chicago]'"
    )
