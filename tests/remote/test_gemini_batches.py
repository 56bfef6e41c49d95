"""Gemini's batch mode through its own SDK, against a server in a process of its own."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("google.genai")

from google.genai import Client, errors, types
from loopback import serving
from loopback_gemini_batches import GEMINI_EXPIRES, GEMINI_NEEDS_TWO
from loopback_plan import Plan

from fer_audit.datasets import rendered_faces
from fer_audit.errors import EndpointError
from fer_audit.inference import Asking, gather
from fer_audit.models import Endpoint, ModelSpec, Price
from fer_audit.models.remote import AgainError, RemoteRecognizer, Reply
from fer_audit.models.remote.gemini_batches import GeminiBatches
from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind
from fer_audit.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from loopback import Server

    from fer_audit.predictions import Predictions

PLAIN = Wording("plain", "1", ("Which of {labels}?",))
PRICE = Price(1.0, 4.0, "a test")


@contextmanager
def translating() -> Iterator[None]:
    try:
        yield
    except errors.APIError as error:
        if error.code in {401, 403, 404}:
            raise EndpointError(f"the endpoint refuses (status {error.code})") from error
        raise AgainError(f"status {error.code}") from error


@dataclass(frozen=True, slots=True)
class PlainGemini:
    """A vendor as small as can be; it is asked in batches only."""

    client: Client
    labels: tuple[str, ...]
    most_requests: int

    def ask(self, *_: object) -> Reply:
        raise AssertionError("asked one by one")

    def body(self, picture: bytes, wording: Wording, repeat: int) -> dict[str, Any]:
        words = wording.texts[0].format(labels=", ".join(self.labels))
        return {
            "contents": [types.Part.from_bytes(data=picture, mime_type="image/jpeg"), types.Part(text=words)],
            "config": types.GenerateContentConfig(temperature=0, seed=repeat),
        }

    def batches(self) -> GeminiBatches:
        return GeminiBatches(
            self.client, "gemini-x", self.body, read, translating, most_requests=self.most_requests
        )

    def close(self) -> None:
        self.client.close()


def read(response: types.GenerateContentResponse) -> Reply:
    usage = response.usage_metadata
    assert usage is not None
    answer = Answer(AnswerKind.ANSWERED, response.text)
    return Reply(answer, "", usage.prompt_token_count, usage.candidates_token_count)


def gathered(server: Server, store: PredictionStore, *, most_requests: int = 5000) -> Predictions:
    endpoint = Endpoint(server.host, "KEY", PRICE, tokens_sent=200, tokens_received=20, batches=True)

    def load(labels: tuple[str, ...]) -> RemoteRecognizer:
        options = types.HttpOptions(base_url=server.url, timeout=2000, api_version="v1beta")
        vendor = PlainGemini(Client(api_key="canary", http_options=options), labels, most_requests)
        return RemoteRecognizer("plain", vendor, labels, endpoint, (PLAIN,))

    spec = ModelSpec("plain", load, lambda: {"model": "gemini-x"}, wordings=(PLAIN,), endpoint=endpoint)
    asking = Asking(live=True, batch=True, run="run")
    return gather(spec, rendered_faces(), store, limit_people=1, asking=asking)


def jobs(server: Server) -> list[list[str]]:
    return [entry.asked["keys"].split(",") for entry in server.ledger() if "keys" in entry.asked]


def answered(predictions: Predictions) -> int:
    return Counter(predictions.kind.tolist())[list(AnswerKind).index(AnswerKind.ANSWERED)]


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "store")


def test_every_question_is_in_one_job_and_costs_half(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(), tmp_path) as server:
        predictions = gathered(server, store, most_requests=10)
        assert [len(keys) for keys in jobs(server)] == [10, 10, 8]
        assert len({key for keys in jobs(server) for key in keys}) == 28
    assert answered(predictions) == 28
    # Replies come in another order than requests: each answer is under its own key.
    assert len(set(predictions.predicted.codes.tolist())) > 1
    spent = store.spent("run")
    assert spent.settled == pytest.approx(28 * (100 * 1.0 + 9 * 4.0) / 2e6, abs=3e-6)
    assert spent.reserved == 0
    assert store.batches.open_ones("plain", server.host) == ()


def test_what_an_expired_job_left_is_handed_over_again(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(reply=GEMINI_EXPIRES), tmp_path) as server:
        assert answered(gathered(server, store)) == 28
        first, second = jobs(server)
    assert second == first[14:]


def test_requests_that_failed_are_handed_over_again(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(reply=GEMINI_NEEDS_TWO), tmp_path) as server:
        assert answered(gathered(server, store)) == 28
        first, second = jobs(server)
    assert sorted(first) == sorted(second)


def test_a_job_whose_reply_was_lost_is_found_and_not_handed_over_twice(
    tmp_path: Path, store: PredictionStore
) -> None:
    with serving(Plan(), tmp_path) as server:
        gathered(server, PredictionStore(tmp_path / "other"))
        (keys,) = jobs(server)
        # As a run leaves it that is killed between the two: handed over under its token, and its name unknown.
        store.batches.announce(model="plain", host=server.host, run="run", keys=keys)
        assert answered(gathered(server, store)) == 28
        assert len(jobs(server)) == 1


def test_a_key_that_is_refused_ends_the_run(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(fatal="403"), tmp_path) as server, pytest.raises(EndpointError, match="status 403"):
        gathered(server, store)
    assert len(server.ledger()) == 1
