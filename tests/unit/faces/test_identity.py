from __future__ import annotations

import numpy as np

from fer_audit.faces.head import load_head
from fer_audit.faces.identity import HEAD_SHAPES, SEX_MORPHS, draw_identity


def test_the_same_seed_draws_the_same_head() -> None:
    first = draw_identity(7, head_shape="asian", sex_morph="male")
    assert first == draw_identity(7, head_shape="asian", sex_morph="male")
    assert first != draw_identity(8, head_shape="asian", sex_morph="male")


def test_the_fine_geometry_does_not_depend_on_the_factors() -> None:
    """Only the artist's weight morph is specific to a sex; its weight is not."""
    drawn = [
        draw_identity(7, head_shape=shape, sex_morph=sex, hair=hair, stubble="light")
        for shape in HEAD_SHAPES
        for sex in SEX_MORPHS
        for hair in ("short", "long")
    ]
    assert len({identity.geometry[2:] for identity in drawn}) == 1
    assert len({tuple(weight for _, weight in identity.geometry) for identity in drawn}) == 1
    assert len({(identity.gains, identity.hairline, identity.seed) for identity in drawn}) == 1


def test_every_drawn_target_is_in_the_asset() -> None:
    targets = load_head().targets
    for seed in range(20):
        identity = draw_identity(seed, head_shape="caucasian", sex_morph="female", age_morph="older")
        assert all(name in targets for name, _ in identity.geometry)


def test_age_stays_in_the_range_of_its_level() -> None:
    younger = [draw_identity(s, head_shape="african", sex_morph="male").age_weight for s in range(30)]
    older = [
        draw_identity(s, head_shape="african", sex_morph="male", age_morph="older").age_weight
        for s in range(30)
    ]
    assert max(younger) <= 0.15
    assert min(older) >= 0.32


def test_head_shape_and_sex_change_the_mesh() -> None:
    meshes = [
        draw_identity(3, head_shape=shape, sex_morph=sex).neutral_vertices()
        for shape in HEAD_SHAPES
        for sex in SEX_MORPHS
    ]
    for k, mesh in enumerate(meshes):
        assert all(np.abs(mesh - other).max() > 0.01 for other in meshes[:k])
