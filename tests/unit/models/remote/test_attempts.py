"""How long a question is tried, on a clock that moves only when something waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import EndpointError
from fer_audit.models import Endpoint
from fer_audit.models.remote import (
    AgainError,
    Limits,
    Question,
    RemoteRecognizer,
    Reply,
    Terms,
    attempts as module,
)
from fer_audit.models.remote.attempts import Asker
from fer_audit.models.remote.gate import Gate, StoppedError
from fer_audit.models.remote.purse import Purse
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind
from fer_audit.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Begin = Callable[["Script", list[str]], Asker]

PLAIN = Wording("plain", "1", ("{labels}?",))
ENDPOINT = Endpoint("api.example", "KEY")
SAID = Reply(Answer(AnswerKind.ANSWERED, "fear"))


@dataclass
class Script:
    """A vendor that does what is written, the last of it for ever, and may take its time."""

    outcomes: Sequence[Reply | Exception]
    seconds: float = 0.0
    now: float = 0.0
    pauses: list[float] = field(default_factory=list)
    sent: int = 0

    def clock(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.now += seconds

    def ask(self, _picture: bytes, _wording: Wording, _repeat: int) -> Reply:
        outcome = self.outcomes[min(self.sent, len(self.outcomes) - 1)]
        self.sent += 1
        self.now += self.seconds
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self) -> None: ...


def question(number: int = 0) -> Question:
    return Question(f"key {number}", lambda: str(number).encode(), PLAIN)


@pytest.fixture
def begin(monkeypatch: pytest.MonkeyPatch) -> Begin:
    def asking(script: Script, told: list[str]) -> Asker:
        monkeypatch.setattr(module, "monotonic", script.clock)
        gate = Gate(Limits(), most_tokens=0)
        monkeypatch.setattr(gate, "pause", script.pause)
        purse = Purse(None, ENDPOINT, lambda _: None)
        return Asker("theirs", script, "api.example", gate, purse, 600.0, told.append)

    return asking


def test_the_time_that_the_endpoint_asks_for_is_what_is_waited(begin: Begin) -> None:
    script, told = Script([AgainError("429", after=130.0), AgainError("503", after=0.0), SAID]), list[str]()
    assert begin(script, told).answer(question()) is SAID.answer
    assert script.pauses == [130.0, 0.0]
    assert told == ["429", "503"]


def test_without_it_pauses_are_drawn_and_never_longer_than_a_minute(begin: Begin) -> None:
    script = Script([AgainError("500")] * 40 + [SAID])
    asking = begin(script, [])
    asking.patience = 1e9
    assert asking.answer(question()).kind is AnswerKind.ANSWERED
    assert len(script.pauses) == 40
    # Full jitter: from nothing to 1, 2, 4 ... 60 seconds.
    assert all(0 <= pause <= min(2**number, 60) for number, pause in enumerate(script.pauses))
    assert len(set(script.pauses)) == 40
    assert max(script.pauses) > 30


def test_patience_counts_requests_and_pauses(begin: Begin) -> None:
    script = Script([AgainError("no answer in time", after=40.0)], seconds=60.0)
    answer = begin(script, []).answer(question())
    # The sixth request ends at 560 seconds; the pause after it would pass 600.
    assert answer == Answer(AnswerKind.ERROR, raw="no answer in time (sent 6 times)")
    assert script.now == 560.0


def test_a_wait_longer_than_patience_is_not_begun(begin: Begin) -> None:
    script, told = Script([AgainError("429", after=3600.0)]), list[str]()
    assert begin(script, told).answer(question()) == Answer(AnswerKind.ERROR, raw="429 (sent 1 time)")
    assert not script.pauses
    assert not told


def test_waiting_for_a_turn_costs_no_patience(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    script = Script([AgainError("503", after=1.0)] * 5 + [SAID])
    asking = begin(script, [])
    passing = asking.gate.passing

    def crowded() -> object:
        script.now += 500.0
        return passing()

    monkeypatch.setattr(asking.gate, "passing", crowded)
    assert asking.answer(question()).kind is AnswerKind.ANSWERED
    assert script.sent == 6


def test_twenty_silent_questions_in_a_row_end_the_run(begin: Begin) -> None:
    script = Script([AgainError("502", after=3600.0)])
    asking = begin(script, [])
    assert {asking.answer(question(number)).kind for number in range(19)} == {AnswerKind.ERROR}
    with pytest.raises(EndpointError) as caught:
        asking.answer(question(19))
    assert str(caught.value) == (
        "model 'theirs': api.example answered none of 20 questions in a row (the last was sent 1 time: 502); "
        "the answers so far are kept, so run again when it is back"
    )


def test_one_answer_among_silent_questions_begins_the_count_again(begin: Begin) -> None:
    silence: list[Reply | Exception] = [AgainError("502", after=3600.0)] * 19
    script = Script([*silence, SAID, *silence, SAID])
    asking = begin(script, [])
    kinds = [asking.answer(question(number)).kind for number in range(40)]
    assert kinds.count(AnswerKind.ERROR) == 38


def test_a_pause_ends_when_the_run_is_stopped() -> None:
    gate, waiting, ended = Gate(Limits(), most_tokens=0), Event(), list[BaseException]()
    script = Script([AgainError("429", after=500.0)])

    def ask() -> None:
        purse = Purse(None, ENDPOINT, lambda _: None)
        asking = Asker("theirs", script, "api.example", gate, purse, 600.0, lambda _: waiting.set())
        try:
            asking.answer(question())
        except StoppedError as error:
            ended.append(error)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    assert waiting.wait(10)
    gate.stop()
    thread.join(10)
    assert len(ended) == script.sent == 1


@dataclass
class Held:
    """Answers all pictures but one only when that one has been refused for good."""

    refusal: Exception
    under_way: Event = field(default_factory=Event)
    refused: Event = field(default_factory=Event)
    asked: list[bytes] = field(default_factory=list)

    def ask(self, picture: bytes, _wording: Wording, _repeat: int) -> Reply:
        self.asked.append(picture)
        if len(self.asked) == 3:
            self.under_way.set()
        if picture == b"1":
            assert self.under_way.wait(10)
            self.refused.set()
            raise self.refusal
        assert self.refused.wait(10)
        return SAID

    def close(self) -> None: ...


def test_a_refusal_for_good_hands_over_what_is_under_way_and_sends_no_more() -> None:
    refusal = EndpointError("wrong key")
    vendor = Held(refusal)
    loaded = RemoteRecognizer("theirs", vendor, ("fear",), ENDPOINT, (PLAIN,))
    keys: list[str] = []
    with pytest.raises(EndpointError, match=r"^wrong key$") as caught:
        keys.extend(a.key for a in loaded.answer(map(question, range(100)), Terms(Limits(at_once=3))))
    assert caught.value is refusal
    assert sorted(keys) == ["key 0", "key 2"]
    assert sorted(vendor.asked) == [b"0", b"1", b"2"]


def test_a_picture_that_breaks_in_another_way_than_a_picture_can_ends_the_run_and_is_not_sent() -> None:
    def broken() -> bytes:
        raise PermissionError("faces/a.jpg")

    def some() -> Iterator[Question]:
        yield question(0)
        yield Question("key 1", broken, PLAIN)
        yield from map(question, range(2, 1000))

    script = Script([SAID])
    loaded = RemoteRecognizer("theirs", script, ("fear",), ENDPOINT, (PLAIN,))
    keys: list[str] = []
    with pytest.raises(PermissionError, match=r"faces/a\.jpg"):
        keys.extend(answered.key for answered in loaded.answer(some(), Terms(Limits(at_once=1))))
    # Nothing that was sent is lost.
    assert keys == [f"key {number}" for number in range(1000) if number != 1][: script.sent]
    assert "key 1" not in keys
