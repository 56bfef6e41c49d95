"""GPT-4o, and models behind OpenAI's protocol, as models under audit."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError
from fer_audit.models.extras import import_extra
from fer_audit.models.openai.request import Request
from fer_audit.models.openai.target import KEY, Target, key_for, target
from fer_audit.models.prompts import ALL_WORDINGS
from fer_audit.models.remote.offering import remote_model
from fer_audit.models.remote.prices import price_for
from fer_audit.models.specification import Endpoint
from fer_audit.pixels import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.models.openai.vendor import OpenAIVendor
    from fer_audit.models.specification import ModelSpec

__all__ = ["EXTRA", "SNAPSHOT", "gpt_4o", "openai_model"]

EXTRA = "openai"
"""The extra of this package that installs the SDK."""

SNAPSHOT = "2024-11-20"
"""The snapshot of GPT-4o that is asked where none is named."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def gpt_4o(name: str, snapshot: str = "") -> ModelSpec:
    """GPT-4o at a dated snapshot: an undated name is another model one day.

    Args:
        name: short name of the model.
        snapshot: its date; empty for `SNAPSHOT`.

    Raises:
        ConfigurationError: the snapshot is no date.
    """
    if snapshot and not _DATE.fullmatch(snapshot):
        raise ConfigurationError(
            f"model {name!r}: gpt-4o has no snapshot {snapshot!r}; write its date, as in gpt-4o:{SNAPSHOT}, "
            f"or openai:NAME for another model"
        )
    return openai_model(name, f"gpt-4o-{snapshot or SNAPSHOT}")


def openai_model(name: str, model: str) -> ModelSpec:
    """A model behind OpenAI's protocol: vLLM, Ollama, llama.cpp, LM Studio and gateways speak it too.

    Where it is comes from ``OPENAI_BASE_URL``, and the key, which a server of one's own may not need, from
    ``OPENAI_API_KEY``. Of everything that is sent only the picture depends on the face.

    Args:
        name: short name of the model.
        model: the server's name for it.

    Raises:
        ConfigurationError: the address, or the price in the environment, cannot be used.
    """
    found = target(name)
    asked = _Asked(name, Request(model, ()), found)
    return remote_model(
        name,
        endpoint=Endpoint(
            host=found.host,
            key=KEY,
            price=price_for(model),
            tokens_received=Request.most_received,
            batches=found.is_vendor,
        ),
        describe=asked.describe,
        most_sent=lambda labels: Request(model, labels).most_sent(ALL_WORDINGS),
        connect=asked.connect,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a model, and where."""

    name: str
    request: Request
    target: Target

    def describe(self) -> Mapping[str, str]:
        return {**self.request.describe(), "endpoint": self.target.host, "picture": CANONICAL}

    def connect(self, labels: tuple[str, ...]) -> OpenAIVendor:
        import_extra("openai", extra=EXTRA, model=self.name)
        # Its module imports the SDK, which can be imported from here on.
        from fer_audit.models.openai.vendor import OpenAIVendor, connect  # noqa: PLC0415

        client = connect(self.target, key_for(self.name, self.target))
        return OpenAIVendor(self.name, client, self.target, replace(self.request, labels=labels))
