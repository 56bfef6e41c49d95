from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_audit.errors import UnknownNameError
from fer_audit.faces.frozen_set import FACE_BOX, SKIN_TONES, sitters
from fer_audit.faces.identity import draw_identity
from fer_audit.faces.light import MATCHED_LUMINANCE, Scene
from fer_audit.faces.render import develop, layers_of, matching_gain, render, render_tones
from fer_audit.faces.skin import BROW_REFLECTANCE, LUMINANCE, display_to_linear, skin_reflectance

if TYPE_CHECKING:
    from PIL import Image

SOMEONE = draw_identity(
    11, head_shape="asian", sex_morph="female", hair="long", stubble="light", brow="thick"
)
PRINT_DIGEST = """
import hashlib
from fer_audit.faces.identity import draw_identity
from fer_audit.faces.render import render
who = draw_identity(5, head_shape="african", sex_morph="male", hair="long")
print(hashlib.sha256(render(who, "fear", 6, size=64).tobytes()).hexdigest())
"""


def luminance(image: Image.Image) -> np.ndarray:
    return np.asarray(display_to_linear(np.asarray(image) / 255.0) @ LUMINANCE)


def test_pixels_do_not_depend_on_the_hash_seed() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", PRINT_DIGEST],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    here = render(draw_identity(5, head_shape="african", sex_morph="male", hair="long"), "fear", 6, size=64)
    assert digests == {hashlib.sha256(here.tobytes()).hexdigest() + "\n"}


def test_a_picture_does_not_depend_on_what_was_rendered_before() -> None:
    first = render(SOMEONE, "anger", 4, size=64)
    render(SOMEONE, "surprise", 8, size=64, scene=Scene("side", "matched", 12))
    assert render(SOMEONE, "anger", 4, size=64).tobytes() == first.tobytes()


def test_a_picture_is_a_square_of_the_size_asked_for() -> None:
    image = render(SOMEONE, "neutral", 2, size=80)
    assert (image.size, image.mode) == ((80, 80), "RGB")


def test_one_tone_and_several_give_the_same_picture() -> None:
    several = render_tones(SOMEONE, "fear", (2, 8), size=64, scene=Scene(exposure="matched"))
    assert (
        several[1].tobytes() == render(SOMEONE, "fear", 8, size=64, scene=Scene(exposure="matched")).tobytes()
    )


@pytest.mark.parametrize("expression", ["neutral", "surprise"])
def test_between_tones_only_skin_changes(expression: str) -> None:
    layers = layers_of(SOMEONE, expression, scene=Scene("side"))
    elsewhere = (layers.skin == 0).all(axis=2)
    pictures = [np.asarray(develop(layers, tone)) for tone in SKIN_TONES]
    for picture in pictures[1:]:
        assert np.array_equal(picture[elsewhere], pictures[0][elsewhere])
        assert (picture[layers.face > 0.9] != pictures[0][layers.face > 0.9]).any(axis=1).all()
    hidden = elsewhere & (layers.backdrop[..., 0] == 0)
    assert hidden.sum() > 2000  # hair, at least: the claim above is not about the backdrop alone


def test_the_backdrop_is_the_same_in_every_tone_and_exposure() -> None:
    plain = layers_of(SOMEONE, "neutral")
    behind = plain.backdrop[..., 0] > 0
    alone = behind & (plain.rest.max(axis=2) == 0) & (plain.skin.max(axis=2) == 0)
    pictures = [
        np.asarray(develop(plain, tone, gain))[alone] for tone in SKIN_TONES for gain in (1.0, 0.3, 3.0)
    ]
    assert alone.sum() > 5000
    assert all(np.array_equal(picture, pictures[0]) for picture in pictures)


def test_a_matched_exposure_gives_the_resting_face_the_same_luminance_in_every_tone() -> None:
    scene = Scene("side", "matched", -4)
    layers = layers_of(SOMEONE, "neutral", scene=scene)
    for tone in SKIN_TONES:
        light = (layers.skin * skin_reflectance(tone) + layers.rest) @ LUMINANCE
        metered = matching_gain(SOMEONE, scene, tone) * (light * layers.face).sum() / layers.face.sum()
        assert metered == pytest.approx(MATCHED_LUMINANCE, rel=0.03)


def test_a_fixed_exposure_leaves_dark_skin_dark() -> None:
    layers = layers_of(SOMEONE, "neutral")
    face = layers.face > 0.9
    light, dark = (luminance(develop(layers, tone))[face].mean() for tone in (2, 8))
    assert light > 6 * dark


@pytest.mark.parametrize("colour", BROW_REFLECTANCE)
@pytest.mark.parametrize("light", ["front", "side"])
def test_brows_and_lips_keep_their_contrast_on_dark_skin(colour: str, light: str) -> None:
    identity = draw_identity(4, head_shape="african", sex_morph="female", hair_colour=colour)  # type: ignore[arg-type]
    layers = layers_of(identity, "neutral", scene=Scene(light))  # type: ignore[arg-type]
    contrast = {}
    for tone in (2, 8):
        seen = luminance(develop(layers, tone))
        skin, brow, lip = (seen[cover > 0.7].mean() for cover in (layers.face, layers.brows, layers.lips))
        contrast[tone] = ((skin - brow) / skin, (skin - lip) / skin)
    for pale, dark in zip(contrast[2], contrast[8], strict=True):
        assert pale > 0.15
        assert dark >= 0.5 * pale


def test_every_head_of_the_set_keeps_its_brows_and_lips_on_dark_skin_as_it_is_photographed() -> None:
    for sitter in sitters():
        scene = sitter.scene
        layers = layers_of(sitter.identity, "neutral", scene=scene, size=112)
        contrast = {}
        for tone in (2, 8):
            gain = matching_gain(sitter.identity, scene, tone) if scene.exposure == "matched" else 1.0
            seen = luminance(develop(layers, tone, gain))
            skin, brow, lip = (seen[cover > 0.6].mean() for cover in (layers.face, layers.brows, layers.lips))
            contrast[tone] = np.array([(skin - brow) / skin, (skin - lip) / skin])
        assert (contrast[8] >= 0.5 * contrast[2]).all(), sitter.name
        assert (contrast[2] > 0.15).all(), sitter.name


def test_silhouettes_do_not_depend_on_the_tone_nor_the_light() -> None:
    front, side = (layers_of(SOMEONE, "anger", scene=Scene(light), size=96) for light in ("front", "side"))
    assert np.array_equal(front.backdrop, side.backdrop)


def test_brow_to_chin_lies_in_the_face_box_for_every_head_and_expression() -> None:
    left, top, right, bottom = (edge * 56 / 224 for edge in FACE_BOX)
    for sitter in sitters()[::6]:
        for expression in ("anger", "surprise"):
            layers = layers_of(sitter.identity, expression, scene=sitter.scene, size=56)
            rows, columns = np.nonzero((layers.brows > 0.3) | (layers.lips > 0.3))
            assert rows.min() >= top
            assert rows.max() <= bottom - 2
            assert columns.min() >= left
            assert columns.max() <= right


def test_an_unknown_tone_or_expression_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no skin tone 12: the Monk scale runs from 1"):
        render(SOMEONE, "anger", 12, size=32)
    with pytest.raises(UnknownNameError, match="no face can be rendered with the expression 'grumpy'"):
        render(SOMEONE, "grumpy", 4, size=32)
