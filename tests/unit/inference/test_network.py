"""Asking over the network: only where the run may, within its budget, and every answer kept as it comes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from small_faces import LABELS, PEOPLE, label_of, said

from fer_audit.errors import BudgetError, EndpointError, ModelError, NotLiveError
from fer_audit.inference import Asking, gather, plan
from fer_audit.models import Endpoint, ModelSpec, Price
from fer_audit.models.remote import Limits, RemoteRecognizer, Reply
from fer_audit.models.text import read_text
from fer_audit.vocabulary import AnswerKind
from fer_audit.wording import Wording

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.datasets import DatasetSpec
    from fer_audit.records import Answer
    from fer_audit.store import PredictionStore

PLAIN = Wording("plain", "1", ("Which of {labels}?",))
PRICE = Price(2.0, 10.0, "made up")  # with the tokens below: a thousandth of a dollar a request
LIVE = Asking(live=True)


@dataclass
class Desk:
    """A vendor in this process: reads the label off the picture, and refuses for good after so many."""

    refuses_after: int = 10**9
    asked: Counter[int] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def ask(self, picture: bytes, wording: Wording, repeat: int) -> Reply:
        assert wording is PLAIN
        with self.lock:
            if self.asked.total() >= self.refuses_after:
                raise EndpointError("the key was taken away")
            self.asked[repeat] += 1
        label = label_of(Image.open(BytesIO(picture)))
        return Reply(read_text(label, LABELS), "desk-1", tokens_sent=300, tokens_received=10)

    def close(self) -> None: ...


def model(desk: Desk, *, price: Price | None = PRICE) -> ModelSpec:
    endpoint = Endpoint("desk.example", "DESK_KEY", price, tokens_sent=400, tokens_received=20)
    return ModelSpec(
        "desk",
        lambda labels: RemoteRecognizer("desk", desk, labels, endpoint, (PLAIN,)),
        lambda: {"model": "desk-1", "endpoint": "desk.example"},
        wordings=(PLAIN,),
        speaks=True,
        endpoint=endpoint,
        varies=True,
    )


def test_nothing_is_asked_in_a_run_that_is_not_live(dataset: DatasetSpec, store: PredictionStore) -> None:
    desk = Desk()
    with pytest.raises(NotLiveError) as caught:
        gather(model(desk), dataset, store)
    assert str(caught.value) == (
        "model 'desk': 60 answers are not in the store, and desk.example is asked for them, for at most 0.06 "
        "US dollars, only with --fer-live; to fill the store beforehand: fer-audit predict --live"
    )
    with pytest.raises(NotLiveError, match="at a price that is not known"):
        gather(model(desk, price=None), dataset, store)
    assert not desk.asked


def test_what_is_stored_is_read_without_asking(dataset: DatasetSpec, store: PredictionStore) -> None:
    desk = Desk()
    first = gather(model(desk), dataset, store, asking=LIVE)
    assert said(first) == list(LABELS) * PEOPLE
    assert desk.asked == {0: 60}
    again = gather(model(desk), dataset, store)
    assert said(again) == said(first)
    assert desk.asked == {0: 60}


def test_a_repeat_is_another_question(dataset: DatasetSpec, store: PredictionStore) -> None:
    desk = Desk()
    gather(model(desk), dataset, store, asking=Asking(live=True, repeats=3))
    assert desk.asked == {0: 60, 1: 60, 2: 60}


def test_every_answer_before_the_endpoint_refuses_is_kept(
    dataset: DatasetSpec, store: PredictionStore
) -> None:
    desk = Desk(refuses_after=25)
    with pytest.raises(EndpointError, match="the key was taken away"):
        gather(model(desk), dataset, store, asking=LIVE)
    assert desk.asked == {0: 25}
    second = Desk()
    gather(model(second), dataset, store, asking=LIVE)
    assert second.asked == {0: 35}


def test_no_request_is_sent_that_could_exceed_the_budget(
    dataset: DatasetSpec, store: PredictionStore
) -> None:
    desk = Desk()
    with pytest.raises(BudgetError):
        gather(model(desk), dataset, store, asking=Asking(live=True, max_usd=0.01, run="r1"))
    # What is charged (.0007) is less than what could be (.001), and is given back.
    assert 10 <= desk.asked.total() <= 14
    assert store.spent("r1").settled <= 0.01
    with pytest.raises(BudgetError):
        gather(model(desk), dataset, store, asking=Asking(live=True, max_usd=0.0009, run="r2"))
    assert desk.asked.total() <= 14


def test_a_budget_at_an_unknown_price_is_an_error(dataset: DatasetSpec, store: PredictionStore) -> None:
    desk = Desk()
    with pytest.raises(BudgetError) as caught:
        gather(model(desk, price=None), dataset, store, asking=Asking(live=True, max_usd=5))
    assert str(caught.value) == (
        "model 'desk': what desk.example charges is not known, so 5 US dollars cannot be kept to; set "
        "FER_AUDIT_PRICE=INPUT/OUTPUT (US dollars for a million tokens; 0/0 for a server of your own), or "
        "leave the budget out"
    )
    assert not desk.asked


def test_a_picture_that_cannot_be_decoded_is_absent_and_not_sent(
    folder: Path, dataset: DatasetSpec, store: PredictionStore
) -> None:
    (folder / "p3/fear.png").write_bytes(b"no picture")
    desk = Desk()
    found = gather(model(desk), dataset, store, asking=LIVE)
    assert desk.asked == {0: 59}
    assert [list(AnswerKind)[kind] for kind in found.kind].count(AnswerKind.ABSENT) == 1
    (fault,) = found.faults
    assert fault.startswith("image 'p3/fear.png' is no JPEG")


def test_an_endpoint_needs_a_model_that_can_be_asked_over_the_network(
    dataset: DatasetSpec, store: PredictionStore
) -> None:
    class Plain:
        def recognize(self, images: object) -> list[Answer]:
            del images
            return []

    spec = ModelSpec("plain", lambda _labels: Plain(), endpoint=Endpoint("h", "KEY"), wordings=(PLAIN,))
    with pytest.raises(ModelError, match="declares an endpoint, but loading gave Plain; return a"):
        gather(spec, dataset, store, asking=LIVE)


def test_the_plan_says_what_it_could_cost(dataset: DatasetSpec, store: PredictionStore) -> None:
    desk = Desk()
    assert plan(model(desk), dataset, store).most_usd == pytest.approx(0.06)
    assert plan(model(desk, price=None), dataset, store).most_usd is None
    gather(model(desk), dataset, store, asking=Asking(live=True, limits=Limits(at_once=4)))
    assert plan(model(desk), dataset, store).most_usd == 0
