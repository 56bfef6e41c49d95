"""GPT-4o and servers like it through OpenAI's own SDK, against a server in a process of its own."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import replace
from traceback import format_exception
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("openai")

from loopback import serving
from loopback_openai import sureness
from loopback_plan import LABELS, Plan, hashed
from PIL import Image

from fer_audit.datasets import rendered_faces
from fer_audit.errors import EndpointError
from fer_audit.inference import Asking, gather
from fer_audit.models.answers import OTHERS
from fer_audit.models.openai import gpt_4o, openai_model
from fer_audit.models.openai.target import Target
from fer_audit.models.openai.vendor import OpenAIVendor, connect
from fer_audit.models.prompts import WORDINGS, question
from fer_audit.models.remote import AgainError, RemoteRecognizer
from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from loopback import Server

    from fer_audit.models.remote import Reply, Vendor

    Serve = Callable[[Plan], Server]

KEY = "sk-canary-123"
PICTURE = b"a picture"
ASKED = "gpt-4o-2024-11-20"
OPEN: list[Vendor] = []  # closed at the end of each test, or their sockets are collected in another one


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start the server of a test; the environment leads to it."""
    with ExitStack() as stack:

        def start(plan: Plan) -> Server:
            server = stack.enter_context(serving(plan, tmp_path))
            monkeypatch.setenv("OPENAI_BASE_URL", f"{server.url}/v1")
            return server

        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        yield start
        while OPEN:
            OPEN.pop().close()


def loaded(model: str = "") -> RemoteRecognizer:
    spec = openai_model("theirs", model) if model else gpt_4o("gpt-4o")
    recognizer = spec.load(LABELS)
    assert isinstance(recognizer, RemoteRecognizer)
    OPEN.append(recognizer.vendor)
    return recognizer


def ask(recognizer: RemoteRecognizer | None = None) -> Reply:
    return (recognizer or loaded()).vendor.ask(PICTURE, WORDINGS[0], 0)


def hurried(server: Server, *, lost: float = 15.0) -> Vendor:
    """The same, with a second of patience for one request."""
    vendor = loaded().vendor
    assert isinstance(vendor, OpenAIVendor)
    target = Target(f"{server.url}/v1", server.host, is_private=True)
    client = connect(target, KEY, seconds=1.0)
    OPEN.append(OpenAIVendor("gpt-4o", client, target, vendor.request, seconds=1.0, lost=lost))
    return OPEN[-1]


class TestRequests:
    def test_one_has_all_that_the_answer_depends_on(self, serve: Serve) -> None:
        server = serve(Plan())
        ask()
        (entry,) = server.ledger()
        assert entry.path == "/v1/chat/completions"
        assert entry.key == hashed(KEY)
        assert entry.asked == {
            "model": ASKED,
            "picture": hashed(PICTURE),
            "words": question(WORDINGS[0], LABELS),
            "seed": "20250",
            "detail": "low",
            "parameters": "logprobs,max_tokens,messages,model,response_format,seed,temperature",
        }

    def test_a_repeat_has_another_seed(self, serve: Serve) -> None:
        server = serve(Plan())
        for repeat in range(3):
            loaded().vendor.ask(PICTURE, WORDINGS[0], repeat)
        assert [entry.asked["seed"] for entry in server.ledger()] == ["20250", "20251", "20252"]

    def test_a_server_of_ones_own_gets_no_key_where_none_is_set(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(Plan())
        monkeypatch.delenv("OPENAI_API_KEY")
        assert ask(loaded("llava:7b")).answer.kind is AnswerKind.ANSWERED
        (entry,) = server.ledger()
        assert (entry.asked["model"], entry.key) == ("llava:7b", hashed("none-needed"))

    def test_a_server_that_cannot_tell_how_sure_it_is_is_asked_without(self, serve: Serve) -> None:
        server = serve(Plan(refuses=("logprobs",)))
        recognizer = loaded()
        for _ in range(2):
            answer = ask(recognizer).answer
            assert (answer.kind, answer.scores) == (AnswerKind.ANSWERED, {})
        # Told once, and known from then on.
        assert ["logprobs" in entry.asked["parameters"] for entry in server.ledger()] == [True, False, False]


class TestAnswers:
    def test_a_label_comes_with_its_probability(self, serve: Serve) -> None:
        server = serve(Plan())
        reply = ask()
        label = server.plan.label(PICTURE)
        sure = sureness(question(WORDINGS[0], LABELS)) ** 2
        assert reply.answer.label == label
        assert reply.answer.scores == pytest.approx({label: sure, OTHERS: 1 - sure})
        assert (reply.served, reply.tokens_received) == (ASKED, 9)
        assert reply.tokens_sent is not None

    @pytest.mark.parametrize(
        ("reply", "kind", "raw", "flagged"),
        [
            ("refusal", AnswerKind.REFUSED, "I'm sorry, I can't help with identifying people.", True),
            ("content filter", AnswerKind.BLOCKED_OUTPUT, "", True),
            ("content policy", AnswerKind.BLOCKED_INPUT, "Your input was flagged.", True),
            ("bad picture", AnswerKind.ERROR, "You uploaded no valid image.", True),
            ("length", AnswerKind.TRUNCATED, '{"expression":"', True),
            ("empty content", AnswerKind.EMPTY, "", False),
            ("cannot tell", AnswerKind.REFUSED, '{"expression":"cannot_tell"}', False),
            ("foreign word", AnswerKind.OUT_OF_VOCABULARY, '{"expression":"concentration"}', False),
        ],
    )
    def test_what_is_no_label_has_its_kind_and_its_words(
        self, serve: Serve, reply: str, kind: AnswerKind, raw: str, flagged: bool
    ) -> None:
        serve(Plan(reply=reply))
        assert ask().answer == Answer(kind, raw=raw, flagged=flagged)

    def test_prose_is_read(self, serve: Serve) -> None:
        server = serve(Plan(reply="prose"))
        label = server.plan.label(PICTURE)
        assert ask().answer == Answer(AnswerKind.ANSWERED, label, raw=f"It is {label}, I think.")

    def test_two_answers_where_one_was_asked_for_name_several_labels(self, serve: Serve) -> None:
        server = serve(Plan(reply="two choices"))
        answer = ask().answer
        assert (answer.kind, answer.flagged) == (AnswerKind.SEVERAL_LABELS, True)
        assert server.plan.label(PICTURE) in answer.raw
        assert "contempt" in answer.raw

    def test_a_server_that_counts_no_tokens_is_taken_at_its_word(self, serve: Serve) -> None:
        serve(Plan(reply="no usage"))
        reply = ask()
        assert reply.answer.kind is AnswerKind.ANSWERED
        assert (reply.tokens_sent, reply.tokens_received) == (None, None)

    def test_another_snapshot_than_the_one_asked_for_answers_nothing(self, serve: Serve) -> None:
        serve(Plan(model="gpt-4o-2024-05-13"))
        assert ask().answer == Answer(
            AnswerKind.ERROR,
            raw=f"'gpt-4o-2024-05-13' was served where '{ASKED}' was asked for; its answer is not taken",
            flagged=True,
        )

    def test_an_undated_name_may_stand_for_any_snapshot(self, serve: Serve) -> None:
        serve(Plan(model="gpt-4o-mini-2024-07-18"))
        reply = ask(loaded("gpt-4o-mini"))
        assert (reply.answer.kind, reply.served) == (AnswerKind.ANSWERED, "gpt-4o-mini-2024-07-18")


class TestFailures:
    @pytest.mark.parametrize(
        ("fatal", "said"),
        [
            ("401", "does not accept the key (status 401); check OPENAI_API_KEY"),
            (
                "403",
                "does not allow it (status 403: Country not supported.); check that the key's project may use "
                "the model and that the vendor serves your country",
            ),
            (
                "404",
                "has no such model or path (status 404: The model `x` does not exist.); check the model's name, "
                "that the key may use it, and OPENAI_BASE_URL, which mostly ends in /v1",
            ),
            (
                "insufficient_quota",
                "says that the account has no quota left (insufficient_quota); add credit or raise its limit, "
                "then run again: the answers so far are kept",
            ),
        ],
    )
    def test_what_never_goes_well_says_the_cure(self, serve: Serve, fatal: str, said: str) -> None:
        server = serve(Plan(fatal=fatal))
        with pytest.raises(EndpointError) as caught:
            ask()
        assert str(caught.value) == f"model 'gpt-4o': {server.host} {said}"
        assert len(server.ledger()) == 1

    def test_a_parameter_on_which_answers_depend_is_not_left_out(self, serve: Serve) -> None:
        server = serve(Plan(refuses=("seed",)))
        with pytest.raises(EndpointError) as caught:
            ask()
        assert str(caught.value) == (
            f"model 'gpt-4o': {server.host} refuses the parameter 'seed' (status 400: Unsupported parameter: "
            "'seed' is not supported with this model.); choose another model"
        )

    @pytest.mark.parametrize(
        ("fault", "reason", "after", "mark"),
        [
            ("429", "status 429", None, "overload"),
            ("429 with Retry-After", "status 429", 1.0, "overload"),
            ("500", "status 500", None, ""),
            ("502", "status 502", None, ""),
            ("503", "status 503", None, "overload"),
            ("529", "status 529", None, "overload"),
            ("reset", "the connection broke", None, "charged"),
            ("time-out", "no answer in time", None, "charged"),
            ("trickle", "no whole answer in time", None, "charged"),
            ("cut JSON", 'what came back is no JSON (\'{"id": "chatcmpl-1"', None, "charged"),
            ("cut body", "the connection broke (RemoteProtocolError)", None, "charged"),
            ("garbled JSON", 'what came back is no JSON (\'{"choices": [}{}}', None, "charged"),
            ("HTML", "what came back is no JSON ('<html><body>Please log in.", None, "charged"),
            ("empty body", "what came back is no JSON ('')", None, "charged"),
        ],
    )
    def test_what_passes_is_worth_another_attempt(
        self, serve: Serve, fault: str, reason: str, after: float | None, mark: str
    ) -> None:
        server = serve(Plan(rate=1.0, faults=(fault,)))
        with pytest.raises(AgainError) as caught:
            hurried(server).ask(PICTURE, WORDINGS[0], 0)
        error = caught.value
        assert error.reason.startswith(reason)
        assert error.after == after
        assert (error.overload, error.charged) == (mark == "overload", mark == "charged")
        # The SDK has not tried again by itself.
        assert len(server.ledger()) == 1

    @pytest.mark.parametrize(
        ("reply", "said", "charged"),
        [
            ("no choices", "no choices in it", True),
            ("strange choices", "no choices in it", True),
            ("error in 200", "upstream", False),
        ],
    )
    def test_what_is_no_completion_is_worth_another_attempt(
        self, serve: Serve, reply: str, said: str, charged: bool
    ) -> None:
        serve(Plan(reply=reply))
        with pytest.raises(AgainError) as caught:
            ask()
        assert caught.value.reason == f"no completion in what came back ({said})"
        assert caught.value.charged == charged

    def test_a_host_that_never_was_reached_is_taken_for_a_wrong_one(self, serve: Serve) -> None:
        server = serve(Plan())
        server.stop()
        vendor = hurried(server, lost=0.2)
        with pytest.raises(AgainError) as caught:
            vendor.ask(PICTURE, WORDINGS[0], 0)
        assert (caught.value.reason, caught.value.charged) == (f"{server.host} cannot be reached", False)
        time.sleep(0.3)
        with pytest.raises(EndpointError) as refused:
            vendor.ask(PICTURE, WORDINGS[0], 0)
        assert str(refused.value) == (
            f"model 'gpt-4o': {server.host} cannot be reached and never was in this run; check "
            "OPENAI_BASE_URL and the connection, or start the server"
        )

    def test_a_host_that_was_reached_is_waited_for(self, serve: Serve) -> None:
        server = serve(Plan())
        vendor = hurried(server, lost=0.0)
        assert vendor.ask(PICTURE, WORDINGS[0], 0).answer.kind is AnswerKind.ANSWERED
        server.stop()
        for _ in range(2):
            with pytest.raises(AgainError):
                vendor.ask(PICTURE, WORDINGS[0], 0)


class TestKey:
    def test_it_is_shown_nowhere(self, serve: Serve) -> None:
        server = serve(Plan())
        spec = gpt_4o("gpt-4o")
        recognizer = loaded()
        ask(recognizer)
        assert spec.describe is not None
        assert server.ledger()[0].key == hashed(KEY)
        assert KEY not in repr(spec) + repr(dict(spec.describe())) + repr(recognizer)

    def test_what_the_endpoint_says_of_it_is_not_repeated(self, serve: Serve) -> None:
        serve(Plan(fatal="401"))
        with pytest.raises(EndpointError) as caught:
            ask()
        assert "sk-wrong" not in "".join(format_exception(caught.value))

    def test_a_model_that_repeats_it_is_not_quoted(self, serve: Serve) -> None:
        server = serve(Plan(reply="key in words"))
        assert ask().answer.raw == f"{server.plan.label(PICTURE)} [key]"


class TestWhole:
    def test_recognize_answers_each_picture(self, serve: Serve) -> None:
        server = serve(Plan())
        pictures = [Image.new("RGB", (64, 64), (40 * number, 0, 0)) for number in range(6)]
        answers = loaded().recognize(pictures)
        assert [answer.kind for answer in answers] == [AnswerKind.ANSWERED] * 6
        assert len({entry.asked["picture"] for entry in server.ledger()}) == 6

    def test_a_batch_gets_the_same_answers_as_one_by_one(self, serve: Serve, tmp_path: Path) -> None:
        server = serve(Plan())
        spec, found = gpt_4o("gpt-4o"), []
        assert spec.endpoint is not None
        # Only the vendor's own host is known to have a batch mode; this server has one too.
        spec = replace(spec, endpoint=replace(spec.endpoint, batches=True))
        for number, batch in enumerate((False, True)):
            store = PredictionStore(tmp_path / f"store{number}")
            asking = Asking(live=True, batch=batch, run="run")
            found.append(gather(spec, rendered_faces(), store, limit_people=1, asking=asking))
            store.close()
        assert found[0].predicted.codes.tolist() == found[1].predicted.codes.tolist()
        assert found[0].kind.tolist() == found[1].kind.tolist() == [0] * len(found[0].kind)
        confidence = [each.confidence for each in found]
        assert confidence[0] is not None
        assert confidence[1] is not None
        assert confidence[0].tolist() == confidence[1].tolist()
        assert any("/batches" in entry.path for entry in server.ledger())
