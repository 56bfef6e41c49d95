"""The end of a program that leaves threads behind: the file is not closed under them."""

from __future__ import annotations

from threading import Event, Thread
from typing import TYPE_CHECKING

from fer_audit.database import Database, _let_go

if TYPE_CHECKING:
    from pathlib import Path


def test_a_thread_that_uses_the_file_is_waited_for(tmp_path: Path) -> None:
    database = Database(tmp_path / "store")
    with database.writing():
        pass
    held = database._held
    inside, leave = Event(), Event()

    def use() -> None:
        with database.writing():
            inside.set()
            leave.wait()

    user, closer = Thread(target=use), Thread(target=_let_go, args=(held,))
    user.start()
    inside.wait()
    closer.start()
    closer.join(0.2)
    assert closer.is_alive()
    assert held.connection is not None
    leave.set()
    user.join()
    closer.join()
    assert held.connection is None
