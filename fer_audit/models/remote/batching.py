"""Batches: many requests handed over at once, answered within a day and at half the price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fer_audit.models.remote.exchange import Reply
    from fer_audit.wording import Wording

__all__ = ["BatchNews", "BatchReply", "BatchVendor", "Batching"]


@dataclass(frozen=True, slots=True)
class BatchNews:
    """How far a batch is.

    Attributes:
        is_over: nothing more will come of it.
        reason: what the vendor says of a batch that is over without having answered everything.
    """

    is_over: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BatchReply:
    """What came of one request of a batch.

    Attributes:
        key: content key of its question.
        reply: as the live endpoint would have replied; None where the request failed.
        reason: why it failed.
    """

    key: str
    reply: Reply | None = None
    reason: str = ""


class BatchVendor(Protocol):
    """One vendor's batch mode. No retries, no waiting; what fails raises as `Vendor.ask` does."""

    @property
    def most_bytes(self) -> int:
        """The largest file that the vendor takes."""
        ...

    @property
    def most_requests(self) -> int:
        """The most requests in one file."""
        ...

    def line(self, key: str, picture: bytes, wording: Wording, repeat: int, /) -> bytes:
        """One request as one line of the file, its end included; the body is that of the live request."""
        ...

    def submit(self, file: Path, token: str, /) -> str:
        """Hand over a file under our own name for it, and return the vendor's name of the batch."""
        ...

    def find(self, token: str, /) -> str | None:
        """The vendor's name of the batch that was handed over under our name; None where there is none."""
        ...

    def look(self, batch: str, /) -> BatchNews:
        """How far a batch is, by the vendor's name."""
        ...

    def replies(self, batch: str, /) -> Iterator[BatchReply]:
        """What came of the requests of a batch that is over; those that are missing were not worked on.

        All is downloaded when this returns; a reply to a request that the vendor does not name has no key.
        """
        ...


@runtime_checkable
class Batching(Protocol):
    """A vendor that has a batch mode too."""

    def batches(self) -> BatchVendor:
        """The same client and the same requests, in batches."""
        ...
