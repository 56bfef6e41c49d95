from __future__ import annotations

import pytest

from fer_audit.errors import ConfigurationError
from fer_audit.models import Price
from fer_audit.models.remote.prices import _PRICES, batch_price, price_for, price_of


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
    assert price.cost(sent=1_000_000, received=500_000) == 6.0
    assert price.cost(sent=0, received=0) == 0.0
    assert price.cost(sent=1, received=0) == 0.000002


def test_a_batch_costs_half_and_says_so() -> None:
    price = batch_price(Price(input=2.0, output=8.0, source="the list"))
    assert (price.input, price.output, price.source) == (1.0, 4.0, "the list; halved for a batch")


class TestPriceInTheEnvironment:
    def test_it_counts_where_no_table_has_the_model(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("FER_AUDIT_PRICE", raising=False)
        assert price_for("llava:7b") is None
        monkeypatch.setenv("FER_AUDIT_PRICE", "2.50/10")
        assert price_for("llava:7b") == Price(2.5, 10.0, "FER_AUDIT_PRICE in the environment")
        assert price_for("gpt-4o-mini") == price_of("gpt-4o-mini")

    @pytest.mark.parametrize("told", ["2.50", "a/b", "1/2/3", "-1/2", "nan/1", "1/inf", "/"])
    def test_what_is_none_is_refused(self, monkeypatch: pytest.MonkeyPatch, told: str) -> None:
        monkeypatch.setenv("FER_AUDIT_PRICE", told)
        with pytest.raises(ConfigurationError) as caught:
            price_for("llava:7b")
        assert str(caught.value) == (
            f"FER_AUDIT_PRICE='{told}' is no price; write US dollars for a million tokens sent and received, "
            "as in FER_AUDIT_PRICE=2.50/10"
        )
