"""What is set aside, waited for and settled, with the store's own ledger."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import BudgetError, EndpointError
from fer_audit.models import Endpoint, Price
from fer_audit.models.remote import AgainError, Reply
from fer_audit.models.remote.gate import StoppedError
from fer_audit.models.remote.purse import Purse
from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fer_audit.records import Ledger

# A dollar at most for one request: 0.8 for what is sent, 0.2 for what is received.
ENDPOINT = Endpoint("host", "KEY", Price(800.0, 200.0, "a test"), tokens_sent=1000, tokens_received=1000)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PredictionStore]:
    store = PredictionStore(tmp_path / "store")
    yield store
    store.close()


@dataclass
class Noticing:
    """A ledger that notices when it has too little left."""

    ledger: Ledger
    refused: Event = field(default_factory=Event)

    def reserve(self, usd: float, /) -> int:
        try:
            return self.ledger.reserve(usd)
        except BudgetError:
            self.refused.set()
            raise

    def settle(self, reservation: int, usd: float, /) -> None:
        self.ledger.settle(reservation, usd)


def reply(sent: int | None = None, received: int | None = None) -> Reply:
    return Reply(Answer(AnswerKind.ANSWERED, "fear"), "", sent, received)


def pay(purse: Purse, outcome: Reply | Exception) -> None:
    with purse.paying() as purchase:
        if isinstance(outcome, Exception):
            raise outcome
        purchase.reply = outcome


@pytest.mark.parametrize(
    ("outcome", "usd"),
    [
        (reply(500, 100), 0.42),
        (reply(500, None), 1.0),
        (reply(), 1.0),
        (AgainError("429"), 0.0),
        (AgainError("no answer in time", charged=True), 1.0),
        (EndpointError("wrong key"), 0.0),
        (StoppedError(), 0.0),
        (TypeError("the reply is strange"), 1.0),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_request_is_settled_by_what_it_was_charged_or_may_have_been(
    store: PredictionStore, outcome: Reply | Exception, usd: float
) -> None:
    told: list[float] = []
    purse = Purse(store.ledger("run", "model", 10.0), ENDPOINT, told.append)
    if isinstance(outcome, Exception):
        with pytest.raises(type(outcome)):
            pay(purse, outcome)
    else:
        pay(purse, outcome)
    spent = store.spent("run")
    assert spent.settled == pytest.approx(usd)
    assert spent.reserved == 0
    assert told == ([pytest.approx(usd)] if usd else [])


def test_a_request_waits_for_what_those_under_way_leave_of_the_budget(store: PredictionStore) -> None:
    ledger = Noticing(store.ledger("run", "model", 1.5))
    purse = Purse(ledger, ENDPOINT, lambda _: None)
    finish, begun = Event(), Event()

    def first() -> None:
        with purse.paying() as purchase:
            begun.set()
            assert finish.wait(10)
            purchase.reply = reply(100, 100)

    def second() -> float:
        with purse.paying() as purchase:
            purchase.reply = reply(100, 100)
            # The first request is settled before this one goes out.
            return store.spent("run").settled

    with ThreadPoolExecutor(2) as threads:
        under_way = threads.submit(first)
        assert begun.wait(10)
        waiting = threads.submit(second)
        assert ledger.refused.wait(10)
        finish.set()
        assert waiting.result(timeout=10) == pytest.approx(0.1)
        under_way.result(timeout=10)
    assert store.spent("run").settled == pytest.approx(0.2)


def test_a_budget_that_nobody_can_give_back_is_an_error(store: PredictionStore) -> None:
    purse = Purse(store.ledger("run", "model", 1.5), ENDPOINT, lambda _: None)
    pay(purse, reply(1000, 1000))
    with pytest.raises(BudgetError):
        pay(purse, reply(1, 1))
    assert store.spent("run").settled == pytest.approx(1.0)


def test_many_at_once_never_set_aside_more_than_there_is(store: PredictionStore) -> None:
    ledger = store.ledger("run", "model", 10.0)
    purse = Purse(ledger, ENDPOINT, lambda _: None)
    most: list[float] = []

    def one(_: int) -> bool:
        try:
            with purse.paying() as purchase:
                spent = store.spent("run")
                most.append(spent.settled + spent.reserved)
                purchase.reply = reply(500, 500)
        except BudgetError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        sent = list(threads.map(one, range(60)))
    # Half a dollar each: the nineteenth leaves half a dollar, too little for another.
    assert sum(sent) == len(most) == 19
    assert max(most) <= 10.0
    assert store.spent("run").settled == pytest.approx(9.5)


@pytest.mark.parametrize("endpoint", [ENDPOINT, Endpoint("host", "KEY")], ids=["priced", "no price"])
def test_where_nobody_counts_nothing_is_set_aside(store: PredictionStore, endpoint: Endpoint) -> None:
    told: list[float] = []
    ledger = None if endpoint.price else store.ledger("run", "model", 0.0)
    pay(Purse(ledger, endpoint, told.append), reply(1000, 1000))
    assert told == []
