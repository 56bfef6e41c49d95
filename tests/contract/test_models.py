"""What every model adapter owes, whatever stands behind it; a new one is added in ``adapters.py``."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest
from adapters import ADAPTERS, HERE, KEY, LABELS
from PIL import Image
from plain_machine import be_plain

from fer_audit.catalog import Catalog
from fer_audit.models import ModelSpec, choose_model
from fer_audit.models.answers import OTHERS, read_answers
from fer_audit.models.remote import RemoteRecognizer
from fer_audit.records import Answer, Embedder, Prompted, Recognizer, VectorReader
from fer_audit.store import PredictionStore
from fer_audit.vocabulary import AnswerKind
from fer_audit.wording import wordings_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from adapters import Prepared

HEAVY = (
    "google.genai",
    "google.generativeai",
    "httpx",
    "open_clip",
    "openai",
    "sklearn",
    "tokenizers",
    "torch",
    "torchvision",
    "transformers",
)


class Ask(Protocol):
    def __call__(self, images: Sequence[Image.Image]) -> list[Answer]: ...


class Workshop:
    """Models as they were prepared and loaded the first time; what they use is let go at the end."""

    def __init__(self, folder: Callable[[str], Path], stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._prepared: dict[str, Prepared] = {}
        self._loaded: dict[str, object] = {}

    def prepare(self, name: str) -> Prepared:
        if name not in self._prepared:
            making = ADAPTERS[name](self._folder(name))
            self._prepared[name] = self._stack.enter_context(making)
        return self._prepared[name]

    def load(self, name: str, spec: ModelSpec) -> object:
        if name not in self._loaded:
            loaded = self._loaded[name] = spec.load(LABELS)
            if isinstance(loaded, RemoteRecognizer):
                self._stack.callback(loaded.close)
        return self._loaded[name]


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with ExitStack() as stack:
        yield Workshop(tmp_path_factory.mktemp, stack)


@pytest.fixture(params=ADAPTERS)
def adapter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def prepared(
    adapter: str,
    workshop: Workshop,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Prepared:
    found = workshop.prepare(adapter)
    be_plain(monkeypatch, tmp_path_factory.getbasetemp() / "cache")
    for name, value in found.environment.items():
        monkeypatch.setenv(name, value)
    return found


@pytest.fixture
def spec(prepared: Prepared, tmp_path: Path) -> ModelSpec:
    return choose_model(prepared.text, Catalog[ModelSpec]("model"), root=tmp_path)


@pytest.fixture
def loaded(adapter: str, workshop: Workshop, spec: ModelSpec) -> object:
    return workshop.load(adapter, spec)


@pytest.fixture
def recognizer(loaded: object) -> Recognizer:
    if not isinstance(loaded, Recognizer):
        pytest.skip("makes vectors for a probe and answers nothing itself")
    return loaded


@pytest.fixture
def embedder(loaded: object) -> Embedder:
    if not isinstance(loaded, Embedder):
        pytest.skip("makes no vectors")
    return loaded


@pytest.fixture
def prompted(loaded: object) -> Prompted:
    if not isinstance(loaded, Prompted):
        pytest.skip("takes no words")
    return loaded


def answers_of(recognizer: Recognizer, images: Sequence[Image.Image]) -> list[Answer]:
    returned = recognizer.recognize(images)
    return read_answers(returned, images=len(images), labels=LABELS, model="adapter")


@pytest.fixture
def ask(recognizer: Recognizer) -> Ask:
    return lambda images: answers_of(recognizer, images)


@pytest.fixture
def images() -> list[Image.Image]:
    """Pictures that are no faces, of several sizes, each unlike the others; new ones for each test."""
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
    # Told apart at all, or the order could not be seen; a net of random weights may do so by scores alone.
    said = {(answer.label, *(round(score, 3) for score in answer.scores.values())) for answer in forwards}
    assert len(said) > 1
    assert_alike(ask(images[::-1]), forwards[::-1])


def test_every_label_is_one_that_was_asked_for(ask: Ask, images: list[Image.Image]) -> None:
    for answer in ask(images):
        assert answer.kind is AnswerKind.ANSWERED
        assert answer.label in LABELS
        assert set(answer.scores) <= {*LABELS, OTHERS}


def test_scores_speak_for_the_label(ask: Ask, images: list[Image.Image]) -> None:
    for answer in ask(images):
        if answer.scores:
            labels = answer.scores.keys() - {OTHERS}
            assert answer.label == max(labels, key=lambda label: answer.scores[label])
            assert all(0 <= score <= 1 for score in answer.scores.values())


def test_the_same_images_get_the_same_answers(ask: Ask, spec: ModelSpec, images: list[Image.Image]) -> None:
    loaded_again = spec.load(LABELS)
    assert isinstance(loaded_again, Recognizer)
    assert ask(images) == ask(images)
    assert answers_of(loaded_again, images) == ask(images)
    if isinstance(loaded_again, RemoteRecognizer):
        loaded_again.close()


def test_an_answer_does_not_depend_on_the_rest_of_the_batch(ask: Ask, images: list[Image.Image]) -> None:
    together = ask(images)
    assert_alike([ask([image])[0] for image in images], together)
    assert_alike(ask([*images, *images[:1]])[:64], together)


def test_no_images_get_no_answers(ask: Ask) -> None:
    assert ask([]) == []


def test_images_are_left_as_they_were(loaded: object, images: list[Image.Image]) -> None:
    before = [(image.tobytes(), image.mode, dict(image.info)) for image in images]
    if isinstance(loaded, Recognizer):
        answers_of(loaded, images)
    if isinstance(loaded, Embedder):
        loaded.embed(images)
    assert [(image.tobytes(), image.mode, dict(image.info)) for image in images] == before


@pytest.mark.parametrize("method", ["recognize", "embed"])
def test_a_model_is_given_pixels_and_nothing_else(loaded: object, method: str) -> None:
    """No argument could carry a name, a path or a group."""
    if not hasattr(loaded, method):
        pytest.skip(f"has no method {method}")
    (parameter,) = inspect.signature(getattr(loaded, method)).parameters.values()
    assert parameter.kind is inspect.Parameter.POSITIONAL_ONLY
    assert parameter.name == "images"


def test_it_answers_from_pixels_or_makes_vectors_of_them(loaded: object) -> None:
    assert isinstance(loaded, Recognizer | Embedder)


class TestWordings:
    def test_what_takes_words_has_some_and_the_reverse(self, spec: ModelSpec, loaded: object) -> None:
        assert isinstance(loaded, Prompted) == bool(spec.wordings)
        assert len({(wording.task, wording.name) for wording in spec.wordings}) == len(spec.wordings)

    def test_the_first_is_the_usual_one(
        self, prompted: Prompted, ask: Ask, spec: ModelSpec, images: list[Image.Image]
    ) -> None:
        assert_alike(answers_of(prompted.asking(spec.wordings[0]), images[:8]), ask(images[:8]))

    def test_each_is_answered_and_leaves_the_others_as_they_were(
        self, prompted: Prompted, ask: Ask, spec: ModelSpec, images: list[Image.Image]
    ) -> None:
        usual = ask(images[:4])
        most = len(wordings_for("expression", spec.wordings)) * (2 if spec.lists_labels else 1)
        said = set()
        for wording in spec.ways(most, labels=len(LABELS)):
            answers = answers_of(prompted.asking(wording), images[:4])
            assert [answer.kind for answer in answers] == [AnswerKind.ANSWERED] * 4
            assert {answer.label for answer in answers} <= set(LABELS)
            said.add(tuple(round(score, 6) for answer in answers for score in answer.scores.values()))
        # Scores tell that another wording has reached the model; labels alone need not.
        assert len(said) > 1 or said == {()}
        assert_alike(ask(images[:4]), usual)


class TestVectors:
    def test_one_of_length_1_an_image_in_their_order(
        self, embedder: Embedder, images: list[Image.Image]
    ) -> None:
        vectors = embedder.embed(images)
        assert vectors.dtype == np.float32
        assert vectors.shape == (64, vectors.shape[1])
        assert np.abs(np.linalg.norm(vectors.astype(np.float64), axis=1) - 1).max() < 1e-5
        assert np.abs(embedder.embed(images[::-1])[::-1] - vectors).max() < 1e-5
        # Told apart at all, or the order could not be seen.
        assert len(np.unique(vectors.round(4), axis=0)) == 64

    def test_none_for_no_images(self, embedder: Embedder) -> None:
        assert len(embedder.embed([])) == 0

    def test_stored_ones_are_read_as_the_pictures_are(
        self, embedder: Embedder, images: list[Image.Image], tmp_path: Path
    ) -> None:
        if not isinstance(embedder, VectorReader):
            pytest.skip("reads no vectors")
        store = PredictionStore(tmp_path / "store")
        vectors = embedder.embed(images)
        store.put_vectors({str(number): vector for number, vector in enumerate(vectors)})
        kept = store.vectors([str(number) for number in range(64)])
        store.close()
        stored = np.stack([kept[str(number)] for number in range(64)])
        assert isinstance(embedder, Recognizer)
        assert_alike(embedder.read(stored), answers_of(embedder, images))

    def test_what_they_depend_on_is_known(self, embedder: Embedder, spec: ModelSpec) -> None:
        del embedder
        assert spec.describe_vectors is not None
        assert spec.describe_vectors() == spec.describe_vectors()
        assert spec.describe_vectors()


class TestDescription:
    def test_it_is_stable_and_in_words(self, spec: ModelSpec) -> None:
        if spec.describe is None:
            pytest.skip("never stored: nothing says when the model changed")
        first, second = spec.describe(), spec.describe()
        assert first == second
        assert first
        assert all(word for item in first.items() for word in item)

    def test_it_loads_nothing_and_tells_no_path_and_no_key(self, prepared: Prepared, tmp_path: Path) -> None:
        """In a process of its own, with the whole family table imported."""
        script = """
import json, pathlib, sys
from fer_audit.catalog import Catalog
from fer_audit.models import choose_model
spec = choose_model(sys.argv[1], Catalog("model"), root=pathlib.Path(sys.argv[2]))
said = [spec.name, [wording.name for wording in spec.wordings]]
for describe in (spec.describe, spec.describe_vectors):
    said.append(dict(describe()) if describe else {})
print(json.dumps({"said": said, "modules": sorted(sys.modules)}))
"""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", script, prepared.text, str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), *sys.path])},
        )
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        loaded = [name for name in found["modules"] if name.startswith(tuple(f"{heavy}." for heavy in HEAVY))]
        assert loaded == []
        assert not set(HEAVY) & set(found["modules"])
        said = json.dumps(found["said"])
        assert KEY not in done.stdout + done.stderr
        for folder in (tmp_path.parent.parent, HERE, sys.prefix):
            assert str(folder) not in said

    def test_a_model_on_the_network_says_where_and_under_which_key(
        self, spec: ModelSpec, loaded: object, prepared: Prepared
    ) -> None:
        assert isinstance(loaded, RemoteRecognizer) == (spec.endpoint is not None)
        if spec.endpoint is None:
            assert KEY not in prepared.environment.values()
            return
        assert prepared.environment[spec.endpoint.key] == KEY
        assert KEY not in repr(spec)
        assert KEY not in repr(loaded)
        assert "/" not in spec.endpoint.host
