"""One request, sent again until it goes well: what the engine does for many, for the few of a batch."""

from __future__ import annotations

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

__all__ = ["patiently"]

T = TypeVar("T")

_BACK_OFF = wait_random_exponential(multiplier=0.5, max=60)  # full jitter


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

    def note(state: RetryCallState) -> None:
        if state.outcome is not None:
            retried(str(state.outcome.exception()))

    def pause(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        after = error.after if isinstance(error, AgainError) else None
        return _BACK_OFF(state) if after is None else after

    retrying = Retrying(
        retry=retry_if_exception_type(AgainError),
        wait=pause,
        stop=stop_after_delay(seconds),
        before_sleep=note,
        reraise=True,
    )
    try:
        return retrying(request)
    except AgainError as error:
        raise EndpointError(
            f"model {model!r}: {host} did not answer for {seconds:g} seconds ({error.reason}); what was "
            "handed over is noted in the store, so run again when it is back"
        ) from None
