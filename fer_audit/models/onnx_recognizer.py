"""A loaded net at work: a picture becomes its input, its outputs become an answer with scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from PIL import Image
from scipy.special import softmax

from fer_audit.errors import ModelError, first_line
from fer_audit.models.answers import likeliest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from fer_audit.models.sidecar import Sidecar
    from fer_audit.records import Answer

__all__ = ["PREPROCESSING", "OnnxRecognizer"]

PREPROCESSING = "1"
"""Counts up whenever the same picture and sidecar would give other numbers to the net."""

BATCH = 64
_ROUNDING = 1e-3
_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


class OnnxRecognizer:
    """A loaded net: pictures in, answers with a score for each of its labels out.

    Args:
        name: short name, for messages.
        session: the net.
        sidecar: how pictures enter and what the outputs mean.
        words: what each output is called in the answers.

    Raises:
        ModelError: the net contradicts its sidecar.
    """

    def __init__(
        self, name: str, session: onnxruntime.InferenceSession, sidecar: Sidecar, words: tuple[str, ...]
    ) -> None:
        self._name = name
        self._session = session
        self._sidecar = sidecar
        self._words = words
        ports = session.get_inputs()
        if len(ports) != 1 or len(session.get_outputs()) != 1:
            raise self._contradiction(
                f"it has {len(ports)} inputs and {len(session.get_outputs())} outputs",
                "export it with one of each: pictures in, a score for each label out",
            )
        self._input = ports[0].name
        self._batch = self._check_input(ports[0].type, list(ports[0].shape))
        outputs = list(session.get_outputs()[0].shape)
        if all(isinstance(size, int) for size in outputs[1:]):
            self._check_outputs(int(np.prod(outputs[1:])))

    def recognize(self, images: Sequence[Image.Image], /) -> list[Answer]:
        """One answer an image, in the same order, whatever else is in the batch.

        Raises:
            ModelError: the net fails, or gives something that is no score for each label.
        """
        return [
            answer
            for start in range(0, len(images), BATCH)
            for answer in self._some(images[start : start + BATCH])
        ]

    def _some(self, images: Sequence[Image.Image]) -> Iterator[Answer]:
        inputs = np.stack([self._enter(image) for image in images])
        for scores in self._probabilities(self._run(inputs)):
            yield likeliest(self._words, scores)

    def _enter(self, image: Image.Image) -> NDArray[np.float32]:
        """A picture as the net takes it: shape ``sidecar.shape``."""
        sidecar = self._sidecar
        # Cut at whole pixels before it is resized: a filter would reach over the edge of the crop.
        part = image.crop(_whole_pixels(sidecar.crop, image.width, image.height))
        small = part.convert("L" if sidecar.channels == "grey" else "RGB").resize(
            (sidecar.width, sidecar.height), _RESAMPLING[sidecar.resampling]
        )
        pixels = np.asarray(small, dtype=np.float32).reshape(sidecar.height, sidecar.width, sidecar.depth)
        if sidecar.channels == "bgr":
            pixels = pixels[..., ::-1]
        mean, std = (np.array(numbers, dtype=np.float32) for numbers in (sidecar.mean, sidecar.std))
        values: NDArray[np.float32] = (pixels / np.float32(sidecar.scale) - mean) / std
        return values if sidecar.layout == "nhwc" else values.transpose(2, 0, 1)

    def _run(self, inputs: NDArray[np.float32]) -> NDArray[np.float64]:
        """Outputs of shape (images, labels); a net with a fixed batch size gets its last batch filled up."""
        size = self._batch or len(inputs)
        short = -len(inputs) % size
        filled = np.concatenate([inputs, np.repeat(inputs[-1:], short, axis=0)]) if short else inputs
        outputs = []
        for start in range(0, len(filled), size):
            try:
                (found,) = self._session.run(None, {self._input: filled[start : start + size]})
            except Exception as error:
                raise ModelError(
                    f"model {self._name!r}: onnxruntime {onnxruntime.__version__} failed on {size} pictures "
                    f"({first_line(error)}); check the net's input against its sidecar"
                ) from error
            scores = np.asarray(found, dtype=np.float64)
            if scores.size % size or scores.shape[:1] != (size,):
                raise self._contradiction(
                    f"it gave an output of shape {scores.shape} for {size} pictures",
                    "export it with one row of scores a picture",
                )
            self._check_outputs(scores.size // size)
            outputs.append(scores.reshape(size, -1))
        return np.concatenate(outputs)[: len(inputs)]

    def _probabilities(self, outputs: NDArray[np.float64]) -> NDArray[np.float64]:
        if not np.isfinite(outputs).all():
            raise self._contradiction(
                f"it gave {outputs[~np.isfinite(outputs)][0]} as a score",
                "check scale, mean and std in the sidecar, and the weights",
            )
        if self._sidecar.output == "logits":
            return np.asarray(softmax(outputs, axis=1))
        low, high = float(outputs.min()), float(outputs.max())
        if low < -_ROUNDING or high > 1 + _ROUNDING:
            raise self._contradiction(
                f"it gave scores from {low:.3g} to {high:.3g}, but its sidecar says {self._sidecar.output!r}",
                "write 'logits' there if softmax is still to be applied",
            )
        sums = outputs.sum(axis=1)
        furthest = sums[np.abs(sums - 1).argmax()]
        if self._sidecar.output == "softmax" and abs(furthest - 1) > _ROUNDING:
            raise self._contradiction(
                f"it gave scores that sum to {furthest:.3g}, but its sidecar says 'softmax'",
                "write 'probabilities' there if each score stands by itself",
            )
        return outputs

    def _check_input(self, kind: str, shape: list[object]) -> int | None:
        """The batch size that the net is fixed to, or None."""
        wanted = self._sidecar.shape
        if kind != "tensor(float)":
            raise self._contradiction(f"its input is {kind}", "export it with an input of 32-bit floats")
        fits = len(shape) == 1 + len(wanted) and all(
            not isinstance(size, int) or size == expected
            for size, expected in zip(shape[1:], wanted, strict=True)
        )
        if not fits:
            raise self._contradiction(
                f"its input has shape {shape}, but its sidecar says {['images', *wanted]} "
                f"({self._sidecar.layout}, {self._sidecar.channels})",
                "correct width, height, channels or layout there",
            )
        return shape[0] if isinstance(shape[0], int) else None

    def _check_outputs(self, count: int) -> None:
        if count != len(self._words):
            raise self._contradiction(
                f"it has {count} outputs, but its sidecar names {len(self._words)} labels "
                f"({', '.join(self._sidecar.labels)})",
                "name each output there, in the order of training",
            )

    def _contradiction(self, found: str, remedy: str) -> ModelError:
        return ModelError(f"model {self._name!r} cannot be used: {found}; {remedy}")


def _whole_pixels(
    crop: tuple[float, float, float, float], width: int, height: int
) -> tuple[int, int, int, int]:
    left, right = round(crop[0] * width), round(crop[2] * width)
    top, bottom = round(crop[1] * height), round(crop[3] * height)
    # Of a picture of a few pixels at least one is left.
    left, top = min(left, width - 1), min(top, height - 1)
    return (left, top, max(right, left + 1), max(bottom, top + 1))
