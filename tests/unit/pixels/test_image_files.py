from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import ImageError
from fer_audit.pixels import read_image_file

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret.png").write_bytes(b"outside")
    folder = tmp_path / "faces"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "a b.png").write_bytes(b"inside")
    return folder


def unread(root: Path, name: str) -> str:
    with pytest.raises(ImageError) as caught:
        read_image_file(root, name)
    return str(caught.value)


def test_a_file_under_the_root_is_read(root: Path) -> None:
    assert read_image_file(root, "deep/a b.png") == b"inside"
    assert read_image_file(root, "./deep/a b.png") == b"inside"


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../secret.png", "deep/../../secret.png", "deep/../deep/a b.png", "a\0b", "C:/a.png"],
)
def test_a_name_that_is_no_path_inside_is_refused(root: Path, name: str) -> None:
    assert unread(root, name) == (
        f"image {name!r} is no path inside the dataset's folder; name it relative to that, without '..'"
    )


def test_a_link_that_leads_outside_is_refused(root: Path) -> None:
    (root / "link.png").symlink_to(root.parent / "secret.png")
    (root / "up").symlink_to(root.parent)
    for name in ("link.png", "up/secret.png"):
        assert unread(root, name) == (
            f"image {name!r} is a link that leads out of the dataset's folder; copy the file into the folder"
        )


def test_a_link_that_stays_inside_is_followed(root: Path) -> None:
    (root / "link.png").symlink_to(root / "deep" / "a b.png")
    assert read_image_file(root, "link.png") == b"inside"


def test_the_root_itself_may_be_a_link(root: Path) -> None:
    (root.parent / "alias").symlink_to(root)
    assert read_image_file(root.parent / "alias", "deep/a b.png") == b"inside"


def test_links_in_a_circle_are_refused(root: Path) -> None:
    (root / "one.png").symlink_to(root / "two.png")
    (root / "two.png").symlink_to(root / "one.png")
    assert unread(root, "one.png").startswith("image 'one.png' can")


def test_a_missing_file_says_where_to_look(root: Path) -> None:
    assert unread(root, "deep/b.png") == (
        "image 'deep/b.png' is not in the dataset's folder; check the folder, and the row that names it"
    )


def test_only_regular_files_are_read(root: Path) -> None:
    os.mkfifo(root / "pipe.png")
    (root / "null.png").symlink_to("/dev/null")
    assert unread(root, "deep") == "image 'deep' is a folder; only regular files are read"
    assert unread(root, "pipe.png") == (
        "image 'pipe.png' is a pipe, socket or device; only regular files are read"
    )
    assert "leads out of the dataset's folder" in unread(root, "null.png")


def test_a_large_file_is_refused_before_it_is_read(root: Path) -> None:
    with (root / "large.png").open("wb") as stream:
        stream.truncate(2**40)  # a hole: a terabyte that takes no space
    assert unread(root, "large.png") == (
        "image 'large.png' has more than 20 MB (1,099,511,627,776 bytes); save it smaller"
    )


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the superuser reads everything")
def test_a_file_without_permission_is_refused(root: Path) -> None:
    (root / "deep" / "a b.png").chmod(0)
    assert unread(root, "deep/a b.png") == (
        "image 'deep/a b.png' cannot be read (Permission denied); check the file and its permissions"
    )
