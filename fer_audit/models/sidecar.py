"""The sidecar of a network file: how a picture becomes its input, and what its outputs mean.

An ONNX file says which numbers go in and come out, not what they stand for. ``NET.json`` beside ``NET.onnx``
does; without it a net can be run on wrongly scaled pixels or read in the wrong label order, and it answers
all the same, only badly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Literal, NoReturn, TypeGuard, cast, get_args

from fer_audit.errors import ConfigurationError, did_you_mean
from fer_audit.vocabulary import expression_named

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

__all__ = ["EXAMPLE", "Channels", "Layout", "Output", "Resampling", "Sidecar", "read_sidecar"]

Channels = Literal["grey", "rgb", "bgr"]
Layout = Literal["nchw", "nhwc"]
Output = Literal["logits", "softmax", "probabilities"]
Resampling = Literal["nearest", "bilinear", "bicubic", "lanczos"]

SCHEMA = 1
WHOLE = (0.0, 0.0, 1.0, 1.0)
_LARGEST_SIDE = 4096

EXAMPLE = """{
  "schema": 1,
  "width": 112,
  "height": 112,
  "channels": "rgb",
  "layout": "nchw",
  "scale": 255,
  "mean": [0.485, 0.456, 0.406],
  "std": [0.229, 0.224, 0.225],
  "labels": ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"],
  "output": "logits"
}"""
"""A complete sidecar to start from: a net trained with the usual ImageNet normalisation."""


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Everything that must be known about a net besides its weights.

    A pixel p (0 to 255) enters as ``(p / scale - mean) / std``.

    Attributes:
        width: columns of the input.
        height: rows of the input.
        channels: ``grey``, ``rgb``, or ``bgr`` as nets trained with OpenCV have it.
        layout: ``nchw`` (channels before rows, as torch) or ``nhwc`` (after columns, as Keras).
        mean: subtracted after the division by scale, a channel each.
        std: divided by last, a channel each.
        labels: what each output stands for, in order; any words, synonyms of expressions included.
        output: ``logits`` (softmax is still to be applied), ``softmax`` (has been: they sum to 1) or
            ``probabilities`` (each from 0 to 1 by itself, as from sigmoids).
        scale: what pixels are divided by first.
        crop: (left, top, right, bottom) of the part that is shown to the net, as fractions of the picture.
        resampling: filter with which the crop is brought to width x height.
        note: for the reader: where the weights come from, why this crop.
    """

    width: int
    height: int
    channels: Channels
    layout: Layout
    mean: tuple[float, ...]
    std: tuple[float, ...]
    labels: tuple[str, ...]
    output: Output
    scale: float = 255.0
    crop: tuple[float, float, float, float] = WHOLE
    resampling: Resampling = "bilinear"
    note: str = ""

    @property
    def depth(self) -> int:
        """Number of channels."""
        return 1 if self.channels == "grey" else 3

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of one picture as the net takes it."""
        if self.layout == "nchw":
            return (self.depth, self.height, self.width)
        return (self.height, self.width, self.depth)


def read_sidecar(net: Path) -> Sidecar:
    """The sidecar beside a network file.

    Args:
        net: path of ``NET.onnx``; ``NET.json`` is read.

    Raises:
        ConfigurationError: there is none, it is no JSON, or a field is missing, unknown or wrong.
    """
    path = net.with_suffix(".json")
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigurationError(
            f"{net.name} has no sidecar {path.name} beside it, so its pixels and labels cannot be known; "
            f"write one, for example:\n{EXAMPLE}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"sidecar {path.name} cannot be read ({error}); it must be a UTF-8 text file"
        ) from error
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"sidecar {path.name} is not JSON ({error}); correct it there") from error
    if not isinstance(document, dict):
        raise ConfigurationError(
            f"sidecar {path.name} holds {_shown(document)}, not an object; write one, for example:\n{EXAMPLE}"
        )
    return _Reader(path.name, document).sidecar()


@dataclass(frozen=True, slots=True)
class _Reader:
    """The fields of one sidecar, checked one by one."""

    name: str
    fields: Mapping[str, object]

    def sidecar(self) -> Sidecar:
        known = ("schema", *Sidecar.__slots__)
        for field in self.fields:
            if field not in known:
                raise ConfigurationError(
                    f"sidecar {self.name} has an unknown field {field!r}; {did_you_mean(field, known)}"
                )
        if (schema := self._required("schema")) != SCHEMA or isinstance(schema, bool):
            self._refuse("schema", f"{SCHEMA}, the only version this release reads")
        channels = cast("Channels", self._one_of("channels", get_args(Channels)))
        depth = 1 if channels == "grey" else 3
        return Sidecar(
            width=self._size("width"),
            height=self._size("height"),
            channels=channels,
            layout=cast("Layout", self._one_of("layout", get_args(Layout))),
            mean=self._numbers("mean", depth, channels),
            std=self._positive("std", depth, channels),
            labels=self._labels(),
            output=cast("Output", self._one_of("output", get_args(Output))),
            scale=self._scale(),
            crop=self._crop(),
            resampling=cast("Resampling", self._one_of("resampling", get_args(Resampling), "bilinear")),
            note=self._note(),
        )

    def _required(self, field: str) -> object:
        try:
            return self.fields[field]
        except KeyError:
            raise ConfigurationError(
                f"sidecar {self.name} lacks {field!r}; a complete one reads, for example:\n{EXAMPLE}"
            ) from None

    def _refuse(self, field: str, wanted: str) -> NoReturn:
        raise ConfigurationError(
            f"sidecar {self.name}: {field!r} is {_shown(self.fields[field])}; it must be {wanted}"
        )

    def _one_of(self, field: str, words: tuple[str, ...], default: str | None = None) -> str:
        value = self._required(field) if default is None else self.fields.get(field, default)
        if not isinstance(value, str) or value not in words:
            self._refuse(field, f"one of {', '.join(words)}")
        return value

    def _size(self, field: str) -> int:
        value = self._required(field)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _LARGEST_SIDE:
            self._refuse(field, f"a whole number of pixels from 1 to {_LARGEST_SIDE}")
        return value

    def _numbers(self, field: str, count: int, channels: str) -> tuple[float, ...]:
        value = self._required(field)
        if not isinstance(value, list) or len(value) != count or not all(map(_is_number, value)):
            self._refuse(
                field, f"a list of {count} number{'s' * (count > 1)}, one for each channel of {channels}"
            )
        return tuple(float(number) for number in value)

    def _positive(self, field: str, count: int, channels: str) -> tuple[float, ...]:
        numbers = self._numbers(field, count, channels)
        if min(numbers) <= 0:
            self._refuse(field, "above 0 in every channel")
        return numbers

    def _scale(self) -> float:
        value = self.fields.get("scale", 255.0)
        if not _is_number(value) or value <= 0:
            self._refuse("scale", "a number above 0, such as 255 for pixels that enter as 0 to 1")
        return float(value)

    def _labels(self) -> tuple[str, ...]:
        value = self._required("labels")
        if not isinstance(value, list) or not all(isinstance(word, str) and word.strip() for word in value):
            self._refuse("labels", "a list of words, one for each output in its order")
        if len(value) < 2:  # noqa: PLR2004 - there is nothing to tell apart otherwise
            self._refuse("labels", "two words or more")
        meant: dict[str, str] = {}
        for word in value:
            meaning = str(expression_named(word) or word.strip().casefold())
            if meaning in meant:
                raise ConfigurationError(
                    f"sidecar {self.name}: labels {meant[meaning]!r} and {word!r} both mean {meaning!r}; "
                    "each output needs a label of its own"
                )
            meant[meaning] = word
        return tuple(word.strip() for word in value)

    def _crop(self) -> tuple[float, float, float, float]:
        value = self.fields.get("crop", list(WHOLE))
        wanted = "[left, top, right, bottom] as fractions from 0 to 1 with left < right and top < bottom"
        if not isinstance(value, list) or len(value) != len(WHOLE) or not all(map(_is_number, value)):
            self._refuse("crop", wanted)
        left, top, right, bottom = (float(number) for number in value)
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            self._refuse("crop", wanted)
        return (left, top, right, bottom)

    def _note(self) -> str:
        value = self.fields.get("note", "")
        if not isinstance(value, str):
            self._refuse("note", "text")
        return value


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _shown(value: object) -> str:
    return f"{value!r:.80}"
