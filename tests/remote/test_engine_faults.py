"""The engine against a server that makes trouble: every claim is read off the server's own ledger."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from itertools import pairwise
from threading import Thread
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("openai")

from asking_client import gpt, key, picture, questions
from loopback import fullest_window, serving
from loopback_plan import FATAL, RECOVERABLE, RETRY_AFTER, Plan

from fer_audit.errors import EndpointError
from fer_audit.models.remote import Limits, Terms
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Server
    from loopback_plan import Entry

    from fer_audit.models.remote import Answered
    from fer_audit.records import Answer

ANSWERS = int(os.environ.get("FER_AUDIT_TEST_ANSWERS", "300"))
A_MINUTE, WINDOW = 3000, 2.0
IN_WINDOW = int(A_MINUTE * WINDOW / 60)


class Watching:
    """Who is told how a run goes on."""

    def __init__(self) -> None:
        self.retries: Counter[str] = Counter()

    def begin(self, missing: int, *, stored: int) -> None: ...

    def answered(self, answer: Answer) -> None: ...

    def spent(self, usd: float) -> None: ...

    def retried(self, reason: str) -> None:
        self.retries[reason] += 1


def asked(server: Server, count: int, terms: Terms, *, seconds: float = 1.0) -> dict[str, Answer]:
    """The answers to so many questions."""
    recognizer = gpt(server.url, seconds=seconds)
    try:
        received = list(recognizer.answer(questions(count), terms))
    finally:
        recognizer.close()
    assert len({answered.key for answered in received}) == len(received)
    return {answered.key: answered.answer for answered in received}


def by_question(ledger: list[Entry]) -> dict[str, list[str]]:
    """What befell the attempts at each question, in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for entry in ledger:
        found[entry.question].append(entry.outcome)
    return found


def test_nothing_is_lost_or_asked_twice_and_no_limit_is_passed_whatever_goes_wrong(tmp_path: Path) -> None:
    plan = Plan(seed=7, rate=0.2, requests=IN_WINDOW, window=WINDOW)
    watch = Watching()
    with serving(plan, tmp_path) as server:
        limits = Limits(requests_per_minute=A_MINUTE, window=WINDOW)
        answers = asked(server, ANSWERS, Terms(limits, watch=watch))
        ledger = server.ledger()
    # Nothing is lost, and each answer is that to its own picture.
    assert {name: answer.label for name, answer in answers.items()} == {
        key(number): plan.label(picture(number)) for number in range(ANSWERS)
    }
    # Nothing is asked again but what failed: an answer is the last thing that befalls a question.
    attempts = by_question(ledger)
    assert len(attempts) == ANSWERS
    for outcomes in attempts.values():
        assert outcomes[-1] == "answered"
        assert set(outcomes[:-1]) <= set(RECOVERABLE)
    # Every kind of fault was met, each was told, and there were as many as planned.
    failed = [entry.outcome for entry in ledger if entry.outcome != "answered"]
    assert set(failed) == set(RECOVERABLE)
    assert watch.retries.total() == len(failed) == len(ledger) - ANSWERS
    assert 0.14 < len(failed) / len(ledger) < 0.26
    # The server refused nothing for its number, and counts for itself.
    times = [entry.at for entry in ledger]
    assert fullest_window(times, WINDOW) <= IN_WINDOW
    assert fullest_window(times, 60.0) <= A_MINUTE


@pytest.mark.parametrize("fatal", FATAL)
def test_what_never_goes_well_is_asked_by_the_few_requests_under_way_and_never_again(
    tmp_path: Path, fatal: str
) -> None:
    with serving(Plan(fatal=fatal), tmp_path) as server:
        with pytest.raises(EndpointError):
            asked(server, 200, Terms(Limits()))
        ledger = server.ledger()
    assert 1 <= len(ledger) <= 4
    assert {entry.outcome for entry in ledger} == {fatal}
    assert max(Counter(entry.question for entry in ledger).values()) == 1


def test_answers_under_way_are_handed_over_before_a_fatal_error_is_raised(tmp_path: Path) -> None:
    received: list[Answered] = []
    with serving(Plan(fatal="401", fatal_after=40, delay=0.05), tmp_path) as server:
        recognizer = gpt(server.url, seconds=5.0)
        with pytest.raises(EndpointError, match="does not accept the key"):
            # It keeps what it was given before the error.
            received.extend(recognizer.answer(questions(400), Terms(Limits())))
        recognizer.close()
        ledger = server.ledger()
    assert len(received) == sum(entry.outcome == "answered" for entry in ledger) == 40
    assert len(ledger) < 100


def test_a_server_that_dies_and_comes_back_loses_nothing(tmp_path: Path) -> None:
    plan = Plan(dies_after=60)
    with serving(plan, tmp_path) as server:

        def revive() -> None:
            server.wait_for_death()
            server.come_back()

        nurse = Thread(target=revive)
        nurse.start()
        answers = asked(server, 150, Terms(Limits()))
        nurse.join()
        ledger = server.ledger()
    assert {name: answer.label for name, answer in answers.items()} == {
        key(number): plan.label(picture(number)) for number in range(150)
    }
    # What the server was dying over is asked again; nothing else is.
    assert len(ledger) <= 150 + Limits().at_once
    assert all(outcomes[-1] == "answered" for outcomes in by_question(ledger).values())


def test_the_time_that_the_endpoint_asks_for_is_waited(tmp_path: Path) -> None:
    with serving(Plan(rate=0.5, faults=("429 with Retry-After",)), tmp_path) as server:
        answers = asked(server, 20, Terms(Limits()))
        ledger = server.ledger()
    assert all(answer.kind is AnswerKind.ANSWERED for answer in answers.values())
    times: dict[str, list[float]] = defaultdict(list)
    for entry in ledger:
        times[entry.question].append(entry.at)
    pauses = [later - sooner for at in times.values() for sooner, later in pairwise(at)]
    assert len(pauses) > 5
    assert min(pauses) >= RETRY_AFTER


def test_a_question_that_keeps_failing_is_an_error_with_its_reason(tmp_path: Path) -> None:
    with serving(Plan(rate=1.0, faults=("503",)), tmp_path) as server:
        answers = asked(server, 5, Terms(Limits(patience=1.0)))
        ledger = server.ledger()
    assert [answer.kind for answer in answers.values()] == [AnswerKind.ERROR] * 5
    sent = Counter(entry.question for entry in ledger)
    assert sorted(answer.raw for answer in answers.values()) == sorted(
        f"status 503 (sent {times} time{'s' * (times > 1)})" for times in sent.values()
    )


def test_an_endpoint_that_answers_nothing_for_long_ends_the_run(tmp_path: Path) -> None:
    with serving(Plan(rate=1.0, faults=("502",)), tmp_path) as server:
        with pytest.raises(EndpointError) as raised:
            asked(server, 300, Terms(Limits(patience=0.0)))
        ledger = server.ledger()
    assert str(raised.value) == (
        f"model 'gpt-4o': {server.host} answered none of 20 questions in a row (the last was sent 1 time: "
        "status 502); the answers so far are kept, so run again when it is back"
    )
    assert 20 <= len(ledger) <= 20 + Limits().at_once
