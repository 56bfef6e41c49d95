"""Asking a model on the network: whether this run may, what it could cost, and question by question."""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING

from fer_audit.errors import BudgetError, ModelError, NotLiveError
from fer_audit.inference.outcomes import Item, Outcome
from fer_audit.models.remote import Question, RemoteRecognizer, Terms
from fer_audit.pixels import canonical, decode
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from fer_audit.inference.asking import Asking
    from fer_audit.inference.cell import Cell
    from fer_audit.models import Endpoint
    from fer_audit.store import PredictionStore

__all__ = ["ask_endpoint", "endpoint_name", "outcome_of", "questions", "refuse_unasked"]

_KEPT = 512


def endpoint_name(endpoint: Endpoint) -> str:
    """The name under which processes agree who asks a host."""
    return f"endpoint {endpoint.host}"


def refuse_unasked(cell: Cell, asking: Asking, *, missing: int) -> None:
    """Refuse to ask the network in a run that may not, or that cannot keep to its budget.

    Raises:
        NotLiveError: the run may not ask.
        BudgetError: what a request costs is not known, and the run has a budget.
    """
    model, endpoint = cell.model, cell.model.endpoint
    if endpoint is None:
        return
    cost = endpoint.most_usd(missing)
    if not asking.live:
        price = "at a price that is not known" if cost is None else f"for at most {cost:.2f} US dollars"
        raise NotLiveError(
            f"model {model.name!r}: {missing:,} answers are not in the store, and {endpoint.host} is asked "
            f"for them, {price}, only with --fer-live; to fill the store beforehand: fer-audit predict --live"
        )
    if cost is None and asking.max_usd is not None:
        raise BudgetError(
            f"model {model.name!r}: what {endpoint.host} charges is not known, so {asking.max_usd:g} US "
            "dollars cannot be kept to; set FER_AUDIT_PRICE=INPUT/OUTPUT (US dollars for a million tokens; "
            "0/0 for a server of your own), or leave the budget out"
        )


def ask_endpoint(
    cell: Cell, loaded: object, keys: Mapping[Item, str], store: PredictionStore, asking: Asking
) -> Generator[dict[Item, Outcome]]:
    """Outcomes of these questions, one at a time, as they arrive.

    Args:
        cell: the cell.
        loaded: the model.
        keys: content key of each question, in the order in which they are to be asked.
        store: where what is spent is counted.
        asking: on what terms.

    Raises:
        ModelError: what was loaded cannot be asked over the network; the endpoint refuses for good.
        BudgetError: the next request could cost more than is left.
    """
    endpoint = cell.model.endpoint
    if not isinstance(loaded, RemoteRecognizer) or endpoint is None:
        raise ModelError(
            f"model {cell.model.name!r} declares an endpoint, but loading gave {type(loaded).__name__}; "
            "return a fer_audit.models.remote.RemoteRecognizer"
        )
    ledger = None
    if endpoint.price is not None:
        ledger = store.ledger(asking.run, cell.model.name, asking.max_usd)
    terms = Terms(limits=asking.limits, ledger=ledger, watch=asking.watch)
    items = {name: item for item, name in keys.items()}
    with closing(loaded), closing(loaded.answer(questions(cell, keys), terms)) as answers:
        for answered in answers:
            item = items[answered.key]
            yield {item: outcome_of(cell, item, answered.answer)}


def outcome_of(cell: Cell, item: Item, answer: Answer) -> Outcome:
    """What an endpoint's answer is to the cell: an error or an absent picture keeps its reason."""
    if answer.kind is AnswerKind.ABSENT:
        return Outcome(Answer(AnswerKind.ABSENT), answer.raw)
    if answer.kind is AnswerKind.ERROR:
        return Outcome(answer, f"{cell.image_of[item.picture]}: {answer.raw or 'no reason given'}")
    return Outcome(answer)


def questions(cell: Cell, keys: Mapping[Item, str]) -> Iterator[Question]:
    """The questions as an endpoint is asked them, in this order; no picture is read before it is sent.

    Args:
        cell: the cell.
        keys: content key of each question.

    Raises:
        ModelError: the model has no words to be asked in.
    """
    pictures = _Pictures(cell)
    for item, name in keys.items():
        way = cell.ways[item.way]
        if way.wording is None:
            raise ModelError(
                f"model {cell.model.name!r} is asked over the network without words; declare its wordings"
            )
        yield Question(name, partial(pictures.encoded, item.picture), way.wording, way.repeat)


class _Pictures:
    """The one encoding of each picture that endpoints are sent; made in the thread that sends it."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._reading = Lock()
        # Several wordings and repeats of a picture follow one another at random: a few hundred are kept.
        self.encoded = lru_cache(maxsize=_KEPT)(self._encode)

    def _encode(self, picture: str) -> bytes:
        image = self._cell.image_of[picture]
        # Nobody promises that a dataset can be read by several threads at once.
        with self._reading:
            data = self._cell.dataset.read(image)
        return canonical(decode(data, name=image))
