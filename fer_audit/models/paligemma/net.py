"""A loaded PaliGemma: the net, and what makes pictures and questions its input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from fer_audit.models.huggingface.loading import Loader

__all__ = ["PaliGemma", "load_paligemma"]


@dataclass(frozen=True, slots=True)
class PaliGemma:
    """The net with its processor.

    Attributes:
        loader: where it comes from, and what silences transformers.
        net: ``PaliGemmaForConditionalGeneration``.
        processor: ``PaliGemmaProcessor``.
    """

    loader: Loader
    net: Any
    processor: Any

    def inputs(self, images: Sequence[Image.Image], question: str) -> Mapping[str, Any]:
        """Pictures, each with the same question, as the net takes them."""
        found = self.processor(
            images=[image.convert("RGB") for image in images],
            text=[f"<image>{question}"] * len(images),
            # From tensors of torch the processor makes arrays in a way that numpy warns of.
            return_tensors="np",
        )
        # Made for training: with them the net would compute a loss over nothing.
        found.pop("labels", None)
        started = self.loader.started
        tensors = {name: torch.from_numpy(array) for name, array in found.items()}
        return {
            name: tensor.to(started.device, started.dtype if tensor.is_floating_point() else None)
            for name, tensor in tensors.items()
        }


def load_paligemma(loader: Loader) -> PaliGemma:
    """The net and its processor.

    Raises:
        ModelError: the checkpoint cannot be loaded.
    """
    net = loader.net("PaliGemmaForConditionalGeneration")
    tokenizer = loader.part("AutoTokenizer")
    if tokenizer.bos_token is None or tokenizer.eos_token is None:
        raise loader.checkpoint.refusal(
            "its tokenizer has no tokens for the start and the end of a text",
            "give the tokenizer that belongs to PaliGemma",
        )
    with loader.silence():
        processor = loader.transformers.PaliGemmaProcessor(loader.image_processor(), tokenizer)
    return PaliGemma(loader, net, processor)
