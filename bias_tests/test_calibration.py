"""A confidence means the same whoever is in the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit import Gap, brier, overconfidence

if TYPE_CHECKING:
    from fer_audit import Audit

# Ten points, as for accuracy: whoever takes "90 % sure" at its word in one group must not be wrong once more
# in ten answers in another.
MAX_OVERCONFIDENCE_GAP = 0.10

# The Brier score runs from 0 to 1, and always half sure earns .25. One answer in ten that turns from right to
# wrong, given with the usual three quarters of certainty, moves it by .05.
MAX_BRIER_GAP = 0.05

SILENT = "this model does not say how sure it is of its answers"


def test_confidence_outruns_accuracy_alike_in_every_group(audit: Audit) -> None:
    """No group's answers are surer of themselves, for how often they are right, than another's."""
    if audit.counts.scores is None:
        pytest.skip(SILENT)
    audit.require(Gap(overconfidence, at_most=MAX_OVERCONFIDENCE_GAP))


def test_confident_answers_are_worth_the_same_in_every_group(audit: Audit) -> None:
    """Being sure and right, or unsure and wrong, earns as much in one group as in another."""
    if audit.counts.scores is None:
        pytest.skip(SILENT)
    audit.require(Gap(brier, at_most=MAX_BRIER_GAP))
