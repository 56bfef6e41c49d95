"""Gemini through google-generativeai, the SDK before: for where only that is installed.

Asked is the client that this SDK is made of, so that nothing is configured for the whole process. It knows
the wire format as it was when its vendor ended it: what is newer (a seed, how much to think) is not sent.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import requests
from google.ai.generativelanguage import (
    GenerateContentRequest,
    GenerateContentResponse,
    GenerativeServiceClient,
)
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import GoogleAPICallError
from google.protobuf.json_format import ParseError

from fer_audit.errors import ConfigurationError, EndpointError
from fer_audit.models.gemini.failures import failure_of
from fer_audit.models.gemini.target import URL
from fer_audit.models.remote.exchange import AgainError
from fer_audit.models.remote.reach import UnreachedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.models.gemini.target import Target
    from fer_audit.models.gemini.vendor import GeminiVendor
    from fer_audit.models.remote.gemini_batches import GeminiBatches

__all__ = ["GenerativeAI"]


class GenerativeAI:
    """The SDK as a transport: see `fer_audit.models.gemini.vendor.Transport`.

    Args:
        model: short name, for messages.
        target: where.
        key: sent with each request.
        seconds: how long nothing may come.
    """

    def __init__(self, model: str, target: Target, key: str, *, seconds: float) -> None:
        self.key = key
        self._model = model
        self._target = target
        self._seconds = seconds
        options = ClientOptions(api_endpoint=target.url, api_key=key)
        self._client = GenerativeServiceClient(transport="rest", client_options=options)
        # A redirect would carry the key to another host; nothing but the session itself can forbid it.
        self._client.transport._session.max_redirects = 0  # noqa: SLF001

    def send(self, model: str, body: Mapping[str, Any], /) -> object:
        """As `Transport.send`; enums travel as integers, and are names again as far as the SDK has them."""
        text = json.dumps({"model": f"models/{model}", **body})
        request = GenerateContentRequest.from_json(text, ignore_unknown_fields=True)
        try:
            response = self._client.generate_content(request, retry=None, timeout=self._seconds)
        except GoogleAPICallError as error:
            raise self._failure(error) from error
        except ParseError as error:
            raise AgainError("what came back is cut or garbled", charged=True) from error
        except requests.TooManyRedirects as error:
            raise EndpointError(
                f"model {self._model!r}: {self._target.host} redirects to another address, where no key is "
                f"sent; set {URL} to that address if it is right"
            ) from error
        except requests.RequestException as error:
            if isinstance(error, requests.ConnectTimeout) or "NewConnectionError" in repr(error):
                raise UnreachedError(f"{self._target.host} cannot be reached") from error
            why = "no answer in time" if isinstance(error, requests.Timeout) else "the connection broke"
            raise AgainError(f"{why} ({type(error).__name__})", charged=True) from error
        return GenerateContentResponse.to_dict(
            response, use_integers_for_enums=False, preserving_proto_field_name=False
        )

    def batches(self, vendor: GeminiVendor, /) -> GeminiBatches:
        """As `Transport.batches`."""
        raise ConfigurationError(
            f"model {vendor.name!r}: google-generativeai has no batches: pip install 'fer-audit[gemini]'"
        )

    def close(self) -> None:
        """Let go of connections."""
        self._client.transport.close()

    def _failure(self, error: GoogleAPICallError) -> Exception:
        response = error.response
        try:
            document = response.json()
        except (AttributeError, ValueError):
            document = {"message": error.message}
        headers = getattr(response, "headers", {})
        code = int(error.code) if error.code is not None else None
        found = failure_of(code, document, retry_after=headers.get("retry-after", ""), hide=self.key)
        return found.error(self._model, self._target)
