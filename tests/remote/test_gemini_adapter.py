"""Gemini through whichever of Google's SDKs is installed, against a server in a process of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fer_audit.errors import ConfigurationError, EndpointError
from fer_audit.models.gemini import gemini_model
from fer_audit.models.gemini.target import has_genai, has_generativeai
from fer_audit.models.gemini.vendor import GeminiVendor

if not (has_genai() or has_generativeai()):
    pytest.skip("neither SDK of Google is installed", allow_module_level=True)

from loopback_plan import LABELS, Plan, hashed
from vendors import KEY, PICTURE, VENDORS

from fer_audit.datasets import rendered_faces
from fer_audit.inference import Asking, gather
from fer_audit.models.prompts import WORDINGS, question
from fer_audit.models.remote import AgainError
from fer_audit.records import Answer
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from loopback import Server
    from vendors import Vendor

    from fer_audit.models.remote import RemoteRecognizer, Reply

    Serve = Callable[[Plan], Server]
    Load = Callable[[str], RemoteRecognizer]
    Ask = Callable[..., Reply]

ASKED = "gemini-3.5-flash"
NEW = pytest.mark.skipif(not has_genai(), reason="google-generativeai does not know it")


@pytest.fixture
def vendor() -> Vendor:
    return VENDORS["gemini"]


@pytest.fixture
def ask(load: Load) -> Ask:
    def asked(model: str = "") -> Reply:
        return load(f"gemini:{model}" if model else "gemini").vendor.ask(PICTURE, WORDINGS[0], 0)

    return asked


NO_LABEL = {
    'cut {"expression": "ang': Answer(AnswerKind.TRUNCATED, raw='{"expression": "ang', flagged=True),
    "cut anger": Answer(AnswerKind.TRUNCATED, raw="anger", flagged=True),
    "finish MAX_TOKENS": Answer(AnswerKind.TRUNCATED, raw="", flagged=True),
    "finish OTHER": Answer(AnswerKind.EMPTY, raw="ended without a word: OTHER", flagged=True),
    "finish STOP": Answer(AnswerKind.EMPTY, raw="", flagged=False),
    "nobody": Answer(AnswerKind.EMPTY, raw="no candidates", flagged=True),
    'say {"expression": "cannot_tell"}': Answer(
        AnswerKind.REFUSED, raw='{"expression": "cannot_tell"}', flagged=False
    ),
    "say Concentration": Answer(AnswerKind.OUT_OF_VOCABULARY, raw="Concentration", flagged=False),
    "say anger or fear": Answer(AnswerKind.SEVERAL_LABELS, raw="anger or fear", flagged=False),
    'say {"expression": "ang': Answer(AnswerKind.MALFORMED, raw='{"expression": "ang', flagged=False),
    "say I'm unable to view images.": Answer(
        AnswerKind.REFUSED, raw="I'm unable to view images.", flagged=False
    ),
}
"""What a special reply of the server is read as."""


class TestRequests:
    def test_one_has_all_that_the_answer_depends_on(self, serve: Serve, ask: Ask) -> None:
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
        self, serve: Serve, model: str, sent: dict[str, object], ask: Ask
    ) -> None:
        server = serve(Plan())
        ask(model)
        config = json.loads(server.ledger()[0].asked["config"])
        # The SDK writes what is inside in the API's other spelling.
        assert {name: config[name] for name in ("temperature", "thinkingConfig") if name in config} == sent

    def test_the_vendors_other_name_for_a_model_and_for_the_key_will_do(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch, load: Load
    ) -> None:
        server = serve(Plan())
        monkeypatch.delenv("GEMINI_API_KEY")
        monkeypatch.setenv("GOOGLE_API_KEY", f" {KEY}\n")
        recognizer = load("gemini:models/gemini-2.0-flash-001")
        recognizer.vendor.ask(PICTURE, WORDINGS[0], 0)
        (entry,) = server.ledger()
        assert (entry.asked["model"], entry.key) == ("gemini-2.0-flash-001", hashed(KEY))
        assert recognizer.endpoint.key == "GOOGLE_API_KEY"


class TestAnswers:
    def test_a_label_comes_with_what_it_cost(self, serve: Serve, ask: Ask) -> None:
        server = serve(Plan())
        reply = ask()
        label = server.plan.label(PICTURE)
        words = f'{{"expression": "{label}"}}'
        assert reply.answer == Answer(AnswerKind.ANSWERED, label, raw=words)
        # Six tokens of the answer, and three that it thought in.
        assert (reply.served, reply.tokens_received) == (ASKED, 9)
        assert reply.tokens_sent == 258 + len(question(WORDINGS[0], LABELS)) // 4

    @pytest.mark.parametrize("reason", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"])
    def test_a_prompt_that_is_blocked_has_no_candidates(self, serve: Serve, reason: str, ask: Ask) -> None:
        server = serve(Plan(reply=f"block {reason}"))
        said = f"prompt blocked: {reason}"
        assert ask().answer == Answer(AnswerKind.BLOCKED_INPUT, raw=said, flagged=True)
        assert len(server.ledger()) == 1

    @pytest.mark.parametrize(
        "reason", ["SAFETY", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST", "RECITATION", "IMAGE_SAFETY"]
    )
    def test_a_candidate_that_is_blocked_says_so(self, serve: Serve, reason: str, ask: Ask) -> None:
        serve(Plan(reply=f"finish {reason}"))
        said = f"answer blocked: {reason}"
        assert ask().answer == Answer(AnswerKind.BLOCKED_OUTPUT, raw=said, flagged=True)

    @pytest.mark.parametrize("reply", NO_LABEL)
    def test_what_is_no_label_has_its_kind_and_its_words(self, serve: Serve, ask: Ask, reply: str) -> None:
        serve(Plan(reply=reply))
        assert ask().answer == NO_LABEL[reply]

    def test_a_reason_that_nobody_knows_leaves_the_words_to_be_read(self, serve: Serve, ask: Ask) -> None:
        server = serve(Plan(reply="strange"))
        label = server.plan.label(PICTURE)
        assert ask().answer == Answer(AnswerKind.ANSWERED, label, raw=label)

    @NEW
    def test_what_it_thinks_is_not_what_it_says(self, serve: Serve, ask: Ask) -> None:
        server = serve(Plan(reply="think"))
        assert ask().answer.label == server.plan.label(PICTURE)

    @pytest.mark.parametrize("served", ["gemini-3.5-flash-lite", "gemini-3.8-flash", "gemini-2.5-flash"])
    def test_another_model_than_the_one_asked_for_answers_nothing(
        self, serve: Serve, served: str, ask: Ask
    ) -> None:
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
    def test_a_name_stands_for_its_versions(self, serve: Serve, asked: str, served: str, ask: Ask) -> None:
        serve(Plan(model=served))
        reply = ask(asked)
        assert (reply.answer.kind, reply.served) == (AnswerKind.ANSWERED, served)

    def test_a_picture_that_cannot_be_read_there_is_an_error_of_that_picture(
        self, serve: Serve, ask: Ask
    ) -> None:
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
    def test_what_never_goes_well_says_the_cure(self, serve: Serve, fatal: str, said: str, ask: Ask) -> None:
        server = serve(Plan(fatal=fatal))
        with pytest.raises(EndpointError) as caught:
            ask()
        assert str(caught.value) == f"model 'gemini': {server.host} {said}"
        assert len(server.ledger()) == 1

    def test_a_limit_of_the_minute_says_how_long_to_wait(self, serve: Serve, ask: Ask) -> None:
        server = serve(Plan(rate=1.0, faults=("a minute's limit",)))
        with pytest.raises(AgainError) as caught:
            ask()
        error = caught.value
        assert (error.reason, error.after, error.overload, error.charged) == ("status 429", 1.5, True, False)
        assert len(server.ledger()) == 1

    def test_a_reply_without_anything_is_worth_another_attempt(self, serve: Serve, ask: Ask) -> None:
        serve(Plan(reply="nothing"))
        with pytest.raises(AgainError) as caught:
            ask()
        assert (caught.value.reason, caught.value.charged) == ("no response in what came back", True)

    @NEW
    def test_a_garbled_reply_about_a_batch_is_worth_another_attempt(self, serve: Serve, load: Load) -> None:
        """There the SDK reads it, and lets the error of its reader through."""
        serve(Plan(fatal="garbled JSON"))
        vendor = load("gemini").vendor
        assert isinstance(vendor, GeminiVendor)
        with pytest.raises(AgainError) as caught:
            vendor.batches().find("a token")
        assert caught.value.reason == "what came back is cut or garbled"


class TestKey:
    def test_without_one_nothing_is_sent(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch, load: Load
    ) -> None:
        server = serve(Plan())
        monkeypatch.setenv("GEMINI_API_KEY", " ")
        with pytest.raises(EndpointError) as caught:
            load("gemini")
        assert str(caught.value) == (
            f"model 'gemini': neither GEMINI_API_KEY nor GOOGLE_API_KEY is set, and {server.host} wants a key; "
            "make one at https://aistudio.google.com/apikey and export it as GEMINI_API_KEY"
        )

    def test_one_that_cannot_be_one_is_not_repeated(
        self, serve: Serve, monkeypatch: pytest.MonkeyPatch, load: Load
    ) -> None:
        serve(Plan())
        monkeypatch.setenv("GEMINI_API_KEY", "two words")
        with pytest.raises(EndpointError) as caught:
            load("gemini")
        assert str(caught.value) == (
            "model 'gemini': GEMINI_API_KEY holds a space or another character that no key has; copy it again"
        )

    def test_a_model_that_repeats_it_is_not_quoted(self, serve: Serve, ask: Ask) -> None:
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
