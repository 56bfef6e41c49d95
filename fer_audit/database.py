"""The SQLite file behind the prediction store: who may open it, when it is made, and its errors in words."""

from __future__ import annotations

import os
import sqlite3
import weakref
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from filelock import FileLock

from fer_audit.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FILE", "SCHEMA", "Database"]

FILE = "answers.sqlite"
SCHEMA = 1
"""Version of the tables, kept in the file; counts up when an older release could not read them."""

_APPLICATION = 0x46455241  # "FERA": tells a store from somebody else's SQLite file
_TABLES = (
    "CREATE TABLE answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE gathered (cell TEXT PRIMARY KEY, images INTEGER NOT NULL) WITHOUT ROWID",
    f"PRAGMA application_id = {_APPLICATION}",
    f"PRAGMA user_version = {SCHEMA}",
)
# Vectors of 512 numbers take 2.8 KB of file each, with SQLite's usual pages of 4,096 bytes 4.2 KB; answers
# are put as fast with either.
_PAGE = 8192
_BUSY_SECONDS = 60.0
_LET_GO_SECONDS = 5.0
_NOT_WRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


class Database:
    """One folder with one SQLite file, made at the first write.

    One object serves all threads of a process, and goes on serving in a forked child: each process opens a
    connection of its own.

    Args:
        path: the folder; it need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path / FILE
        self._held = self._hold()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection, or None while there is no file; errors inside are told in words.

        Raises:
            StoreError: the file is damaged, of a newer version, or no store.
        """
        with self._in_words("read"), self._connected() as held:
            if held.connection is None and self._file.exists():
                held.connection = self._connect()
            yield held.connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside a transaction, which ends well with the block or not at all.

        Raises:
            StoreError: as `reading`, and where nothing can be written.
        """
        with self._in_words("written"), self._connected() as held:
            if held.connection is None:
                with self.locked("create"):
                    self._make_file()
                held.connection = self._connect()
            connection = held.connection
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def locked(self, name: str) -> Iterator[None]:
        """Hold a name among all processes; one that dies lets go.

        Raises:
            StoreError: the folder cannot be written.
        """
        self._make_folder()
        lock = FileLock(self.path / f"{name}.lock")
        try:
            lock.acquire()
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error
        try:
            yield
        finally:
            lock.release()

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        held = self._current()
        with held.lock:
            _release(held)

    def damaged(self, reason: str) -> StoreError:
        """The error that says what to do about a broken file."""
        return StoreError(
            f"the prediction store {self._name} is damaged ({reason}); move {FILE} away, and the answers in "
            "it will be asked for again"
        )

    @property
    def _name(self) -> str:
        """The folder in messages, which reach reports: relative to where we are, or its name alone."""
        path, here = self.path.absolute(), Path.cwd()
        return repr(path.relative_to(here).as_posix() if path.is_relative_to(here) else path.name)

    def _current(self) -> _Held:
        if self._held.process != os.getpid():
            # SQLite forbids to use or close a connection that came through a fork: it stays where it is.
            self._held = self._hold()
        return self._held

    def _hold(self) -> _Held:
        held = _Held(os.getpid())
        weakref.finalize(self, _let_go, held)
        return held

    @contextmanager
    def _connected(self) -> Iterator[_Held]:
        """This process's connection, for one thread at a time; dropped if the file was removed under it."""
        held = self._current()
        with held.lock:
            if held.connection is not None and not self._file.exists():
                _release(held)
            yield held

    def _connect(self) -> sqlite3.Connection:
        """A connection to the file, which is there.

        Raises:
            StoreError: the file is no store, or of a newer version.
        """
        mode = "rw"
        if not os.access(self.path, os.W_OK):
            # SQLite cannot make its shared memory where nothing can be written. With no log left over nobody
            # is writing, and the file alone is the whole store.
            mode = "ro" if self._file.with_name(f"{FILE}-wal").exists() else "ro&immutable=1"
        connection = sqlite3.connect(
            f"{self._file.resolve().as_uri()}?mode={mode}",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            self._check(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check(self, connection: sqlite3.Connection) -> None:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if application != _APPLICATION:
            raise StoreError(
                f"{FILE} in {self._name} is an SQLite file but no prediction store; move it away or choose "
                "another folder with --fer-store"
            )
        if version > SCHEMA:
            raise StoreError(
                f"the prediction store {self._name} has version {version}, and this release reads up to "
                f"{SCHEMA}: a newer fer-audit wrote it; upgrade fer-audit, or choose another folder with "
                "--fer-store"
            )
        # With a log this is safe against a killed process, and spares waiting for the disk at each batch.
        connection.execute("PRAGMA synchronous = NORMAL")

    def _make_file(self) -> None:
        """Make the file with its tables, unless it is there; others see it when it is whole."""
        if self._file.exists():
            return
        unfinished = self._file.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        connection = sqlite3.connect(unfinished, isolation_level=None)
        try:
            connection.execute(f"PRAGMA page_size = {_PAGE}")
            connection.execute("PRAGMA journal_mode = WAL")
            for statement in _TABLES:
                connection.execute(statement)
        finally:
            connection.close()
        unfinished.rename(self._file)

    def _make_folder(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            ignore = self.path / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n", encoding="utf-8")
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error

    @contextmanager
    def _in_words(self, done: str) -> Iterator[None]:
        """SQLite's errors as this package's."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in _NOT_WRITABLE:
                raise self._unwritable(str(error)) from error
            raise StoreError(
                f"the prediction store {self._name} could not be {done} ({error}); check the disk and if "
                "another process holds the file"
            ) from error
        except sqlite3.DatabaseError as error:
            raise self.damaged(str(error)) from error
        except OSError as error:
            raise self._unwritable(error.strerror or str(error)) from error

    def _unwritable(self, reason: str) -> StoreError:
        return StoreError(
            f"the prediction store {self._name} cannot be written ({reason}); make the folder writable or "
            "choose another with --fer-store"
        )


@dataclass(slots=True)
class _Held:
    """One process's hold on the file."""

    process: int
    lock: RLock = field(default_factory=RLock)
    connection: sqlite3.Connection | None = None


def _release(held: _Held) -> None:
    if held.connection is not None and held.process == os.getpid():
        held.connection.close()
        held.connection = None


def _let_go(held: _Held) -> None:
    """Close for good, as at the end of the program: threads left behind may be in the middle of a statement.

    SQLite crashes when a connection is closed under a statement; one that is not closed does no harm.
    """
    if held.process == os.getpid() and held.lock.acquire(timeout=_LET_GO_SECONDS):
        try:
            _release(held)
        finally:
            held.lock.release()
