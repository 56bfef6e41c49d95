"""A model on the network, as the audit uses it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from fer_audit.models.remote.engine import ask
from fer_audit.models.remote.exchange import Limits, Question, Terms
from fer_audit.pixels import canonical

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Sequence

    from PIL.Image import Image

    from fer_audit.models.remote.exchange import Answered, Vendor
    from fer_audit.models.specification import Endpoint
    from fer_audit.records import Answer
    from fer_audit.wording import Wording

__all__ = ["RemoteRecognizer"]


@dataclass(frozen=True, slots=True)
class RemoteRecognizer:
    """A model that is asked over a network.

    Attributes:
        name: short name of the model.
        vendor: whom to ask.
        labels: what the model may answer.
        endpoint: where it is asked and for how much.
        wordings: how it can be asked, the usual one first.
    """

    name: str
    vendor: Vendor
    labels: tuple[str, ...]
    endpoint: Endpoint
    wordings: tuple[Wording, ...]

    def recognize(self, images: Sequence[Image], /) -> list[Answer]:
        """One answer an image, asked once in the usual wording; nobody counts what it costs.

        Raises:
            EndpointError: the endpoint refuses for good.
        """
        questions = [
            Question(str(number), partial(canonical, image), self.wordings[0])
            for number, image in enumerate(images)
        ]
        answers = {answered.key: answered.answer for answered in self.answer(questions, Terms(Limits()))}
        return [answers[question.key] for question in questions]

    def asking(self, wording: Wording, /) -> RemoteRecognizer:
        """The same model, asked in this wording."""
        return replace(self, wordings=(wording,))

    def answer(self, questions: Iterable[Question], terms: Terms) -> Generator[Answered]:
        """The answers to questions, in the order in which they arrive: see `fer_audit.models.remote.engine`.

        Raises:
            EndpointError: the endpoint refuses for good.
            BudgetError: the next request could cost more than may be spent.
            KeyboardInterrupt: Ctrl-C was pressed; the answers under way were handed over before.
        """
        return ask(self.vendor, questions, terms, endpoint=self.endpoint, model=self.name)

    def close(self) -> None:
        """Let go of connections."""
        self.vendor.close()
