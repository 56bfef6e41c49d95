"""Tasks beside expressions: who can be asked for them, in which words, and how answers are read."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest

from fer_audit.catalog import Catalog
from fer_audit.errors import ConfigurationError
from fer_audit.models import ModelSpec, choose_model
from fer_audit.models.clip.wordings import ALL_WORDINGS as CLIP_WORDINGS, descriptions
from fer_audit.models.gemini.request import Request as GeminiRequest
from fer_audit.models.openai.request import Request as OpenAIRequest
from fer_audit.models.paligemma.wordings import ALL_LISTS, ALL_QUESTIONS, asked
from fer_audit.models.prompts import ALL_WORDINGS, WORDINGS, question
from fer_audit.models.spelling import spelled_as_asked
from fer_audit.models.text import read_text
from fer_audit.vocabulary import AnswerKind
from fer_audit.wording import ANY_TASK, Wording, wordings_for

GENDERS = ("female", "male")
RACES = ("black", "east asian", "indian", "latino hispanic", "middle eastern", "southeast asian", "white")
AGES = ("0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "more than 70")
OTHERS = ("white", "black", "asian", "indian", "other")
TASKS = ("gender", "race", "age", "hair colour")


def chosen(text: str) -> ModelSpec:
    return choose_model(text, Catalog[ModelSpec]("model"), root=Path())


class TestWhoCanBeAsked:
    @pytest.mark.parametrize("name", ["mini-xception", "face-api"])
    def test_a_net_of_expressions_is_refused_before_anything_is_asked(self, name: str) -> None:
        with pytest.raises(ConfigurationError) as caught:
            chosen(name).check_labels(GENDERS, task="gender")
        said = str(caught.value)
        assert said.startswith(f"model {name!r} answers ")
        assert said.endswith(
            ", which are none of the dataset's labels (female, male; its task is 'gender'); take a model that "
            "answers with any labels: clip-probe is fitted to them, and clip, paligemma, gpt-4o, openai:MODEL "
            "and gemini are asked in words"
        )

    def test_a_net_that_shares_a_label_by_a_synonym_is_not(self) -> None:
        spec = ModelSpec("mine", lambda _: pytest.fail("loaded"), labels=("Woman", "Man"))
        spec.check_labels(GENDERS, task="gender")
        chosen("mini-xception").check_labels(("Happy", "boredom"))

    def test_a_model_without_words_for_the_task_says_so(self) -> None:
        spec = ModelSpec("mine", lambda _: pytest.fail("loaded"), wordings=WORDINGS, lists_labels=True)
        with pytest.raises(ConfigurationError) as caught:
            spec.ways(1, labels=2, task="gender")
        assert str(caught.value).startswith(
            "model 'mine' has no wording that asks for 'gender' (it has for expression); give it one, "
            "Wording(..., task='gender'), or take a model"
        )

    def test_a_model_that_takes_no_words_needs_none(self) -> None:
        assert chosen("clip-probe").ways(1, labels=2, task="gender") == ()

    @pytest.mark.parametrize(
        "name", ["clip", "paligemma", "paligemma-generate", "gpt-4o", "openai:x", "gemini"]
    )
    @pytest.mark.parametrize("task", TASKS)
    def test_a_model_that_takes_words_has_some_for_every_task(self, name: str, task: str) -> None:
        ways = chosen(name).ways(2, labels=2, task=task)
        assert [way.task for way in ways] == [task, task]
        assert not any("expression" in text or "emotion" in text for way in ways for text in way.texts)

    @pytest.mark.parametrize("name", ["clip", "paligemma", "paligemma-generate", "gpt-4o", "gemini"])
    def test_expressions_are_asked_in_the_words_of_before(self, name: str) -> None:
        ways = chosen(name).ways(3, labels=7)
        assert all("task" not in way.describe() for way in ways)
        assert wordings_for("expression", chosen(name).wordings)[:3] == ways


class TestWordings:
    @pytest.mark.parametrize("wordings", [ALL_WORDINGS, CLIP_WORDINGS, ALL_LISTS, ALL_QUESTIONS])
    def test_no_two_of_a_task_have_one_name_or_one_text(self, wordings: tuple[Wording, ...]) -> None:
        for _task, group in groupby(wordings, key=lambda wording: wording.task):
            some = list(group)
            assert len({wording.name for wording in some}) == len(some)
            assert len({wording.texts for wording in some}) == len(some) >= 2

    @pytest.mark.parametrize("task", TASKS)
    def test_questions_list_the_labels_and_ask_for_an_appearance(self, task: str) -> None:
        for wording in wordings_for(task, ALL_WORDINGS):
            said = question(wording, GENDERS)
            assert "female, male, cannot_tell" in said
            assert "{" not in said
        assert "appear" in question(wordings_for("gender", ALL_WORDINGS)[0], GENDERS)

    def test_a_task_that_nobody_foresaw_is_asked_by_its_name(self) -> None:
        plain = wordings_for("hair colour", ALL_WORDINGS)[0]
        assert question(plain, ("brown", "red")) == (
            "Which hair colour describes the face in this picture best? Answer with one of: brown, red, cannot_tell."
        )
        assert asked(wordings_for("hair colour", ALL_QUESTIONS)[0], ()) == (
            "answer en What is the hair colour of the face?"
        )
        assert plain.describe()["task"] == "hair colour"

    def test_answers_of_two_tasks_with_one_label_set_are_kept_apart(self) -> None:
        one, other = (
            wordings_for(task, ALL_WORDINGS)[0].describe() for task in ("hair colour", "eye colour")
        )
        same = Wording("w", "1", ("{labels}",))
        assert one != other
        assert same.describe() != Wording("w", "1", ("{labels}",), task="gender").describe()

    def test_none_costs_more_than_the_estimate_of_expressions(self) -> None:
        for request in (OpenAIRequest("gpt-4o", GENDERS), GeminiRequest("gemini-3.5-flash", GENDERS)):
            for task in (*TASKS, "t" * 40):
                assert request.most_sent(wordings_for(task, ALL_WORDINGS)) <= request.most_sent(WORDINGS)

    def test_clip_compares_with_people_and_not_with_feelings(self) -> None:
        gender, race = wordings_for("gender", CLIP_WORDINGS)[0], wordings_for("race", CLIP_WORDINGS)[0]
        age = wordings_for("age", CLIP_WORDINGS)[0]
        assert descriptions(gender, ("Female", "Male"))["Female"][:2] == (
            "a photo of a woman.",
            "a photo of a girl.",
        )
        assert "a photo of a Hispanic person." in descriptions(race, RACES)["latino hispanic"]
        assert "a photo of a southeast asian person." in descriptions(race, RACES)["southeast asian"]
        assert "a photo of a person aged 20-29." in descriptions(age, AGES)["20-29"]
        own = wordings_for("hair colour", CLIP_WORDINGS)[0]
        assert descriptions(own, ("red", "brown"))["red"] == (
            "a photo of a face whose hair colour is red.",
            "a photo of a person: red.",
            "red",
        )


class TestSchemas:
    def test_an_expression_is_asked_for_as_before_and_another_label_as_a_label(self) -> None:
        for wording, key, name in (
            (WORDINGS[0], "expression", "facial_expression"),
            (wordings_for("gender", ALL_WORDINGS)[0], "label", "label"),
        ):
            body = OpenAIRequest("gpt-4o", GENDERS).body(b"jpeg", wording, 0)
            schema = body["response_format"]["json_schema"]
            assert schema["name"] == name
            assert list(schema["schema"]["properties"]) == schema["schema"]["required"] == [key]
            asked_of_gemini = GeminiRequest("gemini-3.5-flash", GENDERS).body(b"jpeg", wording, 0)
            found = asked_of_gemini["generationConfig"]["responseSchema"]
            assert list(found["properties"]) == found["required"] == [key]


class TestReading:
    @pytest.mark.parametrize(
        ("said", "labels", "label"),
        [
            ("Woman", GENDERS, "female"),
            ("The person appears to be a man.", GENDERS, "male"),
            ('{"label": "Female"}', GENDERS, "female"),
            ("She is female, not male.", GENDERS, "female"),
            ("Black person", RACES, "black"),
            ("African-American", RACES, "black"),
            ("Latino_Hispanic", RACES, "latino hispanic"),
            ("Hispanic", RACES, "latino hispanic"),
            ("The person looks Southeast Asian.", RACES, "southeast asian"),
            ("Caucasian", OTHERS, "white"),
            ("An Asian woman with black hair and a white shirt.", OTHERS, "asian"),
            ("20-29", AGES, "20-29"),
            ("20\u201329", AGES, "20-29"),
            ("The person is 20-29.", AGES, "20-29"),
            ("20-29 years old", AGES, "20-29"),
            ("in their twenties", AGES, "20-29"),
            ("This person seems to be in her late thirties.", AGES, "30-39"),
            ("70+", AGES, "more than 70"),
            ("over 70 years old", AGES, "more than 70"),
        ],
    )
    def test_what_surely_means_a_label_is_read_as_it(
        self, said: str, labels: tuple[str, ...], label: str
    ) -> None:
        assert read_text(said, labels).label == label

    @pytest.mark.parametrize(
        ("said", "labels", "kind"),
        [
            ("Asian", RACES, AnswerKind.OUT_OF_VOCABULARY),
            ("African", RACES, AnswerKind.OUT_OF_VOCABULARY),
            ("Nonbinary", GENDERS, AnswerKind.OUT_OF_VOCABULARY),
            ("happy", GENDERS, AnswerKind.OUT_OF_VOCABULARY),
            ("woman", ("anger", "fear"), AnswerKind.OUT_OF_VOCABULARY),
            ("female or male", GENDERS, AnswerKind.SEVERAL_LABELS),
            ("She has black hair.", OTHERS, AnswerKind.UNREADABLE),
            ("As any other picture it shows a face.", OTHERS, AnswerKind.UNREADABLE),
            ("25", AGES, AnswerKind.UNREADABLE),
            ("between 20-29 and 30-39", AGES, AnswerKind.SEVERAL_LABELS),
            ("cannot_tell", GENDERS, AnswerKind.REFUSED),
        ],
    )
    def test_what_may_mean_several_or_none_is_no_label(
        self, said: str, labels: tuple[str, ...], kind: AnswerKind
    ) -> None:
        assert read_text(said, labels).kind is kind

    def test_a_net_of_men_women_boys_and_girls_keeps_its_own_words(self) -> None:
        assert spelled_as_asked(["man", "boy", "Woman"], GENDERS) == ("man", "boy", "female")


def test_any_task_is_no_task_of_a_dataset() -> None:
    assert all("{task}" in way.texts[0] for way in ALL_WORDINGS if way.task == ANY_TASK)
    assert {way.task for way in wordings_for("x", ALL_WORDINGS)} == {"x"}
