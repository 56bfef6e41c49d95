"""How a checkpoint of PaliGemma becomes a model by name.

The labels are a closed set, so the usual way is to score each of them as the answer; the net can also be let
speak. Nothing here imports torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.models.huggingface.checkpoints import PROCESSOR, TOKENIZER, Checkpoint, find_checkpoint
from fer_audit.models.huggingface.loading import start
from fer_audit.models.paligemma.wordings import ALL_LISTS, ALL_QUESTIONS, LISTS, MOST_TOKENS, QUESTIONS
from fer_audit.models.specification import ModelSpec
from fer_audit.models.torch_runtime import TorchRuntime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fer_audit.models.paligemma.generation import TextGenerator
    from fer_audit.models.paligemma.net import PaliGemma
    from fer_audit.models.paligemma.scoring import LabelScorer

__all__ = ["PINNED", "paligemma", "paligemma_generating"]

PINNED = "google/paligemma-3b-mix-224@d1d8734c9c3ad0ccfeea4afc270faa356c2ba515"
"""The checkpoint that is meant where none is named."""

_EXTRA = "paligemma"
_PREPROCESSING = "1"
_SIDE = 224  # of the picture that the pinned checkpoint sees


def paligemma(name: str, variant: str, root: Path) -> ModelSpec:
    """PaliGemma, answering with the label that is the likeliest answer: never a refusal, nothing to parse.

    Args:
        name: short name of the model.
        variant: a folder, ``OWNER/NAME`` or ``OWNER/NAME@REVISION``; empty for `PINNED`.
        root: the folder that relative paths start from.

    Raises:
        ConfigurationError: the folder does not exist.
    """
    scoring = _Scoring(_net(name, variant, root))
    return ModelSpec(
        name, scoring.load, scoring.describe, wordings=ALL_QUESTIONS, smallest_side=_smallest_side(variant)
    )


def paligemma_generating(name: str, variant: str, root: Path) -> ModelSpec:
    """PaliGemma, answering in its own words, which are read as a label or as another kind of answer.

    Args:
        name: short name of the model.
        variant: a folder, ``OWNER/NAME`` or ``OWNER/NAME@REVISION``; empty for `PINNED`.
        root: the folder that relative paths start from.

    Raises:
        ConfigurationError: the folder does not exist.
    """
    generating = _Generating(_net(name, variant, root))
    return ModelSpec(
        name,
        generating.load,
        generating.describe,
        wordings=ALL_LISTS,
        lists_labels=True,
        speaks=True,
        smallest_side=_smallest_side(variant),
    )


@dataclass(frozen=True, slots=True)
class _Net:
    """A checkpoint of PaliGemma that has been found, not loaded."""

    checkpoint: Checkpoint

    def describe(self) -> Mapping[str, str]:
        return {
            **self.checkpoint.describe(),
            "precision": str(TorchRuntime(self.checkpoint.model, _EXTRA).precision()),
            "preprocessing": _PREPROCESSING,
        }

    def load(self) -> PaliGemma:
        checkpoint = self.checkpoint
        loader = start(checkpoint, extra=_EXTRA)
        settings = checkpoint.settings(loader.folder)
        if settings.kind != "paligemma":
            raise checkpoint.refusal(
                f"its config.json says model_type {settings.kind!r}, not 'paligemma'",
                "give a checkpoint of PaliGemma, or write hf:NAME for an image classifier",
            )
        from fer_audit.models.paligemma.net import load_paligemma  # noqa: PLC0415 - imports torch

        return load_paligemma(loader)


@dataclass(frozen=True, slots=True)
class _Scoring:
    net: _Net

    def describe(self) -> Mapping[str, str]:
        return {
            **self.net.describe(),
            "mode": "likelihood of each label",
            "normalisation": "mean over tokens, end of the answer included; softmax over labels",
        }

    def load(self, labels: tuple[str, ...]) -> LabelScorer:
        paligemma = self.net.load()
        from fer_audit.models.paligemma.scoring import LabelScorer  # noqa: PLC0415 - imports torch

        return LabelScorer(paligemma, labels, QUESTIONS[0])


@dataclass(frozen=True, slots=True)
class _Generating:
    net: _Net

    def describe(self) -> Mapping[str, str]:
        return {
            **self.net.describe(),
            "mode": "generated text",
            "decoding": f"the likeliest token next, at most {MOST_TOKENS}",
        }

    def load(self, labels: tuple[str, ...]) -> TextGenerator:
        paligemma = self.net.load()
        from fer_audit.models.paligemma.generation import TextGenerator  # noqa: PLC0415 - imports torch

        return TextGenerator(paligemma, labels, LISTS[0])


def _net(name: str, variant: str, root: Path) -> _Net:
    needs = (PROCESSOR, TOKENIZER)
    return _Net(find_checkpoint(variant or PINNED, root, model=name, extra=_EXTRA, needs=needs))


def _smallest_side(variant: str) -> int | None:
    """Scaled down to twice what it sees, a picture is the same to a net; of others nothing is known."""
    return None if variant else 2 * _SIDE
