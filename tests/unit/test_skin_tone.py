"""Skin measured on pixels: the colours are those of an independent reference, and what is no skin has no number."""

from __future__ import annotations

from itertools import product
from statistics import median
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from fer_audit.covariates import NoSkinError, ita, monk, skin_colour
from fer_audit.covariates.cielab import to_lab
from fer_audit.covariates.tones import ita_band, monk_tone, typology_angle
from fer_audit.datasets import rendered_faces
from fer_audit.monk import MONK_SCALE
from fer_audit.pixels import decode

if TYPE_CHECKING:
    from collections.abc import Mapping

Colour = tuple[int, int, int]

# skimage.color.rgb2lab of scikit-image 0.26 (D65, 2 degrees), which writes the matrix with two digits more.
REFERENCE = {
    (255, 255, 255): (100.0, -0.0025, 0.0047),
    (0, 0, 0): (0.0, 0.0, 0.0),
    (255, 0, 0): (53.2406, 80.0923, 67.2028),
    (0, 255, 0): (87.7351, -86.1830, 83.1797),
    (0, 0, 255): (32.2957, 79.1856, -107.8573),
    (10, 11, 12): (2.9846, -0.1172, -0.5055),
    (1, 2, 3): (0.5098, -0.1225, -0.4705),
    (128, 128, 128): (53.5850, -0.0015, 0.0028),
    (200, 150, 120): (66.0978, 14.8498, 23.1328),
}
MONK_IN_LAB = {
    1: (94.211, 1.502, 5.434),
    2: (92.275, 2.060, 7.292),
    3: (93.091, 0.215, 14.216),
    4: (87.573, 0.459, 17.759),
    5: (77.902, 3.471, 23.144),
    6: (55.143, 7.784, 26.746),
    7: (42.470, 12.326, 20.535),
    8: (30.678, 11.668, 13.339),
    9: (21.069, 2.690, 5.968),
    10: (14.610, 1.482, 3.529),
}


def swatch(tone: int) -> Colour:
    text = MONK_SCALE[tone]
    return int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16)


@pytest.mark.parametrize("colour", REFERENCE)
def test_colours_are_those_of_an_independent_reference(colour: Colour) -> None:
    found = to_lab(np.array([[colour]], dtype=np.uint8))
    assert found.shape == (1, 1, 3)
    np.testing.assert_allclose(found[0, 0], REFERENCE[colour], atol=0.03)


@pytest.mark.parametrize("tone", MONK_SCALE)
def test_each_swatch_is_its_own_nearest_tone(tone: int) -> None:
    found = to_lab(np.array(swatch(tone), dtype=np.uint8))
    np.testing.assert_allclose(found, MONK_IN_LAB[tone], atol=0.03)
    assert monk_tone(found) == tone


def test_the_angle_is_that_of_lightness_over_yellow() -> None:
    # 20 / 20, 20 / 11.547 and 0 by hand: 45, 60 and 0 degrees.
    assert [round(typology_angle(*pair), 3) for pair in ((70, 20), (70, 11.54700538), (50, 9))] == [45, 60, 0]


@pytest.mark.parametrize(
    ("limit", "above", "upto"),
    [
        (55, "very light", "light"),
        (41, "light", "intermediate"),
        (28, "intermediate", "tan"),
        (10, "tan", "brown"),
        (-30, "brown", "dark"),
    ],
)
def test_a_band_begins_above_its_limit(limit: float, above: str, upto: str) -> None:
    assert (ita_band(limit + 0.01), ita_band(limit), ita_band(limit - 0.01)) == (above, upto, upto)


def portrait(
    skin: Colour, background: Colour = (140, 140, 145), hair: Colour = (20, 18, 17), *, size: int = 224
) -> Image.Image:
    """A face of one colour with eyes, mouth, hair around it and shoulders, a little out of focus."""
    picture = Image.new("RGB", (size, size), background)
    draw = ImageDraw.Draw(picture)

    def ellipse(left: float, top: float, right: float, bottom: float, fill: Colour) -> None:
        draw.ellipse([round(size * part) for part in (left, top, right, bottom)], fill=fill)

    ellipse(0.22, 0.05, 0.78, 0.95, hair)
    ellipse(0.1, 0.86, 0.9, 1.4, (60, 80, 120))
    ellipse(0.28, 0.18, 0.72, 0.9, skin)
    for left in (0.36, 0.54):
        ellipse(left, 0.38, left + 0.1, 0.44, (30, 25, 25))
    ellipse(0.42, 0.68, 0.58, 0.74, (150, 70, 70))
    return picture.filter(ImageFilter.GaussianBlur(1))


@pytest.mark.parametrize("tone", MONK_SCALE)
def test_a_face_of_one_tone_is_measured_as_that_tone(tone: int) -> None:
    lightness, red, yellow = MONK_IN_LAB[tone]
    found = skin_colour(portrait(swatch(tone)))
    assert (found.lightness, found.red, found.yellow) == pytest.approx((lightness, red, yellow), abs=1)
    assert monk(portrait(swatch(tone))) == tone


def test_a_usual_box_of_skin_colours_would_lose_the_darkest_tone() -> None:
    # Chai and Ngan (1999): 133 <= Cr <= 173, with Cr of ITU-R BT.601.
    red_chroma = {
        tone: 128 + 0.5 * red - 0.4187 * green - 0.0813 * blue
        for tone in MONK_SCALE
        for red, green, blue in [swatch(tone)]
    }
    assert [tone for tone, chroma in red_chroma.items() if not 133 <= chroma <= 173] == [10]


BACKGROUNDS: Mapping[str, Colour] = {
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
    "black": (0, 0, 0),
    "blue": (40, 90, 170),
    "beige": (205, 185, 150),
    "brick": (120, 60, 45),
}


@pytest.mark.parametrize(("tone", "background"), list(product((2, 5, 6, 8, 9), BACKGROUNDS)))
def test_the_background_changes_nothing(tone: int, background: str) -> None:
    plain = ita(portrait(swatch(tone)))
    assert ita(portrait(swatch(tone), BACKGROUNDS[background])) == pytest.approx(plain, abs=2)


@pytest.mark.parametrize("tone", [3, 5, 6, 7])
@pytest.mark.parametrize("hair", [(205, 165, 110), (150, 105, 70), (120, 60, 35), (70, 45, 35)])
def test_hair_of_a_colour_that_skin_may_have_changes_little(tone: int, hair: Colour) -> None:
    found = portrait(swatch(tone), hair=hair)
    assert monk(found) == tone
    assert ita(found) == pytest.approx(ita(portrait(swatch(tone))), abs=4)


def test_a_face_cut_out_with_some_of_its_hair_is_measured_alike() -> None:
    whole = portrait(swatch(6))
    assert ita(whole.crop((55, 25, 169, 195))) == pytest.approx(ita(whole), abs=2)


@pytest.mark.parametrize("size", [48, 100, 1200])
def test_the_size_of_the_picture_changes_nothing(size: int) -> None:
    assert ita(portrait(swatch(6), size=size)) == pytest.approx(ita(portrait(swatch(6))), abs=2)


def refused(picture: Image.Image) -> str:
    for measure in (ita, monk):
        with pytest.raises(NoSkinError) as caught:
            measure(picture)
    return str(caught.value)


NO_SKIN = {
    "grey": (
        portrait(swatch(6)).convert("L").convert("RGB"),
        "the middle of the picture is without colour",
    ),
    "almost black": (
        portrait(swatch(6)).point(lambda value: value // 16),
        "the middle of the picture is too dark",
    ),
    "burnt out": (
        portrait(swatch(1)).point(lambda value: min(255, value + 40)),
        "the middle of the picture is burnt out",
    ),
    "nothing but a background": (
        Image.new("RGB", (224, 224), (205, 165, 130)),
        "what looks like skin reaches the border as a plain background does",
    ),
    "a background as the skin": (
        portrait(swatch(6), swatch(6), hair=swatch(6)),
        "what looks like skin reaches the border as a plain background does",
    ),
    # Taken away as a background, the face would leave its lips to be measured.
    "a face cut out without its hair": (
        portrait(swatch(6)).crop((70, 50, 154, 190)),
        "what looks like skin reaches the border as a plain background does",
    ),
    "a blue wall": (
        Image.new("RGB", (224, 224), (40, 90, 170)),
        "the middle of the picture is of no colour that skin has",
    ),
    "tiny": (portrait(swatch(6), size=10), "the picture has too few pixels"),
    "one pixel": (Image.new("RGB", (1, 1), swatch(6)), "the picture has too few pixels"),
    "one line": (Image.new("RGB", (30_000, 1), swatch(6)), "the picture has too few pixels"),
}


@pytest.mark.parametrize("case", NO_SKIN)
def test_what_is_no_skin_has_no_number_and_says_why(case: str) -> None:
    picture, reason = NO_SKIN[case]
    assert refused(picture) == reason


def test_a_picture_is_not_changed_by_being_measured() -> None:
    picture = portrait(swatch(6), size=600)
    before = picture.tobytes()
    ita(picture)
    assert picture.size == (600, 600)
    assert picture.tobytes() == before


@pytest.fixture(scope="module")
def embedded() -> dict[tuple[str, str, int], tuple[float, float]]:
    """The angle and Monk tone of every neutral embedded face, by identity, exposure and rendered tone."""
    opened = rendered_faces().open()
    found = {}
    for face in opened.faces:
        if face.expression == "neutral":
            picture = decode(opened.read(face.image), name=face.image)
            key = (face.identity, face.attributes["exposure"], int(face.attributes["skin_tone"]))
            found[key] = (ita(picture), monk(picture))
    return found


Measured = dict[tuple[str, str, int], tuple[float, float]]


def falling(embedded: Measured, exposure: str) -> list[bool]:
    """Of each identity under an exposure: whether the angle falls with every step of the tone."""
    people = sorted({person for person, how, _ in embedded if how == exposure})
    lines = [[embedded[person, exposure, tone][0] for tone in (2, 4, 6, 8)] for person in people]
    return [all(np.diff(line) < 0) for line in lines]


def levels(embedded: Measured, exposure: str) -> dict[int, tuple[set[str], set[int]]]:
    """By rendered tone, the bands and Monk tones that were measured."""
    return {
        tone: (
            {
                ita_band(angle)
                for (_, how, of), (angle, _) in embedded.items()
                if (how, of) == (exposure, tone)
            },
            {int(near) for (_, how, of), (_, near) in embedded.items() if (how, of) == (exposure, tone)},
        )
        for tone in (2, 4, 6, 8)
    }


def test_under_one_exposure_the_angle_falls_with_the_tone_of_every_identity(embedded: Measured) -> None:
    assert falling(embedded, "fixed") == [True] * 24
    middle = {
        tone: median(angle for (_, how, of), (angle, _) in embedded.items() if (how, of) == ("fixed", tone))
        for tone in (2, 4, 6, 8)
    }
    assert middle == pytest.approx({2: 74.6, 4: 56.9, 6: -0.6, 8: -60.2}, abs=1.5)


def test_under_one_exposure_bands_and_tones_agree_with_what_was_rendered(embedded: Measured) -> None:
    assert levels(embedded, "fixed") == {
        2: ({"very light"}, {2, 4}),
        4: ({"very light", "light"}, {5}),
        6: ({"brown"}, {6, 7}),
        8: ({"dark"}, {8}),
    }


def test_an_exposure_matched_to_the_face_leaves_nothing_to_measure(embedded: Measured) -> None:
    # A camera that brings every face to one lightness hides the tone: what is printed must say so.
    assert sum(falling(embedded, "matched")) < 16
    assert {tone: near for tone, (_, near) in levels(embedded, "matched").items()} == {
        2: {6, 7},
        4: {6},
        6: {6},
        8: {6, 7},
    }
