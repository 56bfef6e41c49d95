from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from clip_nets import save
from numpy.testing import assert_allclose

from fer_audit.catalog import Catalog
from fer_audit.errors import ModelError
from fer_audit.models import ModelSpec, Role, choose_model
from fer_audit.models.clip.wordings import WORDINGS, descriptions
from fer_audit.records import Embedder, Prompted, Recognizer, VectorReader
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from clip_nets import Saved
    from numpy.typing import NDArray
    from PIL.Image import Image

    from fer_audit.models.clip.zero_shot import ZeroShot
    from fer_audit.records import Answer
    from fer_audit.wording import Wording

LABELS = ("anger", "disgust", "fear", "Happy", "neutral", "sadness", "concentration")


def net(tiny: Saved, family: str = "clip") -> ModelSpec:
    return choose_model(f"{family}:fer-tiny@{tiny.checkpoint}", Catalog("model"), root=Path("/"))


def zero_shot(spec: ModelSpec, labels: tuple[str, ...] = LABELS) -> ZeroShot:
    from fer_audit.models.clip.zero_shot import ZeroShot  # noqa: PLC0415 - its net needs torch

    loaded = spec.load(labels)
    assert isinstance(loaded, ZeroShot)
    return loaded


def scores(answers: Sequence[Answer], labels: Sequence[str] = LABELS) -> NDArray[np.float64]:
    return np.array([[answer.scores[label] for label in labels] for answer in answers])


def logits_of_open_clip(
    open_clip: ModuleType,
    saved: Saved,
    images: Sequence[Image],
    wording: Wording,
    labels: Sequence[str] = LABELS,
) -> NDArray[np.float64]:
    """Zero-shot classification as open_clip itself computes it, from the same file."""
    torch = pytest.importorskip("torch")
    model, preprocess = open_clip.create_model_from_pretrained(saved.architecture, str(saved.checkpoint))
    tokenizer = open_clip.get_tokenizer(saved.architecture)
    model.eval()
    columns = [
        # One class a call: each label has its own number of descriptions.
        open_clip.build_zero_shot_classifier(
            model, tokenizer, [label], [lambda _, text=text: text for text in texts]
        )
        for label, texts in descriptions(wording, labels).items()
    ]
    with torch.inference_mode():
        pixels = torch.stack([preprocess(image) for image in images])
        features = model.encode_image(pixels, normalize=True)
        logits = model.logit_scale.exp() * features @ torch.cat(columns, dim=1)
    return np.asarray(logits.double().numpy())


def assert_as_open_clip(
    answers: Sequence[Answer], logits: NDArray[np.float64], labels: Sequence[str]
) -> None:
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    expected = weights / weights.sum(axis=1, keepdims=True)
    assert_allclose(scores(answers, labels), expected, atol=1e-5, rtol=0)
    assert [answer.label for answer in answers] == [labels[row.argmax()] for row in expected]
    # Softmax knows logits up to a constant.
    found = centred(np.log(scores(answers, labels)))
    assert_allclose(found, centred(logits), atol=1e-5, rtol=1e-6)


def centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values - values.mean(axis=1, keepdims=True))


def test_what_is_loaded_can_be_asked_worded_and_read(tiny: Saved) -> None:
    loaded = zero_shot(net(tiny))
    assert isinstance(loaded, Recognizer)
    assert isinstance(loaded, Prompted)
    assert isinstance(loaded, VectorReader)


@pytest.mark.parametrize("number", [0, 1, 5, 14])
def test_scores_are_those_of_open_clip(
    number: int,
    open_clip: ModuleType,
    tiny: Saved,
    images: list[Image],
) -> None:
    wording = WORDINGS[number]
    answers = zero_shot(net(tiny)).asking(wording).recognize(images)
    logits = logits_of_open_clip(open_clip, tiny, images, wording)
    # A constant would not pass.
    assert np.ptp(scores(answers), axis=0).max() > 0.05
    assert_as_open_clip(answers, logits, LABELS)


@pytest.fixture
def real(open_clip: ModuleType, tmp_path: Path) -> Iterator[Saved]:
    """ViT-B-32 with drawn weights: 600 MB a file, so nothing is left behind."""
    (tmp_path / "real").mkdir()
    yield save(open_clip, "ViT-B-32", tmp_path / "real")
    shutil.rmtree(tmp_path / "real")


def test_scores_of_a_real_architecture_are_those_of_open_clip(
    open_clip: ModuleType, real: Saved, images: list[Image]
) -> None:
    labels = ("anger", "sadness", "boredom")
    logits = logits_of_open_clip(open_clip, real, images[:4], WORDINGS[-1], labels)
    for text in (f"clip:ViT-B-32@{real.checkpoint}", f"clip:local-dir:{real.folder}"):
        spec = choose_model(text, Catalog("model"), root=Path("/"))
        answers = zero_shot(spec, labels).asking(WORDINGS[-1]).recognize(images[:4])
        assert_as_open_clip(answers, logits, labels)


def test_asked_without_more_it_uses_the_first_wording(tiny: Saved, images: list[Image]) -> None:
    loaded = zero_shot(net(tiny))
    found = scores(loaded.recognize(images[:5]))
    assert_allclose(found, scores(loaded.asking(WORDINGS[0]).recognize(images[:5])), atol=0)
    assert np.abs(found - scores(loaded.asking(WORDINGS[3]).recognize(images[:5]))).max() > 1e-3


def test_a_picture_is_read_alike_in_any_batch(tiny: Saved, images: list[Image]) -> None:
    loaded = zero_shot(net(tiny))
    together = scores(loaded.recognize(images))
    assert_allclose(scores(loaded.recognize(images[::-1])), together[::-1], atol=1e-5)
    singly = [loaded.recognize([image])[0] for image in images[:10]]
    assert_allclose(scores(singly), together[:10], atol=1e-5)


def test_reading_vectors_is_recognizing(tiny: Saved, images: list[Image]) -> None:
    loaded = zero_shot(net(tiny))
    vectors = loaded.embed(images)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(images), 16)
    assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert loaded.read(vectors) == loaded.recognize(images)


def test_no_pictures_have_no_answers(tiny: Saved) -> None:
    loaded = zero_shot(net(tiny))
    assert loaded.embed([]).shape == (0, 16)
    assert loaded.recognize([]) == []


def test_answers_carry_a_probability_for_every_label(tiny: Saved, images: list[Image]) -> None:
    for answer in zero_shot(net(tiny)).recognize(images[:10]):
        assert answer.kind is AnswerKind.ANSWERED
        assert tuple(answer.scores) == LABELS
        assert sum(answer.scores.values()) == pytest.approx(1)
        assert answer.label == max(answer.scores, key=lambda label: answer.scores[label])


def test_a_text_is_embedded_once_for_all_wordings(tiny: Saved, images: list[Image]) -> None:
    loaded = zero_shot(net(tiny))
    vectors = loaded.embed(images[:2])
    loaded.read(vectors)
    inner: Any = loaded._embedder._net
    inner.encode_text = None  # can no longer be asked
    for wording in WORDINGS[1:]:
        assert len(loaded.asking(wording).read(vectors)) == 2


def test_the_probe_embeds_as_the_recognizer_does(tiny: Saved, images: list[Image]) -> None:
    probe = net(tiny, "clip-probe")
    assert probe.role is Role.PROBE
    assert probe.wordings == ()
    loaded = probe.load(LABELS)
    assert isinstance(loaded, Embedder)
    assert not isinstance(loaded, Recognizer)
    assert_allclose(loaded.embed(images[:4]), zero_shot(net(tiny)).embed(images[:4]), atol=1e-6)


def test_vectors_are_described_without_the_words(tiny: Saved) -> None:
    spec, probe = net(tiny), net(tiny, "clip-probe")
    assert spec.describe is not None
    assert spec.describe_vectors is not None
    assert probe.describe_vectors is not None
    vectors = dict(spec.describe_vectors())
    assert vectors == dict(probe.describe_vectors())
    assert set(vectors) == {"weights", "architecture", "precision", "preprocessing", "decoding"}
    assert dict(spec.describe()) == {**vectors, "words": "1", "reading": "softmax over the labels, 1"}


def test_another_precision_is_described_and_close(
    tiny: Saved, images: list[Image], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = net(tiny)
    assert spec.describe_vectors is not None
    before = dict(spec.describe_vectors())
    exact = zero_shot(spec).embed(images)
    monkeypatch.setenv("FER_AUDIT_PRECISION", "bf16")
    assert dict(spec.describe_vectors()) == {**before, "precision": "bf16"}
    loaded = zero_shot(spec)
    rounded = loaded.embed(images)
    assert rounded.dtype == np.float32
    # The scale is read before the net is rounded.
    assert loaded._embedder.scale == pytest.approx(100, rel=1e-6)
    assert 1e-7 < 1 - (exact * rounded).sum(axis=1).min() < 1e-3
    assert_allclose(loaded.embed(images[:3]), rounded[:3], atol=1e-6)


def test_a_net_that_gives_no_numbers_is_told(
    open_clip: ModuleType,
    tiny: Saved,
    images: list[Image],
    tmp_path: Path,
) -> None:
    torch = pytest.importorskip("torch")
    state = torch.load(tiny.checkpoint)
    state["visual.proj"][:] = float("nan")
    torch.save(state, tmp_path / "net.pt")
    spec = choose_model(f"net=clip:fer-tiny@{tmp_path / 'net.pt'}", Catalog("model"), root=Path("/"))
    with pytest.raises(ModelError) as caught:
        zero_shot(spec).recognize(images[:2])
    assert str(caught.value) == (
        "model 'net': the net gives nan in a vector (fp32); check its weights, or set FER_AUDIT_PRECISION=fp32"
    )
    assert open_clip.list_models()


def test_pictures_that_a_device_does_not_hold_are_asked_in_smaller_batches(
    tiny: Saved, images: list[Image]
) -> None:
    torch = pytest.importorskip("torch")
    loaded = zero_shot(net(tiny))
    expected = loaded.embed(images[:8])
    inner: Any = loaded._embedder._net
    whole = inner.encode_image

    def short_of_memory(pixels: Any) -> Any:  # noqa: ANN401
        if len(pixels) > 3:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return whole(pixels)

    inner.encode_image = short_of_memory
    assert_allclose(loaded.embed(images[:8]), expected, atol=1e-6)
