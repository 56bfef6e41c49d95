"""What holds for every vendor, through whichever of its SDKs is installed."""

from __future__ import annotations

import time
from contextlib import suppress
from traceback import format_exception
from typing import TYPE_CHECKING, Any

import pytest
from loopback import serving
from loopback_plan import RECOVERABLE, Plan, hashed
from PIL import Image
from vendors import KEY, PICTURE, Vendor

from fer_audit.catalog import Catalog
from fer_audit.errors import EndpointError
from fer_audit.models import choose_model
from fer_audit.models.prompts import WORDINGS
from fer_audit.models.remote import AgainError
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from loopback import Server

    from fer_audit.models.remote import RemoteRecognizer

    Serve = Callable[[Plan], Server]
    Load = Callable[[str], RemoteRecognizer]


PASSING = {
    "429": AgainError("status 429", overload=True),
    "429 with Retry-After": AgainError("status 429", after=1.0, overload=True),
    "500": AgainError("status 500"),
    "502": AgainError("status 502"),
    "503": AgainError("status 503", overload=True),
    "529": AgainError("status 529", overload=True),
    "reset": AgainError("the connection broke", charged=True),
    "time-out": AgainError("no answer in time", charged=True),
    "trickle": AgainError("no whole answer in time", charged=True),
    "cut JSON": AgainError("what came back is ", charged=True),
    "cut body": AgainError("the connection broke", charged=True),
    "garbled JSON": AgainError("what came back is ", charged=True),
    "HTML": AgainError("what came back is ", charged=True),
    "empty body": AgainError("what came back is ", charged=True),
}
"""What each fault becomes, and how its reason begins."""


def test_every_fault_that_passes_is_here() -> None:
    assert set(PASSING) == set(RECOVERABLE)


def test_a_repeat_has_another_seed(serve: Serve, load: Load, vendor: Vendor) -> None:
    if not vendor.sends_seeds:
        pytest.skip("its SDK does not know seeds")
    server = serve(Plan())
    for repeat in range(3):
        load(vendor.model).vendor.ask(PICTURE, WORDINGS[0], repeat)
    assert [entry.asked["seed"] for entry in server.ledger()] == ["20250", "20251", "20252"]


def test_recognize_answers_each_picture(serve: Serve, load: Load, vendor: Vendor) -> None:
    server = serve(Plan())
    pictures = [Image.new("RGB", (64, 64), (40 * number, 0, 0)) for number in range(6)]
    answers = load(vendor.model).recognize(pictures)
    assert [answer.kind for answer in answers] == [AnswerKind.ANSWERED] * 6
    assert len({entry.asked["picture"] for entry in server.ledger()}) == 6


def test_the_key_is_shown_nowhere(serve: Serve, load: Load, vendor: Vendor, tmp_path: Path) -> None:
    server = serve(Plan())
    spec, recognizer = choose_model(vendor.model, Catalog("model"), root=tmp_path), load(vendor.model)
    recognizer.vendor.ask(PICTURE, WORDINGS[0], 0)
    assert spec.describe is not None
    (entry,) = server.ledger()
    assert entry.key == hashed(KEY)
    assert KEY not in entry.path
    assert KEY not in repr(spec) + repr(dict(spec.describe())) + repr(recognizer)


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_worth_another_attempt(serve: Serve, load: Load, vendor: Vendor, fault: str) -> None:
    if fault == "trickle" and not vendor.bounds_time:
        pytest.skip("its SDK bounds each read only")
    server = serve(Plan(rate=1.0, faults=(fault,), hold=60.0))
    with pytest.raises(AgainError) as caught:
        load(vendor.model).vendor.ask(PICTURE, WORDINGS[0], 0)
    error, expected = caught.value, PASSING[fault]
    assert error.reason.startswith(expected.reason)
    assert (error.after, error.overload, error.charged) == (
        expected.after,
        expected.overload,
        expected.charged,
    )
    # The SDK has not tried again by itself.
    assert len(server.ledger()) == 1


def test_a_redirect_carries_no_key_to_another_host(
    serve: Serve, load: Load, vendor: Vendor, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    with serving(Plan(), tmp_path / "other") as other:
        server = serve(Plan(rate=1.0, faults=("redirect",), elsewhere=other.url))
        # One SDK goes there without the key, the others do not go.
        with suppress(AgainError, EndpointError):
            load(vendor.model).vendor.ask(PICTURE, WORDINGS[0], 0)
        assert len(server.ledger()) == 1
        assert {entry.key for entry in other.ledger()} <= {""}
        assert vendor.follows or not other.ledger()


def test_a_reply_without_end_is_given_up(serve: Serve, load: Load, vendor: Vendor) -> None:
    if not vendor.bounds_time:
        pytest.skip("its SDK bounds each read only")
    serve(Plan(rate=1.0, faults=("endless",)))
    with pytest.raises(AgainError, match="of more than 1,048,576 bytes") as caught:
        load(vendor.model).vendor.ask(PICTURE, WORDINGS[0], 0)
    assert caught.value.charged


def test_what_is_no_json_is_shown_without_the_key(serve: Serve, load: Load, vendor: Vendor) -> None:
    serve(Plan(rate=1.0, faults=("echo",)))
    with pytest.raises(AgainError) as caught:
        load(vendor.model).vendor.ask(PICTURE, WORDINGS[0], 0)
    assert caught.value.reason.startswith("what came back is ")
    assert KEY not in "".join(format_exception(caught.value))


def test_a_host_that_never_was_reached_is_taken_for_a_wrong_one(
    serve: Serve, load: Load, vendor: Vendor
) -> None:
    server = serve(Plan())
    server.stop()
    asks: Any = load(vendor.model).vendor
    asks.reach.lost = 0.2
    with pytest.raises(AgainError) as caught:
        asks.ask(PICTURE, WORDINGS[0], 0)
    assert (caught.value.reason, caught.value.charged) == (f"{server.host} cannot be reached", False)
    time.sleep(0.3)
    with pytest.raises(EndpointError) as refused:
        asks.ask(PICTURE, WORDINGS[0], 0)
    assert str(refused.value) == (
        f"model {vendor.model!r}: {server.host} cannot be reached and never was in this run; {vendor.remedy}"
    )


def test_a_host_that_was_reached_is_waited_for(serve: Serve, load: Load, vendor: Vendor) -> None:
    server = serve(Plan())
    asks: Any = load(vendor.model).vendor
    asks.reach.lost = 0.0
    assert asks.ask(PICTURE, WORDINGS[0], 0).answer.kind is AnswerKind.ANSWERED
    server.stop()
    for _ in range(2):
        with pytest.raises(AgainError):
            asks.ask(PICTURE, WORDINGS[0], 0)


def test_a_host_that_answered_with_an_error_was_reached_too(serve: Serve, load: Load, vendor: Vendor) -> None:
    server = serve(Plan(rate=1.0, faults=("500",)))
    asks: Any = load(vendor.model).vendor
    asks.reach.lost = 0.0
    for reason in ("status 500", f"{server.host} cannot be reached"):
        with pytest.raises(AgainError) as caught:
            asks.ask(PICTURE, WORDINGS[0], 0)
        assert caught.value.reason == reason
        server.stop()
