"""Every kind of model, made ready to be asked: no weights from elsewhere, no key, no network.

A new adapter is one function here: it writes what its model needs into a folder, skips where a package is
missing, and yields what follows ``--model``. ``ADAPTERS`` lists it, and the whole suite runs over it.
"""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from clip_nets import TINY, save
from loopback import serving
from loopback_plan import Plan
from PIL import ImageStat
from transformer_nets import save_classifier, save_paligemma

import fer_audit
from fer_audit.models.gemini.target import has_genai, has_generativeai
from fer_audit.models.torch_runtime.vision import import_with_torchvision

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from PIL.Image import Image

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
KEY = "canary-0f3a9c"  # stands for every vendor's key, and is looked for in all that a model says of itself
HERE = Path(__file__).parent
NETS = Path(fer_audit.__file__).parent / "models"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model that can be asked here and now.

    Attributes:
        text: what follows ``--model``.
        extras: extras of which each brings what it needs, the one that is named to the user first; empty for a
            model that needs none.
        environment: variables that hold while it is used, its key among them.
    """

    text: str
    extras: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


class Brightness:
    """A recognizer as anybody may write one: no base class, plain labels."""

    def recognize(self, images: Sequence[Image], /) -> list[str]:
        return [LABELS[int(ImageStat.Stat(image.convert("L")).mean[0]) * 7 // 256] for image in images]


def brightness(_labels: tuple[str, ...]) -> Brightness:
    return Brightness()


@contextmanager
def _mini_xception(_folder: Path) -> Iterator[Prepared]:
    yield Prepared("mini-xception")


@contextmanager
def _face_api(_folder: Path) -> Iterator[Prepared]:
    yield Prepared("face-api")


@contextmanager
def _onnx(folder: Path) -> Iterator[Prepared]:
    for suffix in (".onnx", ".json"):
        shutil.copy((NETS / "face_api").with_suffix(suffix), folder)
    yield Prepared(f"mine=onnx:{folder / 'face_api.onnx'}")


@contextmanager
def _python(_folder: Path) -> Iterator[Prepared]:
    yield Prepared(f"brightness=python:{Path(__file__).stem}:{brightness.__name__}")


def _clip_net(folder: Path) -> Path:
    """A CLIP net of two small layers each, saved as open_clip saves one."""
    pytest.importorskip("torch")
    open_clip = import_with_torchvision("open_clip", extra="clip", model="test")
    config = folder / "fer-contract.json"
    config.write_text(json.dumps(TINY))
    open_clip.add_model_config(config)
    return save(open_clip, "fer-contract", folder).folder


@contextmanager
def _clip(folder: Path) -> Iterator[Prepared]:
    yield Prepared(f"clip:local-dir:{_clip_net(folder)}", ("clip",))


@contextmanager
def _clip_probe(folder: Path) -> Iterator[Prepared]:
    yield Prepared(f"clip-probe:local-dir:{_clip_net(folder)}", ("clip",))


@contextmanager
def _paligemma(folder: Path) -> Iterator[Prepared]:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    yield Prepared(f"paligemma:{save_paligemma(folder / 'small')}", ("paligemma", "huggingface"))


@contextmanager
def _huggingface(folder: Path) -> Iterator[Prepared]:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    yield Prepared(f"hf:{save_classifier(folder / 'vit', LABELS)}", ("huggingface", "paligemma"))


@contextmanager
def _gpt_4o(folder: Path) -> Iterator[Prepared]:
    pytest.importorskip("openai")
    with serving(Plan(), folder) as server:
        environment = {"OPENAI_BASE_URL": f"{server.url}/v1", "OPENAI_API_KEY": KEY}
        yield Prepared("gpt-4o", ("openai",), environment)


@contextmanager
def _gemini(folder: Path) -> Iterator[Prepared]:
    if not (has_genai() or has_generativeai()):
        pytest.skip("neither SDK of Google is installed")
    with serving(Plan(), folder) as server:
        environment = {"GOOGLE_GEMINI_BASE_URL": server.url, "GEMINI_API_KEY": KEY}
        yield Prepared("gemini", ("gemini", "gemini-legacy"), environment)


ADAPTERS: dict[str, Callable[[Path], AbstractContextManager[Prepared]]] = {
    "mini-xception": _mini_xception,
    "face-api": _face_api,
    "onnx": _onnx,
    "python": _python,
    "clip": _clip,
    "clip-probe": _clip_probe,
    "paligemma": _paligemma,
    "hf": _huggingface,
    "gpt-4o": _gpt_4o,
    "gemini": _gemini,
}
