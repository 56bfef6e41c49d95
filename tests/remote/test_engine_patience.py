"""How long a question, and a run, is waited for: read off the server's own ledger."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("openai")

from asking_client import gpt, questions
from loopback import serving
from loopback_plan import RETRY_AFTER, Plan

from fer_audit.errors import EndpointError
from fer_audit.models.remote import Limits, Terms
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Server

    from fer_audit.records import Answer


def asked(server: Server, count: int, limits: Limits) -> list[Answer]:
    """The answers to so many questions."""
    recognizer = gpt(server.url, seconds=5.0)
    try:
        return [answered.answer for answered in recognizer.answer(questions(count), Terms(limits))]
    finally:
        recognizer.close()


def test_the_time_that_the_endpoint_asks_for_is_waited(tmp_path: Path) -> None:
    with serving(Plan(rate=0.5, faults=("429 with Retry-After",)), tmp_path) as server:
        answers = asked(server, 20, Limits())
        ledger = server.ledger()
    assert all(answer.kind is AnswerKind.ANSWERED for answer in answers)
    times: dict[str, list[float]] = defaultdict(list)
    for entry in ledger:
        times[entry.question].append(entry.at)
    pauses = [later - sooner for at in times.values() for sooner, later in pairwise(at)]
    assert len(pauses) > 5
    assert min(pauses) >= RETRY_AFTER


def test_a_question_that_keeps_failing_is_an_error_with_its_reason(tmp_path: Path) -> None:
    with serving(Plan(rate=1.0, faults=("503",)), tmp_path) as server:
        answers = asked(server, 5, Limits(patience=1.0))
        ledger = server.ledger()
    assert [answer.kind for answer in answers] == [AnswerKind.ERROR] * 5
    sent = Counter(entry.question for entry in ledger)
    assert sorted(answer.raw for answer in answers) == sorted(
        f"status 503 (sent {times} time{'s' * (times > 1)})" for times in sent.values()
    )


def test_an_endpoint_that_answers_nothing_for_long_ends_the_run(tmp_path: Path) -> None:
    with serving(Plan(rate=1.0, faults=("502",)), tmp_path) as server:
        with pytest.raises(EndpointError) as raised:
            asked(server, 300, Limits(patience=0.0))
        ledger = server.ledger()
    assert str(raised.value) == (
        f"model 'gpt-4o': {server.host} answered none of 20 questions in a row (the last was sent 1 time: "
        "status 502); the answers so far are kept, so run again when it is back"
    )
    assert 20 <= len(ledger) <= 20 + Limits().at_once
