"""How long an endpoint asks to wait."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from fer_audit.models.remote.retry_after import seconds_asked


@pytest.mark.parametrize(("said", "seconds"), [("3", 3.0), ("0.25", 0.25), ("-4", 0.0), (" 7 ", 7.0)])
def test_a_number_is_seconds_and_never_below_0(said: str, seconds: float) -> None:
    assert seconds_asked(said) == seconds


@pytest.mark.parametrize("offset", [UTC, None])
def test_a_date_is_the_time_until_then(offset: object) -> None:
    date = datetime.now(UTC) + timedelta(hours=1)
    said = format_datetime(date if offset else date.replace(tzinfo=None))
    found = seconds_asked(said)
    assert found is not None
    assert 3000 < found <= 3600


@pytest.mark.parametrize("said", ["", "soon", "nan", "inf", "-inf", "Wed, 99 Oct 2015", "1e999"])
def test_what_is_neither_asks_for_nothing(said: str) -> None:
    assert seconds_asked(said) is None
