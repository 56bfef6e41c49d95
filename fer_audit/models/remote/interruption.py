"""Ctrl-C while answers are under way: noted at once, acted on when what was paid for has been handed over."""

from __future__ import annotations

import signal
from contextlib import contextmanager, suppress
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["noting_interrupts"]


@contextmanager
def noting_interrupts(note: Callable[[], None]) -> Iterator[None]:
    """Call a function at the first Ctrl-C instead of raising `KeyboardInterrupt` wherever the program is.

    An exception in the middle of the consumer's work would lose the answers that are on their way to it. The
    second Ctrl-C raises as usual. Only Python's own handler is replaced, and only by the main thread, which
    alone receives the signal.
    """
    usual = signal.default_int_handler
    if current_thread() is not main_thread() or signal.getsignal(signal.SIGINT) is not usual:
        yield
        return

    def first(_number: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, usual)
        note()

    signal.signal(signal.SIGINT, first)
    try:
        yield
    finally:
        # A generator may be collected by another thread, which can set no handler.
        with suppress(ValueError):
            if signal.getsignal(signal.SIGINT) is first:
                signal.signal(signal.SIGINT, usual)
