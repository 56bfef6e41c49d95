"""How a long run goes on, in one line: rate, time left, kinds of answers, retries and money."""

from __future__ import annotations

import sys
from collections import Counter
from threading import Lock
from typing import TYPE_CHECKING, NoReturn, Self

from tqdm import tqdm

from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from types import TracebackType

    from fer_audit.records import Answer

__all__ = ["Progress"]

_SECONDS_SHOWN = 0.5
_SECONDS_LOGGED = 30.0  # a bar in a file of a build server is a line each time
_REASON = 40


class Progress:
    """A progress bar on stderr for one cell: a `fer_audit.records.Watch`; it may be told from any thread.

    Args:
        name: of the cell.
        max_usd: what the run may spend; None for no bound.
        spent: what the run spent before this cell.
    """

    def __init__(self, name: str, *, max_usd: float | None = None, spent: float = 0.0) -> None:
        self._name = name
        self._most = max_usd
        self._spent = spent
        self._is_charged = False
        self._kinds: Counter[AnswerKind] = Counter()
        self._retries = 0
        self._reason = ""
        self._lock = Lock()
        self._bar: tqdm[NoReturn] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(self._told(), refresh=True)
            self._bar.close()

    def begin(self, missing: int, /, *, stored: int) -> None:
        """As `fer_audit.records.Watch.begin`."""
        with self._lock:
            self._bar = tqdm(
                total=missing,
                desc=f"{self._name}, {stored:,} stored" if stored else self._name,
                unit=" answers",
                mininterval=_SECONDS_SHOWN if sys.stderr.isatty() else _SECONDS_LOGGED,
                dynamic_ncols=True,
            )

    def answered(self, answer: Answer, /) -> None:
        """As `fer_audit.records.Watch.answered`."""
        with self._lock:
            self._kinds[answer.kind] += 1
            if self._bar is not None:
                self._bar.set_postfix_str(self._told(), refresh=False)
                self._bar.update()

    def retried(self, reason: str, /) -> None:
        """As `fer_audit.records.Watch.retried`."""
        with self._lock:
            self._retries += 1
            # What a server says is not let loose on a terminal.
            self._reason = "".join(letter for letter in reason if letter.isprintable())[:_REASON]
            self._show()

    def spent(self, usd: float, /) -> None:
        """As `fer_audit.records.Watch.spent`."""
        with self._lock:
            self._spent += usd
            self._is_charged = True
            self._show()

    def _show(self) -> None:
        if self._bar is not None:
            self._bar.set_postfix_str(self._told(), refresh=False)

    def _told(self) -> str:
        told = [
            f"{count:,} {kind.value}"
            for kind, count in sorted(self._kinds.items())
            if kind is not AnswerKind.ANSWERED
        ]
        if self._retries:
            word = "retry" if self._retries == 1 else "retries"
            told.append(f"{self._retries:,} {word}, last: {self._reason}")
        if self._is_charged or self._most is not None:
            most = "" if self._most is None else f" of ${self._most:,.2f}"
            told.append(f"${self._spent:,.4f}{most}")
        return "; ".join(told)
