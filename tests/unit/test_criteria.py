"""What a criterion refuses as it is written, before any data are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from fer_audit.criteria import Gap, NoAssociation, NoWorseThan, Ratio
from fer_audit.errors import ConfigurationError, UnknownNameError
from fer_audit.stats.measures import Measure, accuracy, misclassification, recall

if TYPE_CHECKING:
    from collections.abc import Callable

CRITERIA: dict[str, Callable[[Measure], object]] = {
    "Gap": lambda measure: Gap(measure, at_most=0.1),
    "Ratio": Ratio,
    "NoAssociation": NoAssociation,
    "NoWorseThan": NoWorseThan,
}


def refusal(name: str, measure: object) -> str:
    with pytest.raises(ConfigurationError) as caught:
        CRITERIA[name](cast("Measure", measure))
    return str(caught.value)


@pytest.mark.parametrize("name", CRITERIA)
def test_a_word_is_no_measure(name: str) -> None:
    assert refusal(name, "acuracy") == (
        f"{name} was given 'acuracy', which is no measure; did you mean 'accuracy'? "
        "Known: accuracy, brier, misclassification, overconfidence, recall, refusals. Import it: from fer_audit import accuracy"
    )
    with pytest.raises(UnknownNameError):
        CRITERIA[name](cast("Measure", None))


@pytest.mark.parametrize("name", CRITERIA)
def test_a_measure_of_one_label_wants_its_label(name: str) -> None:
    assert refusal(name, recall) == f"{name} was given recall without a label; write e.g. recall('anger')"
    assert refusal(name, misclassification) == (
        f"{name} was given misclassification without a label; write e.g. misclassification('anger', 'disgust')"
    )


@pytest.mark.parametrize("name", CRITERIA)
def test_every_measure_is_taken(name: str) -> None:
    for measure in (accuracy, accuracy.answered, recall("anger"), misclassification("anger", "fear")):
        assert repr(measure) in repr(CRITERIA[name](measure))
