"""Several wordings of one question, and asking again."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from small_faces import LABELS, PEOPLE, label_of, said

from fer_audit.errors import ConfigurationError, ModelError
from fer_audit.inference import Asking, gather, plan
from fer_audit.models import ModelSpec
from fer_audit.records import Answer, Slicing
from fer_audit.stats.counts import count
from fer_audit.vocabulary import AnswerKind
from fer_audit.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from fer_audit.datasets import DatasetSpec
    from fer_audit.store import PredictionStore

PLAIN = Wording("plain", "1", ("Which of {labels}?",))
CURT = Wording("curt", "1", ("{labels}:",))


@dataclass
class Talker:
    """Reads the label, but asked curtly it says the first label of the list; counts what it is asked."""

    labels: tuple[str, ...]
    asked: Counter[str]
    wording: Wording = PLAIN

    def asking(self, wording: Wording) -> Talker:
        return replace(self, wording=wording)

    def recognize(self, images: Sequence[Image.Image]) -> list[str]:
        self.asked[self.wording.name] += len(images)
        if "curt" in self.wording.name:
            return [self.wording.order(self.labels)[0] for _ in images]
        return [label_of(image) for image in images]


@dataclass
class Asked:
    counts: Counter[str] = field(default_factory=Counter)

    def model(self, *, turns: bool = False, varies: bool = False) -> ModelSpec:
        return ModelSpec(
            "talker",
            lambda labels: Talker(labels, self.counts),
            lambda: {"version": "1"},
            wordings=(PLAIN, CURT),
            lists_labels=turns,
            varies=varies,
        )


@pytest.fixture
def asked() -> Asked:
    return Asked()


def test_one_wording_is_asked_unless_more_are_wanted(
    asked: Asked, dataset: DatasetSpec, store: PredictionStore
) -> None:
    found = gather(asked.model(), dataset, store)
    assert said(found) == list(LABELS) * PEOPLE
    assert found.prompt is None
    assert asked.counts == {"plain": 60}
    assert found.provenance.details["prompt"] == "plain, version 1"


def test_each_wording_asks_every_picture_once_and_a_row_says_which(
    asked: Asked, dataset: DatasetSpec, store: PredictionStore
) -> None:
    found = gather(asked.model(), dataset, store, asking=Asking(prompts=2))
    assert asked.counts == {"plain": 60, "curt": 60}
    assert found.prompt is not None
    names = [found.prompt.levels[code] for code in found.prompt.codes]
    assert Counter(zip(names, said(found), strict=True)) == {
        ("plain", "anger"): 20,
        ("plain", "fear"): 20,
        ("plain", "happiness"): 20,
        ("curt", "anger"): 60,
    }
    assert found.provenance.details["prompts"] == "2: plain, curt"
    assert "each picture was asked about in 2 ways, which are averaged" in found.notes


def test_the_wordings_of_a_picture_are_one_picture(
    asked: Asked, dataset: DatasetSpec, store: PredictionStore
) -> None:
    counts = count(gather(asked.model(), dataset, store, asking=Asking(prompts=2)), Slicing("gender"))
    assert counts.cells.sum() == 60
    # Anger is right in both wordings; fear and happiness in one of two.
    right = np.einsum("uii->ui", counts.cells[..., :3])
    assert right.sum(axis=0).tolist() == [20.0, 10.0, 10.0]


def test_more_wordings_ask_only_what_is_new(
    asked: Asked, dataset: DatasetSpec, store: PredictionStore
) -> None:
    first = gather(asked.model(), dataset, store)
    both = gather(asked.model(), dataset, store, asking=Asking(prompts=2))
    assert asked.counts == {"plain": 60, "curt": 60}
    assert first.provenance.fingerprint != both.provenance.fingerprint


def test_labels_are_turned_where_a_wording_lists_them(
    asked: Asked, dataset: DatasetSpec, store: PredictionStore
) -> None:
    found = gather(asked.model(turns=True), dataset, store, asking=Asking(prompts=6))
    assert set(asked.counts) == {
        f"{name}{turn}" for name in ("plain", "curt") for turn in ("", " turned 1", " turned 2")
    }
    assert found.prompt is not None
    turned = found.prompt.levels.index("curt turned 2")
    assert {label for label, code in zip(said(found), found.prompt.codes, strict=True) if code == turned} == {
        "happiness"
    }
    with pytest.raises(
        ConfigurationError, match="7 prompts were asked for; 2 wordings of 3 labels make 1 to 6"
    ):
        gather(asked.model(turns=True), dataset, store, asking=Asking(prompts=7))
    with pytest.raises(ConfigurationError, match="3 prompts were asked for; model 'talker' has 1 to 2"):
        gather(asked.model(), dataset, store, asking=Asking(prompts=3))


def test_only_a_model_that_may_answer_otherwise_is_asked_again(
    asked: Asked, dataset: DatasetSpec, store: PredictionStore
) -> None:
    gather(asked.model(), dataset, store, asking=Asking(repeats=3))
    assert asked.counts == {"plain": 60}
    found = gather(asked.model(varies=True), dataset, store, asking=Asking(repeats=3))
    assert asked.counts == {"plain": 180}
    assert len(found) == 180
    assert found.prompt is None
    assert found.provenance.details["repeats"] == "3 of each"


def test_the_plan_counts_every_way_and_what_is_stored_of_it(
    asked: Asked, dataset: DatasetSpec, store: PredictionStore
) -> None:
    asking = Asking(prompts=2)
    before = plan(asked.model(), dataset, store, asking=asking)
    assert (before.images, before.ways, before.stored, before.to_ask) == (60, 2, 0, 120)
    gather(asked.model(), dataset, store, asking=asking)
    after = plan(asked.model(), dataset, store, asking=asking)
    assert (after.stored, after.to_ask, after.most_usd) == (120, 0, None)


def test_a_model_that_cannot_be_asked_in_words_says_so(dataset: DatasetSpec, store: PredictionStore) -> None:
    class Mute:
        def recognize(self, images: Sequence[Image.Image]) -> list[str]:
            return ["anger" for _ in images]

    model = ModelSpec("mute", lambda _labels: Mute(), lambda: {"version": "1"}, wordings=(PLAIN,))
    with pytest.raises(ModelError, match=r"model 'mute' declares wordings, .* no method asking\(wording\)"):
        gather(model, dataset, store)


def test_the_words_of_a_model_that_speaks_are_read_again_and_of_no_other(
    dataset: DatasetSpec, store: PredictionStore
) -> None:
    """What an older reader made nothing of is read by today's, without asking."""

    class Speaker:
        def recognize(self, images: Sequence[Image.Image]) -> list[Answer]:
            scores = {"anger": 0.75, "fear": 0.25}
            return [Answer(AnswerKind.UNREADABLE, None, scores, "I would say anger.") for _ in images]

    def model(name: str, *, speaks: bool) -> ModelSpec:
        return ModelSpec(name, lambda _labels: Speaker(), lambda: {"version": "1"}, speaks=speaks)

    for name, speaks, expected in (("speaker", True, "anger"), ("mute", False, "")):
        assert set(said(gather(model(name, speaks=speaks), dataset, store))) == {""}
        assert set(said(gather(model(name, speaks=speaks), dataset, store))) == {expected}
