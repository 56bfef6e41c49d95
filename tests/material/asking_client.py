"""A client of the engine: as tests use it, and as a program that they interrupt.

Run as ``python asking_client.py URL``: it prints the key of each answer.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from loopback_plan import LABELS

from fer_audit.models.openai import gpt_4o
from fer_audit.models.openai.model import SNAPSHOT
from fer_audit.models.openai.request import Request
from fer_audit.models.openai.target import Target
from fer_audit.models.openai.vendor import OpenAIVendor, connect
from fer_audit.models.prompts import WORDINGS
from fer_audit.models.remote import Limits, Question, RemoteRecognizer, Terms

if TYPE_CHECKING:
    from collections.abc import Iterator


def picture(number: int) -> bytes:
    return f"picture {number}".encode()


def questions(count: int) -> Iterator[Question]:
    for number in range(count):
        yield Question(str(number), partial(picture, number), WORDINGS[0])


def gpt(url: str, *, seconds: float) -> RemoteRecognizer:
    """GPT-4o at a server of the tests, with so much time for one request."""
    host = urlsplit(url).netloc
    target = Target(f"{url}/v1", host, is_private=True)
    request = Request(f"gpt-4o-{SNAPSHOT}", LABELS)
    client = connect(target, "sk-test", seconds=seconds)
    vendor = OpenAIVendor("gpt-4o", client, target, request, seconds=seconds)
    usual = gpt_4o("gpt-4o").endpoint
    assert usual is not None
    return RemoteRecognizer("gpt-4o", vendor, LABELS, replace(usual, host=host), WORDINGS)


if __name__ == "__main__":
    # Whoever starts tests in the background has them ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for answered in gpt(sys.argv[1], seconds=120.0).answer(questions(10), Terms(Limits())):
        sys.stdout.write(f"{answered.key}\n")
