"""What is measured on a picture agrees with plain numpy and scipy, and moves the way its name says."""

from __future__ import annotations

from math import isfinite, log2

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image
from scipy.ndimage import convolve

from fer_audit.covariates import COVARIATES, blur, brightness, contrast, size
from fer_audit.errors import UnknownNameError
from fer_audit.strategies import image_transforms
from fer_audit.strategies.pictures import Blur, Brightness, Contrast, Mirror

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
LAPLACIAN = np.array([[0, -1, 0], [-1, 4, -1], [0, -1, 0]])


# What every picture has, whatever is in it; skin is another matter.
OF_EVERY_PICTURE = [COVARIATES[name] for name in ("brightness", "contrast", "blur", "size")]


def noise(seed: int, shape: tuple[int, int] = (128, 128), deviation: float = 40) -> Image.Image:
    """A grey picture full of detail, with all values well inside 0 to 255."""
    values = np.random.default_rng(seed).normal(128, deviation, shape).clip(40, 215)
    return Image.fromarray(np.round(values).astype(np.uint8)).convert("RGB")


def coloured(seed: int, shape: tuple[int, int]) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (*shape, 3), dtype=np.uint8))


def luma(image: Image.Image) -> Pixels:
    """ITU-R BT.601 by hand, in whole grey levels as an 8-bit picture holds it."""
    red, green, blue = np.moveaxis(np.asarray(image, dtype=np.float64), -1, 0)
    weighted: Pixels = np.round(0.299 * red + 0.587 * green + 0.114 * blue)
    return weighted


pictures = st.builds(noise, st.integers(0, 10_000))


@pytest.mark.parametrize("shape", [(1, 1), (3, 50), (64, 64), (130, 97)])
@pytest.mark.parametrize("seed", range(5))
def test_brightness_and_contrast_are_mean_and_deviation_of_luma(seed: int, shape: tuple[int, int]) -> None:
    image = coloured(seed, shape)
    # Pillow weighs in fixed point: a pixel near a half may round the other way.
    assert brightness(image) == pytest.approx(luma(image).mean() / 255, abs=1 / 255 / 4)
    assert contrast(image) == pytest.approx(luma(image).std() / 255, abs=1 / 255 / 4)


@pytest.mark.parametrize("seed", range(5))
def test_blur_is_the_logarithm_of_the_laplacian(seed: int) -> None:
    image = noise(seed)
    inner = convolve(np.asarray(image.convert("L"), dtype=np.float64), LAPLACIAN)[1:-1, 1:-1]
    assert blur(image) == pytest.approx(-log2(np.sqrt(inner.var() + 20 / 12)), abs=1e-12)


def test_the_floor_of_blur_is_what_rounding_to_grey_levels_leaves() -> None:
    errors = np.random.default_rng(0).uniform(-0.5, 0.5, (1000, 1000))
    assert convolve(errors, LAPLACIAN)[1:-1, 1:-1].var() == pytest.approx(20 / 12, rel=0.01)
    assert blur(Image.new("RGB", (128, 128), (9, 9, 9))) == pytest.approx(-log2(20 / 12) / 2)


def test_edges_of_half_the_strength_are_one_more_of_blur() -> None:
    strong, weak = noise(0, deviation=24), Contrast(-50)(noise(0, deviation=24))
    assert blur(weak) - blur(strong) == pytest.approx(1.0, abs=0.02)


def test_blur_measures_the_square_in_the_middle() -> None:
    detail, wide = noise(1), Image.new("RGB", (300, 128), (128, 128, 128))
    wide.paste(detail, (86, 0))
    assert blur(wide) == blur(detail)
    wide.paste(noise(2).crop((0, 0, 86, 128)), (0, 0))
    assert blur(wide) == blur(detail)


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_the_same_picture_larger_is_as_sharp(factor: int) -> None:
    picture = Blur(20)(noise(3))
    larger = picture.resize((128 * factor, 128 * factor), Image.Resampling.BICUBIC)
    assert blur(larger) == pytest.approx(blur(picture), abs=0.25)


def test_detail_finer_than_the_fixed_size_is_averaged_and_not_picked() -> None:
    assert blur(noise(4, (512, 512))) > blur(noise(4)) + 1


def test_a_picture_too_small_to_hold_the_detail_is_softer() -> None:
    picture = noise(3)
    small = picture.resize((48, 48), Image.Resampling.BICUBIC)
    assert blur(small) > blur(picture) + 1


def test_size_is_the_shorter_side() -> None:
    assert size(Image.new("RGB", (30, 20))) == size(Image.new("RGB", (20, 30))) == 20


@given(pictures, st.integers(1, 80))
@settings(deadline=None)
def test_darkening_lowers_brightness_and_contrast(picture: Image.Image, percent: int) -> None:
    darker = Brightness(-percent)(picture)
    assert brightness(darker) < brightness(picture)
    assert contrast(darker) < contrast(picture)
    assert brightness(darker) == pytest.approx(brightness(picture) * (1 - percent / 100), abs=1 / 255)


@given(pictures, st.integers(1, 80))
@settings(deadline=None)
def test_flatter_light_lowers_contrast_and_keeps_brightness(picture: Image.Image, percent: int) -> None:
    flatter = Contrast(-percent)(picture)
    assert contrast(flatter) < contrast(picture)
    assert brightness(flatter) == pytest.approx(brightness(picture), abs=1 / 255)


@given(pictures, st.integers(4, 40), st.integers(1, 40))
@settings(deadline=None)
def test_a_wider_gaussian_is_more_blur(picture: Image.Image, radius: int, more: int) -> None:
    soft, softer = Blur(radius)(picture), Blur(radius + more)(picture)
    # Pillow approximates a Gaussian by boxes, so that one thousandth more may change nothing.
    assert blur(picture) < blur(soft) <= blur(softer) + 0.05


@given(pictures)
@settings(deadline=None)
def test_a_mirror_changes_nothing(picture: Image.Image) -> None:
    for covariate in OF_EVERY_PICTURE:
        assert covariate.measure(Mirror()(picture)) == pytest.approx(covariate.measure(picture), abs=1e-9)


@given(
    st.tuples(st.integers(1, 70), st.integers(1, 70)),
    st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255)),
    image_transforms(max_steps=2),
)
@settings(deadline=None)
def test_every_picture_has_finite_numbers_in_their_range(
    shape: tuple[int, int], colour: tuple[int, int, int], transform: object
) -> None:
    assert callable(transform)
    picture = transform(Image.new("RGB", shape, colour))
    values = {covariate.name: covariate.measure(picture) for covariate in OF_EVERY_PICTURE}
    assert all(isfinite(value) and type(value) is float for value in values.values())
    assert 0 <= values["brightness"] <= 1
    assert 0 <= values["contrast"] <= 0.5
    assert values["size"] == min(shape)


@pytest.mark.parametrize("shape", [(1, 100_000), (100_000, 1), (5_000, 3_000)])
def test_an_extreme_shape_is_measured_without_growing(shape: tuple[int, int]) -> None:
    for covariate in OF_EVERY_PICTURE:
        assert isfinite(covariate.measure(Image.new("RGB", shape, (77, 201, 13))))


def test_one_grey_has_no_contrast_whatever_rounding_makes_of_it() -> None:
    # Of these 11 million equal pixels Pillow 10 computes a variance a little below zero.
    assert contrast(Image.new("RGB", (4109, 2719), (25, 25, 25))) == pytest.approx(0, abs=1e-6)


def test_an_unknown_covariate_is_suggested() -> None:
    with pytest.raises(UnknownNameError) as caught:
        COVARIATES["brigthness"]
    assert str(caught.value) == (
        "unknown covariate 'brigthness'; did you mean 'brightness'? Known: blur, brightness, contrast, ita, monk, size"
    )
