"""Image transforms are small, pure and printable, and the weakest of them changes nothing."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings, strategies as st
from PIL import Image

from fer_audit.errors import UnknownNameError
from fer_audit.strategies import ImageTransform, image_transforms, pictures
from fer_audit.strategies.pictures import Blur, Brightness, Chain, Contrast, Jpeg, Mirror, Shift

NAMES = {name: getattr(pictures, name) for name in pictures.__all__}


def picture(size: tuple[int, int] = (40, 30)) -> Image.Image:
    """A smooth picture with another colour in each corner."""
    across, down = np.meshgrid(np.linspace(0, 1, size[0]), np.linspace(0, 1, size[1]))
    pixels = np.stack([60 + 120 * across, 60 + 120 * down, 180 - 120 * across * down], axis=-1)
    return Image.fromarray(np.round(pixels).astype(np.uint8))


def pixels(image: Image.Image) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.asarray(image).astype(np.float64)


@given(image_transforms(max_steps=3), st.tuples(st.integers(1, 30), st.integers(1, 30)))
@settings(deadline=None)
def test_a_transform_keeps_size_and_source_and_gives_the_same_again(
    transform: ImageTransform, size: tuple[int, int]
) -> None:
    source = picture(size)
    before = source.tobytes()
    once, again = transform(source), transform(source)
    assert (once.size, once.mode) == (size, "RGB")
    assert once.tobytes() == again.tobytes()
    assert source.tobytes() == before


@given(image_transforms(max_steps=2))
@settings(deadline=None)
def test_a_transform_prints_as_it_is_written_and_is_a_value(transform: ImageTransform) -> None:
    again = eval(repr(transform), NAMES)  # noqa: S307 - our own text
    assert again == transform
    assert hash(again) == hash(transform)


@pytest.mark.parametrize(
    "nothing",
    [Brightness(0), Contrast(0), Blur(0), Shift(0, 0), Chain(()), Chain((Mirror(), Mirror()))],
    ids=repr,
)
def test_without_strength_nothing_changes(nothing: ImageTransform) -> None:
    assert nothing(picture()).tobytes() == picture().tobytes()


@given(image_transforms(kinds=["brightness", "contrast", "blur", "jpeg"]))
@settings(deadline=None)
def test_changes_are_small(transform: ImageTransform) -> None:
    assert np.abs(pixels(transform(picture())) - pixels(picture())).mean() < 60


def test_each_transform_does_what_it_says() -> None:
    source = pixels(picture())
    assert pixels(Brightness(20)(picture())).mean() == pytest.approx(1.2 * source.mean(), abs=1)
    assert pixels(Contrast(-20)(picture())).std() < 0.9 * source.std()
    edge = Image.fromarray(np.repeat(np.array([[0] * 20 + [255] * 20], dtype=np.uint8), 30, axis=0)).convert(
        "RGB"
    )
    blurred = pixels(Blur(50)(edge))
    assert 0 < blurred[15, 19, 0] < blurred[15, 20, 0] < 255
    np.testing.assert_array_equal(pixels(Shift(100, -100)(picture()))[:-3, 4:], source[3:, :-4])
    np.testing.assert_array_equal(pixels(Mirror()(picture())), source[:, ::-1])
    rough, fine = (np.abs(pixels(Jpeg(loss)(picture())) - source).mean() for loss in (90, 5))
    assert 0 < fine < rough
    assert (
        Chain((Brightness(20), Mirror()))(picture()).tobytes()
        == Mirror()(Brightness(20)(picture())).tobytes()
    )


def test_transparency_and_grey_become_rgb() -> None:
    for mode in ("L", "RGBA", "P"):
        assert Brightness(5)(picture().convert(mode)).mode == "RGB"
        assert Chain(())(picture().convert(mode)).mode == "RGB"


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_every_kind_is_drawn_alone(kind: str) -> None:
    unshrunk = settings(phases=[Phase.generate], database=None, deadline=None)
    found = find(image_transforms(kinds=[kind]), lambda _one: True, settings=unshrunk)
    assert type(found).__name__.casefold() == kind


def test_a_failing_test_shrinks_to_the_weakest_change_that_shows_it() -> None:
    dark = find(
        image_transforms(kinds=["brightness"], max_percent=30),
        lambda one: one(Image.new("RGB", (1, 1), (200, 0, 0))).getpixel((0, 0)) < (180, 0, 0),
        settings=settings(database=None),
    )
    assert dark == Brightness(-11)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(
        UnknownNameError, match=re.escape("unknown kind of image transform 'blurr'; did you mean 'blur'?")
    ):
        image_transforms(kinds=["blurr"])
