from __future__ import annotations

import json
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from fer_audit.models.torch_runtime.notes import noting, read_note, write_note

if TYPE_CHECKING:
    from pathlib import Path

ABOUT = {"net": "a", "size": "1"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FER_AUDIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def the_file(folder: Path) -> Path:
    (path,) = folder.glob("*.json")
    return path


def test_what_is_noted_is_read_again_and_nothing_else(folder: Path) -> None:
    assert read_note("speed", ABOUT) is None
    assert not folder.exists()
    write_note("speed", ABOUT, {"found": "7"})
    assert read_note("speed", ABOUT) == {"found": "7"}
    assert read_note("speed", {**ABOUT, "size": "2"}) is None
    assert read_note("weight", ABOUT) is None


def test_a_later_note_replaces_the_earlier_and_leaves_nothing_behind(folder: Path) -> None:
    write_note("speed", ABOUT, {"found": "7"})
    write_note("speed", ABOUT, {"found": "8"})
    assert read_note("speed", ABOUT) == {"found": "8"}
    assert [path.name for path in folder.iterdir()] == [the_file(folder).name]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b'{"about": {"net": "a", "size": "1"}}',
        b'{"about": {"net": "a", "size": "1"}, "found": {"found": 7}}',
        b'{"about": {"net": "b", "size": "1"}, "found": {"found": "7"}}',
    ],
)
def test_a_note_that_cannot_be_believed_is_no_note(folder: Path, content: bytes) -> None:
    write_note("speed", ABOUT, {"found": "7"})
    the_file(folder).write_bytes(content)
    assert read_note("speed", ABOUT) is None


def test_a_folder_that_cannot_be_made_is_gone_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("FER_AUDIT_CACHE", str(tmp_path / "file" / "cache"))
    with noting("speed", ABOUT):
        write_note("speed", ABOUT, {"found": "7"})
    assert read_note("speed", ABOUT) is None
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_reader_never_sees_half_a_note(folder: Path) -> None:
    write_note("speed", ABOUT, {"found": "0" * 5000})
    done = Event()

    def write() -> None:
        for digit in "123456789" * 10:
            write_note("speed", ABOUT, {"found": digit * 5000})
        done.set()

    writers = [Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    seen = set()
    while not done.is_set():
        note = read_note("speed", ABOUT)
        assert note is not None
        seen.add(note["found"])
    for writer in writers:
        writer.join()
    assert all(len(found) == 5000 and len(set(found)) == 1 for found in seen)
    assert json.loads(the_file(folder).read_text("utf-8"))["about"] == ABOUT


def test_who_finds_out_the_same_waits(folder: Path) -> None:
    order: list[str] = []
    held, go_on = Event(), Event()

    def first() -> None:
        with noting("speed", ABOUT):
            held.set()
            go_on.wait(10)
            order.append("first")

    thread = Thread(target=first)
    thread.start()
    assert held.wait(10)
    second = Thread(target=lambda: _wait_and_say(order))
    second.start()
    go_on.set()
    thread.join()
    second.join()
    assert order == ["first", "second"]
    assert folder.exists()


def _wait_and_say(order: list[str]) -> None:
    with noting("speed", ABOUT):
        order.append("second")
