from __future__ import annotations

import numpy as np

from fer_audit.faces.rasterise import rasterise

SQUARE = np.array([[0.0, 0.0, 1.0], [8.0, 0.0, 1.0], [8.0, 8.0, 1.0], [0.0, 8.0, 1.0]])
BOTH_HALVES = np.array([[0, 1, 2], [0, 2, 3]])


def test_two_triangles_fill_their_square_without_a_crack() -> None:
    assert rasterise(SQUARE, BOTH_HALVES, 8).pixels.tolist() == list(range(64))


def test_a_pixel_belongs_to_a_triangle_when_its_centre_does() -> None:
    points = np.array([[0.4, 0.4, 0.0], [1.6, 0.4, 0.0], [0.4, 1.6, 0.0]])
    assert rasterise(points, np.array([[0, 1, 2]]), 4).pixels.tolist() == [0, 1, 4]


def test_the_nearer_triangle_is_seen_whatever_the_order() -> None:
    nearer = SQUARE + np.array([0, 0, 1])
    points = np.concatenate([SQUARE, nearer])
    for triangles in (np.array([[0, 1, 2], [4, 5, 6]]), np.array([[4, 5, 6], [0, 1, 2]])):
        seen = triangles[rasterise(points, triangles, 8).triangles]
        assert (seen >= 4).all()


def test_weights_interpolate_the_corners() -> None:
    fragments = rasterise(SQUARE, BOTH_HALVES, 8)
    corners = BOTH_HALVES[fragments.triangles]
    x = (SQUARE[corners, 0] * fragments.weights).sum(axis=1)
    assert np.allclose(x, fragments.pixels % 8 + 0.5, atol=1e-5)


def test_what_lies_outside_the_picture_or_edge_on_is_not_drawn() -> None:
    outside = SQUARE + np.array([100, 0, 0])
    edge_on = np.array([[0.0, 0.0, 0.0], [4.0, 4.0, 0.0], [8.0, 8.0, 0.0]])
    assert len(rasterise(outside, BOTH_HALVES, 8).pixels) == 0
    assert len(rasterise(edge_on, np.array([[0, 1, 2]]), 8).pixels) == 0


def test_a_triangle_that_crosses_the_border_is_clipped() -> None:
    assert rasterise(SQUARE - np.array([4, 0, 0]), BOTH_HALVES, 8).pixels.tolist() == [
        row * 8 + column for row in range(8) for column in range(4)
    ]
