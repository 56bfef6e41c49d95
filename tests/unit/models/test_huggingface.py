"""Image classifiers of transformers, on a small net drawn at random."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from plain_machine import be_plain

pytest.importorskip("torch")
pytest.importorskip("transformers")

from safetensors.torch import load_file, save_file
from transformer_nets import save_classifier

from fer_audit.catalog import Catalog
from fer_audit.errors import ConfigurationError, ModelError
from fer_audit.models import choose_model
from fer_audit.models.huggingface.classifier import ImageClassifier
from fer_audit.models.torch_runtime.vision import import_with_torchvision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.models import ModelSpec

OWN = ("Angry", "Happy", "Sad", "Fear")
LABELS = ("anger", "fear", "happiness", "sadness")


@pytest.fixture(autouse=True)
def plain_machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    be_plain(monkeypatch, tmp_path_factory.getbasetemp() / "cache")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_classifier(tmp_path_factory.mktemp("nets") / "vit", OWN)


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


@pytest.fixture(scope="module")
def images() -> list[Image.Image]:
    generator = np.random.default_rng(0)
    return [Image.fromarray(generator.integers(0, 256, (36, 30 + n, 3)).astype(np.uint8)) for n in range(40)]


def spec(folder: Path) -> ModelSpec:
    return choose_model(f"hf:{folder}", Catalog("model"), root=Path("/"))


def fault(folder: Path, labels: tuple[str, ...] = LABELS) -> str:
    with pytest.raises(ModelError) as caught:
        spec(folder).load(labels)
    return str(caught.value)


def change(folder: Path, **fields: object) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **fields}))


def test_answers_are_those_of_the_library_in_the_words_of_the_dataset(
    saved: Path, images: Sequence[Image.Image]
) -> None:
    loaded = spec(saved).load(LABELS)
    assert isinstance(loaded, ImageClassifier)
    found = loaded.recognize(images)
    transformers = import_with_torchvision("transformers", extra="huggingface", model="test")
    pipeline = transformers.pipeline(
        "image-classification",
        model=str(saved),
        image_processor=transformers.AutoImageProcessor.from_pretrained(saved, use_fast=False, backend="pil"),
        device="cpu",
        top_k=len(OWN),
    )
    words = dict(zip(OWN, ("anger", "happiness", "sadness", "fear"), strict=True))
    assert len({answer.label for answer in found}) > 1
    for answer, scores in zip(found, pipeline(list(images)), strict=True):
        expected = {words[score["label"]]: score["score"] for score in scores}
        assert dict(answer.scores) == pytest.approx(expected, abs=1e-5)
        assert answer.label == words[scores[0]["label"]]


def test_labels_that_are_none_of_the_datasets(saved: Path) -> None:
    assert fault(saved, ("cat", "dog")) == (
        "model 'hf-vit': checkpoint vit cannot be used: its labels (Angry, Happy, Sad, Fear) are none of the "
        "dataset's (cat, dog); write them into id2label of its config.json"
    )


def test_two_labels_of_one_meaning(copy: Path) -> None:
    change(copy, id2label={"0": "Angry", "1": "anger", "2": "Sad", "3": "Fear"})
    assert "mean 'anger'; tell them apart in its config.json" in fault(copy)


def test_a_net_that_is_no_classifier(copy: Path) -> None:
    change(copy, architectures=["ViTModel"])
    assert fault(copy) == (
        "model 'hf-copy': checkpoint copy cannot be used: it is a ViTModel, no image classifier; give a "
        "checkpoint of a net named ...ForImageClassification"
    )


def test_code_of_a_checkpoint_is_never_run(copy: Path) -> None:
    (copy / "evil.py").write_text("raise SystemExit('run')\n")
    change(copy, auto_map={"AutoModelForImageClassification": "evil.Net"})
    assert fault(copy) == (
        "model 'hf-copy': checkpoint copy cannot be used: it needs code from its repository, which is never "
        "run; give another"
    )


def test_weights_that_can_run_code_are_refused(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    assert "its weights are in pytorch_model.bin, which can run code when it is opened" in fault(copy)


def test_a_head_that_would_be_drawn_at_random(copy: Path) -> None:
    state = {n: t for n, t in load_file(copy / "model.safetensors").items() if "classifier" not in n}
    save_file(state, copy / "model.safetensors", metadata={"format": "pt"})
    assert fault(copy) == (
        "model 'hf-copy': checkpoint copy cannot be used: it lacks weights of ViTForImageClassification "
        "(classifier.bias, classifier.weight), which would be drawn at random; give a checkpoint of the whole "
        "net"
    )


def test_settings_that_are_no_json(copy: Path) -> None:
    (copy / "config.json").write_text("{")
    assert fault(copy).endswith("config.json cannot be read (JSONDecodeError); download or copy it again")


def test_a_name_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"model 'hf-x': there is no folder .*/x; give the folder"):
        choose_model("hf:./x", Catalog("model"), root=tmp_path)
    with pytest.raises(ConfigurationError, match=r"model 'hf:' lacks its variant; write hf:FOLDER or"):
        choose_model("hf:", Catalog("model"), root=tmp_path)


def test_nothing_is_written_to_the_terminal(
    saved: Path, images: Sequence[Image.Image], capfd: pytest.CaptureFixture[str]
) -> None:
    loaded = spec(saved).load(LABELS)
    assert isinstance(loaded, ImageClassifier)
    loaded.recognize(images[:2])
    assert capfd.readouterr() == ("", "")
