from __future__ import annotations

import numpy as np
import pytest

from fer_audit.errors import UnknownNameError
from fer_audit.faces.skin import (
    LUMINANCE,
    display_to_linear,
    linear_to_display,
    skin_reflectance,
)
from fer_audit.monk import MONK_SCALE


def test_the_scale_gets_darker_from_its_third_swatch_on() -> None:
    luminance = [float(skin_reflectance(tone) @ LUMINANCE) for tone in MONK_SCALE]
    assert luminance[2:] == sorted(luminance[2:], reverse=True)
    assert luminance[1] > 10 * luminance[7]


def test_a_swatch_survives_the_way_to_linear_light_and_back() -> None:
    value = np.linspace(0, 1, 256)
    assert np.allclose(linear_to_display(display_to_linear(value)), value, atol=1e-12)


@pytest.mark.parametrize("tone", [0, 11, -1])
def test_an_unknown_tone_is_refused_with_the_range(tone: int) -> None:
    with pytest.raises(UnknownNameError) as caught:
        skin_reflectance(tone)
    assert str(caught.value) == (
        f"no skin tone {tone}: the Monk scale runs from 1 (lightest) to 10 (darkest)"
    )
