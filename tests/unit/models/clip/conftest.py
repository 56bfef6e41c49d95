"""A tiny CLIP net that open_clip is told of, and a machine on which nothing is chosen by chance."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from clip_nets import TINY, save
from PIL import Image
from plain_machine import be_plain

from fer_audit.models.torch_runtime.vision import import_with_torchvision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from clip_nets import Saved


@pytest.fixture(scope="session")
def open_clip() -> ModuleType:
    """open_clip, or no test."""
    pytest.importorskip("torch")
    pytest.importorskip("platformdirs")
    return import_with_torchvision("open_clip", extra="clip", model="test")


@pytest.fixture(autouse=True)
def plain_machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nets compute in fp32 on the processor, and note nothing in anybody's cache."""
    be_plain(monkeypatch, tmp_path_factory.getbasetemp() / "cache")


@pytest.fixture(scope="session")
def tiny(open_clip: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saved]:
    """A net of two small layers each, with weights that are drawn and far from zero."""
    folder = tmp_path_factory.mktemp("tiny")
    config = folder / "fer-tiny.json"
    config.write_text(json.dumps(TINY))
    open_clip.add_model_config(config)
    yield save(open_clip, "fer-tiny", folder)
    open_clip.factory._MODEL_CONFIG_PATHS.remove(config)
    del open_clip.factory._MODEL_CONFIGS["fer-tiny"]


@pytest.fixture(scope="session")
def images() -> list[Image.Image]:
    """Pictures that are no faces, of several sizes and shapes, each unlike the others."""
    generator = np.random.default_rng(7)
    pictures = []
    for number in range(70):
        coarse = generator.integers(0, 256, (8, 8, 3)).astype(np.uint8)
        size = (48 + 8 * (number % 5), 64 - 8 * (number % 3))
        pictures.append(Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC))
    return pictures
