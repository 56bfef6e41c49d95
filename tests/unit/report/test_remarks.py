from __future__ import annotations

from dataclasses import replace

import pytest
from sample_runs import UNDECIDED, comparison, gap, run

from fer_audit.report.remarks import remarks, settings_in_words, settings_note, software, worded
from fer_audit.results import Outcome, Unassessable
from fer_audit.stats.settings import Settings

SETTINGS = {"alpha": "0.05", "fail_floor": "0.1", "pass_floor": "0.2", "least_people": "8"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("about 226 people a slice", "about 226 rendered identities a slice"),
        ("images of one person", "images of one rendered identity"),
        ("a between-person correlation", "a between-rendered-identity correlation"),
        ("1 people with images", "1 rendered identity with images"),
        ("21 people with images", "21 rendered identities with images"),
        ("everybody has the same labels", "every rendered identity has the same labels"),
        ("personal and peoples stay", "personal and peoples stay"),
    ],
)
def test_observations_are_called_by_their_name(text: str, told: str) -> None:
    assert worded(text, UNDECIDED, "rendered identity") == told


def test_people_stay_people_and_one_is_a_person() -> None:
    assert worded("1 people of 9 people", UNDECIDED) == "1 person of 9 people"
    assert worded("everybody, nobody, between-person", UNDECIDED) == "everybody, nobody, between-person"


def test_names_stay_as_they_are_written() -> None:
    pair = comparison(0.1, 0, 0.2, a="people of colour", b="p", labels=("angry person",))
    verdict = replace(
        gap(Outcome.INCONCLUSIVE, pair),
        not_assessable=(Unassessable("few people / young people", 3, ""),),
        people_needed={"old people": 3},
        excluded=(("nobody else", "empty"),),
        labels_left_out=("", "everybody.x"),
    )
    names = (
        "people of colour, p, angry person, few people, young people, old people, nobody else, everybody.x"
    )
    assert worded(f"{names}: 7 people", verdict, "actor") == f"{names}: 7 actors"


def test_a_note_that_the_settings_say_is_not_repeated() -> None:
    note = Settings(alpha=0.01).note
    verdict = replace(UNDECIDED, notes=(note, "1 people"))
    result = replace(run(verdict), settings={**SETTINGS, "alpha": "0.01"})
    assert settings_note(result) == note
    assert remarks(result, verdict) == ("1 person",)
    other = replace(result, settings=SETTINGS)
    assert remarks(other, verdict) == (note, "1 person")


@pytest.mark.parametrize("settings", [{}, {**SETTINGS, "alpha": "x"}, {**SETTINGS, "alpha": "0.9"}])
def test_settings_that_make_no_sense_hide_no_note(settings: dict[str, str]) -> None:
    assert settings_note(replace(run(UNDECIDED), settings=settings)) == ""


def test_settings_are_told_in_words_and_software_apart() -> None:
    settings = {**SETTINGS, "numpy": "2.4.1", "fer_audit": "0.1.0", "allow_inconclusive": "true"}
    result = replace(run(UNDECIDED), settings=settings)
    assert settings_in_words(result, unit="rendered identity", units="rendered identities") == (
        "allow inconclusive: true",
        "error rate of each criterion (alpha): 0.05",
        "correlation between images of one rendered identity that FAIL reckons with, at least: 0.1",
        "fewest rendered identities for a slice or a label to be assessed: 8",
        "correlation between images of one rendered identity that PASS assumes, unless the data show more: 0.2",
    )
    assert software(result) == "fer_audit 0.1.0, numpy 2.4.1"
    assert software(replace(run(UNDECIDED), settings={})) == ""
