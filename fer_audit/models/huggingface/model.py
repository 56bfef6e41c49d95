"""Image classifiers of transformers by name: from the hub or from a folder, and what they are asked to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.models.huggingface.checkpoints import PROCESSOR, Checkpoint, find_checkpoint
from fer_audit.models.huggingface.loading import start
from fer_audit.models.specification import ModelSpec
from fer_audit.models.torch_runtime import TorchRuntime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from fer_audit.models.huggingface.classifier import ImageClassifier

__all__ = ["huggingface"]

_EXTRA = "huggingface"
_PREPROCESSING = "1"
_TASK = "ForImageClassification"


def huggingface(name: str, variant: str, root: Path) -> ModelSpec:
    """An image classifier of transformers, its labels in the dataset's words.

    Args:
        name: short name of the model.
        variant: a folder, ``OWNER/NAME`` or ``OWNER/NAME@REVISION``.
        root: the folder that relative paths start from.

    Raises:
        ConfigurationError: the folder does not exist.
    """
    classifier = _Classifier(find_checkpoint(variant, root, model=name, extra=_EXTRA, needs=(PROCESSOR,)))
    return ModelSpec(name, classifier.load, classifier.describe)


@dataclass(frozen=True, slots=True)
class _Classifier:
    """A checkpoint that has been found, not loaded."""

    checkpoint: Checkpoint

    def describe(self) -> Mapping[str, str]:
        return {
            **self.checkpoint.describe(),
            "precision": str(TorchRuntime(self.checkpoint.model, _EXTRA).precision()),
            "preprocessing": _PREPROCESSING,
        }

    def load(self, labels: tuple[str, ...]) -> ImageClassifier:
        checkpoint = self.checkpoint
        loader = start(checkpoint, extra=_EXTRA)
        settings = checkpoint.settings(loader.folder)
        if settings.runs_code:
            raise checkpoint.refusal("it needs code from its repository, which is never run", "give another")
        if settings.architectures and not any(_TASK in name for name in settings.architectures):
            raise checkpoint.refusal(
                f"it is a {settings.architectures[0]}, no image classifier",
                f"give a checkpoint of a net named ...{_TASK}",
            )
        from fer_audit.models.huggingface.classifier import load_classifier  # noqa: PLC0415 - imports torch

        return load_classifier(loader, labels)
