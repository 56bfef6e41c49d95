"""``--fer-prompts`` and ``--fer-repeats``: the question in several wordings, and asked again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from small_faces import write_faces

if TYPE_CHECKING:
    from collections.abc import Sequence

PEOPLE = 24

CONFTEST = '''
from dataclasses import dataclass, replace

import pytest
from fer_audit import ModelSpec
from fer_audit.wording import Wording

PLAIN = Wording("plain", "1", ("Which of {labels}?",))
CURT = Wording("curt", "1", ("{labels}:",))


@dataclass
class Talker:
    """Right in the first wording; in the second it fails on men."""

    labels: tuple
    wording: Wording = PLAIN

    def asking(self, wording):
        return replace(self, wording=wording)

    def recognize(self, images):
        with open("asked.txt", "a") as stream:
            stream.write(f"{self.wording.name} " * len(images))
        pixels = [image.getpixel((0, 0)) for image in images]
        fails = self.wording.name.startswith("curt")
        return [self.labels[(green // 80 + (fails and red % 2)) % 2] for red, green, _ in pixels]


@pytest.hookimpl(optionalhook=True)
def pytest_fer_models():
    about = {"version": "1"}
    return [
        ModelSpec("talker", Talker, lambda: about, wordings=(PLAIN, CURT), lists_labels=True, varies=True),
        ModelSpec("plain", lambda labels: Talker(labels), lambda: about),
    ]
'''


@pytest.fixture(autouse=True)
def suite(pytester: pytest.Pytester) -> None:
    write_faces(pytester.path, people=PEOPLE, labels=("anger", "fear"), listing="people.csv")
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        test_fairness="""
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.9))
        """
    )


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest(
        "--fer-dataset=manifest=people.csv", "-p", "no:randomly", "-p", "no:cacheprovider", *options
    )


def asked(pytester: pytest.Pytester) -> Sequence[str]:
    return (
        pytester.path.joinpath("asked.txt").read_text(encoding="utf-8").replace(" turned", "-turned").split()
    )


def report(pytester: pytest.Pytester) -> dict[str, Any]:
    text = pytester.path.joinpath("fairness-report", "report.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def test_each_wording_is_asked_and_the_report_shows_how_far_they_are_apart(
    pytester: pytest.Pytester,
) -> None:
    run(pytester, "--fer-model=talker", "--fer-prompts=2")
    assert sorted(asked(pytester)) == ["curt"] * 48 + ["plain"] * 48
    found = report(pytester)
    assert found["cells"][0]["details"]["prompts"] == "2: plain, curt"
    (verdict,) = found["verdicts"]
    assert "the verdict is about these 2 wordings together, not about others" in verdict["notes"]
    page = pytester.path.joinpath("fairness-report", "report.html").read_text(encoding="utf-8")
    assert "the verdict is about these 2 wordings together, not about others" in page
    (aside,) = [aside for aside in verdict["asides"] if "wording" in aside["columns"]]
    spread = {row[0]: row[1] for row in aside["rows"]}
    assert set(spread) == {"plain", "curt"}
    assert spread["plain"] != spread["curt"]


def test_labels_turn_once_every_wording_was_asked(pytester: pytest.Pytester) -> None:
    run(pytester, "--fer-model=talker", "--fer-prompts=4")
    assert set(asked(pytester)) == {"plain", "curt", "plain-turned", "curt-turned", "1"}


def test_a_repeat_is_asked_again_and_averaged(pytester: pytest.Pytester) -> None:
    run(pytester, "--fer-model=talker", "--fer-repeats=3")
    assert len(asked(pytester)) == 3 * 48
    (cell,) = report(pytester)["cells"]
    assert (cell["images"], cell["details"]["repeats"]) == (48, "3 of each")


def test_a_model_without_words_is_asked_once(pytester: pytest.Pytester) -> None:
    run(pytester, "--fer-model=plain", "--fer-prompts=2", "--fer-repeats=3")
    assert len(asked(pytester)) == 48


def test_more_wordings_than_there_are_is_an_error_and_no_verdict(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--fer-model=talker", "--fer-prompts=5")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*ConfigurationError: 5 prompts were asked for; 2 wordings of 2 labels make 1 to 4*"]
    )


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--fer-prompts=0", "'0' is no number of times; give 1 to 100"),
        ("--fer-repeats=101", "'101' is no number of times; give 1 to 100"),
        ("--fer-prompts=two", "'two' is no number of times; give 1 to 100"),
        ("--fer-max-usd=-1", "'-1' is no amount; give a number above 0"),
        ("--fer-rpm=inf", "'inf' is no amount; give a number above 0"),
        ("--fer-tpm=nan", "'nan' is no amount; give a number above 0"),
    ],
)
def test_a_number_that_makes_no_sense_is_a_usage_error(
    pytester: pytest.Pytester, option: str, message: str
) -> None:
    result = run(pytester, "--fer-model=talker", option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{message}"])


def test_the_plan_counts_every_way(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--fer-model=talker", "--fer-prompts=2", "--collect-only")
    result.stdout.fnmatch_lines(
        ["talker-people: 24 people, 48 images in 2 ways, 0 answers stored, 96 to ask*"]
    )
