"""One request, sent again until it goes well: how long to wait in between, and for how long at all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

from fer_audit.errors import EndpointError
from fer_audit.models.remote.exchange import AgainError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["patiently", "retrying"]

T = TypeVar("T")

_BACK_OFF = wait_random_exponential(multiplier=1, max=60)  # full jitter


def retrying(
    *,
    stop: Callable[[RetryCallState], bool],
    retried: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> Retrying:
    """The only policy of retries there is: `AgainError` is worth another attempt, after the time it asks for.

    Where it asks for none, the pause is drawn, from a range that doubles up to a minute.

    Args:
        stop: tells of the last attempt.
        retried: told why a request is sent again.
        sleep: waits.
    """
    return Retrying(
        retry=retry_if_exception_type(AgainError),
        wait=_pause,
        stop=stop,
        sleep=sleep,
        before_sleep=lambda state: retried(_failure(state).reason),
        reraise=True,
    )


def patiently(
    request: Callable[[], T], *, model: str, host: str, seconds: float, retried: Callable[[str], None]
) -> T:
    """What a request returns, after as many attempts as it takes.

    Args:
        request: sends it; raises `AgainError` where another attempt is worth it.
        model: short name, for messages.
        host: where it is sent, for messages.
        seconds: after which it is given up.
        retried: told why it is sent again.

    Raises:
        EndpointError: the endpoint refuses for good, or did not answer for so many seconds.
    """
    try:
        return retrying(stop=stop_after_delay(seconds), retried=retried)(request)
    except AgainError as error:
        raise EndpointError(
            f"model {model!r}: {host} did not answer for {seconds:g} seconds ({error.reason}); what was "
            "handed over is noted in the store, so run again when it is back"
        ) from None


def _failure(state: RetryCallState) -> AgainError:
    error = state.outcome.exception() if state.outcome else None
    if not isinstance(error, AgainError):
        raise TypeError(f"a retry without its reason: {error!r}")
    return error


def _pause(state: RetryCallState) -> float:
    after = _failure(state).after
    return _BACK_OFF(state) if after is None else after
