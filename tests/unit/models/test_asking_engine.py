"""What the engine promises its caller, with a vendor that needs no network."""

from __future__ import annotations

import signal
import time
from collections import Counter
from threading import Lock, current_thread
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import ImageError
from fer_audit.models import Endpoint
from fer_audit.models.remote import AgainError, Limits, Question, RemoteRecognizer, Reply, Terms
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind
from fer_audit.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fer_audit.models.remote import Answered

PLAIN = Wording("plain", "1", ("{labels}?",))


class Echo:
    """Answers with the picture; fails as often as it is told, and notices whoever asks twice at a time."""

    def __init__(self, *, fails: int = 0) -> None:
        self.asked: Counter[bytes] = Counter()
        self._fails = fails
        self._now: set[bytes] = set()
        self._lock = Lock()

    def ask(self, picture: bytes, _wording: Wording, _repeat: int) -> Reply:
        with self._lock:
            assert picture not in self._now
            self._now.add(picture)
            self.asked[picture] += 1
            again = self.asked[picture] <= self._fails
        time.sleep(0.001)
        with self._lock:
            self._now.remove(picture)
        if again:
            raise AgainError("busy", after=0.0, overload=True)
        return Reply(Answer(AnswerKind.ANSWERED, picture.decode()))

    def close(self) -> None: ...


class Told:
    """A watch that notes in which thread it is told."""

    def __init__(self) -> None:
        self.retries: list[tuple[str, str]] = []

    def begin(self, missing: int, *, stored: int) -> None: ...

    def answered(self, answer: Answer) -> None: ...

    def spent(self, usd: float) -> None: ...

    def retried(self, reason: str) -> None:
        self.retries.append((reason, current_thread().name))


@pytest.fixture
def obeying() -> Iterator[None]:
    """Ctrl-C as Python handles it: whoever starts tests in the background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def recognizer(vendor: Echo) -> RemoteRecognizer:
    return RemoteRecognizer("echo", vendor, ("fear",), Endpoint("host", "KEY"), (PLAIN,))


def question(number: int, picture: Callable[[], bytes] | None = None) -> Question:
    return Question(f"key {number}", picture or (lambda: str(number).encode()), PLAIN)


def test_a_question_is_never_under_way_twice_and_sent_again_as_often_as_it_fails() -> None:
    vendor, watch = Echo(fails=2), Told()
    terms = Terms(Limits(at_once=8), watch=watch)
    answers = {a.key: a.answer.label for a in recognizer(vendor).answer(map(question, range(200)), terms)}
    assert answers == {f"key {number}": str(number) for number in range(200)}
    assert set(vendor.asked.values()) == {3}
    # The watch may be a progress bar: it is told by the caller's thread alone.
    assert watch.retries == [("busy", current_thread().name)] * 400


def test_questions_are_drawn_when_they_are_needed() -> None:
    drawn = 0

    def many() -> Iterator[Question]:
        nonlocal drawn
        for number in range(100_000):
            drawn += 1
            yield question(number)

    ahead = []
    for received, _ in enumerate(recognizer(Echo()).answer(many(), Terms(Limits(at_once=4)))):
        ahead.append(drawn - received)
        if received == 500:
            break
    assert max(ahead) <= 2 * 4


def test_pictures_are_made_where_they_are_sent() -> None:
    threads: set[str] = set()

    def picture() -> bytes:
        threads.add(current_thread().name)
        return b"x"

    assert len(list(recognizer(Echo()).answer([question(1, picture)], Terms(Limits())))) == 1
    assert current_thread().name not in threads


def test_a_picture_that_cannot_be_read_is_absent_and_is_not_sent() -> None:
    def broken() -> bytes:
        raise ImageError("image 'a.jpg' is empty (0 bytes); fetch or export it again")

    vendor = Echo()
    (answered,) = recognizer(vendor).answer([question(1, broken)], Terms(Limits()))
    assert answered.answer.kind is AnswerKind.ABSENT
    assert answered.answer.raw.startswith("image 'a.jpg' is empty")
    assert not vendor.asked


def test_questions_that_break_are_raised_after_the_answers_under_way() -> None:
    def breaking() -> Iterator[Question]:
        yield from map(question, range(3))
        raise ImageError("no more")

    received: list[Answered] = []
    with pytest.raises(ImageError, match="no more"):
        received.extend(recognizer(Echo()).answer(breaking(), Terms(Limits(at_once=8))))
    # `extend` keeps what it was given before the error.
    assert {answered.key for answered in received} == {f"key {number}" for number in range(3)}


@pytest.mark.usefixtures("obeying")
def test_ctrl_c_in_the_callers_own_work_is_raised_when_it_has_all_answers() -> None:
    vendor = Echo()
    received: list[str] = []

    def consume() -> None:
        for answered in recognizer(vendor).answer(map(question, range(100)), Terms(Limits(at_once=1))):
            # The next answer is in by now, before the signal.
            time.sleep(0.05)
            if len(received) == 3:
                signal.raise_signal(signal.SIGINT)
            received.append(answered.key)

    with pytest.raises(KeyboardInterrupt):
        consume()
    assert received == [f"key {number}" for number in range(len(received))]
    assert 4 <= len(received) == vendor.asked.total() < 10
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_programs_own_is_left_alone() -> None:
    def own(*_: object) -> None: ...

    before = signal.signal(signal.SIGINT, own)
    try:
        answers = recognizer(Echo()).answer(map(question, range(3)), Terms(Limits()))
        next(answers)
        assert signal.getsignal(signal.SIGINT) is own
        assert len(list(answers)) == 2
        assert signal.getsignal(signal.SIGINT) is own
    finally:
        signal.signal(signal.SIGINT, before)


def test_another_wording_is_asked_of_the_same_endpoint() -> None:
    other = Wording("other", "1", ("Which of {labels}?",))
    plain = recognizer(Echo())
    assert plain.asking(other).wordings == (other,)
    assert plain.asking(other).vendor is plain.vendor
