"""How fast the engine asks, read off the server's ledger and clock."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("openai")

from asking_client import gpt, questions
from loopback import fullest_window, serving
from loopback_plan import Plan

from fer_audit.errors import BudgetError
from fer_audit.models.remote import Limits, Terms
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Server

WINDOW = 2.0
REQUESTS = 60  # in a window
USED = 0.95


def counts(times: list[float], amounts: list[int]) -> list[int]:
    """How much arrived in each whole window, one after the other, from the first request on."""
    found = [0] * int((times[-1] - times[0]) / WINDOW)
    for at, amount in zip(times, amounts, strict=True):
        if (index := int((at - times[0]) / WINDOW)) < len(found):
            found[index] += amount
    return found


def ask_all(server: Server, count: int, terms: Terms) -> int:
    recognizer = gpt(server.url, seconds=5.0)
    try:
        return sum(1 for _ in recognizer.answer(questions(count), terms))
    finally:
        recognizer.close()


def test_requests_are_spread_and_do_not_come_all_at_once(tmp_path: Path) -> None:
    with serving(Plan(), tmp_path) as server:
        assert ask_all(server, 60, Terms(Limits(requests_per_minute=1200))) == 60
        times = [entry.at for entry in server.ledger()]
    # 20 in a second and what lateness gives back, where a full bucket would let all 60 through.
    assert fullest_window(times, 1.0) <= 28


def test_tokens_are_paced_by_what_requests_really_take(tmp_path: Path) -> None:
    allowed = 20_000  # in a window; a request takes less than a tenth of what it could take at most
    with serving(Plan(tokens=allowed, window=WINDOW, delay=0.02), tmp_path) as server:
        limits = Limits(tokens_per_minute=allowed * 60 / WINDOW, window=WINDOW)
        assert ask_all(server, 900, Terms(limits)) == 900
        ledger = server.ledger()
    assert {entry.outcome for entry in ledger} == {"answered"}
    taken = counts([entry.at for entry in ledger], [entry.tokens for entry in ledger])
    assert max(taken) <= allowed
    assert median(taken[1:]) >= 0.9 * allowed


def test_no_request_is_sent_that_could_exceed_the_budget(tmp_path: Path) -> None:
    with serving(Plan(delay=0.02), tmp_path) as server:
        endpoint = gpt(server.url, seconds=5.0).endpoint
        most = endpoint.most_usd()
        assert most is not None
        assert endpoint.price is not None
        budget = 3.5 * most
        store = PredictionStore(tmp_path / "store")
        with pytest.raises(BudgetError, match="the next request could cost"):
            ask_all(server, 500, Terms(Limits(), ledger=store.ledger("run", "gpt-4o", budget)))
        ledger = server.ledger()
    assert {entry.outcome for entry in ledger} == {"answered"}
    # All cost the same, in millionths of a dollar that are rounded up.
    words = ledger[0].tokens - 9
    each = endpoint.price.cost(sent=words, received=9)
    assert len(ledger) > 3
    # When the last one was sent it could still have cost the most; one more could not have been paid.
    assert (len(ledger) - 1) * each + most <= budget
    assert len(ledger) * (each + 1e-6) + most > budget
    spent = store.ledger("run", "gpt-4o", budget)
    assert spent.reserve(0.0)
    store.close()


def test_a_budget_smaller_than_one_request_sends_none(tmp_path: Path) -> None:
    with serving(Plan(), tmp_path) as server:
        store = PredictionStore(tmp_path / "store")
        with pytest.raises(BudgetError):
            ask_all(server, 5, Terms(Limits(), ledger=store.ledger("run", "gpt-4o", 1e-5)))
        assert server.ledger() == []
        store.close()
