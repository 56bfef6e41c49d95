"""How a run ends that is killed, interrupted or given up: what was paid for is kept, and not asked again."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("openai")

from asking_client import gpt, key, picture, questions
from loopback import serving
from loopback_plan import Plan, hashed

from fer_audit.models.remote import Limits, Terms
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from loopback import Server

CLIENT = Path(__file__).with_name("asking_client.py")
PICTURES = {hashed(picture(number)): key(number) for number in range(400)}


def start(server: Server, folder: Path, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(CLIENT), server.url, str(folder), str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def read(client: subprocess.Popen[str], lines: int) -> list[str]:
    assert client.stdout is not None
    return [client.stdout.readline().strip() for _ in range(lines)]


def answered(server: Server) -> Counter[str]:
    """How often the server answered each question, by the question's key."""
    return Counter(
        PICTURES[entry.asked["picture"]] for entry in server.ledger() if entry.outcome == "answered"
    )


def test_what_was_acknowledged_before_a_kill_is_asked_once(tmp_path: Path) -> None:
    with serving(Plan(delay=0.02), tmp_path) as server:
        client = start(server, tmp_path / "store", 200)
        acknowledged = read(client, 40)
        client.kill()
        rest, _ = client.communicate()
        acknowledged += rest.split()
        assert 40 <= len(acknowledged) < 200
        again = start(server, tmp_path / "store", 200)
        more, errors = again.communicate(timeout=60)
        assert again.returncode == 0, errors
        asked = answered(server)
    # A line cut by the kill is no acknowledgement.
    whole = {name for name in acknowledged if len(name) == len(key(0))}
    assert {asked[name] for name in whole} == {1}
    assert not whole & set(more.split())
    # All are answered in the end; only what was under way when the client died is asked again.
    assert len(asked) == 200
    assert set(asked.values()) <= {1, 2}
    assert sum(times == 2 for times in asked.values()) <= 3 * 8
    store = PredictionStore(tmp_path / "store")
    assert len(store.get([key(number) for number in range(200)])) == 200
    store.close()


def test_ctrl_c_keeps_every_answer_and_asks_nothing_more(tmp_path: Path) -> None:
    with serving(Plan(delay=0.1), tmp_path) as server:
        client = start(server, tmp_path / "store", 400)
        acknowledged = read(client, 30)
        client.send_signal(signal.SIGINT)
        rest, errors = client.communicate(timeout=60)
        asked = answered(server)
    acknowledged += rest.split()
    assert client.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in errors
    # What the server answered is what was stored: nothing that was paid for is lost.
    assert sorted(acknowledged) == sorted(asked)
    assert set(asked.values()) == {1}
    assert 30 <= len(asked) < 400
    store = PredictionStore(tmp_path / "store")
    assert set(store.get(list(asked))) == set(asked)
    store.close()


def test_a_second_ctrl_c_waits_for_nothing(tmp_path: Path) -> None:
    with serving(Plan(delay=60.0), tmp_path) as server:
        client = start(server, tmp_path / "store", 10)
        while len(server.ledger()) < 4:
            time.sleep(0.05)
        client.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            client.communicate(timeout=1.0)
        client.send_signal(signal.SIGINT)
        # The requests under way take a minute; that they are not waited for is all there is to see.
        printed, errors = client.communicate(timeout=20)
    assert client.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in errors
    assert printed == ""


def test_a_consumer_that_leaves_stops_the_run(tmp_path: Path) -> None:
    with serving(Plan(delay=0.02), tmp_path) as server:
        recognizer = gpt(server.url, seconds=5.0)
        answers = recognizer.answer(questions(300), Terms(Limits(at_once=4)))
        first = next(answers)
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        answers.close()  # type: ignore[attr-defined]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        time.sleep(0.5)
        sent = len(server.ledger())
        time.sleep(0.5)
        assert len(server.ledger()) == sent <= 3 * 4
        assert first.key in answered(server)
        recognizer.close()
