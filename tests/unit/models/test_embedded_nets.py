from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from fer_audit.models.onnx import face_api, mini_xception, onnx_model
from fer_audit.models.specification import ModelSpec
from fer_audit.records import Answer, Recognizer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ROOT = Path(__file__).parents[3]
SEVEN = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")


def ask(spec: ModelSpec, *images: Image.Image, labels: Sequence[str] = SEVEN) -> list[Answer]:
    loaded = spec.load(tuple(labels))
    assert isinstance(loaded, Recognizer)
    return [answer for answer in loaded.recognize(images) if isinstance(answer, Answer)]


EMBEDDED_NETS = {
    "mini-xception": (mini_xception, "mini_xception"),
    "face-api": (face_api, "face_api"),
}


@pytest.mark.parametrize("name", EMBEDDED_NETS)
class TestEmbedded:
    def test_it_gives_what_the_source_weights_give(self, name: str, tmp_path: Path) -> None:
        """As the weights answered in their own runtime, Keras or face-api.js; see scripts/convert_*.py."""
        net = ROOT / "fer_audit" / "models" / f"{EMBEDDED_NETS[name][1]}.onnx"
        shutil.copy(net, tmp_path)
        sidecar = json.loads(net.with_suffix(".json").read_text(encoding="utf-8"))
        del sidecar["crop"]
        (tmp_path / net.with_suffix(".json").name).write_text(json.dumps(sidecar))
        reference_path = ROOT / "tests" / "data" / EMBEDDED_NETS[name][1] / "reference.npz"
        with np.load(reference_path, allow_pickle=False) as reference:
            images: NDArray[np.uint8] = reference["images"]
            expected: NDArray[np.float32] = reference["outputs"]
        spec = onnx_model("uncropped", tmp_path / net.name)
        answers = ask(spec, *map(Image.fromarray, images), labels=sidecar["labels"])
        found = np.array([list(answer.scores.values()) for answer in answers])
        assert found.shape == (16, 7)
        assert np.abs(found - expected).max() < 1e-4
        # The batch is worth comparing: it reaches several labels, and no output is the same for all.
        assert len({answer.label for answer in answers}) >= 3
        assert expected.std(axis=0).min() > 1e-4

    def test_it_is_small_and_speaks_of_seven_expressions(self, name: str) -> None:
        spec = EMBEDDED_NETS[name][0]()
        assert spec.name == name
        assert (ROOT / "fer_audit" / "models" / f"{EMBEDDED_NETS[name][1]}.onnx").stat().st_size < 400_000
        (answer,) = ask(spec, Image.new("RGB", (224, 224), "grey"))
        assert tuple(sorted(answer.scores)) == SEVEN
        assert sum(answer.scores.values()) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize(
    ("spec", "crop", "labels"),
    [
        # The order of fer.FER's own labels, and of FACE_EXPRESSION_LABELS in face-api.js.
        (
            mini_xception(),
            "[0.1786, 0.2009, 0.8214, 0.8437]",
            "angry, disgust, fear, happy, sad, surprise, neutral",
        ),
        (
            face_api(),
            "[0.1786, 0.2812, 0.817, 0.9196]",
            "neutral, happy, sad, angry, fearful, disgusted, surprised",
        ),
    ],
    ids=lambda value: value.name if isinstance(value, ModelSpec) else "",
)
def test_the_crop_of_an_embedded_net_is_frozen(spec: ModelSpec, crop: str, labels: str) -> None:
    assert spec.describe is not None
    assert spec.describe()["crop"] == crop
    assert spec.describe()["labels"] == labels
