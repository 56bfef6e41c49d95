from __future__ import annotations

import pytest

from fer_audit.errors import UnknownNameError
from fer_audit.faces.expression import ACTION_UNITS, PAIRED, PROTOTYPES, RENDERED_EXPRESSIONS, perform
from fer_audit.faces.head import load_head


def test_the_seven_expressions_in_alphabetical_order() -> None:
    assert [str(expression) for expression in RENDERED_EXPRESSIONS] == [
        "anger",
        "disgust",
        "fear",
        "happiness",
        "neutral",
        "sadness",
        "surprise",
    ]


@pytest.mark.parametrize("unit", ACTION_UNITS)
def test_every_action_unit_is_made_of_targets_that_the_asset_holds(unit: int) -> None:
    targets = load_head().targets
    for name, _ in ACTION_UNITS[unit]:
        sides = (f"{name}Left", f"{name}Right") if name in PAIRED else (name,)
        assert all(side in targets for side in sides)


def test_every_prototype_uses_known_action_units() -> None:
    assert {unit for prototype in PROTOTYPES.values() for unit in prototype} <= ACTION_UNITS.keys()


def test_fear_differs_from_surprise_as_the_coding_system_says() -> None:
    fear, surprise = (dict(perform(name).units) for name in ("fear", "surprise"))
    assert {1, 2, 4, 5, 20, 25} <= fear.keys()
    assert {1, 2, 5, 27} <= surprise.keys()
    assert not {4, 20} & surprise.keys()


def test_disgust_wrinkles_the_nose_and_raises_the_upper_lip() -> None:
    assert {9, 10, 16, 17} <= dict(perform("disgust").units).keys()


def test_intensity_and_the_person_s_gain_scale_each_unit() -> None:
    assert perform("surprise", 0.5, {27: 1.2}).intensity_of(27) == pytest.approx(0.6)
    assert perform("surprise").intensity_of(4) == 0
    assert all(weight == 0 for _, weight in perform("anger", 0.0).morph_weights())


def test_neutral_moves_nothing() -> None:
    assert perform("neutral").morph_weights() == ()


def test_an_expression_without_a_recipe_is_refused_with_a_hint() -> None:
    with pytest.raises(UnknownNameError) as caught:
        perform("hapiness")
    assert str(caught.value) == (
        "no face can be rendered with the expression 'hapiness': did you mean 'happiness'? "
        "Known: anger, disgust, fear, happiness, neutral, sadness, surprise"
    )


def test_contempt_is_in_the_vocabulary_but_not_rendered() -> None:
    with pytest.raises(UnknownNameError, match="'contempt'"):
        perform("contempt")
