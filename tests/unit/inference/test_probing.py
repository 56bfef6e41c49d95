"""The linear probe is asked about people it was not fitted to."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from small_faces import said

from fer_audit.datasets import rendered_faces
from fer_audit.errors import DatasetError, ModelError
from fer_audit.inference import gather
from fer_audit.inference.probing import FOLDS, STRENGTHS, out_of_fold
from fer_audit.models import ModelSpec, Role

pytest.importorskip("sklearn")

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fer_audit.datasets import DatasetSpec
    from fer_audit.predictions import Predictions
    from fer_audit.store import PredictionStore

WORDS = ("anger", "fear", "happiness", "sadness")


class Thumbnails:
    """Vectors that anybody can make: a small grey picture of the middle of the face."""

    def embed(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        rows = []
        for image in images:
            width, height = image.size
            box = (width // 5, height // 4, width * 4 // 5, height * 9 // 10)
            row = np.asarray(image.convert("L").crop(box).resize((16, 18)), dtype=np.float32).ravel()
            row = row - row.mean()
            rows.append(row / max(float(np.linalg.norm(row)), 1e-6))
        return np.stack(rows)


def thumbnails(name: str = "thumbnails") -> ModelSpec:
    return ModelSpec(
        name,
        lambda _labels: Thumbnails(),
        lambda: {"vectors": "16 x 18 grey"},
        describe_vectors=lambda: {"vectors": "16 x 18 grey"},
        role=Role.PROBE,
    )


def accuracy(found: Predictions) -> float:
    return float((found.predicted.codes == found.true.codes).mean())


def drawn(
    people: int = 12, images: int = 8
) -> tuple[NDArray[np.float32], NDArray[np.str_], NDArray[np.str_]]:
    generator = np.random.default_rng(3)
    who = np.repeat([f"p{number}" for number in range(people)], images)
    label = np.array([WORDS[place] for place in generator.integers(0, len(WORDS), len(who))])
    centres = generator.normal(size=(len(WORDS), 6))
    vectors = centres[[WORDS.index(word) for word in label]] + generator.normal(size=(len(who), 6))
    return vectors.astype(np.float32), label, who


def test_probabilities_equal_scikit_learn_run_by_hand_on_the_same_folds() -> None:
    vectors, label, who = drawn()
    expected = np.zeros((len(label), len(WORDS)))
    for train, test in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(vectors, label, who):
        folds = StratifiedGroupKFold(3, shuffle=True, random_state=0).split(
            vectors[train], label[train], who[train]
        )
        parts = [(np.asarray(one), np.asarray(other)) for one, other in folds]
        means = []
        for strength in STRENGTHS:
            hits = []
            for one, other in parts:
                model = LogisticRegression(C=strength, max_iter=2000).fit(
                    vectors[train][one], label[train][one]
                )
                hits.append((model.predict(vectors[train][other]) == label[train][other]).mean())
            means.append(np.mean(hits))
        best = STRENGTHS[int(np.argmax(means))]
        model = LogisticRegression(C=best, max_iter=2000).fit(vectors[train], label[train])
        expected[test] = model.predict_proba(vectors[test])
    np.testing.assert_allclose(out_of_fold(vectors, label, who, WORDS), expected, rtol=0, atol=1e-9)


def test_no_person_is_on_both_sides() -> None:
    """Vectors that name the person and nothing else help nobody: each label is then right by chance."""
    generator = np.random.default_rng(0)
    who = np.repeat([f"p{number}" for number in range(40)], 6)
    # Each person shows one label in all pictures: a split by images would know everybody.
    label = np.repeat([WORDS[number % 4] for number in range(40)], 6)
    names = np.eye(40, dtype=np.float32)[np.repeat(np.arange(40), 6)]
    vectors = names + generator.normal(scale=0.01, size=names.shape).astype(np.float32)
    right = np.array(WORDS)[out_of_fold(vectors, label, who, WORDS).argmax(axis=1)] == label
    assert right.mean() < 0.45


def test_far_above_chance_on_the_embedded_faces_and_at_chance_with_shuffled_labels(
    store: PredictionStore,
) -> None:
    faces = rendered_faces()
    found = gather(thumbnails(), faces, store)
    assert accuracy(found) > 0.6
    assert found.confidence is not None
    opened = faces.open()
    generator = np.random.default_rng(1)
    label = np.array([face.expression for face in opened.faces])
    who = np.array([face.identity for face in opened.faces])
    for person in np.unique(who):
        rows = np.flatnonzero(who == person)
        label[rows] = label[generator.permutation(rows)]
    pictures = [Image.open(BytesIO(opened.read(face.image))).convert("RGB") for face in opened.faces]
    shares = out_of_fold(Thumbnails().embed(pictures), label, who, opened.labels)
    shuffled = (np.array(opened.labels)[shares.argmax(axis=1)] == label).mean()
    assert abs(shuffled - 1 / 7) < 0.04


def test_the_order_of_the_listing_changes_no_answer(dataset: DatasetSpec, store: PredictionStore) -> None:
    opened = dataset.open()
    turned = replace(dataset, open=lambda: replace(opened, faces=tuple(reversed(opened.faces))))  # type: ignore[type-var]
    first = gather(thumbnails("first"), dataset, store)
    second = gather(thumbnails("second"), turned, store)
    assert said(first) == said(second)[::-1]


def test_a_second_run_fits_nothing(
    dataset: DatasetSpec, store: PredictionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = gather(thumbnails(), dataset, store)
    monkeypatch.setattr("fer_audit.inference.probing.out_of_fold", None)
    assert said(gather(thumbnails(), dataset, store)) == said(first)


def test_too_few_people_and_one_label_are_errors() -> None:
    vectors, label, who = drawn(people=4)
    with pytest.raises(DatasetError, match="in 5 folds; this dataset has 4 people"):
        out_of_fold(vectors, label, who, WORDS, model="clip-probe")
    vectors, label, who = drawn()
    with pytest.raises(DatasetError, match="every picture shows 'anger'"):
        out_of_fold(vectors, np.full(len(label), "anger"), who, WORDS)


def test_a_probe_needs_vectors(dataset: DatasetSpec, store: PredictionStore) -> None:
    class Plain:
        def recognize(self, images: Sequence[Image.Image]) -> list[str]:
            return ["anger" for _ in images]

    model = ModelSpec("plain", lambda _labels: Plain(), role=Role.PROBE)
    with pytest.raises(ModelError, match=r"model 'plain' is declared a probe, .* no method embed\(images\)"):
        gather(model, dataset, store)
