from __future__ import annotations

import re
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_audit.errors import StoreError
from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from fer_audit.records import VectorStore

DRAWN = np.random.default_rng(0).normal(size=(3, 512)).astype(np.float32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


def replace_vector(folder: Path, blob: object) -> None:
    connection = sqlite3.connect(folder / "answers.sqlite")
    with connection:
        connection.execute("UPDATE vectors SET vector = ?", [blob])
    connection.close()


def test_a_vector_comes_back_to_the_last_bit(folder: Path) -> None:
    store: VectorStore = PredictionStore(folder)
    store.put_vectors({"a": DRAWN[0], "b": DRAWN[1]})
    found = PredictionStore(folder).vectors(["a", "b", "c"])
    assert sorted(found) == ["a", "b"]
    np.testing.assert_array_equal(np.stack([found["a"], found["b"]]), DRAWN[:2])
    assert found["a"].dtype == np.float32
    assert found["a"].shape == (512,)


def test_the_first_vector_under_a_key_stays(folder: Path) -> None:
    store = PredictionStore(folder)
    store.put_vectors({"a": DRAWN[0]})
    store.put_vectors({"a": DRAWN[1], "b": DRAWN[2]})
    found = store.vectors(["a", "b"])
    np.testing.assert_array_equal(np.stack([found["a"], found["b"]]), DRAWN[[0, 2]])


def test_a_store_of_an_earlier_release_takes_vectors(folder: Path) -> None:
    folder.mkdir()
    connection = sqlite3.connect(folder / "answers.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID")
    connection.execute("CREATE TABLE gathered (cell TEXT PRIMARY KEY, images INTEGER NOT NULL) WITHOUT ROWID")
    text = '{"kind":"refused","label":null,"scores":{},"raw":"No."}'
    connection.execute("INSERT INTO answers VALUES ('a', ?)", (text,))
    connection.execute(f"PRAGMA application_id = {0x46455241}")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    store = PredictionStore(folder)
    assert store.get(["a"]) == {"a": Answer(AnswerKind.REFUSED, raw="No.", flagged=False)}
    assert store.vectors(["a"]) == {}
    assert store.spent().settled == 0
    assert store.batches.open_ones("m", "h") == ()
    store.put_vectors({"a": DRAWN[0]})
    np.testing.assert_array_equal(store.vectors(["a"])["a"], DRAWN[0])
    assert store.ledger("run", "m").reserve(0.5) == 1


def test_only_a_raised_flag_is_written(folder: Path) -> None:
    store = PredictionStore(folder)
    answers = {
        "a": Answer(AnswerKind.REFUSED, raw="I cannot.", flagged=True),
        "b": Answer(AnswerKind.REFUSED, raw="I cannot."),
    }
    store.put(answers)
    assert PredictionStore(folder).get(["a", "b"]) == answers
    connection = sqlite3.connect(folder / "answers.sqlite")
    texts = dict(connection.execute("SELECT key, answer FROM answers").fetchall())
    connection.close()
    assert '"flagged":true' in texts["a"]
    assert "flagged" not in texts["b"]


@pytest.mark.parametrize(
    ("vector", "shape"),
    [
        (DRAWN, "(3, 512)"),
        (np.array([], dtype=np.float32), "(0,)"),
        (np.array([1, np.nan], dtype=np.float32), "(2,)"),
    ],
)
def test_what_is_no_row_of_finite_numbers_is_not_stored(
    folder: Path, vector: NDArray[np.float32], shape: str
) -> None:
    store = PredictionStore(folder)
    with pytest.raises(StoreError) as caught:
        store.put_vectors({"a": DRAWN[0], "b": vector})
    assert str(caught.value) == (
        f"a vector of shape {shape} is not stored (key b): one row of finite numbers is wanted; "
        "mend the embedder"
    )
    assert store.vectors(["a"]) == {}


@pytest.mark.parametrize(
    ("blob", "reason"),
    [
        (b"\x02\x00\x00\x00" + b"\x00" * 4, "a vector of 2 dimensions has 8 bytes"),
        (b"\x01\x00\x00\x00" + b"\x00" * 5, "a vector of 1 dimensions has 9 bytes"),
        (b"\x01", "a vector reads b'\\x01'"),
        ("words", "a vector reads 'words'"),
    ],
)
def test_a_damaged_vector_says_what_to_do(folder: Path, blob: object, reason: str) -> None:
    store = PredictionStore(folder)
    store.put_vectors({"a": DRAWN[0]})
    replace_vector(folder, blob)
    with pytest.raises(StoreError) as caught:
        store.vectors(["a"])
    assert str(caught.value) == (
        f"the prediction store 'store' is damaged ({reason}); move answers.sqlite away, and the answers in it "
        "will be asked for again"
    )


def test_a_measurement_that_is_no_number(folder: Path) -> None:
    store = PredictionStore(folder)
    with pytest.raises(StoreError, match=r"^a measurement of nan is no number and is not stored \(key a\)$"):
        store.put_measurements({"a": float("nan")})
    store.put_measurements({"a": 0.5})
    connection = sqlite3.connect(folder / "answers.sqlite")
    with connection:
        connection.execute("UPDATE measurements SET value = 'bright'")
    connection.close()
    with pytest.raises(StoreError, match=r"is damaged \(a measurement reads 'bright'\)"):
        store.measurements(["a"])


def test_512_numbers_take_less_than_3_kilobytes(folder: Path) -> None:
    store = PredictionStore(folder)
    store.put({"a": Answer(AnswerKind.REFUSED)})
    store.put_vectors({f"{number:064}": DRAWN[number % 3] for number in range(1000)})
    store.close()
    assert (folder / "answers.sqlite").stat().st_size < 3000 * 1000


PUT_VECTORS_UNTIL_KILLED = """
import itertools, pathlib, sys
import numpy as np
from fer_audit.store import PredictionStore
store = PredictionStore(pathlib.Path(sys.argv[1]))
for number in itertools.count():
    store.put_vectors({str(number): np.full(512, number, dtype=np.float32)})
    print(number, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_process_loses_no_vector_it_was_told_is_stored(folder: Path) -> None:
    command = [sys.executable, "-c", PUT_VECTORS_UNTIL_KILLED, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(100)]
        process.send_signal(signal.SIGKILL)
        lines += [line for line in process.stdout.readlines() if line.endswith("\n")]
    names = [line.strip() for line in lines]
    assert all(re.fullmatch(r"\d+", name) for name in names)
    found = PredictionStore(folder).vectors(names)
    assert {name: float(vector.mean()) for name, vector in found.items()} == {n: float(n) for n in names}
