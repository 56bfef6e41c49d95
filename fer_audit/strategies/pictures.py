"""Small changes of a picture that change nobody's expression, for metamorphic tests of a model.

A model that reads another expression after such a change is not robust against it; one that does so more
often for some people than for others has a bias that a single set of pictures hides. The strategies shrink
towards the weakest change that still shows it.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from hypothesis import strategies as st
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from fer_audit.errors import UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "KINDS",
    "Blur",
    "Brightness",
    "Chain",
    "Contrast",
    "ImageTransform",
    "Jpeg",
    "Mirror",
    "Shift",
    "image_transforms",
]

Picture: TypeAlias = Image.Image


class ImageTransform(Protocol):
    """A change of a picture: the same picture gives the same result, of the same size, in RGB."""

    def __call__(self, image: Picture, /) -> Picture:
        """The changed picture; the given one stays as it is."""
        ...


@dataclass(frozen=True, slots=True)
class Brightness:
    """Lighter or darker, as under another exposure.

    Attributes:
        percent: added to the brightness of every pixel, e.g. -20 for four fifths of it.

    >>> Brightness(percent=-50)(Image.new("RGB", (1, 1), (100, 50, 0))).getpixel((0, 0))
    (50, 25, 0)
    """

    percent: int

    def __call__(self, image: Picture, /) -> Picture:
        """The picture with another exposure."""
        return ImageEnhance.Brightness(image.convert("RGB")).enhance(1 + self.percent / 100)


@dataclass(frozen=True, slots=True)
class Contrast:
    """Flatter or harder light.

    Attributes:
        percent: added to the distance of every pixel from the picture's mean grey.
    """

    percent: int

    def __call__(self, image: Picture, /) -> Picture:
        """The picture with another contrast."""
        return ImageEnhance.Contrast(image.convert("RGB")).enhance(1 + self.percent / 100)


@dataclass(frozen=True, slots=True)
class Blur:
    """A little out of focus.

    Attributes:
        radius: standard deviation of the Gaussian, in thousandths of the shorter side.
    """

    radius: int

    def __call__(self, image: Picture, /) -> Picture:
        """The picture out of focus."""
        pixels = self.radius / 1000 * min(image.size)
        return image.convert("RGB").filter(ImageFilter.GaussianBlur(pixels))


@dataclass(frozen=True, slots=True)
class Shift:
    """The head a little out of the centre; what the shift uncovers keeps its pixels.

    Attributes:
        right: in thousandths of the width; negative for left.
        down: in thousandths of the height; negative for up.
    """

    right: int
    down: int

    def __call__(self, image: Picture, /) -> Picture:
        """The picture moved within its frame."""
        moved = image.convert("RGB")
        across, along = round(self.right / 1000 * image.width), round(self.down / 1000 * image.height)
        result = moved.copy()
        result.paste(moved, (across, along))
        return result


@dataclass(frozen=True, slots=True)
class Mirror:
    """Left and right exchanged."""

    def __call__(self, image: Picture, /) -> Picture:
        """The picture in a mirror."""
        return ImageOps.mirror(image.convert("RGB"))


@dataclass(frozen=True, slots=True)
class Jpeg:
    """Written as JPEG and read again, as on its way through a messenger.

    Attributes:
        loss: 100 minus the JPEG quality.
    """

    loss: int

    def __call__(self, image: Picture, /) -> Picture:
        """The picture with the artefacts of compression."""
        data = io.BytesIO()
        image.convert("RGB").save(data, "JPEG", quality=100 - self.loss)
        with Image.open(data) as written:
            return written.convert("RGB")


@dataclass(frozen=True, slots=True)
class Chain:
    """Several changes, one after the other.

    Attributes:
        steps: the changes in their order.
    """

    steps: tuple[ImageTransform, ...]

    def __call__(self, image: Picture, /) -> Picture:
        """The picture after all of them."""
        for step in self.steps:
            image = step(image)
        return image.convert("RGB")


KINDS = ("brightness", "contrast", "blur", "shift", "mirror", "jpeg")
"""What `image_transforms` draws."""


def image_transforms(
    *, kinds: Sequence[str] = KINDS, max_percent: int = 20, max_steps: int = 1
) -> st.SearchStrategy[ImageTransform]:
    """Changes of a picture after which people still show what they showed before.

    Args:
        kinds: which changes: ``brightness``, ``contrast``, ``blur``, ``shift``, ``mirror``, ``jpeg``.
        max_percent: the strength: brightness and contrast change by at most this many percent, a head moves
            by at most a quarter of it, a blur's radius is at most a tenth of it (in percent of the shorter
            side), and JPEG loses at most three times as much quality.
        max_steps: most changes one after the other.

    Raises:
        UnknownNameError: a kind of change that there is not.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise UnknownNameError(f"unknown kind of image transform {kind!r}; {did_you_mean(kind, KINDS)}")
    percent = st.integers(-max_percent, max_percent)
    thousandths = st.integers(-max_percent * 5 // 2, max_percent * 5 // 2)
    all_of_them: dict[str, st.SearchStrategy[ImageTransform]] = {
        "brightness": st.builds(Brightness, percent=percent),
        "contrast": st.builds(Contrast, percent=percent),
        "blur": st.builds(Blur, radius=st.integers(0, max_percent)),
        "shift": st.builds(Shift, right=thousandths, down=thousandths),
        "mirror": st.just(Mirror()),
        "jpeg": st.builds(Jpeg, loss=st.integers(5, max(5, min(90, 3 * max_percent)))),
    }
    one = st.one_of(*(all_of_them[kind] for kind in kinds))
    if max_steps == 1:
        return one
    several = st.lists(one, min_size=2, max_size=max_steps)
    return one | several.map(lambda steps: Chain(tuple(steps)))
