"""A loaded image classifier of transformers at work, through the library's own pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from fer_audit.errors import ModelError
from fer_audit.models.answers import likeliest
from fer_audit.models.spelling import spelled_as_asked
from fer_audit.models.torch_runtime.batches import in_batches

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PIL import Image

    from fer_audit.models.huggingface.loading import Loader
    from fer_audit.records import Answer

__all__ = ["ImageClassifier", "load_classifier"]

_BATCH = 32
_SHOWN = 10  # labels named in a message


@dataclass(frozen=True, slots=True)
class ImageClassifier:
    """Pictures in, answers with a probability for each of the net's labels out.

    Attributes:
        loader: where it comes from, and what silences transformers.
        pipeline: transformers' pipeline of kind ``image-classification``.
        words: what each of the net's labels is called in the answers.
    """

    loader: Loader
    pipeline: Any
    words: Mapping[str, str]

    def recognize(self, images: Sequence[Image.Image], /) -> list[Answer]:
        """One answer an image, in the same order, whatever else is in the batch.

        Raises:
            ModelError: not even one image fits into memory, or the net gives something that is no number.
        """
        with self.loader.silence():
            return [
                self._answer(scores)
                for found in in_batches(self._classify, images, size=_BATCH, model=self.loader.model)
                for scores in found
            ]

    def _classify(self, images: Sequence[Image.Image]) -> list[list[dict[str, Any]]]:
        pictures = [image.convert("RGB") for image in images]
        # Every label, and not only the five most likely.
        return list(self.pipeline(pictures, batch_size=len(pictures), top_k=len(self.words)))

    def _answer(self, scores: Sequence[Mapping[str, Any]]) -> Answer:
        named = {self.words[score["label"]]: float(score["score"]) for score in scores}
        if not all(map(isfinite, named.values())):
            raise ModelError(
                f"model {self.loader.model!r} gave scores that are no numbers; check the weights, or set "
                "FER_AUDIT_PRECISION=fp32"
            )
        return likeliest(list(named), named.values())


def load_classifier(loader: Loader, asked: Sequence[str]) -> ImageClassifier:
    """The net in its pipeline, with its labels in the dataset's words.

    Args:
        loader: the checkpoint.
        asked: the dataset's labels.

    Raises:
        ModelError: the checkpoint cannot be loaded, its outputs are no probabilities, or its labels are not
            the dataset's.
    """
    net = loader.net("AutoModelForImageClassification")
    own = [str(net.config.id2label[number]) for number in range(net.config.num_labels)]
    words = spelled_as_asked(own, asked)
    listed = ", ".join(own[:_SHOWN]) + (", ..." if len(own) > _SHOWN else "")
    if net.config.problem_type == "regression":
        raise loader.checkpoint.refusal("it was trained for regression", "give a classifier")
    if not set(words) & set(asked):
        raise loader.checkpoint.refusal(
            f"its labels ({listed}) are none of the dataset's ({', '.join(asked)})",
            "write them into id2label of its config.json",
        )
    if len(set(words)) < len(words):
        twice = next(word for word in words if words.count(word) > 1)
        raise loader.checkpoint.refusal(
            f"several of its labels ({listed}) mean {twice!r}", "tell them apart in its config.json"
        )
    with loader.silence():
        pipeline = loader.transformers.ImageClassificationPipeline(
            model=net, image_processor=loader.image_processor(), device=loader.started.device
        )
    return ImageClassifier(loader, pipeline, dict(zip(own, words, strict=True)))
