"""OpenAI's batch mode through its own SDK, against a server in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from interruptible import INTERRUPTIBLE

pytest.importorskip("openai")

from loopback import SERVER, serving
from loopback_batches import ALL_FAIL, EXPIRES, FAILS, GARBLED, HANGS, NEEDS_TWO, ONE_BAD
from loopback_plan import Plan, hashed
from plain_openai import KEY, PRICE, RECEIVED, SENT, plain_openai

from fer_audit.datasets import rendered_faces
from fer_audit.errors import BudgetError, ConfigurationError, EndpointError, ModelError
from fer_audit.inference import Asking, gather
from fer_audit.store import PredictionStore, Spent
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from pathlib import Path

    from loopback import Server

    from fer_audit.models import ModelSpec
    from fer_audit.predictions import Predictions

QUESTIONS = 28
BATCH = Asking(live=True, batch=True, run="run")


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "store")


def gathered(spec: ModelSpec, store: PredictionStore, asking: Asking = BATCH, people: int = 1) -> Predictions:
    return gather(spec, rendered_faces(), store, limit_people=people, asking=asking)


def files(server: Server) -> list[list[str]]:
    """The keys in each file that was uploaded."""
    return [entry.asked["keys"].split(",") for entry in server.ledger() if "keys" in entry.asked]


def tokens(server: Server) -> list[str]:
    return [entry.asked["token"] for entry in server.ledger() if "token" in entry.asked]


def answered(predictions: Predictions) -> int:
    return Counter(predictions.kind.tolist())[list(AnswerKind).index(AnswerKind.ANSWERED)]


def half(requests: int, sent: int = SENT, received: int = RECEIVED) -> float:
    return requests * (sent * PRICE.input + received * PRICE.output) / 2e6


def test_every_question_is_in_one_file_and_every_answer_is_stored(
    tmp_path: Path, store: PredictionStore
) -> None:
    with serving(Plan(), tmp_path) as server:
        spec = plain_openai(server.host, most_requests=10)
        predictions = gathered(spec, store)
        assert answered(predictions) == QUESTIONS
        assert [len(keys) for keys in files(server)] == [10, 10, 8]
        assert len({key for keys in files(server) for key in keys}) == QUESTIONS
        assert not [entry for entry in server.ledger() if "chat" in entry.path]
        requests = len(server.ledger())
        again = gathered(spec, store)
        assert len(server.ledger()) == requests
        # Asked one by one, the same questions get the same answers.
        alone = gathered(spec, PredictionStore(tmp_path / "other"), Asking(live=True))
    for other in (again, alone):
        assert other.predicted.codes.tolist() == predictions.predicted.codes.tolist()
    assert store.batches.open_ones("plain", server.host) == ()
    spent = store.spent("run")
    assert spent.reserved == 0
    # What was charged, at half the price, and not what it could have been at most.
    assert 0 < spent.settled < half(QUESTIONS)
    assert spent.settled == pytest.approx(PredictionStore(tmp_path / "other").spent().settled / 2, abs=1e-4)


def test_files_are_split_by_their_bytes(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(), tmp_path) as server:
        predictions = gathered(plain_openai(server.host, most_bytes=60_000), store)
        assert answered(predictions) == QUESTIONS
        many = files(server)
    assert len(many) > 3
    assert sorted(key for keys in many for key in keys) == sorted({key for keys in many for key in keys})


def test_what_an_expired_batch_left_is_handed_over_again_and_nothing_else(
    tmp_path: Path, store: PredictionStore
) -> None:
    with serving(Plan(reply=EXPIRES), tmp_path) as server:
        assert answered(gathered(plain_openai(server.host, most_requests=20), store)) == QUESTIONS
        first, second, third = files(server)
    assert (len(first), len(second)) == (20, 8)
    assert third == first[10:]


def test_a_failed_batch_is_handed_over_again(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(reply=FAILS), tmp_path) as server:
        assert answered(gathered(plain_openai(server.host), store)) == QUESTIONS
        first, second = files(server)
    assert first == second
    assert store.spent("run").reserved == 0


def test_requests_that_failed_are_handed_over_again(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(reply=NEEDS_TWO), tmp_path) as server:
        assert answered(gathered(plain_openai(server.host), store)) == QUESTIONS
        first, second = files(server)
    assert sorted(first) == sorted(second)


def test_a_reply_that_cannot_be_read_is_asked_for_again(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(reply=GARBLED), tmp_path) as server, pytest.raises(ModelError, match="its batch ended"):
        gathered(plain_openai(server.host), store)
    assert [len(keys) for keys in files(server)] == [28, 1, 1]


def test_a_request_that_always_fails_is_an_error_with_its_reason(
    tmp_path: Path, store: PredictionStore
) -> None:
    with serving(Plan(reply=ONE_BAD), tmp_path) as server:
        predictions = gathered(plain_openai(server.host), store, people=4)
        assert [len(keys) for keys in files(server)] == [112, 1, 1]
    assert answered(predictions) == 111
    (fault,) = predictions.faults
    assert fault.endswith("status 500: Status 500. (handed over 3 times)")


def test_batches_that_all_fail_end_the_run_with_the_reason(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(reply=ALL_FAIL), tmp_path) as server, pytest.raises(ModelError) as caught:
        gathered(plain_openai(server.host), store)
    assert "batch batch_2 is failed: Enqueued token limit. (handed over 3 times)" in str(caught.value)
    assert store.spent("run") == Spent(0.0, 0.0)


@pytest.mark.parametrize("fault", ["reset", "time-out", "500"])
def test_a_batch_is_handed_over_once_though_the_reply_was_lost(
    tmp_path: Path, store: PredictionStore, fault: str
) -> None:
    # The first attempt to hand over each of two batches meets the fault, and the second does not.
    questions = [hashed(json.dumps({"token": f"fer-audit-run-{number}"})) for number in (1, 2)]
    plans = (Plan(seed=seed, rate=0.3, faults=(fault,)) for seed in range(1000))
    plan = next(p for p in plans if all(p.fault(q, 0) and not p.fault(q, 1) for q in questions))
    with serving(plan, tmp_path) as server:
        assert answered(gathered(plain_openai(server.host, most_requests=14), store)) == QUESTIONS
        made = [entry for entry in server.ledger() if "token" in entry.asked]
        outcomes = {entry.outcome for entry in server.ledger() if entry.asked}
    assert outcomes == {"answered", fault}
    heard = Counter(
        entry.asked["token"] for entry in made if entry.outcome in {"answered", "reset", "time-out"}
    )
    assert heard == {"fer-audit-run-1": 1, "fer-audit-run-2": 1}


@pytest.mark.parametrize("limit", [0.001, 0.006])
def test_nothing_is_handed_over_that_could_exceed_the_budget(
    tmp_path: Path, store: PredictionStore, limit: float
) -> None:
    with serving(Plan(), tmp_path) as server:
        spec = plain_openai(server.host, most_requests=20)
        with pytest.raises(BudgetError, match=rf"of the \${limit} that this run may spend"):
            gathered(spec, store, replace(BATCH, max_usd=limit))
        handed = files(server)
    # What there was money for was fetched all the same.
    assert 0.001 < half(20) < 0.006 < half(28)
    assert [len(keys) for keys in handed] == ([] if limit < half(20) else [20])
    assert len(store.get([key for keys in handed for key in keys])) == 20 * (limit > half(20))
    assert store.spent("run").settled + store.spent("run").reserved <= limit


def test_a_wrong_key_ends_the_run_at_once(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(fatal="401"), tmp_path) as server, pytest.raises(EndpointError) as caught:
        gathered(plain_openai(server.host), store)
    assert KEY not in str(caught.value)
    assert len(server.ledger()) == 1


def test_a_model_without_a_batch_mode_says_so(store: PredictionStore) -> None:
    spec = plain_openai("127.0.0.1:9")
    plain = spec.load

    class Bare:
        """A vendor that can only be asked."""

        def ask(self, *_: object) -> None:
            raise AssertionError

        def close(self) -> None:
            """Nothing is open."""

    spec = replace(spec, load=lambda labels: replace(plain(labels), vendor=Bare()))  # type: ignore[type-var]
    with pytest.raises(ConfigurationError) as caught:
        gathered(spec, store)
    assert str(caught.value) == (
        "model 'plain' has no batch mode; leave out --batch, and it is asked one by one"
    )


HAND_OVER = """
import sys
from pathlib import Path
from fer_audit.datasets import rendered_faces
from fer_audit.inference import Asking, gather
from fer_audit.store import PredictionStore
from plain_openai import plain_openai
spec = plain_openai(sys.argv[1], most_requests=15)
asking = Asking(live=True, batch=True, run="killed")
gather(spec, rendered_faces(), PredictionStore(Path(sys.argv[2])), limit_people=1, asking=asking)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_batches_of_a_killed_run_are_fetched_and_not_paid_twice(
    tmp_path: Path, store: PredictionStore
) -> None:
    # The port is found again by the store: batches belong to a host.
    with serving(Plan(delay=0.05), tmp_path) as server:
        here = str(SERVER.parent)
        paths = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        process = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTIBLE + HAND_OVER, server.host, str(store.path)],
            env=os.environ | {"PYTHONPATH": paths},
        )
        while len(tokens(server)) < 2:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert len(store.batches.open_ones("plain", server.host)) == 2
        reserved = store.spent("killed").reserved
        assert reserved == pytest.approx(half(QUESTIONS))
        assert answered(gathered(plain_openai(server.host, most_requests=15), store)) == QUESTIONS
        assert [len(keys) for keys in files(server)] == [15, 13]
        assert len(tokens(server)) == 2
    # The run that was killed pays, and what it really cost.
    assert store.spent("run") == Spent(0.0, 0.0)
    assert 0 < store.spent("killed").settled < reserved
    assert store.spent("killed").reserved == 0
    assert store.batches.open_ones("plain", server.host) == ()


def test_a_batch_killed_before_it_was_handed_over_is_forgotten(
    tmp_path: Path, store: PredictionStore
) -> None:
    with serving(Plan(), tmp_path) as server:
        spec = plain_openai(server.host)
        with pytest.raises(BudgetError):
            gathered(spec, store, replace(BATCH, max_usd=0.000001))
        gathered(spec, PredictionStore(tmp_path / "other"))
        (keys,) = files(server)
        number = store.ledger("killed", "plain").reserve(0.5)
        store.batches.announce(model="plain", host=server.host, run="killed", keys=keys, reservation=number)
        assert answered(gathered(spec, store)) == QUESTIONS
    assert store.spent("killed") == Spent(0.0, 0.0)
    assert store.batches.open_ones("plain", server.host) == ()


def test_the_batches_of_other_questions_are_left_alone(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(), tmp_path) as server:
        store.batches.announce(model="plain", host=server.host, run="other", keys=["of another dataset"])
        assert answered(gathered(plain_openai(server.host), store)) == QUESTIONS
        (left,) = store.batches.open_ones("plain", server.host)
    assert left.keys == ("of another dataset",)


def test_waiting_is_ended_by_ctrl_c_and_the_batch_stays(tmp_path: Path, store: PredictionStore) -> None:
    with serving(Plan(reply=HANGS), tmp_path) as server:
        here = str(SERVER.parent)
        paths = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        process = subprocess.Popen(
            [sys.executable, "-c", INTERRUPTIBLE + HAND_OVER, server.host, str(store.path)],
            env=os.environ | {"PYTHONPATH": paths},
            stderr=subprocess.PIPE,
            text=True,
        )
        while len([entry for entry in server.ledger() if entry.path.endswith("/batch_0")]) < 2:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in process.communicate()[1]
        assert [batch.id for batch in store.batches.open_ones("plain", server.host)] == ["batch_0", "batch_1"]
