"""A model that a user got wrong: one line with the cure, an ERROR and no verdict, and the others are judged."""

from __future__ import annotations

import json

import pytest
from broken_suite import assert_one_line, judged, make_suite, run

CONFTEST = """
import pytest
from fer_audit import ModelSpec
from fer_audit.errors import EndpointError, ModelError
from fer_audit.models import Endpoint
from fer_audit.models.extras import import_extra
from fer_audit.wording import Wording

def packageless(labels):
    return import_extra("no_such_package", extra="clip", model="packageless")

def keyless(labels):
    raise EndpointError("model 'keyless': OPENAI_API_KEY is not set; export it")

def full(labels):
    raise RuntimeError("CUDA out of memory")

def weightless():
    raise ModelError("model 'weightless': there is no file net.pt; download it")

class Breaks:
    def recognize(self, images):
        raise ValueError("bad shape")

class Short:
    def recognize(self, images):
        return ["anger"]

@pytest.hookimpl(optionalhook=True)
def pytest_fer_models():
    return [
        ModelSpec("packageless", packageless),
        ModelSpec("keyless", keyless),
        ModelSpec("full", full),
        ModelSpec("weightless", full, weightless),
        ModelSpec("breaks", lambda labels: Breaks()),
        ModelSpec("short", lambda labels: Short()),
        ModelSpec("nothing", lambda labels: None),
        ModelSpec(
            "remote",
            keyless,
            lambda: {"model": "remote-1"},
            wordings=(Wording("plain", "1", ("Which of {labels}?",)),),
            endpoint=Endpoint("api.example", "REMOTE_KEY"),
        ),
    ]
"""

SIDECAR = {
    "schema": 1,
    "width": 2,
    "height": 2,
    "channels": "grey",
    "layout": "nchw",
    "mean": [0],
    "std": [1],
    "labels": ["anger", "fear"],
    "output": "logits",
}

# What follows --fer-model, and the one line that is shown.
BROKEN = {
    "a package is missing": (
        "packageless",
        "MissingExtraError: model 'packageless' needs 'no_such_package', which is not installed: "
        "pip install 'fer-audit[clip]'",
    ),
    "a key is missing": (
        "keyless",
        "EndpointError: model 'keyless': OPENAI_API_KEY is not set; export it",
    ),
    "the network may not be asked": (
        "remote",
        "NotLiveError: model 'remote': 120 answers are not in the store, and api.example is asked for them, at a "
        "price that is not known, only with --fer-live; to fill the store beforehand: fer-audit predict --live",
    ),
    "the device is full": (
        "full",
        "ModelError: model 'full' could not be loaded: RuntimeError: CUDA out of memory",
    ),
    "its weights are gone": (
        "weightless",
        "ModelError: model 'weightless': there is no file net.pt; download it",
    ),
    "it breaks on every picture": (
        "breaks",
        "ModelError: model 'breaks' broke on * of the first * images (at most 1% may): *.png: ValueError: bad "
        "shape. A crash is no answer; mend the model and run again",
    ),
    "it answers too little": (
        "short",
        "ModelError: model 'short': recognize returned 1 answers for * images; return one for each, in the same "
        "order",
    ),
    "it is none": (
        "nothing",
        "ModelError: model 'nothing': loading gave NoneType, which has no method recognize(images)",
    ),
    "its file is no net": (
        "page=onnx:page.onnx",
        "ModelError: model 'page': page.onnx is no ONNX file (wire type 4 at byte 1); export the net again",
    ),
    "its factory fails": (
        "mine=python:factories:fails",
        "ModelError: model 'mine' could not be loaded: KeyError: 'weights'",
    ),
}


@pytest.fixture(autouse=True)
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    make_suite(pytester)
    pytester.makeconftest(CONFTEST)
    pytester.path.joinpath("page.onnx").write_bytes(b"<html>not found</html>")
    pytester.path.joinpath("page.json").write_text(json.dumps(SIDECAR), encoding="utf-8")
    pytester.makepyfile(
        factories="""
        def fails(labels):
            raise KeyError("weights")
        """,
    )


@pytest.mark.parametrize("case", BROKEN)
def test_the_message_is_one_line_with_the_cure_and_the_other_model_is_judged(
    pytester: pytest.Pytester, case: str
) -> None:
    text, message = BROKEN[case]
    assert_one_line(pytester, run(pytester, text, "oracle:error=.1"), message)


def test_many_that_are_broken_are_each_an_error_of_their_own(pytester: pytest.Pytester) -> None:
    texts = [text for text, _ in BROKEN.values()]
    result = run(pytester, *texts, "oracle:error=.1")
    result.assert_outcomes(passed=1, errors=len(BROKEN))
    result.stdout.fnmatch_lines_random([message for _, message in BROKEN.values()])
    assert judged(pytester.path) == {"oracle"}
    result.stdout.fnmatch_lines(
        [f"{len(BROKEN)} errors left the audit without a full verdict, so the gate is closed."]
    )
