"""How long an endpoint asks to wait."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

__all__ = ["seconds_asked"]


def seconds_asked(after: str) -> float | None:
    """The seconds that a Retry-After header asks for, as a number or as a date; None where it says neither.

    >>> seconds_asked("2.5"), seconds_asked("Wed, 21 Oct 2015 07:28:00 GMT"), seconds_asked("soon")
    (2.5, 0.0, None)
    """
    try:
        seconds = float(after)
    except ValueError:
        try:
            date = parsedate_to_datetime(after)
        except ValueError:
            return None
        seconds = (date.replace(tzinfo=date.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None
