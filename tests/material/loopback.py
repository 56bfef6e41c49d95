"""The loopback server as tests use it: a process of its own, and its ledger."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from loopback_plan import Entry, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SERVER = Path(__file__).with_name("loopback_server.py")


class Server:
    """A running server."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._ledger = folder / "ledger.jsonl"
        self._start(plan)

    def _start(self, plan: Plan) -> None:
        command = [sys.executable, str(SERVER), plan.to_json(), str(self._ledger)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        port = self.process.stdout.readline()
        assert port, "the server did not start"
        self.plan = replace(plan, port=int(port))

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.plan.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def wait_for_death(self) -> None:
        assert self.process.wait() == 3
        self.stop()

    def come_back(self) -> None:
        """Listen again, at the same port and with the same ledger."""
        self._start(replace(self.plan, dies_after=None))

    def ledger(self) -> list[Entry]:
        """All requests so far, in the order in which they arrived."""
        if not self._ledger.exists():
            return []
        lines = self._ledger.read_text(encoding="utf-8").splitlines()
        return sorted((Entry(**json.loads(line)) for line in lines), key=lambda entry: entry.at)

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def serving(plan: Plan, folder: Path) -> Iterator[Server]:
    server = Server(plan, folder)
    try:
        yield server
    finally:
        server.stop()


def fullest_window(times: Sequence[float], seconds: float) -> int:
    """The most of these times, in order, that lie within any window of so many seconds."""
    most = first = 0
    for last, time in enumerate(times):
        while times[first] <= time - seconds:
            first += 1
        most = max(most, last - first + 1)
    return most
