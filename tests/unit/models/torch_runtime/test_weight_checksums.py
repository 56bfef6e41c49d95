from __future__ import annotations

import json
import os
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from fer_audit.models.torch_runtime import checksums, file_checksum, files_checksum

if TYPE_CHECKING:
    from pathlib import Path

LARGE = b"weights " * 2**18


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FER_AUDIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as untouched for long as soon as they are there."""
    monkeypatch.setattr(checksums, "_SETTLED", -1.0)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "net.pt"
    path.write_bytes(LARGE)
    return path


@pytest.mark.usefixtures("settled")
def test_a_large_file_is_hashed_once(cache: Path, weights: Path) -> None:
    assert file_checksum(weights) == sha256(LARGE).hexdigest()
    (note,) = cache.glob("*.json")
    content = json.loads(note.read_text("utf-8"))
    note.write_text(json.dumps(content | {"found": {"sha256": "as noted"}}), "utf-8")
    assert file_checksum(weights) == "as noted"


@pytest.mark.usefixtures("settled", "cache")
def test_another_content_of_the_same_length_has_another_checksum(weights: Path) -> None:
    before = file_checksum(weights)
    status = weights.stat()
    weights.write_bytes(LARGE[::-1])
    # The time of writing can be set back; that of the change of the entry cannot.
    os.utime(weights, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert file_checksum(weights) == sha256(LARGE[::-1]).hexdigest() != before


@pytest.mark.usefixtures("settled", "cache")
def test_another_file_put_in_its_place_has_its_own_checksum(weights: Path, tmp_path: Path) -> None:
    file_checksum(weights)
    other = tmp_path / "other.pt"
    other.write_bytes(LARGE[::-1])
    other.replace(weights)
    assert file_checksum(weights) == sha256(LARGE[::-1]).hexdigest()


def test_a_file_written_a_moment_ago_is_not_noted(cache: Path, weights: Path) -> None:
    assert file_checksum(weights) == sha256(LARGE).hexdigest()
    assert not cache.exists()


@pytest.mark.usefixtures("settled")
def test_a_small_file_is_not_noted(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_bytes(b"{}")
    assert file_checksum(tmp_path / "config.json") == sha256(b"{}").hexdigest()
    assert not cache.exists()


@pytest.mark.usefixtures("cache")
def test_several_files_depend_on_names_contents_and_order_and_not_on_their_folder(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in ("a", "b"):
            (tmp_path / folder / name).write_text(name)
    one, two = ([tmp_path / folder / name for name in "ab"] for folder in ("one", "two"))
    assert files_checksum(one) == files_checksum(two)
    assert files_checksum(one) != files_checksum(one[::-1])
    two[1].write_text("c")
    assert files_checksum(one) != files_checksum(two)
    two[1].write_text("b")
    assert files_checksum([two[0], two[1].rename(tmp_path / "two" / "c")]) != files_checksum(one)
