from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from fer_audit.database import _release
from fer_audit.errors import StoreError
from fer_audit.records import Answer, AnswerStore
from fer_audit.store import PredictionStore, key
from fer_audit.vocabulary import AnswerKind

ANGER = Answer(AnswerKind.ANSWERED, "anger", {"anger": 0.7000000000000001, "fear": 0.3}, raw="Anger.")
REFUSED = Answer(AnswerKind.REFUSED, raw="I cannot \u202e\ud800 help with that.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "store"


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A process of its own that runs this code with the store's folder and more in ``sys.argv``."""
    return subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True)


def refusal(store: PredictionStore) -> str:
    with pytest.raises(StoreError) as caught:
        store.get(["a"])
    return str(caught.value)


def test_an_answer_comes_back_as_it_was_put(folder: Path) -> None:
    store: AnswerStore = PredictionStore(folder)
    store.put({"a": ANGER, "b": REFUSED})
    assert PredictionStore(folder).get(["a", "b", "c"]) == {"a": ANGER, "b": REFUSED}


def test_what_is_stored_is_json(folder: Path) -> None:
    PredictionStore(folder).put({"a": ANGER})
    with sqlite3.connect(folder / "answers.sqlite") as connection:
        ((text,),) = connection.execute("SELECT answer FROM answers").fetchall()
    connection.close()
    assert json.loads(text) == {
        "kind": "answered",
        "label": "anger",
        "scores": {"anger": 0.7000000000000001, "fear": 0.3},
        "raw": "Anger.",
    }


def test_more_keys_than_one_statement_can_name(folder: Path) -> None:
    connection = sqlite3.connect(":memory:")
    limit = connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
    connection.close()
    keys = [str(number) for number in range(limit + 1)]
    answers = {name: Answer(AnswerKind.ANSWERED, name) for name in keys[::1000]}
    store = PredictionStore(folder)
    store.put(answers)
    assert store.get(keys) == answers


def test_the_first_answer_to_a_question_stays(folder: Path) -> None:
    store = PredictionStore(folder)
    store.put({"a": ANGER})
    store.put({"a": REFUSED, "b": REFUSED})
    assert store.get(["a", "b"]) == {"a": ANGER, "b": REFUSED}


def test_reading_makes_nothing(folder: Path) -> None:
    store = PredictionStore(folder)
    assert store.get(["a"]) == {}
    assert store.gathered("cell") == 0
    store.put({})
    assert not folder.parent.exists()


def test_the_folder_keeps_itself_out_of_git(folder: Path) -> None:
    PredictionStore(folder).put({"a": ANGER})
    assert (folder / ".gitignore").read_text() == "*\n"
    assert not (folder.parent / ".gitignore").exists()


@pytest.mark.parametrize("kind", [AnswerKind.ERROR, AnswerKind.ABSENT])
def test_an_error_is_not_stored_nor_what_came_with_it(folder: Path, kind: AnswerKind) -> None:
    store = PredictionStore(folder)
    with pytest.raises(StoreError) as caught:
        store.put({"a": ANGER, "b": Answer(kind)})
    assert (
        str(caught.value) == f"an answer of kind {kind.value!r} is none and is not stored (key b); ask again"
    )
    assert store.get(["a", "b"]) == {}


def test_a_score_that_is_no_number_is_not_stored(folder: Path) -> None:
    with pytest.raises(
        StoreError, match=r"a score that is no number and is not stored \(key a, scores .*nan"
    ):
        PredictionStore(folder).put({"a": Answer(AnswerKind.ANSWERED, "anger", {"anger": float("nan")})})


def test_the_ledger_keeps_the_largest_number(folder: Path) -> None:
    store = PredictionStore(folder)
    store.note_gathered("cell", 40)
    store.note_gathered("cell", 12)
    store.note_gathered("other", 3)
    again = PredictionStore(folder)
    assert (again.gathered("cell"), again.gathered("other"), again.gathered("third")) == (40, 3, 0)


def test_a_key_depends_on_every_part_and_on_nothing_else() -> None:
    parts = {"weights": "ab", "crop": "0.1, 0.9"}
    keys = {
        key(parts, "cd"),
        key(dict(reversed(parts.items())), "cd"),
        key(parts, "ce"),
        key(parts | {"crop": "0.1, 0.8"}, "cd"),
        key(parts | {"seed": ""}, "cd"),
        key({"weights": "ab"}, "cd"),
        key({"weights": 'ab","crop":"0.1, 0.9'}, "cd"),
    }
    assert len(keys) == 6
    assert all(re.fullmatch("[0-9a-f]{64}", name) for name in keys)


def test_a_newer_store_says_what_to_do(folder: Path) -> None:
    PredictionStore(folder).put({"a": ANGER})
    connection = sqlite3.connect(folder / "answers.sqlite")
    connection.execute("PRAGMA user_version = 7")
    connection.close()
    assert refusal(PredictionStore(folder)) == (
        "the prediction store 'store' has version 7, and this release reads up to 1: a newer fer-audit "
        "wrote it; upgrade fer-audit, or choose another folder with --fer-store"
    )


def test_another_sqlite_file_is_no_store(folder: Path) -> None:
    folder.mkdir(parents=True)
    connection = sqlite3.connect(folder / "answers.sqlite")
    connection.execute("CREATE TABLE answers (key TEXT)")
    connection.close()
    store = PredictionStore(folder)
    assert refusal(store) == (
        "answers.sqlite in 'store' is an SQLite file but no prediction store; move it away or choose "
        "another folder with --fer-store"
    )
    with pytest.raises(StoreError, match="is an SQLite file but no prediction store"):
        store.put({"a": ANGER})


def test_a_file_that_is_no_database(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "answers.sqlite").write_bytes(b"neither fish nor fowl" * 100)
    assert refusal(PredictionStore(folder)) == (
        "the prediction store 'store' is damaged (file is not a database); move answers.sqlite away, and "
        "the answers in it will be asked for again"
    )


def test_a_file_with_broken_pages(folder: Path) -> None:
    store = PredictionStore(folder)
    store.put({f"{number:064}": ANGER for number in range(2000)})
    store.close()
    file = folder / "answers.sqlite"
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"is damaged .* move answers\.sqlite away"):
        PredictionStore(folder).get([f"{number:064}" for number in range(2000)])


def test_no_message_names_a_folder_above_the_one_we_are_in(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder.mkdir(parents=True)
    (folder / "answers.sqlite").write_bytes(b"neither fish nor fowl" * 100)
    monkeypatch.chdir(tmp_path)
    for path in (folder, Path("cache/store")):
        assert refusal(PredictionStore(path)).startswith("the prediction store 'cache/store' is damaged (")
    monkeypatch.chdir(folder.parent / "store")
    assert refusal(PredictionStore(folder)).startswith("the prediction store '.' is damaged (")


def test_an_answer_that_is_no_answer(folder: Path) -> None:
    store = PredictionStore(folder)
    store.put({"a": ANGER})
    store.close()
    connection = sqlite3.connect(folder / "answers.sqlite")
    with connection:
        connection.execute("UPDATE answers SET answer = ?", ['{"kind": "guessed"}'])
    connection.close()
    assert refusal(PredictionStore(folder)) == (
        'the prediction store \'store\' is damaged (an answer reads {"kind": "guessed"}); move '
        "answers.sqlite away, and the answers in it will be asked for again"
    )


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    store = PredictionStore(tmp_path / "taken" / "store")
    assert store.get(["a"]) == {}
    with pytest.raises(StoreError) as caught:
        store.put({"a": ANGER})
    assert str(caught.value) == (
        "the prediction store 'store' cannot be written (Not a directory); make the folder writable or choose "
        "another with --fer-store"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_store_that_may_only_be_read_is_read() -> None:
    """As a cache that a CI service mounts: a process without the right to write."""
    outer = Path(tempfile.mkdtemp())
    try:
        folder = outer / "store"
        lines: list[str] = []
        store = PredictionStore(folder)
        store.put({"a": ANGER})
        store.close()
        for path in (outer, folder, *folder.iterdir()):
            path.chmod(0o555)
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:  # pragma: no cover - another process
            try:
                os.setuid(65534 if os.getuid() == 0 else os.getuid())
                found = PredictionStore(folder)
                lines = [str(found.get(["a"]) == {"a": ANGER})]
                found.put({"b": ANGER})
            except BaseException as error:  # noqa: BLE001 - a fork of pytest must not go on as pytest
                os.write(writing, "\n".join([*lines, str(error)]).encode())
            finally:
                os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as stream:
            lines = stream.read().splitlines()
        os.waitpid(process, 0)
        assert lines[0] == "True"
        assert re.fullmatch(
            r"the prediction store .* cannot be written \(.*\); make the folder writable .*", lines[1]
        )
    finally:
        outer.chmod(0o755)
        folder.chmod(0o755)
        shutil.rmtree(outer)


PUT_UNTIL_KILLED = """
import itertools, pathlib, sys
from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind
store = PredictionStore(pathlib.Path(sys.argv[1]))
for number in itertools.count():
    batch = [f"{number}-{part}" for part in range(8)]
    store.put({name: Answer(AnswerKind.ANSWERED, name) for name in batch})
    print(*batch, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("acknowledged", [1, 40, 200])
def test_a_killed_process_loses_nothing_it_was_told_is_stored(folder: Path, acknowledged: int) -> None:
    with child(PUT_UNTIL_KILLED, str(folder)) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(acknowledged)]
        process.send_signal(signal.SIGKILL)
        # What was said between the last line read and the kill counts too, unless the line was cut off.
        lines += [line for line in process.stdout.readlines() if line.endswith("\n")]
    names = [name for line in lines for name in line.split()]
    assert len(names) >= 8 * acknowledged
    found = PredictionStore(folder).get(names)
    assert {name: answer.label for name, answer in found.items()} == {name: name for name in names}


PUT_AND_GET = """
import pathlib, sys
from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind
folder, own, other = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
store = PredictionStore(folder)
for number in range(100):
    store.put({f"{own}-{number}": Answer(AnswerKind.ANSWERED, own)})
    store.put({f"both-{number}": Answer(AnswerKind.REFUSED)})
    seen = store.get([f"{other}-{number}", f"both-{number}"])
    assert f"both-{number}" in seen, number
    assert all(answer.label == other for name, answer in seen.items() if name.startswith(other)), number
    store.note_gathered("cell", number)
print("done")
"""


def test_processes_write_and_read_at_once(folder: Path) -> None:
    names = ["north", "south", "east"]
    processes = [child(PUT_AND_GET, str(folder), own, names[place - 1]) for place, own in enumerate(names)]
    assert [process.communicate()[0] for process in processes] == ["done\n"] * 3
    store = PredictionStore(folder)
    assert len(store.get([f"{name}-{number}" for name in [*names, "both"] for number in range(100)])) == 400
    assert store.gathered("cell") == 99


def test_threads_share_one_store(folder: Path) -> None:
    store = PredictionStore(folder)
    failures: list[str] = []

    def work(own: int) -> None:
        for number in range(50):
            name = f"{own}-{number}"
            store.put({name: ANGER})
            if store.get([name]) != {name: ANGER}:
                failures.append(name)

    threads = [threading.Thread(target=work, args=(own,)) for own in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(store.get([f"{own}-{number}" for own in range(4) for number in range(50)])) == 200


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_forked_child_goes_on_with_a_connection_of_its_own(folder: Path) -> None:
    store = PredictionStore(folder)
    store.put({"before": ANGER})
    inherited = store._database._held
    process = os.fork()
    if process == 0:  # pragma: no cover - another process
        code = 3
        try:
            store.put({"child": REFUSED})
            own = store._database._held.connection
            _release(inherited)
            # SQLite forbids to use or to close a connection that came through a fork.
            untouched = own is not inherited.connection and inherited.connection is not None
            code = 0 if untouched and store.get(["before"]) == {"before": ANGER} else 2
        finally:
            os._exit(code)
    store.put({"parent": ANGER})
    assert os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) == 0
    assert store.get(["before", "child", "parent"]) == {"before": ANGER, "child": REFUSED, "parent": ANGER}


HOLD = """
import pathlib, sys
from fer_audit.store import PredictionStore
with PredictionStore(pathlib.Path(sys.argv[1])).exclusive("cell"):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_cell_is_held_by_one_process_and_let_go_when_it_dies(folder: Path) -> None:
    taken = threading.Event()

    def wait() -> None:
        with PredictionStore(folder).exclusive("cell"):
            taken.set()

    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with PredictionStore(folder).exclusive("another"):
            pass
        waiter = threading.Thread(target=wait)
        waiter.start()
        assert not taken.wait(0.3)
        holder.kill()
    waiter.join()
    assert taken.is_set()


def test_a_store_that_was_removed_is_made_again(folder: Path) -> None:
    store = PredictionStore(folder)
    store.put({"a": ANGER})
    shutil.rmtree(folder)
    assert store.get(["a"]) == {}
    store.put({"b": ANGER})
    assert PredictionStore(folder).get(["a", "b"]) == {"b": ANGER}


def test_closed_it_opens_again(folder: Path) -> None:
    store = PredictionStore(folder)
    store.put({"a": ANGER})
    store.close()
    store.close()
    assert store.get(["a"]) == {"a": ANGER}
