"""What every model adapter owes, whatever stands behind it; a new adapter is added to ``ADAPTERS``."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest
from PIL import Image, ImageStat

from fer_audit.models import ModelSpec, mini_xception
from fer_audit.records import Answer, Recognizer
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")


class Brightness:
    """A recognizer as anybody may write one: no base class, plain labels."""

    def recognize(self, images: Sequence[Image.Image], /) -> list[str]:
        return [LABELS[int(ImageStat.Stat(image.convert("L")).mean[0]) * 7 // 256] for image in images]


def plain() -> ModelSpec:
    return ModelSpec(name="brightness", load=lambda _labels: Brightness())


ADAPTERS: dict[str, Callable[[], ModelSpec]] = {"mini-xception": mini_xception, "python": plain}


class Ask(Protocol):
    def __call__(self, images: Sequence[Image.Image]) -> list[Answer]: ...


@pytest.fixture(params=ADAPTERS)
def spec(request: pytest.FixtureRequest) -> ModelSpec:
    return ADAPTERS[str(request.param)]()


@pytest.fixture
def recognizer(spec: ModelSpec) -> Recognizer:
    loaded = spec.load(LABELS)
    assert isinstance(loaded, Recognizer)
    return loaded


@pytest.fixture
def ask(recognizer: Recognizer) -> Ask:
    def answers(images: Sequence[Image.Image]) -> list[Answer]:
        return [
            Answer(AnswerKind.ANSWERED, answer) if isinstance(answer, str) else answer
            for answer in recognizer.recognize(images)
        ]

    return answers


@pytest.fixture(scope="module")
def images() -> list[Image.Image]:
    """Pictures that are no faces, of several sizes, each unlike the others."""
    generator = np.random.default_rng(7)
    pictures = []
    for number in range(64):
        coarse = generator.integers(0, 256, (8, 8, 3)) * (number + 8) // 72
        side = 48 + 8 * (number % 5)
        pictures.append(
            Image.fromarray(coarse.astype(np.uint8)).resize((side, side), Image.Resampling.BICUBIC)
        )
    return pictures


def assert_alike(some: Sequence[Answer], others: Sequence[Answer]) -> None:
    assert [(answer.kind, answer.label) for answer in some] == [
        (answer.kind, answer.label) for answer in others
    ]
    for one, other in zip(some, others, strict=True):
        assert dict(one.scores) == pytest.approx(dict(other.scores), rel=0, abs=1e-5)


def test_one_answer_an_image_in_their_order(ask: Ask, images: list[Image.Image]) -> None:
    forwards = ask(images)
    assert len(forwards) == len(images)
    # Told apart at all, or the order could not be seen.
    assert len({answer.label for answer in forwards}) > 1
    assert_alike(ask(images[::-1]), forwards[::-1])


def test_every_label_is_one_that_was_asked_for(ask: Ask, images: list[Image.Image]) -> None:
    for answer in ask(images):
        assert answer.kind is AnswerKind.ANSWERED
        assert answer.label in LABELS
        assert set(answer.scores) <= set(LABELS)


def test_scores_speak_for_the_label(ask: Ask, images: list[Image.Image]) -> None:
    for answer in ask(images):
        if answer.scores:
            assert answer.label == max(answer.scores, key=lambda label: answer.scores[label])
            assert all(0 <= score <= 1 for score in answer.scores.values())


def test_the_same_images_get_the_same_answers(ask: Ask, spec: ModelSpec, images: list[Image.Image]) -> None:
    loaded_again = spec.load(LABELS)
    assert isinstance(loaded_again, Recognizer)
    assert ask(images) == ask(images)
    again = [
        answer.label if isinstance(answer, Answer) else answer for answer in loaded_again.recognize(images)
    ]
    assert again == [answer.label for answer in ask(images)]


def test_an_answer_does_not_depend_on_the_rest_of_the_batch(ask: Ask, images: list[Image.Image]) -> None:
    together = ask(images)
    assert_alike([ask([image])[0] for image in images], together)
    assert_alike(ask([*images, *images[:1]])[:64], together)


def test_no_images_get_no_answers(ask: Ask) -> None:
    assert ask([]) == []


def test_images_are_left_as_they_were(ask: Ask, images: list[Image.Image]) -> None:
    before = [image.tobytes() for image in images]
    ask(images)
    assert [image.tobytes() for image in images] == before


def test_a_recognizer_is_given_pixels_and_nothing_else(recognizer: Recognizer) -> None:
    """No argument could carry a name, a path or a group."""
    (parameter,) = inspect.signature(recognizer.recognize).parameters.values()
    assert parameter.kind is inspect.Parameter.POSITIONAL_ONLY
    assert parameter.name == "images"


def test_a_description_is_stable_and_in_words(spec: ModelSpec) -> None:
    if spec.describe is None:
        pytest.skip("never stored: nothing says when the model changed")
    first, second = spec.describe(), spec.describe()
    assert first == second
    assert first
    assert all(word for item in first.items() for word in item)
