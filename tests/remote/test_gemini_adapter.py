"""Gemini through whichever of Google's SDKs is installed, against a server in a process of its own."""

from __future__ import annotations

import json
import time
from collections import Counter
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import ConfigurationError, EndpointError
from fer_audit.models.gemini import gemini_model
from fer_audit.models.gemini.target import has_genai, has_generativeai

if not (has_genai() or has_generativeai()):
    pytest.skip("neither SDK of Google is installed", allow_module_level=True)

from loopback import serving
from loopback_plan import LABELS, RECOVERABLE, Plan, hashed
from PIL import Image

from fer_audit.datasets import rendered_faces
from fer_audit.inference import Asking, gather
from fer_audit.models.gemini import model as module
from fer_audit.models.gemini.vendor import GeminiVendor
from fer_audit.models.prompts import WORDINGS, question
from fer_audit.models.remote import AgainError, Limits, Question, RemoteRecognizer, Terms
from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from loopback import Server

    from fer_audit.models.remote import Reply, Vendor

    Serve = Callable[[Plan], Server]

KEY = "canary-5e1f00d"
PICTURE = b"a picture"
ASKED = "gemini-3.5-flash"
OPEN: list[Vendor] = []  # closed at the end of each test, or their sockets are collected in another one
NEW = pytest.mark.skipif(not has_genai(), reason="google-generativeai does not know it")


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start the server of a test; the environment leads to it."""
    with ExitStack() as stack:

        def start(plan: Plan) -> Server:
            server = stack.enter_context(serving(plan, tmp_path))
            monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", server.url)
            return server

        monkeypatch.delenv("GOOGLE_API_KEY", raising=False)
        monkeypatch.setenv("GEMINI_API_KEY", KEY)
        monkeypatch.setattr(module, "SECONDS", 1.0)  # for one request
        yield start
        while OPEN:
            OPEN.pop().close()


def loaded(model: str = "") -> RemoteRecognizer:
    recognizer = gemini_model("gemini", model).load(LABELS)
    assert isinstance(recognizer, RemoteRecognizer)
    OPEN.append(recognizer.vendor)
    return recognizer


def ask(recognizer: RemoteRecognizer | None = None) -> Reply:
    return (recognizer or loaded()).vendor.ask(PICTURE, WORDINGS[0], 0)


class TestRequests:
    def test_one_has_all_that_the_answer_depends_on(self, serve: Serve) -> None:
        server = serve(Plan())
        ask()
        (entry,) = server.ledger()
        # Of its own accord google-genai 3 would ask v1, which knows no response schema.
        assert entry.path.partition("?")[0] == f"/v1beta/models/{ASKED}:generateContent"
        assert entry.key == hashed(KEY)
        assert {name: entry.asked[name] for name in ("model", "picture", "words")} == {
            "model": ASKED,
            "picture": hashed(PICTURE),
            "words": question(WORDINGS[0], LABELS),
        }
        config = json.loads(entry.asked["config"])
        assert config["maxOutputTokens"] == 1024
        assert config["responseMimeType"] == "application/json"
        schema = config["responseSchema"]
        assert schema["required"] == ["expression"]
        assert schema["properties"]["expression"]["enum"] == [*LABELS, "cannot_tell"]
        assert len(json.loads(entry.asked["safety"])) == 4

    @NEW
    @pytest.mark.parametrize(
        ("model", "sent"),
        [
            ("gemini-3.5-flash", {"thinkingConfig": {"thinking_level": "LOW"}}),
            ("gemini-3-pro-preview", {"thinkingConfig": {"thinking_level": "LOW"}}),
            ("gemini-2.5-flash", {"temperature": 0.0, "thinkingConfig": {"thinking_budget": 0}}),
            ("gemini-2.5-pro", {"temperature": 0.0, "thinkingConfig": {"thinking_budget": 128}}),
            ("gemini-2.0-flash-001", {"temperature": 0.0}),
            ("gemini-flash-latest", {}),
        ],
    )
    def test_a_model_thinks_as_little_as_its_generation_can(
        self, serve: Serve, model: str, sent: dict[str, object]
    ) -> None:
        server = serve(Plan())
        ask(loaded(model))
        config = json.loads(server.ledger()[0].asked["config"])
        # The SDK writes what is inside in the API's other spelling.
        assert {name: config[name] for name in ("temperature", "thinkingConfig") if name in config} == sent

    @NEW
    def test_a_repeat_has_another_seed(self, serve: Serve) -> None:
        server = serve(Plan())
        for repeat in range(3):
            loaded().vendor.ask(PICTURE, WORDINGS[0], repeat)
        assert [entry.asked["seed"] for entry in server.ledger()] == ["20250", "20251", "20252"]

    def test_the_vendors_other_name_for_a_model_and_for_the_key_will_do(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = serve(Plan())
        monkeypatch.delenv("GEMINI_API_KEY")
        monkeypatch.setenv("GOOGLE_API_KEY", f" {KEY}\n")
        recognizer = loaded("models/gemini-2.0-flash-001")
        ask(recognizer)
        (entry,) = server.ledger()
        assert (entry.asked["model"], entry.key) == ("gemini-2.0-flash-001", hashed(KEY))
        assert recognizer.endpoint.key == "GOOGLE_API_KEY"


class TestAnswers:
    def test_a_label_comes_with_what_it_cost(self, serve: Serve) -> None:
        server = serve(Plan())
        reply = ask()
        label = server.plan.label(PICTURE)
        words = f'{{"expression": "{label}"}}'
        assert reply.answer == Answer(AnswerKind.ANSWERED, label, raw=words)
        # Six tokens of the answer, and three that it thought in.
        assert (reply.served, reply.tokens_received) == (ASKED, 9)
        assert reply.tokens_sent == 258 + len(question(WORDINGS[0], LABELS)) // 4

    @pytest.mark.parametrize("reason", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"])
    def test_a_prompt_that_is_blocked_has_no_candidates(self, serve: Serve, reason: str) -> None:
        server = serve(Plan(reply=f"block {reason}"))
        said = f"prompt blocked: {reason}"
        assert ask().answer == Answer(AnswerKind.BLOCKED_INPUT, raw=said, flagged=True)
        assert len(server.ledger()) == 1

    @pytest.mark.parametrize(
        "reason", ["SAFETY", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST", "RECITATION", "IMAGE_SAFETY"]
    )
    def test_a_candidate_that_is_blocked_says_so(self, serve: Serve, reason: str) -> None:
        serve(Plan(reply=f"finish {reason}"))
        said = f"answer blocked: {reason}"
        assert ask().answer == Answer(AnswerKind.BLOCKED_OUTPUT, raw=said, flagged=True)

    @pytest.mark.parametrize(
        ("reply", "kind", "raw", "flagged"),
        [
            ('cut {"expression": "ang', AnswerKind.TRUNCATED, '{"expression": "ang', True),
            ("cut anger", AnswerKind.TRUNCATED, "anger", True),
            ("finish MAX_TOKENS", AnswerKind.TRUNCATED, "", True),
            ("finish OTHER", AnswerKind.EMPTY, "ended without a word: OTHER", True),
            ("finish STOP", AnswerKind.EMPTY, "", False),
            ("nobody", AnswerKind.EMPTY, "no candidates", True),
            (
                'say {"expression": "cannot_tell"}',
                AnswerKind.REFUSED,
                '{"expression": "cannot_tell"}',
                False,
            ),
            ("say Concentration", AnswerKind.OUT_OF_VOCABULARY, "Concentration", False),
            ("say anger or fear", AnswerKind.SEVERAL_LABELS, "anger or fear", False),
            ('say {"expression": "ang', AnswerKind.MALFORMED, '{"expression": "ang', False),
            ("say I'm unable to view images.", AnswerKind.REFUSED, "I'm unable to view images.", False),
        ],
    )
    def test_what_is_no_label_has_its_kind_and_its_words(
        self, serve: Serve, reply: str, kind: AnswerKind, raw: str, flagged: bool
    ) -> None:
        serve(Plan(reply=reply))
        assert ask().answer == Answer(kind, raw=raw, flagged=flagged)

    def test_a_reason_that_nobody_knows_leaves_the_words_to_be_read(self, serve: Serve) -> None:
        server = serve(Plan(reply="strange"))
        label = server.plan.label(PICTURE)
        assert ask().answer == Answer(AnswerKind.ANSWERED, label, raw=label)

    @NEW
    def test_what_it_thinks_is_not_what_it_says(self, serve: Serve) -> None:
        server = serve(Plan(reply="think"))
        assert ask().answer.label == server.plan.label(PICTURE)

    @pytest.mark.parametrize("served", ["gemini-3.5-flash-lite", "gemini-3.8-flash", "gemini-2.5-flash"])
    def test_another_model_than_the_one_asked_for_answers_nothing(self, serve: Serve, served: str) -> None:
        serve(Plan(model=served))
        assert ask().answer == Answer(
            AnswerKind.ERROR,
            raw=f"'{served}' was served where '{ASKED}' was asked for; its answer is not taken",
            flagged=True,
        )

    @pytest.mark.parametrize(
        ("asked", "served"),
        [
            ("gemini-2.0-flash", "gemini-2.0-flash-001"),
            ("gemini-3-pro", "gemini-3-pro-preview-11-2025"),
            ("gemini-flash-latest", "gemini-3.8-flash"),
        ],
    )
    def test_a_name_stands_for_its_versions(self, serve: Serve, asked: str, served: str) -> None:
        serve(Plan(model=served))
        reply = ask(loaded(asked))
        assert (reply.answer.kind, reply.served) == (AnswerKind.ANSWERED, served)

    def test_a_picture_that_cannot_be_read_there_is_an_error_of_that_picture(self, serve: Serve) -> None:
        serve(Plan(reply="image"))
        said = "Unable to process input image. Please retry or report."
        assert ask().answer == Answer(AnswerKind.ERROR, raw=said, flagged=True)


class TestFailures:
    @pytest.mark.parametrize(
        ("fatal", "said"),
        [
            (
                "401",
                "does not accept the key (status 400: API key not valid. Please pass a valid API key.); check "
                "GEMINI_API_KEY and GOOGLE_API_KEY",
            ),
            (
                "403",
                "does not allow it (status 403: Generative Language API has not been used in project 1.); check "
                "that the key may use the Gemini API, and that it is not restricted to other addresses",
            ),
            (
                "404",
                "has no such model (status 404: models/x is not found for API version v1beta.); check the model's "
                "name, as in gemini:gemini-3.5-flash, and GOOGLE_GEMINI_BASE_URL where it is set",
            ),
            (
                "insufficient_quota",
                "says that the account has no quota left (GenerateRequestsPerDayPerProjectPerModel-FreeTier); "
                "wait for it to be renewed, raise its limit or add credit, then run again: the answers so far "
                "are kept",
            ),
            (
                "no credit",
                "says that the account has no quota left (Your prepayment credits are depleted.); wait for it to "
                "be renewed, raise its limit or add credit, then run again: the answers so far are kept",
            ),
            (
                "400",
                "refuses the request (status 400: Image input modality is not enabled for this model.); choose a "
                "model that takes pictures and answers in JSON",
            ),
        ],
    )
    def test_what_never_goes_well_says_the_cure(self, serve: Serve, fatal: str, said: str) -> None:
        server = serve(Plan(fatal=fatal))
        with pytest.raises(EndpointError) as caught:
            ask()
        assert str(caught.value) == f"model 'gemini': {server.host} {said}"
        assert len(server.ledger()) == 1

    @pytest.mark.parametrize(
        ("fault", "reason", "after", "mark"),
        [
            ("429", "status 429", None, "overload"),
            ("429 with Retry-After", "status 429", 1.0, "overload"),
            ("a minute's limit", "status 429", 1.5, "overload"),
            ("500", "status 500", None, ""),
            ("502", "status 502", None, ""),
            ("503", "status 503", None, "overload"),
            ("529", "status 529", None, "overload"),
            ("reset", "the connection broke", None, "charged"),
            ("time-out", "no answer in time", None, "charged"),
            ("cut JSON", "what came back is ", None, "charged"),
            ("cut body", "the connection broke", None, "charged"),
            ("garbled JSON", "what came back is ", None, "charged"),
            ("HTML", "what came back is ", None, "charged"),
            ("empty body", "what came back is ", None, "charged"),
        ],
    )
    def test_what_passes_is_worth_another_attempt(
        self, serve: Serve, fault: str, reason: str, after: float | None, mark: str
    ) -> None:
        server = serve(Plan(rate=1.0, faults=(fault,)))
        with pytest.raises(AgainError) as caught:
            ask()
        error = caught.value
        assert error.reason.startswith(reason)
        assert error.after == after
        assert (error.overload, error.charged) == (mark == "overload", mark == "charged")
        # The SDK has not tried again by itself.
        assert len(server.ledger()) == 1

    @NEW
    def test_a_reply_that_trickles_is_given_up_in_time(self, serve: Serve) -> None:
        serve(Plan(rate=1.0, faults=("trickle",), hold=30.0))
        with pytest.raises(AgainError, match="no whole answer in time") as caught:
            ask()
        assert caught.value.charged

    def test_a_reply_without_anything_is_worth_another_attempt(self, serve: Serve) -> None:
        serve(Plan(reply="nothing"))
        with pytest.raises(AgainError) as caught:
            ask()
        assert (caught.value.reason, caught.value.charged) == ("no response in what came back", True)

    def test_a_host_that_never_was_reached_is_taken_for_a_wrong_one(self, serve: Serve) -> None:
        server = serve(Plan())
        server.stop()
        vendor = loaded().vendor
        assert isinstance(vendor, GeminiVendor)
        vendor.lost = 0.2
        with pytest.raises(AgainError) as caught:
            vendor.ask(PICTURE, WORDINGS[0], 0)
        assert (caught.value.reason, caught.value.charged) == (f"{server.host} cannot be reached", False)
        time.sleep(0.3)
        with pytest.raises(EndpointError) as refused:
            vendor.ask(PICTURE, WORDINGS[0], 0)
        assert str(refused.value) == (
            f"model 'gemini': {server.host} cannot be reached and never was in this run; check the connection, "
            "and GOOGLE_GEMINI_BASE_URL where it is set"
        )

    def test_a_host_that_was_reached_is_waited_for(self, serve: Serve) -> None:
        server = serve(Plan())
        vendor = loaded().vendor
        assert isinstance(vendor, GeminiVendor)
        vendor.lost = 0.0
        assert vendor.ask(PICTURE, WORDINGS[0], 0).answer.kind is AnswerKind.ANSWERED
        server.stop()
        for _ in range(2):
            with pytest.raises(AgainError):
                vendor.ask(PICTURE, WORDINGS[0], 0)


class TestKey:
    def test_without_one_nothing_is_sent(self, serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
        server = serve(Plan())
        monkeypatch.setenv("GEMINI_API_KEY", " ")
        with pytest.raises(EndpointError) as caught:
            loaded()
        assert str(caught.value) == (
            f"model 'gemini': neither GEMINI_API_KEY nor GOOGLE_API_KEY is set, and {server.host} wants a key; "
            "make one at https://aistudio.google.com/apikey and export it as GEMINI_API_KEY"
        )

    def test_one_that_cannot_be_one_is_not_repeated(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        serve(Plan())
        monkeypatch.setenv("GEMINI_API_KEY", "two words")
        with pytest.raises(EndpointError) as caught:
            loaded()
        assert str(caught.value) == (
            "model 'gemini': GEMINI_API_KEY holds a space or another character that no key has; copy it again"
        )

    def test_it_is_shown_nowhere(self, serve: Serve) -> None:
        server = serve(Plan())
        spec, recognizer = gemini_model("gemini"), loaded()
        ask(recognizer)
        assert spec.describe is not None
        assert server.ledger()[0].key == hashed(KEY)
        assert KEY not in server.ledger()[0].path
        assert KEY not in repr(spec) + repr(dict(spec.describe())) + repr(recognizer)

    def test_a_model_that_repeats_it_is_not_quoted(self, serve: Serve) -> None:
        serve(Plan(reply=f"say LABEL {KEY}"))
        assert ask().answer.raw.endswith(" [key]")

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            (
                "ftp://x",
                "is no address that can be asked ('ftp://x'); write it as https://gateway.example.org",
            ),
            (
                "https://me:secret@x",
                "is no address that can be asked; write it as https://gateway.example.org",
            ),
            ("https://x/v1", "is no address that can be asked ('https://x/v1'); write it as https://gateway"),
            (
                "http://gateway.example",
                "would send the key and the faces unencrypted ('http://gateway.example'); write https://",
            ),
        ],
    )
    def test_an_address_that_cannot_be_asked_says_the_cure(
        self, monkeypatch: pytest.MonkeyPatch, url: str, said: str
    ) -> None:
        monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", url)
        with pytest.raises(ConfigurationError) as caught:
            gemini_model("gemini")
        assert str(caught.value).startswith(f"model 'gemini': GOOGLE_GEMINI_BASE_URL {said}")


class TestWhole:
    def test_recognize_answers_each_picture(self, serve: Serve) -> None:
        server = serve(Plan())
        pictures = [Image.new("RGB", (64, 64), (40 * number, 0, 0)) for number in range(6)]
        answers = loaded().recognize(pictures)
        assert [answer.kind for answer in answers] == [AnswerKind.ANSWERED] * 6
        assert len({entry.asked["picture"] for entry in server.ledger()}) == 6

    def test_nothing_is_lost_and_nothing_asked_twice_beyond_retries(self, serve: Serve) -> None:
        passing = tuple(fault for fault in RECOVERABLE if fault not in {"time-out", "trickle"})
        server = serve(Plan(rate=0.2, faults=passing, seed=7))
        recognizer = loaded()
        pictures = {str(number): b"picture %d" % number for number in range(400)}

        def picture(key: str) -> bytes:
            return pictures[key]

        questions = (Question(key, partial(picture, key), WORDINGS[0]) for key in pictures)
        found = {each.key: each.answer for each in recognizer.answer(questions, Terms(Limits(at_once=16)))}
        assert {key: answer.label for key, answer in found.items()} == {
            key: server.plan.label(data) for key, data in pictures.items()
        }
        outcomes = Counter(entry.outcome for entry in server.ledger())
        assert outcomes["answered"] == len(pictures)
        assert set(outcomes) - {"answered"} == set(passing)
        answered = Counter(e.question for e in server.ledger() if e.outcome == "answered")
        assert set(answered.values()) == {1}

    @NEW
    def test_a_batch_gets_the_same_answers_as_one_by_one(self, serve: Serve, tmp_path: Path) -> None:
        server = serve(Plan(model=ASKED))
        spec, found = gemini_model("gemini"), []
        for number, batch in enumerate((False, True)):
            store = PredictionStore(tmp_path / f"store{number}")
            asking = Asking(live=True, batch=batch, run="run")
            found.append(gather(spec, rendered_faces(), store, limit_people=1, asking=asking))
            store.close()
        assert found[0].predicted.codes.tolist() == found[1].predicted.codes.tolist()
        assert found[0].kind.tolist() == found[1].kind.tolist() == [0] * len(found[0].kind)
        assert any(":batchGenerateContent" in entry.path for entry in server.ledger())
