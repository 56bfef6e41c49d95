from __future__ import annotations

import math
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from fer_audit import Audit, Flips, Gap, Outcome, Predictions, accuracy
from fer_audit.errors import ConfigurationError
from fer_audit.results import Kind, Record, decode_record, encode_record
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.settings import Settings
from fer_audit.strategies import TableDesign
from fer_audit.strategies.tables import table_of
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.results import Verdict

LABELS = ("anger", "fear", "happiness", "sadness")
TONES = ("2", "4", "8")


def faces(people: int, said: Callable[[int, int, int, int], str], times: int = 1) -> Predictions:
    """Everybody with every label at every tone, each picture shown so often."""
    rows = [
        {
            "identity": f"p{who:03}",
            "expression": label,
            "predicted": said(who, place, level, time),
            "tone": tone,
            "image": f"{who}-{label}-{tone}",
        }
        for (who, (place, label), (level, tone), time) in product(
            range(people), enumerate(LABELS), enumerate(TONES), range(times)
        )
    ]
    return Predictions.from_pandas(pd.DataFrame(rows))


def judge(predictions: Predictions, at_most: float = 0.05) -> Verdict:
    return Audit(predictions, by="tone").judge(Flips(at_most))


def steady(_who: int, place: int, _level: int, _time: int) -> str:
    return LABELS[(place + 1) % 4]


def moved(share: int) -> Callable[[int, int, int, int], str]:
    """At the last tone every so many-th face gets another answer."""
    return lambda who, place, level, _time: LABELS[
        (place + (level == 2 and (4 * who + place) % share == 0)) % 4
    ]


def test_a_model_that_ignores_the_tone_passes_though_every_answer_is_wrong() -> None:
    verdict = judge(faces(40, steady))
    assert verdict.outcome is Outcome.PASS
    assert (verdict.estimate, verdict.lower) == (0, 0)
    assert 0 < verdict.upper <= 0.05
    assert verdict.kind is Kind.FLIPS
    assert verdict.p == 1
    assert (
        verdict.reason
        == f"no two levels have an excess of more than {math.ceil(1000 * verdict.upper) / 1000}, within 0.05"
    )
    assert verdict.asides[0].rows == (("none changed", "160"),)


def test_a_model_that_follows_the_tone_fails_although_it_is_as_often_right() -> None:
    """Half the faces are right at two tones and the other half at the last: no gap, and everything flips."""
    predictions = faces(40, lambda who, place, level, _time: LABELS[(place + (who % 2 == (level == 2))) % 4])
    assert Audit(predictions, by="tone").judge(Gap(accuracy, at_most=0.2)).estimate == 0
    verdict = judge(predictions)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.estimate == 1
    assert (
        verdict.reason
        == "2 / 8: answers change on 1.000 of the faces: an excess of at least 1.000, above 0.05"
    )
    assert [(c.a, c.b, c.value_a, c.value_b) for c in verdict.comparisons] == [
        ("2", "4", 0, 0),
        ("2", "8", 1, 0),
        ("4", "8", 1, 0),
    ]
    right = verdict.asides[1].rows
    assert right == (
        ("right -> wrong", "80 of 160"),
        ("wrong -> right", "80 of 160"),
        ("wrong -> wrong in another way", "0 of 160"),
    )


def test_the_noise_of_a_model_is_not_charged_to_the_tone() -> None:
    generator = np.random.default_rng(0)
    noisy = faces(40, lambda *_: LABELS[int(generator.integers(4))], times=2)
    verdict = judge(noisy)
    assert verdict.outcome is not Outcome.FAIL
    assert verdict.comparisons[0].value_a > 0.6
    assert verdict.comparisons[0].value_b > 0.6
    once = noisy.take(np.arange(0, len(noisy), 2))
    assert judge(once).outcome is Outcome.FAIL


def test_a_negative_excess_is_luck_and_never_fails() -> None:
    """Asked twice the model says both, at every tone: identical pictures differ always, others half the time."""
    verdict = judge(faces(20, lambda _who, place, _level, time: LABELS[(place + time) % 4], times=2))
    assert verdict.estimate == pytest.approx(-0.5)
    assert verdict.lower == pytest.approx(-0.5)
    assert verdict.upper == 0
    assert verdict.outcome is Outcome.PASS


def test_what_is_undecided_says_how_many_people_would_decide_it() -> None:
    verdict = judge(faces(12, moved(16)))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.people_needed.keys() <= {"2", "4", "8"}
    assert len(verdict.people_needed) == 2
    assert "is not shown to exceed 0.05" in verdict.reason
    assert any(note.startswith("about ") and "people would" in note for note in verdict.notes)


def test_pictures_that_were_shown_once_are_noted() -> None:
    note = (
        "no picture was shown twice: flips of identical pictures were not measured and are taken as none, which "
        "is right of a model that always answers alike"
    )
    assert note in judge(faces(9, steady)).notes
    assert note not in judge(faces(9, steady, times=2)).notes


def test_changes_of_answer_are_told_by_their_frequency() -> None:
    verdict = judge(faces(48, moved(4)))
    first = verdict.asides[0]
    assert first.title == "Changes of answer when tone 2 becomes 8"
    assert first.columns == ("answer", "faces", "the other way")
    assert first.rows == (("anger -> fear", "48 of 48 answered anger", "0"),)


def test_too_few_people_are_named_and_pass_nothing() -> None:
    verdict = judge(faces(5, steady))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert math.isnan(verdict.estimate)
    assert [entry.name for entry in verdict.not_assessable] == ["2 / 4", "2 / 8", "4 / 8"]
    assert verdict.not_assessable[0].reason == (
        "no label is held by 8 people in pictures that differ in nothing else"
    )
    assert verdict.reason == "no two levels have enough people to be compared"
    assert verdict.p is None


def test_a_level_that_few_people_have_caps_the_verdict() -> None:
    predictions = faces(40, steady)
    tone, who = predictions.attributes["tone"].codes, predictions.identity.codes
    verdict = judge(predictions.take((tone < 2) | (who < 5)))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.upper <= 0.05
    assert [entry.name for entry in verdict.not_assessable] == ["2 / 8", "4 / 8"]
    assert (
        verdict.reason == "what could be compared is within 0.05, but too few people speak for 2 / 8, 4 / 8"
    )
    assert verdict.people_needed == {}


def test_columns_that_differ_in_every_picture_are_named() -> None:
    predictions = faces(9, steady)
    numbered = replace(predictions, attributes={**predictions.attributes, "file": predictions.image})
    verdict = judge(numbered)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.not_assessable[0].reason == (
        "nobody has two pictures that differ in nothing else: file must agree; leave out columns that follow "
        "from the attribute, or number pictures"
    )


def test_noise_that_was_measured_of_few_is_too_few_people() -> None:
    predictions = faces(12, steady)
    few = np.concatenate([np.arange(len(predictions)), np.arange(3 * 12)])
    verdict = judge(predictions.take(few))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert verdict.not_assessable[0].reason == (
        "identical pictures were shown of 3 people only; 8 are needed for a label: ask about every picture "
        "twice, or about none"
    )


def test_an_attribute_that_nobody_has_two_of_is_refused_with_the_cure() -> None:
    apart = table_of(TableDesign(LABELS, (("group", ("a", "b")),), ((0,) * 9, (0,) * 9)))
    with pytest.raises(ConfigurationError) as caught:
        Audit(apart, by="group").judge(Flips())
    assert str(caught.value) == (
        "Flips(at_most=0.05) by 'group' has nobody to compare: no person is in two of its levels. It asks what "
        "changes when one face is shown differently: mark the test with slices that vary within a person, such "
        "as a rendered skin tone, or hold 'group' against a Gap"
    )


def test_unknown_people_missing_rows_and_too_many_levels_are_refused() -> None:
    design = TableDesign(LABELS, (("group", ("a", "b")),), ((0,) * 9, (0,) * 9), sharing="shared")
    unknown = table_of(replace(design, identified=False))
    with pytest.raises(ConfigurationError, match=r"nobody knows who is in these pictures; give identities$"):
        Audit(unknown, by="group").judge(Flips())
    counts = Audit(table_of(design), by="group").counts
    with pytest.raises(
        ConfigurationError, match="needs the answers picture by picture, and only counts were"
    ):
        Flips().decide(Evidence(counts), Settings())
    many = tuple(f"g{place:02}" for place in range(61))
    wide = table_of(TableDesign(("anger",), (("group", many),), ((0,),) * 61, sharing="shared"))
    with pytest.raises(ConfigurationError, match="would pair 61 levels; at most 60 can be paired"):
        Audit(wide, by="group").judge(Flips())


@pytest.mark.parametrize(
    ("value", "message"), [(0, "can never pass"), (1, "is no share of faces"), (-0.1, "is no share")]
)
def test_tolerances_that_mean_nothing_are_refused(value: float, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Flips(value)


def test_flips_are_written_as_they_are_typed_and_looked_at_by_accuracy() -> None:
    assert repr(Flips()) == "Flips(at_most=0.05)"
    assert Flips().measure == accuracy


@pytest.mark.parametrize(
    "wrong",
    [((2,), (0,)), ((0,) * 9, (0,) * 9), ((9,) * 9, (9,) * 9), ((0,) * 9, (9,) * 9)],
    ids=["one person", "all right", "all wrong", "right against wrong"],
)
def test_extreme_tables_get_a_verdict_without_nan(wrong: tuple[tuple[int, ...], ...]) -> None:
    design = TableDesign(
        ("anger", "fear"),
        (("tone", ("a", "b")),),
        wrong,
        (2, 2),
        sharing="shared",
        kinds=(AnswerKind.REFUSED,),
    )
    verdict = judge(table_of(design))
    assert math.isnan(verdict.estimate) == (not verdict.comparisons)
    for pair in verdict.comparisons:
        assert all(math.isfinite(x) for x in (pair.estimate, pair.lower, pair.upper, pair.correlation))
    record = Record("t", "m", "d", verdict)
    if verdict.comparisons:
        assert decode_record(encode_record(record)) == record
