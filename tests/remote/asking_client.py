"""A client of the engine: as tests use it, and as a program that they kill.

Run as ``python asking_client.py URL STORE QUESTIONS``: it prints the key of each answer once that is stored,
and asks only what is not.
"""

from __future__ import annotations

import os
import sys
import time
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from loopback_plan import LABELS

from fer_audit.models.openai import gpt_4o
from fer_audit.models.openai.vendor import OpenAIVendor, connect
from fer_audit.models.prompts import WORDINGS
from fer_audit.models.remote import Limits, Question, RemoteRecognizer, Terms
from fer_audit.store import PredictionStore

if TYPE_CHECKING:
    from collections.abc import Iterator


def picture(number: int) -> bytes:
    return f"picture {number}".encode()


def key(number: int) -> str:
    return sha256(picture(number)).hexdigest()


def questions(count: int) -> Iterator[Question]:
    for number in range(count):
        yield Question(key(number), partial(picture, number), WORDINGS[0])


def gpt(url: str, *, seconds: float) -> RemoteRecognizer:
    """GPT-4o at a server of the tests, with so much time for one request."""
    os.environ["OPENAI_BASE_URL"] = f"{url}/v1"
    recognizer = gpt_4o("gpt-4o").load(LABELS)
    assert isinstance(recognizer, RemoteRecognizer)
    usual = recognizer.vendor
    assert isinstance(usual, OpenAIVendor)
    usual.close()
    client = connect(usual.target, "sk-test", seconds=seconds)
    vendor = OpenAIVendor("gpt-4o", client, usual.target, usual.request, seconds=seconds)
    return RemoteRecognizer("gpt-4o", vendor, LABELS, recognizer.endpoint, WORDINGS)


def main(url: str, folder: str, count: str) -> None:
    store = PredictionStore(Path(folder))
    missing = [
        question for question in questions(int(count)) if question.key not in store.get([question.key])
    ]
    for answered in gpt(url, seconds=30.0).answer(missing, Terms(Limits(at_once=8))):
        store.put({answered.key: answered.answer})
        # Long enough for a signal to come while an answer is being dealt with.
        time.sleep(0.005)
        sys.stdout.write(f"{answered.key}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
