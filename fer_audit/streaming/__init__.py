"""Tables too large to hold: counted while they are read, batch by batch."""

from __future__ import annotations

from fer_audit.streaming.reader import count_parquet

__all__ = ["count_parquet"]
