from __future__ import annotations

import hashlib
from importlib.resources import files

import numpy as np
import pytest

from fer_audit.faces.head import Material, load_head, vertex_normals


def test_the_asset_is_the_one_under_checksum() -> None:
    package = files("fer_audit.faces")
    digest, name = package.joinpath("SHA256SUMS").read_text(encoding="utf-8").split()
    assert hashlib.sha256(package.joinpath(name).read_bytes()).hexdigest() == digest


def test_the_asset_holds_no_pickle() -> None:
    with files("fer_audit.faces").joinpath("head.npz").open("rb") as stream:
        asset = np.load(stream, allow_pickle=False)
        assert not any(asset[name].dtype.hasobject for name in asset.files)


def test_morphing_moves_only_the_target_and_leaves_the_asset_alone() -> None:
    head = load_head()
    before = head.vertices.copy()
    moved = head.morph([("unit/jawOpen", 0.5)])
    target = head.targets["unit/jawOpen"]
    shift = moved - head.vertices
    assert np.allclose(shift[target.vertices], 0.5 * target.offsets)
    untouched = np.setdiff1d(np.arange(len(before)), target.vertices)
    assert not shift[untouched].any()
    assert np.array_equal(head.vertices, before)


def test_morphing_along_an_unknown_target_says_its_name() -> None:
    with pytest.raises(KeyError, match="unit/wink"):
        load_head().morph([("unit/wink", 1.0)])


def test_the_left_eye_is_on_the_left_and_mirrors_the_right() -> None:
    head = load_head()
    left = head.vertices[head.eyeball(1)].mean(axis=0)
    right = head.vertices[head.eyeball(-1)].mean(axis=0)
    assert left[0] > 0.2
    assert np.allclose(left, right * [-1, 1, 1], atol=1e-3)


def test_normals_have_unit_length_and_point_out_of_the_face() -> None:
    head = load_head()
    skin = head.triangles[head.materials == Material.SKIN]
    normals = vertex_normals(head.vertices, skin)
    used = np.unique(skin)
    assert np.allclose(np.linalg.norm(normals[used], axis=1), 1)
    tip_of_nose = head.vertices[:, 2].argmax()
    assert normals[tip_of_nose, 2] > 0.9
