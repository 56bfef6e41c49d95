from __future__ import annotations

import numpy as np
import pytest

from fer_audit.faces.expression import perform
from fer_audit.faces.wrinkle import press

GRID = np.meshgrid(np.linspace(-0.6, 0.6, 121), np.linspace(6.3, 8.0, 171))
X, Y = (axis.ravel().astype(np.float32) for axis in GRID)


def test_a_young_face_at_rest_has_no_furrow() -> None:
    assert not press(X, Y, perform("neutral"), age=0).depth.any()


def test_both_halves_of_the_face_fold_alike() -> None:
    here = press(X, Y, perform("disgust"), age=0.3)
    mirrored = press(-X, Y, perform("disgust"), age=0.3)
    assert np.array_equal(here.depth, mirrored.depth)
    assert np.array_equal(here.slope_x, -mirrored.slope_x)


def test_furrows_lie_where_their_action_units_pull() -> None:
    brow = (np.abs(X) < 0.2) & (Y > 7.68)
    root_of_nose = (np.abs(X) < 0.15) & (Y > 7.1) & (Y < 7.36)
    assert press(X, Y, perform("surprise"), age=0).depth[brow].max() > 0.4
    assert press(X, Y, perform("disgust"), age=0).depth[brow].max() < 0.1
    assert press(X, Y, perform("disgust"), age=0).depth[root_of_nose].max() > 0.5


def test_the_slope_is_that_of_the_depth() -> None:
    step = np.float32(1e-3)
    x, y = np.array([0.11, 0.12], np.float32), np.array([7.719, 7.71], np.float32)
    furrowed = perform("surprise")
    rise = press(x, y + step, furrowed, age=0).depth - press(x, y - step, furrowed, age=0).depth
    assert press(x, y, furrowed, age=0).slope_y == pytest.approx(rise / (2 * step), rel=0.15)
