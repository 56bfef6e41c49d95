"""PaliGemma: labels scored by their likelihood, and answers in words, on a small net drawn at random."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from plain_machine import be_plain

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch
from safetensors.torch import load_file, save_file
from transformer_nets import save_paligemma

from fer_audit.catalog import Catalog
from fer_audit.errors import ConfigurationError, FerAuditError, ModelError
from fer_audit.models import choose_model
from fer_audit.models.paligemma.generation import TextGenerator
from fer_audit.models.paligemma.scoring import LabelScorer
from fer_audit.models.paligemma.wordings import asked
from fer_audit.vocabulary import AnswerKind
from fer_audit.wording import wordings_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_audit.models import ModelSpec

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")


@pytest.fixture(autouse=True)
def plain_machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    be_plain(monkeypatch, tmp_path_factory.getbasetemp() / "cache")


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_paligemma(tmp_path_factory.mktemp("nets") / "small")


@pytest.fixture
def copy(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


@pytest.fixture(scope="module")
def images() -> list[Image.Image]:
    generator = np.random.default_rng(0)
    return [
        Image.fromarray(generator.integers(0, 256, (36, 36, 3)).astype(np.uint8)).resize((20 + 9 * n, 50))
        for n in range(5)
    ]


def spec(folder: Path, family: str = "paligemma") -> ModelSpec:
    return choose_model(f"{family}:{folder}", Catalog("model"), root=Path("/"))


def scorer(folder: Path, labels: tuple[str, ...] = LABELS) -> LabelScorer:
    loaded = spec(folder).load(labels)
    assert isinstance(loaded, LabelScorer)
    return loaded


def own_loss(loaded: LabelScorer, image: Image.Image, question: str, label: str) -> float:
    """The loss that the net computes itself where it is trained to answer with the label."""
    paligemma = loaded._paligemma
    inputs: Any = paligemma.processor(
        images=[image], text=[f"<image>{question}"], suffix=[label], return_tensors="np"
    )
    inputs = {name: torch.from_numpy(array) for name, array in inputs.items()}
    with torch.inference_mode():
        return float(paligemma.net(**inputs).loss)


def test_scores_equal_the_nets_own_loss_for_labels_of_every_length(
    saved: Path, images: Sequence[Image.Image]
) -> None:
    loaded = scorer(saved)
    tokens = {len(loaded._paligemma.processor.tokenizer(label)["input_ids"]) for label in LABELS}
    assert len(tokens) > 1
    with torch.inference_mode():
        found = loaded.log_likelihoods(images)
    question = asked(spec(saved).wordings[0], LABELS)
    expected = [[-own_loss(loaded, image, question, label) for label in LABELS] for image in images]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)


def test_every_wording_is_scored_as_it_is_put(saved: Path, images: Sequence[Image.Image]) -> None:
    loaded = scorer(saved)
    seen = set()
    wordings = wordings_for("expression", spec(saved).wordings)
    for wording in wordings:
        with torch.inference_mode():
            (found,) = loaded.asking(wording).log_likelihoods(images[:1])
        question = asked(wording, LABELS)
        expected = [-own_loss(loaded, images[0], question, label) for label in LABELS]
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-5)
        seen.add(tuple(found.round(6)))
    assert len(seen) == len(wordings) >= 10


def test_probabilities_are_a_softmax_and_the_likeliest_label_is_the_answer(
    saved: Path, images: Sequence[Image.Image]
) -> None:
    loaded = scorer(saved)
    with torch.inference_mode():
        means = loaded.log_likelihoods(images)
    expected = np.exp(means) / np.exp(means).sum(axis=1, keepdims=True)
    for answer, row in zip(loaded.recognize(images), expected, strict=True):
        assert answer.kind is AnswerKind.ANSWERED
        assert answer.label == LABELS[int(row.argmax())]
        np.testing.assert_allclose([answer.scores[label] for label in LABELS], row, rtol=0, atol=1e-5)


def test_one_label_and_the_rest_of_the_batch_change_nothing(
    saved: Path, images: Sequence[Image.Image]
) -> None:
    loaded = scorer(saved)
    together = loaded.recognize(images)
    singly = [loaded.recognize([image])[0] for image in images]
    for one, other in zip(together, singly, strict=True):
        assert dict(one.scores) == pytest.approx(dict(other.scores), abs=1e-5)
    assert scorer(saved, ("fear",)).recognize(images)[0].scores == {"fear": 1.0}


def test_a_batch_that_does_not_fit_is_halved_and_scored_as_well(
    saved: Path, images: Sequence[Image.Image]
) -> None:
    loaded = scorer(saved)
    expected = loaded.recognize(images)
    tried = []

    def refuse(_net: object, _positions: object, inputs: dict[str, Any]) -> None:
        rows = len(inputs["input_ids"])
        tried.append(rows)
        # Late, when a part of the work is done: what was kept of it must not be gone on with.
        if rows > 2 * len(LABELS):
            raise torch.OutOfMemoryError("CUDA out of memory")

    loaded._paligemma.net.register_forward_pre_hook(refuse, with_kwargs=True)
    found = loaded.recognize(images)
    assert tried == [5, 35, 2, 14, 2, 14, 1, 7]
    for one, other in zip(found, expected, strict=True):
        assert dict(one.scores) == pytest.approx(dict(other.scores), abs=1e-5)


def test_a_net_that_fits_nowhere_is_told_with_the_cure(saved: Path, images: Sequence[Image.Image]) -> None:
    loaded = scorer(saved)

    def refuse(_net: object, _inputs: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 5 GiB\nmore")

    loaded._paligemma.net.register_forward_pre_hook(refuse)
    with pytest.raises(ModelError) as caught:
        loaded.recognize(images)
    assert str(caught.value) == (
        "model 'paligemma-small': the device's memory does not hold the net and one picture (CUDA out of memory. "
        "Tried to allocate 5 GiB); free the device, or set FER_AUDIT_DEVICE=cpu"
    )


def test_a_likelihood_that_is_no_number_is_no_answer(saved: Path, images: Sequence[Image.Image]) -> None:
    loaded = scorer(saved)
    loaded._paligemma.net.lm_head.register_forward_hook(lambda _net, _inputs, output: output * torch.nan)
    with pytest.raises(ModelError) as caught:
        loaded.recognize(images)
    assert str(caught.value) == (
        "model 'paligemma-small' gave nan as the likelihood of a label; check the weights, or set "
        "FER_AUDIT_PRECISION=fp32"
    )


ASK = """
import sys
from pathlib import Path
from PIL import Image
from fer_audit.catalog import Catalog
from fer_audit.models import choose_model

for family in ("paligemma", "paligemma-generate"):
    loaded = choose_model(f"{family}:{sys.argv[1]}", Catalog("model"), root=Path("/")).load(("anger", "fear"))
    print(len(loaded.recognize([Image.new("RGB", (30, 30)), Image.new("L", (20, 40))])))
"""


def test_nothing_is_written_to_the_terminal(saved: Path) -> None:
    """In a new process: transformers says some things only once."""
    ended = subprocess.run(
        [sys.executable, "-c", ASK, str(saved)], capture_output=True, text=True, check=False
    )
    assert (ended.stdout, ended.stderr) == ("2\n2\n", "")


def test_a_question_to_choose_from_lists_the_labels_as_they_are_turned(saved: Path) -> None:
    chosen = spec(saved, "paligemma-generate")
    assert chosen.lists_labels
    ways = chosen.ways(11, labels=len(LABELS))
    questions = [asked(way, ("Fear", "No_Expression")) for way in ways]
    assert all("fear, no expression" in question for question in questions[:-1])
    assert "no expression, fear" in questions[-1]
    assert len(set(questions)) == len(ways) == 11


def test_grey_pictures_are_seen_where_the_processor_does_not_convert(copy: Path) -> None:
    settings = json.loads((copy / "processor_config.json").read_text())
    settings["image_processor"]["do_convert_rgb"] = None
    (copy / "processor_config.json").write_text(json.dumps(settings))
    grey = Image.fromarray(np.arange(900, dtype=np.uint8).reshape(30, 30))
    first, second = scorer(copy).recognize([grey, grey.convert("RGB")])
    assert dict(first.scores) == pytest.approx(dict(second.scores), abs=1e-5)


def test_pictures_are_resized_by_pillow(saved: Path) -> None:
    """torchvision resizes otherwise, and would be taken where it is installed."""
    kind = type(scorer(saved)._paligemma.processor.image_processor)
    assert not any(
        "fast" in name.lower() or "torchvision" in name.lower()
        for name in (base.__name__ for base in kind.__mro__)
    )


def forced(loaded: TextGenerator, text: str, *, ends: bool = True) -> None:
    """Let the net say these words, one token after the other, whatever it sees."""
    tokenizer = loaded._paligemma.processor.tokenizer
    ids = tokenizer(text, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id] * ends
    steps = iter(ids * 50)

    def say(_layer: object, _inputs: object, output: torch.Tensor) -> torch.Tensor:
        output[:, -1, :] = -100.0
        output[:, -1, next(steps)] = 100.0
        return output

    loaded._paligemma.net.lm_head.register_forward_hook(say)


@pytest.mark.parametrize(
    ("words", "kind", "label"),
    [
        ("sadness", AnswerKind.ANSWERED, "sadness"),
        ("joy", AnswerKind.ANSWERED, "happiness"),
        ("anger or fear", AnswerKind.SEVERAL_LABELS, None),
        ("mood", AnswerKind.OUT_OF_VOCABULARY, None),
    ],
)
def test_what_it_says_is_read(
    saved: Path, images: Sequence[Image.Image], words: str, kind: AnswerKind, label: str | None
) -> None:
    loaded = spec(saved, "paligemma-generate").load(LABELS)
    assert isinstance(loaded, TextGenerator)
    forced(loaded, words)
    (answer,) = loaded.recognize(images[:1])
    assert (answer.kind, answer.label) == (kind, label)
    assert answer.raw


def test_an_answer_that_does_not_end_is_cut_and_not_read(saved: Path, images: Sequence[Image.Image]) -> None:
    loaded = spec(saved, "paligemma-generate").load(LABELS)
    assert isinstance(loaded, TextGenerator)
    forced(loaded, "fear", ends=False)
    (answer,) = loaded.recognize(images[:1])
    assert (answer.kind, answer.flagged) == (AnswerKind.TRUNCATED, True)
    assert "fear" in answer.raw
    assert spec(saved, "paligemma-generate").speaks


def fault(folder: Path, kind: type[FerAuditError] = ModelError) -> str:
    with pytest.raises(kind) as caught:
        spec(folder).load(LABELS)
    return str(caught.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        spec(tmp_path / "nowhere")
    assert str(caught.value) == (
        f"model 'paligemma-nowhere': there is no folder {tmp_path}/nowhere; give the folder that holds "
        "config.json and model.safetensors, or OWNER/NAME for a repository on the hub"
    )


def test_weights_that_can_run_code_are_refused(copy: Path) -> None:
    (copy / "model.safetensors").rename(copy / "pytorch_model.bin")
    assert fault(copy) == (
        "model 'paligemma-copy': checkpoint copy cannot be used: its weights are in pytorch_model.bin, which "
        "can run code when it is opened; where you trust its origin, load it with transformers and "
        "save_pretrained it: that writes model.safetensors"
    )


def test_broken_weights(copy: Path) -> None:
    weights = copy / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert fault(copy).endswith("; its file is broken: download or copy it again")


def test_a_net_of_which_a_part_would_be_drawn_at_random(copy: Path) -> None:
    state = load_file(copy / "model.safetensors")
    gone = next(name for name in state if "projector" in name and name.endswith("weight"))
    del state[gone]
    save_file(state, copy / "model.safetensors", metadata={"format": "pt"})
    told = fault(copy)
    assert "it lacks weights of PaliGemmaForConditionalGeneration (" in told
    assert told.endswith("which would be drawn at random; give a checkpoint of the whole net")


def test_a_net_of_another_kind(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "model_type": "vit"}))
    assert fault(copy) == (
        "model 'paligemma-copy': checkpoint copy cannot be used: its config.json says model_type 'vit', not "
        "'paligemma'; give a checkpoint of PaliGemma, or write hf:NAME for an image classifier"
    )


def test_the_description_changes_with_the_weights_and_the_settings(copy: Path) -> None:
    describe = spec(copy).describe
    assert describe is not None
    before = describe()
    (copy / "processor_config.json").write_text((copy / "processor_config.json").read_text() + "\n")
    after = spec(copy).describe
    assert after is not None
    assert after()["settings"] != before["settings"]
    assert after()["weights"] == before["weights"]


def test_the_hub_that_cannot_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    chosen = choose_model("paligemma", Catalog("model"), root=tmp_path)
    with pytest.raises(ModelError) as caught:
        chosen.load(LABELS)
    assert str(caught.value).startswith(
        "model 'paligemma': google/paligemma-3b-mix-224 is not in the cache of the hub, and the hub cannot be "
        "reached ("
    )
    assert "hf download google/paligemma-3b-mix-224 --revision " in str(caught.value)
