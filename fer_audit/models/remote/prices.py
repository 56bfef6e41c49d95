"""What vendors charge for their models: a table with its sources, and no guess where a model is not in it."""

from __future__ import annotations

import math
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError
from fer_audit.models.specification import Price

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PRICE", "batch_price", "price_for", "price_of"]

PRICE = "FER_AUDIT_PRICE"
"""Name of the environment variable that holds the price of a model that is in no table."""


_OPENAI = "OpenAI's list price of gpt-4o, unchanged from late 2024 to March 2026 in tables that quote it"
_OPENAI_FIRST = "OpenAI's list price of the first gpt-4o snapshot, May 2024, in tables of 2024 and 2025"
_OPENAI_MINI = (
    "OpenAI's list price of gpt-4o-mini, unchanged from July 2024 to March 2026 in tables that quote it"
)
_GOOGLE = "Google's price page for the Gemini API, paid tier, prompts up to 200,000 tokens, as copied on {}"
_GOOGLE_OCTOBER = _GOOGLE.format("7 October 2026")
_GOOGLE_PROMOTED = f"{_GOOGLE_OCTOBER}: what it costs from 1 January 2027, half of that before"
_GOOGLE_MARCH = "Google's price page for the Gemini API, paid tier, in tables that quote it in 2026"

# A later price is a new line here: what was spent is stored in dollars, never computed again.
_PRICES: Mapping[str, Price] = {
    "gpt-4o": Price(2.50, 10.00, _OPENAI),
    "gpt-4o-2024-05-13": Price(5.00, 15.00, _OPENAI_FIRST),
    "gpt-4o-mini": Price(0.15, 0.60, _OPENAI_MINI),
    "gemini-2.5-pro": Price(1.25, 10.00, _GOOGLE_MARCH),
    "gemini-2.5-flash": Price(0.30, 2.50, _GOOGLE_MARCH),
    "gemini-2.5-flash-lite": Price(0.10, 0.40, _GOOGLE_MARCH),
    "gemini-3.1-pro-preview": Price(2.00, 12.00, _GOOGLE_OCTOBER),
    "gemini-3.5-flash": Price(1.50, 9.00, _GOOGLE_OCTOBER),
    "gemini-3.5-flash-lite": Price(0.30, 2.50, _GOOGLE_OCTOBER),
    "gemini-3.8-flash": Price(1.50, 7.50, _GOOGLE_PROMOTED),
}
# A dated or numbered snapshot costs what its model costs, unless it has a line of its own.
_SNAPSHOT = re.compile(r"-(\d{4}-\d{2}-\d{2}|\d{3})$")
_MILLION = 1_000_000


def price_of(model: str) -> Price | None:
    """What a model costs, by the vendor's name for it; None where this table does not say.

    >>> price_of("gpt-4o-2024-08-06").output
    10.0
    >>> price_of("gpt-4o-2024-05-13").output
    15.0
    >>> price_of("gpt-4o-audio-preview") is None
    True
    """
    name = model.removeprefix("models/")
    return _PRICES.get(name) or _PRICES.get(_SNAPSHOT.sub("", name))


def price_for(model: str) -> Price | None:
    """What a model costs: as the table has it, else as the environment does; None where neither does.

    ``FER_AUDIT_PRICE=INPUT/OUTPUT`` is in US dollars for a million tokens; ``0/0`` is a server of one's own.

    Raises:
        ConfigurationError: the environment holds no price.
    """
    told = os.environ.get(PRICE, "").strip()
    if not told or price_of(model) is not None:
        return price_of(model)
    try:
        sent, received = (float(part) for part in told.split("/"))
    except ValueError:
        sent = received = math.nan
    if not (0 <= sent < math.inf and 0 <= received < math.inf):
        raise ConfigurationError(
            f"{PRICE}={told!r:.40} is no price; write US dollars for a million tokens sent and received, as "
            f"in {PRICE}=2.50/10"
        )
    return Price(sent, received, f"{PRICE} in the environment")


def batch_price(price: Price) -> Price:
    """What the same tokens cost in a batch: both vendors halve the price of requests that may take a day.

    >>> batch_price(price_of("gpt-4o-mini")).output
    0.3
    """
    return replace(
        price, input=price.input / 2, output=price.output / 2, source=f"{price.source}; halved for a batch"
    )
