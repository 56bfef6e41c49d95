from __future__ import annotations

import numpy as np
import pytest

from fer_audit.faces.expression import RENDERED_EXPRESSIONS, perform
from fer_audit.faces.frozen_set import sitters
from fer_audit.faces.head import Material, load_head
from fer_audit.faces.identity import draw_identity
from fer_audit.faces.mesh import EYE_LINE, INTEROCULAR, build_mesh, frame

SIZE = 224


def eyes_in_the_picture(mesh_vertices: np.ndarray, neutral: np.ndarray) -> np.ndarray:
    head = load_head()
    projected = frame(neutral).project(mesh_vertices, SIZE)
    return np.stack([projected[head.eyeball(side)].mean(axis=0) for side in (-1, 1)])


def test_the_eyes_of_every_head_are_equally_far_apart() -> None:
    distances = []
    for sitter in sitters():
        neutral = sitter.identity.neutral_vertices()
        right, left = eyes_in_the_picture(neutral, neutral)
        distances.append(float(np.hypot(*(left - right)[:2])))
        assert (left + right)[:2] / 2 == pytest.approx([SIZE / 2, EYE_LINE * SIZE], abs=0.2)
    assert distances == pytest.approx([INTEROCULAR * SIZE] * 48, abs=0.2)


def test_a_turned_head_foreshortens_the_distance_and_nothing_else() -> None:
    identity = draw_identity(1, head_shape="asian", sex_morph="female")
    mesh = build_mesh(identity, perform("neutral"), yaw=12)
    right, left = eyes_in_the_picture(mesh.vertices, identity.neutral_vertices())
    assert left[0] - right[0] == pytest.approx(50 * np.cos(np.deg2rad(12)), abs=0.6)


def test_an_expression_does_not_move_the_camera() -> None:
    identity = draw_identity(2, head_shape="african", sex_morph="male")
    eyes = [
        eyes_in_the_picture(build_mesh(identity, perform(name)).vertices, identity.neutral_vertices())
        for name in RENDERED_EXPRESSIONS
        if name != "sadness"  # it looks down: its eyeballs turn
    ]
    for other in eyes[1:]:
        assert other == pytest.approx(eyes[0], abs=0.5)


def test_hair_is_a_factor_of_every_head() -> None:
    for sex in ("female", "male"):
        short = draw_identity(3, head_shape="caucasian", sex_morph=sex, hair="short")
        long = draw_identity(3, head_shape="caucasian", sex_morph=sex, hair="long")
        assert Material.HAIR not in build_mesh(short, perform("neutral")).materials
        assert Material.HAIR in build_mesh(long, perform("neutral")).materials
