"""What OpenAI's SDK makes of broken replies, and why its adapter reads the bytes itself."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("openai")

import openai
from loopback import serving
from loopback_plan import Plan

if TYPE_CHECKING:
    from pathlib import Path


def said(plan: Plan, folder: Path) -> Any:  # noqa: ANN401 - whatever the SDK returns
    """What its usual call returns."""
    url = f"data:image/jpeg;base64,{base64.b64encode(b'a picture').decode()}"
    parts = [{"type": "text", "text": "?"}, {"type": "image_url", "image_url": {"url": url}}]
    messages: Any = [{"role": "user", "content": parts}]
    with (
        serving(plan, folder) as server,
        openai.OpenAI(base_url=f"{server.url}/v1", api_key="sk-test", max_retries=0) as client,
    ):
        return client.chat.completions.create(model="gpt-4o-2024-11-20", messages=messages)


@pytest.mark.parametrize("fault", ["cut JSON", "garbled JSON"])
def test_a_cut_or_garbled_reply_is_an_error_of_json_and_none_of_the_sdk(tmp_path: Path, fault: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        said(Plan(rate=1.0, faults=(fault,)), tmp_path)


def test_a_page_in_place_of_a_reply_comes_back_as_a_string(tmp_path: Path) -> None:
    found = said(Plan(rate=1.0, faults=("HTML",)), tmp_path)
    assert isinstance(found, str)
    assert "Please log in" in found


def test_an_empty_answer_has_no_words_at_all(tmp_path: Path) -> None:
    assert said(Plan(reply="empty content"), tmp_path).choices[0].message.content is None


def test_what_is_no_completion_is_let_through(tmp_path: Path) -> None:
    assert said(Plan(reply="strange choices"), tmp_path).choices == "none"
