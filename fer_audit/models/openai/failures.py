"""What the SDK raises, as what the engine knows: worth another attempt, or never."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING

import openai

from fer_audit.errors import EndpointError
from fer_audit.models.openai.target import KEY, URL
from fer_audit.models.remote.exchange import AgainError
from fer_audit.models.remote.reach import UnreachedError
from fer_audit.models.remote.retry_after import seconds_asked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fer_audit.models.openai.target import Target

__all__ = [
    "is_block",
    "is_of_picture",
    "is_unsent",
    "refused_parameter",
    "told",
    "translating",
]

_BLOCKS = frozenset({"content_policy_violation", "content_filter", "moderation_blocked"})
_NO_MONEY = frozenset({"insufficient_quota", "billing_not_active", "billing_hard_limit_reached"})
_PASSING = frozenset({408, 409, 425, 429})
_BUSY = frozenset({429, 503, 529})
_SERVER = 500
_SHOWN = 200


@contextmanager
def translating(model: str, target: Target, *, hide: Callable[[str], str]) -> Iterator[None]:
    """Turn what the SDK raises inside the block into `AgainError` and `EndpointError`.

    Args:
        model: short name, for messages.
        target: where it is asked.
        hide: takes the key out of what the endpoint says.

    Raises:
        AgainError: it may go well another time.
        EndpointError: it never will.
    """
    try:
        yield
    except openai.APITimeoutError as error:
        if is_unsent(error):
            raise UnreachedError("no answer in time") from error
        raise AgainError("no answer in time", charged=True) from error
    except openai.APIConnectionError as error:
        if is_unsent(error):
            raise UnreachedError(f"{target.host} cannot be reached") from error
        raise AgainError("the connection broke", charged=True) from error
    except openai.APIStatusError as error:
        # What the endpoint says may repeat the key: nothing of it is shown but what `told` lets pass.
        raise _of_status(error, model, target, hide) from None
    except (openai.APIResponseValidationError, json.JSONDecodeError) as error:
        raise AgainError("what came back is cut or garbled", charged=True) from error


def is_block(error: openai.APIStatusError) -> bool:
    """The endpoint does not let the picture or the question pass."""
    return error.code in _BLOCKS or error.type in _BLOCKS


def is_of_picture(error: openai.APIStatusError) -> bool:
    """The endpoint cannot read this picture; another may do."""
    return "image" in (error.code or "") and error.status_code < _SERVER


def refused_parameter(error: openai.APIStatusError) -> str:
    """The parameter that the model does not know; empty where it is something else."""
    return error.param or "" if error.code in {"unsupported_parameter", "unsupported_value"} else ""


def _of_status(
    error: openai.APIStatusError, model: str, target: Target, hide: Callable[[str], str]
) -> AgainError | EndpointError:
    status, who = error.status_code, f"model {model!r}: {target.host}"
    said_so = told(error, hide)
    if error.code in _NO_MONEY or error.type in _NO_MONEY:
        return EndpointError(
            f"{who} says that the account has no quota left ({error.code or error.type}); add credit or "
            "raise its limit, then run again: the answers so far are kept"
        )
    if status in _PASSING or status >= _SERVER:
        after = seconds_asked(error.response.headers.get("retry-after", ""))
        return AgainError(f"status {status}", after=after, overload=status in _BUSY)
    match status:
        case 401:
            said = f"{who} does not accept the key (status 401); check {KEY}"
        case 403:
            said = (
                f"{who} does not allow it (status 403: {said_so}); check that the key's project may use the "
                "model and that the vendor serves your country"
            )
        case 404:
            said = (
                f"{who} has no such model or path (status 404: {said_so}); check the model's name, that the "
                f"key may use it, and {URL}, which mostly ends in /v1"
            )
        case _ if name := refused_parameter(error):
            said = (
                f"{who} refuses the parameter {name!r:.60} (status {status}: {said_so}); choose another model"
            )
        case _:
            said = (
                f"{who} refuses the request (status {status}: {said_so}); choose a model that takes pictures"
            )
    return EndpointError(said)


def is_unsent(error: openai.APIConnectionError) -> bool:
    """The request never left; the SDK's transport, whose classes moved between its versions, says so."""
    return type(error.__cause__).__name__ in {"ConnectError", "ConnectTimeout", "PoolTimeout"}


def told(error: openai.APIStatusError, hide: Callable[[str], str]) -> str:
    """What the endpoint says of it, in short and without the key."""
    body = error.body
    message = body.get("message") if isinstance(body, dict) else body
    said = hide(message if isinstance(message, str) else "")
    return "".join(character for character in said if character.isprintable())[:_SHOWN] or "no reason given"
