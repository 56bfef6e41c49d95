"""The engine that asks an endpoint: threads that send, and one consumer that is handed every answer."""

from __future__ import annotations

from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

from fer_audit.models.remote.attempts import Asker
from fer_audit.models.remote.exchange import Answered, Question
from fer_audit.models.remote.gate import Gate, StoppedError
from fer_audit.models.remote.interruption import noting_interrupts
from fer_audit.models.remote.purse import Purse

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from fer_audit.models.remote.exchange import Terms, Vendor
    from fer_audit.models.specification import Endpoint
    from fer_audit.records import Watch

__all__ = ["GRACE", "ask"]

GRACE = 75.0
"""Seconds that requests under way are waited for when a run is stopped: longer than any of them takes."""

_AHEAD = 2  # questions drawn for each thread, so that none waits for the consumer
_GLANCE = 0.5  # seconds; where a signal does not wake a waiting thread, it is seen this late


@dataclass(frozen=True, slots=True)
class _Retried:
    reason: str


@dataclass(frozen=True, slots=True)
class _Spent:
    usd: float


@dataclass(frozen=True, slots=True)
class _Stopped:
    """The run is to end: for this reason, or because a stopped thread gave up its question."""

    reason: BaseException | None = None
    question: bool = True


def ask(
    vendor: Vendor,
    questions: Iterable[Question],
    terms: Terms,
    *,
    endpoint: Endpoint,
    model: str,
) -> Generator[Answered]:
    """The answers to questions, in the order in which they arrive.

    Questions are drawn in the caller's thread, a few ahead of those under way. When a request fails for good,
    the budget is used up or Ctrl-C is pressed, nothing more is sent; the answers under way are still handed
    over, for `GRACE` seconds at most, and then the error is raised. A second Ctrl-C ends the run at once.
    Until the iterator ends or is closed, the first Ctrl-C does not interrupt the caller's own work either; to
    close it early waits for the requests under way, whose cost is settled then.

    Args:
        vendor: whom to ask; its requests are sent from several threads.
        questions: any number of them.
        terms: how fast, for how much, and who is told. The watch is told in the caller's thread, of retries
            and of what is spent; the ledger is used from several threads.
        endpoint: where and for how much.
        model: short name, for messages.

    Raises:
        EndpointError: the endpoint refuses for good.
        BudgetError: the next request could cost more than may be spent.
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    run = _Run(vendor, terms, endpoint, model)
    with noting_interrupts(run.interrupt):
        yield from run.answers(iter(questions))


class _Run:
    def __init__(self, vendor: Vendor, terms: Terms, endpoint: Endpoint, model: str) -> None:
        self._watch: Watch | None = terms.watch
        self._most = terms.limits.at_once
        self._inbox: SimpleQueue[Question | None] = SimpleQueue()
        self._outbox: SimpleQueue[Answered | _Retried | _Spent | _Stopped] = SimpleQueue()
        self._gate = Gate(terms.limits, most_tokens=endpoint.tokens_sent + endpoint.tokens_received)
        self._asker = Asker(
            model=model,
            vendor=vendor,
            host=endpoint.host,
            gate=self._gate,
            purse=Purse(terms.ledger, endpoint, lambda usd: self._outbox.put(_Spent(usd))),
            patience=terms.limits.patience,
            retried=lambda reason: self._outbox.put(_Retried(reason)),
        )
        self._threads: list[Thread] = []
        self._drawn = 0
        self._reason: BaseException | None = None
        self._deadline = 0.0

    def interrupt(self) -> None:
        """Ctrl-C: called between any two steps of the caller's thread, so that it may take no lock."""
        interrupt = KeyboardInterrupt()
        self._end(interrupt)
        self._gate.close()
        self._outbox.put(_Stopped(interrupt, question=False))

    def answers(self, questions: Iterator[Question]) -> Iterator[Answered]:
        try:
            self._draw(questions)
            while self._drawn and (event := self._next()) is not None:
                match event:
                    case Answered():
                        self._drawn -= 1
                        yield event
                    case _Stopped():
                        self._drawn -= event.question
                        self._stop(event.reason)
                    case _Retried():
                        if self._watch is not None:
                            self._watch.retried(event.reason)
                    case _Spent():
                        if self._watch is not None:
                            self._watch.spent(event.usd)
                self._draw(questions)
        except GeneratorExit:
            self._let_end()
            raise
        finally:
            self._dismiss()
        if self._reason is not None:
            raise self._reason

    def _dismiss(self) -> None:
        """Nothing more is sent, and threads end with what they are at."""
        self._gate.stop()
        for _ in self._threads:
            self._inbox.put(None)

    def _let_end(self) -> None:
        """Nobody wants the answers under way; yet they are charged, and settled when they are there."""
        self._dismiss()
        deadline = monotonic() + GRACE
        for thread in self._threads:
            thread.join(max(deadline - monotonic(), 0.0))

    def _draw(self, questions: Iterator[Question]) -> None:
        while not self._gate.is_closed and self._drawn < _AHEAD * self._most:
            try:
                question = next(questions, None)
            except Exception as error:  # noqa: BLE001 - answers under way are handed over first
                self._stop(error)
                return
            if question is None:
                return
            self._drawn += 1
            self._inbox.put(question)
            if len(self._threads) < min(self._drawn, self._most):
                thread = Thread(target=self._work, name="fer-audit-ask", daemon=True)
                self._threads.append(thread)
                thread.start()

    def _next(self) -> Answered | _Retried | _Spent | _Stopped | None:
        """What happens next; None when requests under way have been waited for long enough."""
        while self._reason is None or monotonic() < self._deadline:
            try:
                return self._outbox.get(timeout=_GLANCE)
            except Empty:
                continue
            except KeyboardInterrupt as interrupt:
                # The second one, or the program has a handler of its own.
                if self._reason is not None:
                    raise
                self._stop(interrupt)
        return None

    def _stop(self, reason: BaseException | None) -> None:
        if reason is not None:
            self._end(reason)
            self._gate.stop()

    def _end(self, reason: BaseException) -> None:
        if self._reason is None:
            self._deadline = monotonic() + GRACE
            self._reason = reason

    def _work(self) -> None:
        while (question := self._inbox.get()) is not None:
            try:
                answer = self._asker.answer(question)
            except StoppedError:
                self._outbox.put(_Stopped())
            except BaseException as error:  # noqa: BLE001 - raised again by the caller's thread
                self._outbox.put(_Stopped(error))
            else:
                self._outbox.put(Answered(question.key, answer))
