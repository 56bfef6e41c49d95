"""Vectors that were made once cost no forward pass again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from small_faces import LABELS, PEOPLE, said

from fer_audit.errors import ModelError
from fer_audit.inference import Asking, gather
from fer_audit.models import ModelSpec, Role
from fer_audit.records import Answer
from fer_audit.vocabulary import AnswerKind
from fer_audit.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from PIL import Image

    from fer_audit.datasets import DatasetSpec
    from fer_audit.store import PredictionStore

WORDS = tuple(Wording(f"prompt {number}", "1", ("a {label} face",)) for number in range(3))


@dataclass
class Net:
    """A vector is the mean colour; the wording turns what is read from it."""

    embedded: list[int]
    shift: int = 0

    def embed(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
        self.embedded.append(len(images))
        return np.stack([np.asarray(image, dtype=np.float32).mean(axis=(0, 1)) for image in images])

    def read(self, vectors: NDArray[np.float32]) -> list[Answer]:
        places = [(int(vector[1]) // 80 + self.shift) % 3 for vector in vectors]
        return [Answer(AnswerKind.ANSWERED, LABELS[place]) for place in places]

    def recognize(self, images: Sequence[Image.Image]) -> list[Answer]:
        return self.read(self.embed(images))

    def asking(self, wording: Wording) -> Net:
        return replace(self, shift=WORDS.index(wording))


@dataclass
class Nets:
    embedded: list[int] = field(default_factory=list)

    def model(self, version: str = "1", *, role: Role = Role.RECOGNIZER) -> ModelSpec:
        return ModelSpec(
            "net" if role is Role.RECOGNIZER else "net-probe",
            lambda _labels: Net(self.embedded),
            lambda: {"version": version},
            describe_vectors=lambda: {"weights": version},
            role=role,
            wordings=WORDS if role is Role.RECOGNIZER else (),
        )


@pytest.fixture
def nets() -> Nets:
    return Nets()


def test_another_prompt_set_and_a_probe_cost_no_forward_pass(
    nets: Nets, dataset: DatasetSpec, store: PredictionStore
) -> None:
    first = gather(nets.model(), dataset, store)
    assert said(first) == list(LABELS) * PEOPLE
    assert sum(nets.embedded) == 60
    more = gather(nets.model(), dataset, store, asking=Asking(prompts=3))
    assert more.prompt is not None
    assert said(more)[60:63] == ["fear", "happiness", "anger"]
    pytest.importorskip("sklearn")
    gather(nets.model(role=Role.PROBE), dataset, store)
    assert sum(nets.embedded) == 60


def test_other_weights_make_other_vectors(nets: Nets, dataset: DatasetSpec, store: PredictionStore) -> None:
    gather(nets.model("1"), dataset, store)
    gather(nets.model("2"), dataset, store)
    assert sum(nets.embedded) == 120


def test_a_picture_that_cannot_be_read_is_absent_and_the_others_are_read(
    nets: Nets, folder: Path, dataset: DatasetSpec, store: PredictionStore
) -> None:
    (folder / "p3/fear.png").write_bytes(b"no picture")
    found = gather(nets.model(), dataset, store)
    assert said(found).count("") == 1
    assert "p3/fear.png" in found.faults[0]
    assert sum(nets.embedded) == 59


@pytest.mark.parametrize("shape", [(60,), (2, 3), (60, 2, 2)])
def test_vectors_out_of_contract_are_an_error_of_the_model(
    shape: tuple[int, ...], dataset: DatasetSpec, store: PredictionStore
) -> None:
    class Broken(Net):
        def embed(self, images: Sequence[Image.Image]) -> NDArray[np.float32]:
            del images
            return np.zeros(shape, dtype=np.float32)

    model = ModelSpec("net", lambda _labels: Broken([]), describe_vectors=lambda: {"weights": "x"})
    with pytest.raises(ModelError, match=rf"model 'net': embed gave an array of shape \({shape[0]}"):
        gather(model, dataset, store)
