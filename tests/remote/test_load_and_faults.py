"""Many questions and every fault that passes, for each vendor whose SDK is installed: told by the server's ledger.

``FER_AUDIT_LOAD`` says how many questions the load has (300; the figures of the documentation are of 10,000).
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import pytest
from interruptible import INTERRUPTIBLE
from loopback import fullest_window
from loopback_plan import FATAL, RECOVERABLE, Plan
from vendors import KEY, PATIENCE

from fer_audit.errors import BudgetError, EndpointError
from fer_audit.models.prompts import WORDINGS
from fer_audit.models.remote import Limits, Question, RemoteRecognizer, Terms
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from loopback import Server
    from loopback_plan import Entry
    from vendors import Vendor

    from fer_audit.records import Answer

    Serve = Callable[[Plan], Server]

LOAD = int(os.environ.get("FER_AUDIT_LOAD", "300"))
WINDOW = 2.0  # seconds over which the server counts
A_SECOND = 60  # requests that it permits
LIMITS = Limits(requests_per_minute=60 * A_SECOND, window=WINDOW)
IN_WINDOW = int(A_SECOND * WINDOW)
FIRST_ROUND = 4  # requests under way before the first reply


@pytest.fixture
def recognizer(vendor: Vendor, load: Callable[[str], RemoteRecognizer]) -> Callable[[], RemoteRecognizer]:
    return lambda: load(vendor.model)


@dataclass
class Watching:
    """Counts what it is told."""

    reasons: Counter[str] = field(default_factory=Counter)
    usd: float = 0.0

    def begin(self, missing: int, /, *, stored: int) -> None: ...

    def answered(self, answer: Answer, /) -> None: ...

    def retried(self, reason: str, /) -> None:
        self.reasons[reason] += 1

    def spent(self, usd: float, /) -> None:
        self.usd += usd


def picture(number: int) -> bytes:
    """Bytes that no other question has."""
    return b"picture " + str(number).encode()


def questions(count: int) -> list[Question]:
    return [Question(str(number), partial(picture, number), WORDINGS[0]) for number in range(count)]


def asked(loaded: RemoteRecognizer, count: int, terms: Terms) -> dict[str, Answer]:
    """The answer to each question; no question is answered twice."""
    try:
        found = list(loaded.answer(questions(count), terms))
    finally:
        loaded.close()
    assert len({answered.key for answered in found}) == len(found)
    return {answered.key: answered.answer for answered in found}


def by_question(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.question].append(entry)
    return found


def test_with_a_fifth_of_faults_nothing_is_lost_and_nothing_asked_beyond_its_retries(
    serve: Serve, recognizer: Callable[[], RemoteRecognizer]
) -> None:
    server = serve(Plan(rate=0.2, hold=PATIENCE + 1.0, requests=IN_WINDOW, window=WINDOW, seed=1))
    watch = Watching()
    answers = asked(recognizer(), LOAD, Terms(LIMITS, watch=watch))
    assert {key: answer.label for key, answer in answers.items()} == {
        str(number): server.plan.label(picture(number)) for number in range(LOAD)
    }
    entries = server.ledger()
    outcomes = Counter(entry.outcome for entry in entries)
    faults = len(entries) - outcomes["answered"]
    # Nothing is answered twice, and each further request has a fault before it.
    assert outcomes["answered"] == LOAD == len(by_question(entries))
    for attempts in by_question(entries).values():
        assert [entry.outcome == "answered" for entry in attempts] == [False] * (len(attempts) - 1) + [True]
    assert watch.reasons.total() == faults
    assert 0.1 * len(entries) < faults < 0.3 * len(entries)
    if LOAD >= 300:
        assert set(RECOVERABLE) <= set(outcomes)
    assert "limited" not in outcomes
    assert fullest_window([entry.at for entry in entries], WINDOW) <= IN_WINDOW
    # One key, and no other header that could be one.
    assert len({entry.key for entry in entries}) == 1


def test_without_faults_what_is_permitted_is_used(
    serve: Serve, recognizer: Callable[[], RemoteRecognizer]
) -> None:
    server = serve(Plan(requests=IN_WINDOW, window=WINDOW))
    count = 8 * A_SECOND
    asked(recognizer(), count, Terms(LIMITS))
    times = [entry.at for entry in server.ledger()]
    assert len(times) == count
    assert fullest_window(times, WINDOW) <= IN_WINDOW
    assert (count - 1) / (times[-1] - times[0]) >= 0.95 * A_SECOND


@pytest.mark.parametrize("fatal", FATAL)
def test_a_refusal_for_good_ends_the_run_at_once(
    serve: Serve, recognizer: Callable[[], RemoteRecognizer], fatal: str
) -> None:
    server = serve(Plan(fatal=fatal))
    with pytest.raises(EndpointError) as caught:
        asked(recognizer(), 200, Terms(Limits()))
    assert KEY not in str(caught.value)
    assert "; " in str(caught.value), "no cure"
    entries = server.ledger()
    assert 1 <= len(entries) <= FIRST_ROUND
    assert max(Counter(entry.question for entry in entries).values()) == 1


def test_answers_before_a_refusal_for_good_are_handed_over(
    serve: Serve, recognizer: Callable[[], RemoteRecognizer]
) -> None:
    server = serve(Plan(rate=0.05, faults=("401",), seed=4))
    loaded = recognizer()
    answers = loaded.answer(questions(300), Terms(Limits()))
    found = 0
    with pytest.raises(EndpointError):  # noqa: PT012 - it comes after some answers
        for _ in answers:
            found += 1
    loaded.close()
    outcomes = Counter(entry.outcome for entry in server.ledger())
    assert outcomes["answered"] == found > 0


def test_a_server_that_dies_and_returns_loses_nothing(
    serve: Serve, recognizer: Callable[[], RemoteRecognizer]
) -> None:
    server = serve(Plan(dies_after=50))
    loaded = recognizer()
    found = {}
    for number, answered in enumerate(loaded.answer(questions(150), Terms(Limits(at_once=8)))):
        if number == 40:
            server.wait_for_death()
            server.come_back()
        found[answered.key] = answered.answer
    loaded.close()
    assert len(found) == 150
    assert {answer.kind for answer in found.values()} == {AnswerKind.ANSWERED}


def test_no_request_is_sent_that_could_exceed_the_budget(
    serve: Serve, recognizer: Callable[[], RemoteRecognizer], tmp_path: Path
) -> None:
    server = serve(Plan())
    loaded = recognizer()
    most = loaded.endpoint.most_usd()
    assert most is not None
    budget = 10.5 * most
    store = PredictionStore(tmp_path / "store")
    with pytest.raises(BudgetError):
        asked(loaded, 20_000, Terms(Limits(), store.ledger("run", "theirs", budget)))
    loaded.close()
    spent = store.spent("run")
    store.close()
    entries = server.ledger()
    assert len(entries) >= 10
    assert spent.reserved == 0
    assert budget - most < spent.settled <= budget


@pytest.mark.skipif(os.name != "posix", reason="signals")
class TestAProgramThatIsEnded:
    """``fer-audit predict`` in a process of its own, on 224 pictures, slowly."""

    PEOPLE = 8
    PICTURES = 224

    def predict(self, vendor: Vendor, folder: Path) -> subprocess.Popen[str]:
        command = [
            *(sys.executable, "-c", f"{INTERRUPTIBLE}from fer_audit.cli import main; main()", "predict"),
            *(f"--model={vendor.model}", "--dataset=faces"),
            *(f"--limit-people={self.PEOPLE}", f"--store={folder / 'store'}", "--live", "--rpm=6000"),
        ]
        return subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    @staticmethod
    def wait_for(server: Server, requests: int) -> None:
        deadline = time.monotonic() + 60
        while len(server.ledger()) < requests:
            assert time.monotonic() < deadline, "the program asks nothing"
            time.sleep(0.05)

    @staticmethod
    def stored(folder: Path) -> int:
        with sqlite3.connect(folder / "store" / "answers.sqlite") as connection:
            (count,) = connection.execute("SELECT count(*) FROM answers").fetchone()
        connection.close()
        return int(count)

    def test_killed_it_goes_on_and_asks_no_stored_answer_again(
        self, serve: Serve, vendor: Vendor, tmp_path: Path
    ) -> None:
        server = serve(Plan(delay=0.1))
        process = self.predict(vendor, tmp_path)
        self.wait_for(server, 80)
        process.kill()
        process.communicate()
        time.sleep(0.5)
        before, kept = len(server.ledger()), self.stored(tmp_path)
        assert 0 < kept <= before < self.PICTURES
        again = self.predict(vendor, tmp_path)
        output, _ = again.communicate(timeout=60)
        assert again.returncode == 0, output
        assert self.stored(tmp_path) == self.PICTURES
        # What was answered and not yet stored when it died is asked once more, and nothing else.
        entries = server.ledger()
        assert len(entries) == self.PICTURES + (before - kept)
        assert len(by_question(entries)) == self.PICTURES

    def test_interrupted_it_keeps_every_answer_that_arrived(
        self, serve: Serve, vendor: Vendor, tmp_path: Path
    ) -> None:
        server = serve(Plan(delay=0.1))
        process = self.predict(vendor, tmp_path)
        self.wait_for(server, 80)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
        assert process.returncode == 130, output
        assert "Traceback" not in output
        entries = server.ledger()
        assert len(entries) < self.PICTURES
        assert self.stored(tmp_path) == len(entries)
