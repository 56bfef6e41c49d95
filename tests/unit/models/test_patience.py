from __future__ import annotations

import pytest

from fer_audit.errors import EndpointError
from fer_audit.models.remote import AgainError
from fer_audit.models.remote.patience import patiently


def test_a_request_is_sent_until_it_goes_well() -> None:
    told: list[str] = []
    faults = [AgainError("503", after=0.0), AgainError("reset", after=0.001)]

    def request() -> str:
        if faults:
            raise faults.pop(0)
        return "done"

    assert patiently(request, model="m", host="h", seconds=60, retried=told.append) == "done"
    assert told == ["503", "reset"]


def test_patience_ends_with_what_to_do() -> None:
    def request() -> str:
        raise AgainError("503", after=0.01)

    with pytest.raises(EndpointError) as caught:
        patiently(request, model="m", host="api.example", seconds=0.05, retried=lambda _: None)
    assert str(caught.value) == (
        "model 'm': api.example did not answer for 0.05 seconds (503); what was handed over is noted in the "
        "store, so run again when it is back"
    )


def test_what_never_goes_well_is_sent_once() -> None:
    sent = []

    def request() -> str:
        sent.append(1)
        raise EndpointError("wrong key")

    with pytest.raises(EndpointError, match=r"^wrong key$"):
        patiently(request, model="m", host="h", seconds=60, retried=lambda _: None)
    assert sent == [1]
