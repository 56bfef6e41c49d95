"""Whether a host was ever reached: one that never was is more likely a wrong one than one that is down."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING

from fer_audit.errors import EndpointError
from fer_audit.models.remote.exchange import AgainError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LOST", "Reach", "UnreachedError"]

LOST = 15.0
"""Seconds that a host which was never reached is tried."""


class UnreachedError(AgainError):
    """The request never left, so that nothing can have been charged."""


@dataclass(slots=True)
class Reach:
    """What one run knows of a host.

    Attributes:
        model: short name, for messages.
        host: likewise.
        remedy: what to do where it cannot be reached, likewise.
        lost: seconds after which a host that was never reached is taken for a wrong one.
    """

    model: str
    host: str
    remedy: str
    lost: float = LOST
    _was_reached: bool = field(default=False, init=False, repr=False)
    _first_lost: float = field(default=0.0, init=False, repr=False)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Learn from the request inside the block.

        Raises:
            EndpointError: the host was not reached for too long, and never before.
        """
        try:
            yield
        except UnreachedError:
            now = monotonic()
            self._first_lost = self._first_lost or now
            if not self._was_reached and now - self._first_lost >= self.lost:
                raise EndpointError(
                    f"model {self.model!r}: {self.host} cannot be reached and never was in this run; "
                    f"{self.remedy}"
                ) from None
            raise
        except Exception:
            self._was_reached = True
            raise
        self._was_reached = True
