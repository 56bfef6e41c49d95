"""One question, sent until it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

from fer_audit.errors import EndpointError, ImageError
from fer_audit.models.remote.exchange import AgainError
from fer_audit.models.remote.patience import retrying
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenacity import RetryCallState

    from fer_audit.models.remote.exchange import Question, Reply, Vendor
    from fer_audit.models.remote.gate import Gate
    from fer_audit.models.remote.purse import Purse

__all__ = ["Asker"]

_SILENCE = 20  # questions in a row that found nobody: the endpoint is down, not the question hard


@dataclass(slots=True)
class Asker:
    """How the questions of one run are asked; called from several threads at once.

    Attributes:
        model: short name, for messages.
        vendor: whom to ask.
        host: where it is asked, for messages.
        gate: when a request may be sent.
        purse: what it may cost.
        patience: seconds, of requests and of pauses between them, after which a question that keeps failing
            is given up. Waiting for a turn is no failure and does not count.
        retried: told why a request is sent again.
        given_up: questions in a row that were.
    """

    model: str
    vendor: Vendor
    host: str
    gate: Gate
    purse: Purse
    patience: float
    retried: Callable[[str], None]
    given_up: int = 0

    def answer(self, question: Question) -> Answer:
        """What the model answers; of kind error where it gave nothing for as long as there was patience.

        Raises:
            EndpointError: the endpoint refuses for good, or has answered nothing for long.
            BudgetError: the next request could cost more than may be spent.
            StoppedError: the run is being stopped.
        """
        try:
            picture = question.picture()
        except ImageError as error:
            return Answer(AnswerKind.ABSENT, raw=str(error))
        attempts = _Attempts(self, question, picture)
        policy = retrying(stop=attempts.is_last, retried=self.retried, sleep=self.gate.pause)
        try:
            reply = policy(attempts.send)
        except AgainError as error:
            return self._error(error, attempts)
        self.given_up = 0
        return reply.answer

    def _error(self, error: AgainError, attempts: _Attempts) -> Answer:
        self.given_up += 1
        times = f"{attempts.sent} time{'s' * (attempts.sent > 1)}"
        if self.given_up >= _SILENCE:
            raise EndpointError(
                f"model {self.model!r}: {self.host} answered none of {self.given_up} questions in a row "
                f"(the last was sent {times}: {error.reason}); the answers so far are kept, so run again "
                "when it is back"
            ) from None
        return Answer(AnswerKind.ERROR, raw=f"{error.reason} (sent {times})")


@dataclass(slots=True)
class _Attempts:
    """The attempts at one question."""

    asker: Asker
    question: Question
    picture: bytes
    sent: int = 0
    under_way: float = 0.0

    def send(self) -> Reply:
        asker = self.asker
        with asker.purse.paying() as purchase, asker.gate.passing() as passage:
            self.sent += 1
            begun = monotonic()
            try:
                reply = asker.vendor.ask(self.picture, self.question.wording, self.question.repeat)
            finally:
                self.under_way += monotonic() - begun
            purchase.reply = reply
            if reply.tokens_sent is not None:
                passage.tokens = reply.tokens_sent + (reply.tokens_received or 0)
        return reply

    def is_last(self, state: RetryCallState) -> bool:
        return self.under_way + state.idle_for + state.upcoming_sleep >= self.asker.patience
