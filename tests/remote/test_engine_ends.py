"""How a run ends that is interrupted twice, or left by its caller."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

pytest.importorskip("openai")

import asking_client
from asking_client import gpt, picture, questions
from loopback import serving
from loopback_plan import Plan, hashed

from fer_audit.models.remote import Limits, Terms
from fer_audit.store import PredictionStore

CLIENT = Path(asking_client.__file__)


@pytest.fixture
def obeying() -> Iterator[None]:
    """Ctrl-C as Python handles it: whoever starts tests in the background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_a_second_ctrl_c_waits_for_nothing(tmp_path: Path) -> None:
    with serving(Plan(delay=60.0), tmp_path) as server:
        command = [sys.executable, str(CLIENT), server.url]
        client = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
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


@pytest.mark.usefixtures("obeying")
def test_what_is_under_way_when_the_consumer_leaves_is_settled(tmp_path: Path) -> None:
    store = PredictionStore(tmp_path / "store")
    with serving(Plan(delay=0.2), tmp_path) as server:
        recognizer = gpt(server.url, seconds=5.0)
        ledger = store.ledger("run", "gpt")
        answers = recognizer.answer(questions(300), Terms(Limits(at_once=4), ledger))
        assert isinstance(answers, Generator)
        next(answers)
        answers.close()
        spent, entries = store.spent("run"), server.ledger()
        recognizer.close()
    store.close()
    price = recognizer.endpoint.price
    assert price is not None
    # The server's replies are of nine tokens.
    charged = sum(price.cost(sent=entry.tokens - 9, received=9) for entry in entries)
    assert len(entries) > 1
    assert spent.reserved == 0
    assert spent.settled == pytest.approx(charged, abs=1e-6 * len(entries))


@pytest.mark.usefixtures("obeying")
def test_a_consumer_that_leaves_stops_the_run(tmp_path: Path) -> None:
    with serving(Plan(delay=0.02), tmp_path) as server:
        recognizer = gpt(server.url, seconds=5.0)
        answers = recognizer.answer(questions(300), Terms(Limits(at_once=4)))
        assert isinstance(answers, Generator)
        first = next(answers)
        assert signal.getsignal(signal.SIGINT) is not signal.default_int_handler
        answers.close()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        time.sleep(0.5)
        sent = len(server.ledger())
        time.sleep(0.5)
        assert len(server.ledger()) == sent <= 3 * 4
        (first_picture,) = (hashed(picture(number)) for number in range(300) if str(number) == first.key)
        assert first_picture in {entry.asked["picture"] for entry in server.ledger()}
        recognizer.close()
