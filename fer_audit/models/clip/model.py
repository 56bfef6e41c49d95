"""CLIP as models under audit: zero-shot by prompts, or embedding for a linear probe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.models.clip.wordings import ALL_WORDINGS, WORDINGS, WORDS
from fer_audit.models.specification import ModelSpec, Role
from fer_audit.models.torch_runtime import TorchRuntime
from fer_audit.models.torch_runtime.vision import import_with_torchvision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_audit.models.clip.network import ClipEmbedder
    from fer_audit.models.clip.weights import ClipWeights
    from fer_audit.models.clip.zero_shot import ZeroShot

__all__ = ["EXTRA", "clip_model", "clip_probe"]

EXTRA = "clip"
"""The extra of this package that installs open_clip."""

_PREPROCESSING = "open_clip's own, 1"
_READING = "softmax over the labels, 1"
_REDUCED_TO = 2  # input sides that a reduced picture keeps, so that the net's own reduction decides


def clip_model(name: str, weights: ClipWeights) -> ModelSpec:
    """Zero-shot CLIP: the label whose descriptions are nearest to the picture.

    Each label is described by templates times words for the expression; the text vectors of a label are
    averaged (Radford et al. 2021, arXiv:2103.00020, section 3.1.4). Scores are probabilities over the
    dataset's labels.

    Args:
        name: short name of the model.
        weights: the net.
    """
    net = _Net(name, weights)
    return ModelSpec(
        name=name,
        load=net.load,
        describe=net.describe,
        describe_vectors=net.describe_vectors,
        wordings=ALL_WORDINGS,
        smallest_side=net.smallest_side,
    )


def clip_probe(name: str, weights: ClipWeights) -> ModelSpec:
    """CLIP's picture vectors, of length 1; a linear classifier is fitted to those of other people.

    Args:
        name: short name of the model.
        weights: the net.
    """
    net = _Net(name, weights)
    return ModelSpec(
        name=name,
        load=net.load_embedder,
        describe=net.describe_vectors,
        describe_vectors=net.describe_vectors,
        role=Role.PROBE,
        smallest_side=net.smallest_side,
    )


@dataclass(frozen=True, slots=True)
class _Net:
    """A net that has been found, not opened."""

    name: str
    weights: ClipWeights

    @property
    def smallest_side(self) -> int | None:
        side = self.weights.side()
        return None if side is None else _REDUCED_TO * side

    @property
    def runtime(self) -> TorchRuntime:
        return TorchRuntime(self.name, EXTRA)

    def describe_vectors(self) -> Mapping[str, str]:
        return {
            **self.weights.describe(),
            "precision": str(self.runtime.precision()),
            "preprocessing": _PREPROCESSING,
            "decoding": "whole" if self.smallest_side is None else f"no side below {self.smallest_side}",
        }

    def describe(self) -> Mapping[str, str]:
        return {**self.describe_vectors(), "words": WORDS, "reading": _READING}

    def load_embedder(self, _labels: tuple[str, ...]) -> ClipEmbedder:
        started = self.runtime.start()
        import_with_torchvision("open_clip", extra=EXTRA, model=self.name)
        # Their modules import torch and open_clip, which can be imported from here on.
        from fer_audit.models.clip.loading import load_clip  # noqa: PLC0415
        from fer_audit.models.clip.network import ClipEmbedder  # noqa: PLC0415

        return ClipEmbedder(self.name, load_clip(self.name, self.weights), started)

    def load(self, labels: tuple[str, ...]) -> ZeroShot:
        embedder = self.load_embedder(labels)
        from fer_audit.models.clip.zero_shot import ZeroShot  # noqa: PLC0415 - as above

        return ZeroShot(embedder, labels, WORDINGS[0])
