from __future__ import annotations

import pytest

from fer_audit.errors import ConfigurationError
from fer_audit.models.oracle import Oracle, Script
from fer_audit.records import Face
from fer_audit.vocabulary import AnswerKind

LABELS = ("anger", "disgust", "fear", "happiness")


def faces(people: int = 200, images: int = 10) -> list[Face]:
    return [
        Face(f"{person}-{i}.png", f"p{person}", LABELS[i % 4], {"tone": str(person % 2), "site": "a.b"})
        for person in range(people)
        for i in range(images)
    ]


def wrong(script: str, where: str | None = None) -> float:
    listed = faces()
    answers = Oracle(Script.parse(script), LABELS).answer(listed)
    rows = [
        answer.label != face.expression
        for face, answer in zip(listed, answers, strict=True)
        if where is None or face.attributes["tone"] == where
    ]
    return sum(rows) / len(rows)


def test_without_a_script_it_tells_the_truth() -> None:
    assert wrong("") == 0


def test_rates_come_true_overall_and_in_one_slice() -> None:
    # 2,000 and 1,000 images: four standard errors of a proportion are .036 and .058.
    assert wrong("error=.2") == pytest.approx(0.2, abs=0.036)
    assert wrong("error=.1,tone.1=.5", where="1") == pytest.approx(0.5, abs=0.063)
    assert wrong("error=.1,tone.1=.5", where="0") == pytest.approx(0.1, abs=0.038)


def test_refusals_are_refusals() -> None:
    answers = Oracle(Script.parse("refuse.tone.1=1"), LABELS).answer(faces())
    assert {a.kind for a, f in zip(answers, faces(), strict=True) if f.attributes["tone"] == "1"} == {
        AnswerKind.REFUSED
    }
    assert {a.kind for a, f in zip(answers, faces(), strict=True) if f.attributes["tone"] == "0"} == {
        AnswerKind.ANSWERED
    }


def test_one_confusion_can_be_scripted() -> None:
    listed = faces()
    answers = Oracle(Script.parse("confuse.anger.disgust=.4"), LABELS).answer(listed)
    angry = [a.label for a, f in zip(answers, listed, strict=True) if f.expression == "anger"]
    assert angry.count("disgust") / len(angry) == pytest.approx(0.4, abs=0.08)
    assert all(
        a.label == f.expression for a, f in zip(answers, listed, strict=True) if f.expression != "anger"
    )


def test_a_confusion_can_be_scripted_in_one_slice() -> None:
    listed = faces()
    for script, elsewhere in (
        ("confuse.anger.disgust.tone.1=1", 0.0),
        ("confuse.anger.disgust.tone.1=1,confuse.anger.disgust=.4", 0.4),
        ("confuse.anger.disgust=.4,confuse.anger.disgust.tone.1=1", 0.4),
    ):
        answers = Oracle(Script.parse(script), LABELS).answer(listed)
        for tone, expected in (("1", 1.0), ("0", elsewhere)):
            angry = [
                answer.label
                for answer, face in zip(answers, listed, strict=True)
                if face.expression == "anger" and face.attributes["tone"] == tone
            ]
            # 300 images: four standard errors of .4 are .11.
            assert angry.count("disgust") / len(angry) == pytest.approx(
                expected, abs=0.12 * (0 < expected < 1)
            )
    with pytest.raises(ConfigurationError, match="oracle: no face has tone = '7'; check the script"):
        Oracle(Script.parse("confuse.anger.disgust.tone.7=.2"), LABELS).answer(faces(2))


def test_errors_correlate_within_people_as_scripted() -> None:
    """The one-way ANOVA estimate of the intraclass correlation is near the one scripted."""
    for icc in (0.0, 0.2):
        listed = faces(people=1000, images=10)
        answers = Oracle(Script.parse(f"error=.3,icc={icc}"), LABELS).answer(listed)
        errors = [a.label != f.expression for a, f in zip(answers, listed, strict=True)]
        means = [sum(errors[i * 10 : i * 10 + 10]) / 10 for i in range(1000)]
        grand = sum(means) / 1000
        between = 10 * sum((m - grand) ** 2 for m in means) / 999
        within = sum(10 * m * (1 - m) for m in means) / 9000
        assert (between - within) / (between + 9 * within) == pytest.approx(icc, abs=0.04)


def test_the_same_seed_gives_the_same_answers_in_any_order() -> None:
    listed = faces()
    model = Oracle(Script.parse("error=.3,icc=.2,seed=5"), LABELS)
    assert model.answer(listed[::-1]) == model.answer(listed)[::-1]
    assert Oracle(Script.parse("error=.3,icc=.2,seed=6"), LABELS).answer(listed) != model.answer(listed)


@pytest.mark.parametrize(
    "text",
    [
        "error",
        "error=x",
        "=.2",
        "error.=.2",
        "seed=1.5",
        "confuse.anger=.2",
        "confuse.anger.fear.tone=.2",
        "tone=.2",
    ],
)
def test_a_script_that_cannot_be_read_shows_how_one_is_written(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Script.parse(text)
    assert str(caught.value) == (
        f"oracle: cannot read {text!r}; write e.g. error=.2,icc=.2,seed=3,skin_tone.8=.3,"
        "refuse.skin_tone.8=.3,confuse.anger.disgust=.4"
    )


def test_rates_slices_and_labels_are_checked() -> None:
    with pytest.raises(
        ConfigurationError, match=r"oracle: 'error=1\.2' is no rate; give a number between 0 and 1"
    ):
        Script.parse("error=1.2")
    with pytest.raises(ConfigurationError, match="oracle: no face has tone = '7'; check the script"):
        Oracle(Script.parse("tone.7=.2"), LABELS).answer(faces(2))
    with pytest.raises(
        ConfigurationError, match="oracle: the dataset has no label 'contempt'; its labels are anger"
    ):
        Oracle(Script.parse("confuse.anger.contempt=.2"), LABELS).answer(faces(2))


def test_a_level_may_contain_a_dot() -> None:
    answers = Oracle(Script.parse("site.a.b=1"), LABELS).answer(faces(2))
    assert all(a.label != f.expression for a, f in zip(answers, faces(2), strict=True))
