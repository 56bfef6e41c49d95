from __future__ import annotations

import numpy as np

from fer_audit.faces.light import SHOULDER, expose, key_visibility

WALL = np.array([[-1.0, -1.0, 0.0], [1.0, -1.0, 0.0], [1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]])
BOTH_HALVES = np.array([[0, 1, 2], [0, 2, 3]])


def test_exposure_is_exact_up_to_the_shoulder_and_never_reaches_beyond_white() -> None:
    light = np.linspace(0, 20, 2001, dtype=np.float32)
    seen = expose(light)
    assert np.allclose(seen[light <= SHOULDER], light[light <= SHOULDER])
    assert (np.diff(seen) >= 0).all()
    assert seen.max() <= 1


def test_gain_is_a_change_of_light() -> None:
    light = np.linspace(0, 2, 201, dtype=np.float32)
    assert np.allclose(expose(light, 0.5), expose(light * np.float32(0.5)))


def test_a_point_behind_a_wall_lies_in_its_shadow() -> None:
    points = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0], [0.0, 0.0, 0.0]], dtype=np.float32)
    seen = key_visibility(WALL, BOTH_HALVES, points, np.array([0.0, 0.0, 1.0]))
    assert seen.tolist() == [1.0, 0.0, 1.0]
