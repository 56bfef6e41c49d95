from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest

from fer_audit.cli.progress import Progress
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from fer_audit.records import Watch

ANGER = Answer(AnswerKind.ANSWERED, "anger")


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Room for the whole line: it is cut to the width of the terminal, which tells itself by a variable."""
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("LINES", "50")


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    shown = capsys.readouterr()
    assert shown.out == ""
    return shown.err.replace("\n", "").split("\r")[-1]


def test_the_last_line_tells_all(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("gpt-4o on faces", max_usd=5, spent=1.5) as progress:
        watch: Watch = progress
        watch.begin(1200, stored=144)
        for _ in range(1195):
            watch.answered(ANGER)
        for kind in (AnswerKind.REFUSED, AnswerKind.REFUSED, AnswerKind.UNREADABLE, AnswerKind.ERROR):
            watch.answered(Answer(kind))
        watch.retried("429: asked too often")
        watch.spent(0.25)
    line = last_line(capsys)
    assert line.startswith("gpt-4o on faces, 144 stored: ")
    assert "1199/1200" in line
    assert re.search(r"answers/s|s/ answers", line)
    assert "1 error; 2 refused; 1 unreadable; 1 retry, last: 429: asked too often; $1.7500 of $5.00" in line


def test_a_local_model_costs_nothing_and_says_nothing_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("mini-xception on faces") as watch:
        watch.begin(2, stored=0)
        watch.answered(ANGER)
    line = last_line(capsys)
    assert line.startswith("mini-xception on faces: ")
    assert "$" not in line
    assert "stored" not in line


def test_where_nothing_is_asked_nothing_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("mini-xception on faces", max_usd=5):
        pass
    assert capsys.readouterr().err == ""


def test_what_a_server_says_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("m on d") as watch:
        watch.begin(2, stored=0)
        watch.retried("500: \x1b[2J\u202eboo\r\n" + "x" * 200)
        watch.retried("500: \x1b[2J\u202eboo\r\n" + "x" * 200)
    line = last_line(capsys)
    assert "\x1b[2J" not in line
    assert "\u202e" not in line
    assert "2 retries, last: 500: [2Jboo" in line
    assert "x" * 40 not in line


def test_it_may_be_told_from_many_threads(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("m on d") as watch:
        watch.begin(800, stored=0)

        def work() -> None:
            for _ in range(100):
                watch.answered(Answer(AnswerKind.REFUSED))
                watch.spent(0.01)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    line = last_line(capsys)
    assert "800/800" in line
    assert "800 refused; $8.0000" in line
