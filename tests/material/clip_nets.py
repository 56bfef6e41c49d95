"""CLIP nets on disk for the tests, saved in every way a user may have them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

TINY = {
    "embed_dim": 16,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 32, "patch_size": 16, "head_width": 16},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 2},
}


@dataclass(frozen=True, slots=True)
class Saved:
    """One net on disk.

    Attributes:
        architecture: its name in open_clip.
        checkpoint: its weights, as torch saves them.
        safetensors: the same.
        folder: the same, as open_clip saves a net.
    """

    architecture: str
    checkpoint: Path
    safetensors: Path
    folder: Path


def save(open_clip: ModuleType, architecture: str, folder: Path) -> Saved:
    """Draw the weights of an architecture and save them in three ways."""
    import torch  # noqa: PLC0415 - not in every environment
    from safetensors.torch import save_file  # noqa: PLC0415

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        net = open_clip.create_model(architecture)
    state = net.state_dict()
    # As trained: a cosine counts for much, so that an error in it shows in the answers.
    state["logit_scale"] = torch.tensor(np.log(100.0))
    saved = Saved(architecture, folder / "net.pt", folder / "net.safetensors", folder / "saved-net")
    torch.save(state, saved.checkpoint)
    saved.folder.mkdir()
    save_file(state, folder / "saved-net" / "open_clip_model.safetensors")
    saved.safetensors.hardlink_to(saved.folder / "open_clip_model.safetensors")
    config = {"model_cfg": open_clip.get_model_config(architecture), "preprocess_cfg": {}}
    (saved.folder / "open_clip_config.json").write_text(json.dumps(config))
    return saved
