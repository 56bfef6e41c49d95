"""Folders that hold what was asked for, oddly: locked, linked, nested, or under odd names."""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Literal

import pytest
from named_copies import loaded, refusal, said_of, skips, write_copy

from fer_audit.errors import ImageError

if TYPE_CHECKING:
    from collections.abc import Iterator

RADIATE = ("AF01_AC.bmp", "BF20_HE.bmp", "WM13_SU.bmp")


# Permission


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the superuser's rights: they open every folder, and tests may be run with them."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that everybody can reach; the folders of pytest are their owner's alone."""
    folder = Path(mkdtemp())
    folder.chmod(0o755)
    yield folder
    for path in (folder, *folder.rglob("*")):
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    rmtree(folder)


posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


@posix
@pytest.mark.parametrize("locked", ["set", "set/RADIATE_COLOR_1"])
def test_a_folder_that_may_not_be_read_is_an_error(open_to_all: Path, locked: str) -> None:
    write_copy(open_to_all / "set", "RADIATE_COLOR_1/BF20_HE.bmp", "RADIATE_COLOR_2/BF19_HE.bmp")
    (open_to_all / locked).chmod(0o311)
    with as_nobody():
        said = refusal("radiate", open_to_all / "set")
    assert said == (
        f"the folder {str(open_to_all / locked)!r} cannot be read (permission denied); give yourself "
        "permission to list and enter it, or what it holds would be missing without a word"
    )


@posix
def test_a_folder_that_may_be_listed_but_not_entered_is_an_error(open_to_all: Path) -> None:
    write_copy(open_to_all / "set", "RADIATE_COLOR_1/BF20_HE.bmp", "RADIATE_COLOR_2/BF19_HE.bmp")
    locked = open_to_all / "set" / "RADIATE_COLOR_1"
    locked.chmod(0o644)
    with as_nobody():
        said = refusal("radiate", open_to_all / "set")
    assert said == (
        f"the folder {str(locked)!r} cannot be entered (permission denied); give yourself permission to list "
        "and enter it, or what it holds would be missing without a word"
    )


@posix
def test_a_folder_below_one_that_may_not_be_entered_is_no_missing_folder(open_to_all: Path) -> None:
    write_copy(open_to_all / "home" / "set", "BF20_HE.bmp")
    (open_to_all / "home").chmod(0)
    with as_nobody():
        said = refusal("radiate", open_to_all / "home" / "set")
    assert said.startswith(
        f"RADIATE: the folder {str(open_to_all / 'home' / 'set')!r} cannot be looked at (permission denied); "
        "check the path, and that you may enter what it lies in. A copy is had from "
    )


@posix
def test_a_picture_that_may_not_be_read_is_told_when_it_is_asked_for(open_to_all: Path) -> None:
    copy = write_copy(open_to_all / "set", "BF20_HE.bmp")
    (copy / "BF20_HE.bmp").write_bytes(b"bytes")
    (copy / "BF20_HE.bmp").chmod(0)
    with as_nobody():
        opened = loaded("radiate", copy)
        with pytest.raises(ImageError, match=r"image 'BF20_HE\.bmp' cannot be read \(Permission denied\)"):
            opened.read("BF20_HE.bmp")


# Where files lie, and what they are called


def test_nested_flat_and_renamed_copies_give_equal_faces(tmp_path: Path) -> None:
    nested = write_copy(
        tmp_path / "nested",
        "RADIATE_COLOR_1/AF01/AF01_AC.bmp",
        "RADIATE_COLOR_1/BF20/BF20_HE.bmp",
        "RADIATE_COLOR_10/WM13/WM13_SU.bmp",
    )
    flat = write_copy(tmp_path / "flat", *RADIATE)
    renamed = write_copy(tmp_path / "renamed", *(name.swapcase() for name in RADIATE))
    deep = write_copy(tmp_path / "deep", *(f"{'x/' * 40}{name}" for name in RADIATE))
    jpeg = write_copy(tmp_path / "jpeg", *(name.replace(".bmp", ".JpEg") for name in RADIATE))
    expected = sorted(str(said) for said in said_of(loaded("radiate", nested)).values())
    assert len(expected) == 3
    for copy in (flat, renamed, deep, jpeg):
        assert sorted(str(said) for said in said_of(loaded("radiate", copy)).values()) == expected


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_letters_of_every_script_and_spaces_in_folders(tmp_path: Path, form: Literal["NFC", "NFD"]) -> None:
    folder = unicodedata.normalize(form, 'Größe 2 – été/顔 写真/ a\tb/it\'s "here" & $HOME/%20')
    copy = tmp_path / unicodedata.normalize(form, "Öffentliche Sammlung")
    write_copy(copy, f"{folder}/BF20_HE.bmp")
    (copy / folder / "BF20_HE.bmp").write_bytes(b"bytes")
    opened = loaded("radiate", copy)
    assert opened.faces[0].image == f"{folder}/BF20_HE.bmp"
    assert opened.read(opened.faces[0].image) == b"bytes"


def test_names_with_line_breaks_and_controls_are_no_pictures_of_a_set(tmp_path: Path) -> None:
    odd = ["BF20_HE.bmp\n", "\nBF20_HE.bmp", "BF20_HE\r.bmp", "BF20_HE.bmp ", "\x1b[2JBF20_HE.bmp", "-rf"]
    longest = f"{'B' * 251}.bmp"
    copy = write_copy(tmp_path, "BF19_HE.bmp", *odd, longest)
    opened = loaded("radiate", copy)
    assert [face.image for face in opened.faces] == ["BF19_HE.bmp"]
    assert set(skips(opened)) == {*odd, longest}


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names there are Unicode")
def test_a_name_that_is_no_text_is_named_in_text(tmp_path: Path) -> None:
    write_copy(tmp_path, "BF20_HE.bmp")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")).mkdir()
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9/BF19_HE.bmp")).touch()
    assert skips(loaded("radiate", tmp_path)) == {r"caf\xe9/BF19_HE.bmp": "a name that is no Unicode text"}


@pytest.mark.skipif(sys.platform != "linux", reason="how long a path may be is the system's own")
def test_folders_too_deep_to_be_named_are_an_error(tmp_path: Path) -> None:
    top = write_copy(tmp_path / "set", "BF20_HE.bmp")
    before = Path.cwd()
    try:
        os.chdir(top)
        for _ in range(17):
            Path("d" * 250).mkdir()
            os.chdir("d" * 250)
    finally:
        os.chdir(before)
    said = refusal("radiate", top)
    rmtree(top)
    assert said.endswith(
        "cannot be read (file name too long); mend it or move it away, or what it holds would be missing "
        "without a word"
    )


def test_what_archives_and_file_managers_leave_behind_is_no_picture_of_a_set(tmp_path: Path) -> None:
    litter = {
        "._BF20_HE.bmp": "not named as the set names its pictures",
        "__MACOSX/._BF20_HE.bmp": "not named as the set names its pictures",
        "BF20_HE (1).bmp": "not named as the set names its pictures",
        ".DS_Store": "no picture",
        "Thumbs.db": "no picture",
        "BF20_HE.bmp.part": "no picture",
        "BF20_HE": "no picture",
    }
    assert skips(loaded("radiate", write_copy(tmp_path, "BF20_HE.bmp", *litter))) == litter


# Links, and what is no file


posix_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")


@posix_links
def test_a_link_is_followed_within_the_folder_only(tmp_path: Path) -> None:
    outside = write_copy(tmp_path / "outside", "BF01_HE.bmp")
    copy = write_copy(tmp_path / "set", "real/BF20_HE.bmp", "real/photograph.bmp")
    (copy / "BF02_HE.bmp").symlink_to("real/photograph.bmp")
    (copy / "BF01_HE.bmp").symlink_to(outside / "BF01_HE.bmp")
    (copy / "BF03_HE.bmp").symlink_to("../outside/BF01_HE.bmp")
    (copy / "BF04_HE.bmp").symlink_to("nowhere.bmp")
    (copy / "BF05_HE.bmp").symlink_to("BF05_HE.bmp")
    (copy / "more").symlink_to(outside, target_is_directory=True)
    (copy / "again").symlink_to("real", target_is_directory=True)
    (copy / "real/up").symlink_to("..", target_is_directory=True)
    (copy / "real/BF20_HE.png").symlink_to("BF20_HE.bmp")
    opened = loaded("radiate", copy)
    assert [face.image for face in opened.faces] == ["BF02_HE.bmp", "real/BF20_HE.bmp"]
    out = "a link that leads out of the folder (put its file there instead)"
    assert skips(opened) == {
        "BF01_HE.bmp": out,
        "BF03_HE.bmp": out,
        "BF04_HE.bmp": "a link that leads nowhere",
        "BF05_HE.bmp": "a link that leads nowhere",
        "more": out,
        "again": "a link to a folder",
        "real/up": "a link to a folder",
        "real/BF20_HE.png": "a second picture of one name",
        "real/photograph.bmp": "not named as the set names its pictures",
    }


@posix_links
def test_a_folder_of_nothing_but_links_that_lead_out_says_what_to_do(tmp_path: Path) -> None:
    outside = write_copy(tmp_path / "outside", *RADIATE)
    copy = write_copy(tmp_path / "set", "notes.txt")
    for name in RADIATE:
        (copy / name).symlink_to(outside / name)
    assert refusal("radiate", copy) == (
        "RADIATE: none of the 4 files there gives a face (mostly a link that leads out of the folder (put its "
        "file there instead), such as 'AF01_AC.bmp'); a copy holds pictures named such as BF20_HE.bmp"
    )


@posix_links
def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    write_copy(tmp_path / "real", *RADIATE)
    (tmp_path / "link").symlink_to("real", target_is_directory=True)
    assert len(loaded("radiate", tmp_path / "link").faces) == 3
    (tmp_path / "loop").symlink_to("loop")
    assert "cannot be looked at (" in refusal("radiate", tmp_path / "loop")


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes of POSIX")
def test_a_pipe_is_named_and_never_opened(tmp_path: Path) -> None:
    copy = write_copy(tmp_path, "BF20_HE.bmp")
    os.mkfifo(copy / "BF19_HE.bmp")
    (copy / "BF18_HE.bmp").symlink_to("BF19_HE.bmp")
    (copy / "BF17_HE.bmp").mkdir()
    assert skips(loaded("radiate", copy)) == {
        "BF19_HE.bmp": "a pipe, socket or device",
        "BF18_HE.bmp": "a pipe, socket or device",
    }


def test_a_code_that_no_terminal_should_see_is_escaped(tmp_path: Path) -> None:
    copy = write_copy(tmp_path, "CF0001_1101_NE.jpg", "CF0001_1101_\x1b[2J\n.jpg")
    (reason,) = skips(loaded("face-place", copy)).values()
    assert re.fullmatch(r"[ -~]+", reason)
