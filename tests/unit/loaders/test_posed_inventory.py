"""Whatever lies in a folder: every file of it is read, an annotation, or skipped with a reason."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings, strategies as st
from named_copies import loaded, write_copy

from fer_audit.datasets import dataset_from
from fer_audit.errors import DatasetError

# Parts of names of all sets, so that what is drawn is often nearly a name.
PARTS = st.sampled_from(
    [
        *("AF01", "BM18", "OM01", "CF0001", "S005", "KA", "Rafd090", "_", ".", "-", "_1101", "_00F", "_001"),
        *("_HE", "ANS", "XXS", "AF31V", ".AN1", ".39", "_01_Caucasian_female_angry_frontal", "_00000001"),
        *("_00000011", "_emotion", "_facs", "_landmarks", ".bmp", ".JPG", ".jpeg", ".tiff", ".png", ".txt"),
    ]
)
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="/\0")
NAMES = (
    st.one_of(st.lists(PARTS, min_size=2, max_size=5).map("".join), st.text(LETTERS, min_size=1, max_size=40))
    .filter(lambda name: name not in {".", ".."})
    .map(lambda name: f".{name}" if name.startswith("..") else name)
)
FOLDERS = st.sampled_from(["", "a/", "a/b c/", "É/"])
OWN = {
    "ckplus": ("S130_013_00000012.png", "a/S130_013_00000012_emotion.txt"),
    "face-place": ("HF1201_1100_SU.jpg",),
    "jaffe": ("YM.HA1.52.tiff",),
    "kdef": ("BM35SUHR.JPG",),
    "radiate": ("WM13_SO.bmp",),
    "rafd": ("Rafd180_73_Moroccan_male_sad_left.jpg",),
}


@settings(deadline=None)
@given(st.sampled_from(sorted(OWN)), st.sets(st.tuples(FOLDERS, NAMES).map("".join), max_size=12))
def test_no_file_is_dropped_in_silence(family: str, names: set[str]) -> None:
    with TemporaryDirectory() as folder:
        root = write_copy(Path(folder), *OWN[family], *sorted(names - set(OWN[family])))
        if family == "ckplus":
            (root / "a/S130_013_00000012_emotion.txt").write_text("5")
        opened = loaded(family, root)
        inventory = opened.inventory
        entries = [*(face.image for face in opened.faces), *inventory.annotations]
        entries += [skipped.entry for skipped in inventory.skipped]
        there = {file.relative_to(root).as_posix() for file in root.rglob("*") if not file.is_dir()}
        assert sorted(entries) == sorted(there)
        assert all(skipped.reason for skipped in inventory.skipped)
        assert OWN[family][0] in {face.image for face in opened.faces}


@settings(deadline=None)
@given(st.sampled_from(sorted(OWN)), st.sets(st.text(LETTERS, min_size=1, max_size=8), max_size=4))
def test_what_is_said_of_a_folder_of_anything_can_be_printed(family: str, names: set[str]) -> None:
    with TemporaryDirectory() as folder:
        root = write_copy(Path(folder), *(f"x{name}.jpg" for name in names))
        with pytest.raises(DatasetError) as caught:
            dataset_from(family, root).open()
        assert str(caught.value).isprintable()
