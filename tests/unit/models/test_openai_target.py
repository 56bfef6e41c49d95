"""Where OpenAI's protocol is spoken, under which key, and for how much."""

from __future__ import annotations

import pytest

from fer_audit.errors import ConfigurationError, EndpointError
from fer_audit.models.openai import gpt_4o, openai_model
from fer_audit.models.openai.request import Request
from fer_audit.models.openai.target import PLACEHOLDER, Target, key_for, target
from fer_audit.models.prompts import WORDINGS
from fer_audit.pixels import CANONICAL

VENDOR = Target("https://api.openai.com/v1", "api.openai.com", is_private=False)


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_BASE_URL", "OPENAI_API_KEY", "FER_AUDIT_PRICE"):
        monkeypatch.delenv(name, raising=False)


class TestAddress:
    def test_the_vendor_is_asked_where_nothing_is_said(self) -> None:
        assert target("m") == VENDOR
        assert VENDOR.is_vendor

    @pytest.mark.parametrize(
        ("url", "host", "private"),
        [
            ("http://localhost:11434/v1", "localhost:11434", True),
            ("http://127.0.0.1:8000/v1", "127.0.0.1:8000", True),
            ("http://[::1]:8000/v1", "[::1]:8000", True),
            ("http://192.168.1.7:1234/v1", "192.168.1.7:1234", True),
            ("http://ollama:11434/v1", "ollama:11434", True),
            ("http://vllm.cluster.internal/v1", "vllm.cluster.internal", True),
            ("https://gateway.example.com/openai/v1", "gateway.example.com", False),
            ("https://gateway.example.com:443/v1", "gateway.example.com", False),
            ("https://8.8.8.8/v1", "8.8.8.8", False),
        ],
    )
    def test_another_is_taken_from_the_environment(
        self, monkeypatch: pytest.MonkeyPatch, url: str, host: str, private: bool
    ) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", f" {url} ")
        found = target("m")
        assert found == Target(url, host, private)
        assert not found.is_vendor

    @pytest.mark.parametrize("url", ["localhost:11434", "ftp://localhost/v1", "http://", "http://h:port/v1"])
    def test_what_is_no_address_is_refused(self, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", url)
        with pytest.raises(ConfigurationError) as caught:
            target("m")
        assert str(caught.value) == (
            f"model 'm': OPENAI_BASE_URL is no address that can be asked ('{url}'); write it as "
            "http://localhost:11434/v1, with no user and no password in it"
        )

    def test_a_password_in_it_is_refused_and_not_repeated(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", "https://me:sesame@gateway.example.com/v1")
        with pytest.raises(ConfigurationError, match="no user and no password") as caught:
            target("m")
        assert "sesame" not in str(caught.value)

    def test_faces_and_keys_do_not_travel_unencrypted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", "http://gateway.example.com/v1")
        with pytest.raises(ConfigurationError) as caught:
            target("m")
        assert str(caught.value) == (
            "model 'm': OPENAI_BASE_URL would send the key and the faces unencrypted "
            "('http://gateway.example.com/v1'); write https://"
        )


class TestKey:
    def test_the_vendor_wants_one(self) -> None:
        with pytest.raises(EndpointError) as caught:
            key_for("m", VENDOR)
        assert str(caught.value) == (
            "model 'm': OPENAI_API_KEY is not set, and api.openai.com wants a key; export it, or set "
            "OPENAI_BASE_URL to a server of your own"
        )

    def test_a_server_of_ones_own_does_not_and_gets_one_that_is_set(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        own = Target("http://localhost:1/v1", "localhost:1", is_private=True)
        assert key_for("m", own) == PLACEHOLDER
        monkeypatch.setenv("OPENAI_API_KEY", " sk-1\n")
        assert key_for("m", own) == "sk-1"

    @pytest.mark.parametrize("key", ["sk-sesame one", "sk-sesame\nX-Other: 1", "sk-sesameé"])
    def test_what_cannot_be_one_is_not_sent_and_not_repeated(
        self, monkeypatch: pytest.MonkeyPatch, key: str
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
        with pytest.raises(EndpointError) as caught:
            key_for("m", VENDOR)
        assert str(caught.value) == (
            "model 'm': OPENAI_API_KEY holds a space or another character that no key has; copy it again"
        )

    def test_without_one_a_model_is_known_but_not_loaded(self) -> None:
        pytest.importorskip("openai")
        spec = gpt_4o("gpt-4o")
        with pytest.raises(EndpointError, match="OPENAI_API_KEY is not set"):
            spec.load(("anger", "fear"))


class TestModel:
    def test_it_says_what_its_answers_depend_on(self) -> None:
        spec = gpt_4o("mine")
        assert spec.describe is not None
        assert spec.describe() == {
            "model": "gpt-4o-2024-11-20",
            "sampling": "temperature 0, seed 20250 plus the repeat, at most 64 tokens",
            "image detail": "low",
            "response schema": "label enum with cannot_tell, strict, 1",
            "endpoint": "api.openai.com",
            "picture": CANONICAL,
        }
        assert spec.endpoint is not None
        assert spec.endpoint.batches
        assert spec.endpoint.key == "OPENAI_API_KEY"
        assert (spec.lists_labels, spec.speaks, spec.varies) == (True, True, True)

    def test_a_snapshot_is_a_date(self) -> None:
        dated = gpt_4o("mine", "2024-08-06")
        assert dated.describe is not None
        assert dated.describe()["model"] == "gpt-4o-2024-08-06"
        with pytest.raises(ConfigurationError) as caught:
            gpt_4o("mine", "mini")
        assert str(caught.value) == (
            "model 'mine': gpt-4o has no snapshot 'mini'; write its date, as in gpt-4o:2024-11-20, or "
            "openai:NAME for another model"
        )

    def test_a_server_of_ones_own_has_no_batches_and_a_price_where_one_is_told(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:11434/v1")
        endpoint = openai_model("mine", "llava:7b").endpoint
        assert endpoint is not None
        assert (endpoint.host, endpoint.batches, endpoint.price) == ("localhost:11434", False, None)
        monkeypatch.setenv("FER_AUDIT_PRICE", "0/0")
        priced = openai_model("mine", "llava:7b").endpoint
        assert priced is not None
        assert priced.price is not None
        assert (priced.price.input, priced.price.output) == (0.0, 0.0)

    @pytest.mark.parametrize(
        ("model", "picture"),
        [("gpt-4o-2024-11-20", 85), ("gpt-4o-mini", 2833), ("gpt-4.1-mini", 2833), ("llava:7b", 2833)],
    )
    def test_no_request_takes_more_tokens_than_are_set_aside(self, model: str, picture: int) -> None:
        labels = ("anger", "fear")
        request = Request(model, labels)
        most = request.most_sent(WORDINGS)
        for wording in WORDINGS:
            body = request.body(b"", wording, 0)
            text = body["messages"][0]["content"][0]["text"]
            assert picture + len(text.encode()) + len(str(body["response_format"])) <= most + 50
        assert picture < most < picture + 1000
        assert Request(model, ("anger" * 100, "fear")).most_sent(WORDINGS) > most + 900
