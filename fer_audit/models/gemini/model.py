"""Gemini as a model under audit."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fer_audit.models.extras import import_extra
from fer_audit.models.gemini.request import Request
from fer_audit.models.gemini.target import Target, has_genai, has_generativeai, key_for, key_name, target
from fer_audit.models.gemini.vendor import SECONDS, GeminiVendor
from fer_audit.models.prompts import ALL_WORDINGS
from fer_audit.models.remote.offering import remote_model
from fer_audit.models.remote.prices import price_for
from fer_audit.models.specification import Endpoint
from fer_audit.pixels import CANONICAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.models.gemini.vendor import Transport
    from fer_audit.models.specification import ModelSpec

__all__ = ["MODEL", "gemini_model"]

MODEL = "gemini-3.5-flash"
"""What is asked where no model is named."""


def gemini_model(name: str, model: str = "") -> ModelSpec:
    """A Gemini model over Google's API.

    google-genai is used where it is installed, and google-generativeai where only that is. The key comes from
    ``GEMINI_API_KEY`` or ``GOOGLE_API_KEY``; of everything that is sent only the picture depends on the face.

    Args:
        name: short name of the model.
        model: the vendor's name for it; empty for `MODEL`.

    Raises:
        ConfigurationError: the address, or the price in the environment, cannot be used.
    """
    asked = (model or MODEL).removeprefix("models/")
    found = target(name)
    offered = _Asked(name, Request(asked, ()), found)
    return remote_model(
        name,
        endpoint=Endpoint(
            host=found.host,
            key=key_name(),
            price=price_for(asked),
            tokens_received=Request.most_received,
            batches=has_genai(),
        ),
        describe=offered.describe,
        most_sent=lambda labels: Request(asked, labels).most_sent(ALL_WORDINGS),
        connect=offered.connect,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is asked of a model, and where."""

    name: str
    request: Request
    target: Target

    def describe(self) -> Mapping[str, str]:
        about = {**self.request.describe(), "endpoint": self.target.host, "picture": CANONICAL}
        if has_generativeai() and not has_genai():
            about["SDK"] = "google-generativeai, which sends neither the seed nor how much to think"
        return about

    def connect(self, labels: tuple[str, ...]) -> GeminiVendor:
        return GeminiVendor(self.name, self._transport(), self.target, replace(self.request, labels=labels))

    def _transport(self) -> Transport:
        """The SDK, whose modules are imported from here on."""
        if has_generativeai() and not has_genai():
            with warnings.catch_warnings():
                # That Python and SDK are old says nothing about the answers.
                warnings.simplefilter("ignore", FutureWarning)
                import_extra("google.ai.generativelanguage", extra="gemini-legacy", model=self.name)
            from fer_audit.models.gemini.generativeai import GenerativeAI  # noqa: PLC0415 - see above

            return GenerativeAI(self.name, self.target, key_for(self.name, self.target), seconds=SECONDS)
        import_extra("google.genai", extra="gemini", model=self.name)
        from fer_audit.models.gemini.genai import GenAI  # noqa: PLC0415 - see above

        return GenAI(self.name, self.target, key_for(self.name, self.target), seconds=SECONDS)
