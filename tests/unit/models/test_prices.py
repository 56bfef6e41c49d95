from __future__ import annotations

import pytest

from fer_audit.models import Price
from fer_audit.models.remote.prices import _PRICES, batch_price, cost, price_of


@pytest.mark.parametrize(
    ("model", "paid"),
    [
        ("gpt-4o", (2.5, 10.0)),
        ("gpt-4o-2024-11-20", (2.5, 10.0)),
        ("gpt-4o-2024-05-13", (5.0, 15.0)),
        ("gpt-4o-mini-2024-07-18", (0.15, 0.6)),
        ("gemini-2.5-flash", (0.3, 2.5)),
        ("models/gemini-2.5-flash-lite", (0.1, 0.4)),
        ("gemini-2.5-pro-001", (1.25, 10.0)),
    ],
)
def test_a_model_and_its_snapshots_have_a_price(model: str, paid: tuple[float, float]) -> None:
    price = price_of(model)
    assert price is not None
    assert (price.input, price.output) == paid


@pytest.mark.parametrize(
    "model",
    [
        "",
        "gpt-4",
        "gpt-4o-audio-preview",
        "gpt-4o-mini-tts",
        "gemini-2.5-flash-image",
        "my-finetune",
        "GPT-4O",
    ],
)
def test_no_price_is_guessed(model: str) -> None:
    assert price_of(model) is None


def test_every_price_says_where_it_was_read_and_when() -> None:
    for price in _PRICES.values():
        assert "price" in price.source
        assert "202" in price.source


def test_a_request_costs_its_tokens() -> None:
    price = Price(input=2.0, output=8.0, source="here")
    assert cost(price, sent=1_000_000, received=500_000) == 6.0
    assert cost(price, sent=0, received=0) == 0.0
    assert cost(price, sent=1, received=0) == 0.000002


def test_a_batch_costs_half_and_says_so() -> None:
    price = batch_price(Price(input=2.0, output=8.0, source="the list"))
    assert (price.input, price.output, price.source) == (1.0, 4.0, "the list; halved for a batch")
