"""The first question of arXiv 2408.14842: are all races and genders read equally well?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit import BesideZTest, Gap, NoAssociation, accuracy

if TYPE_CHECKING:
    from fer_audit import Audit

# Ten points: one face in ten read worse is what people notice in use. The accuracies by race that are told of
# the paper's models lie closer together than that, so that it fails what stands out among them.
MAX_ACCURACY_GAP = 0.10

# The customary error probability, and the gap above as what would be negligible: without a margin a test can
# detect, and never clear.
ALPHA = 0.05
NEGLIGIBLE_WITHIN = 0.10


@pytest.mark.slices("race", "gender", "race*gender")
def test_accuracy_is_alike_in_every_group(audit: Audit) -> None:
    """Over the expressions that two groups both have, neither is read worse by more than the tolerance."""
    audit.require(Gap(accuracy, at_most=MAX_ACCURACY_GAP))


@pytest.mark.slices("race", "gender", "race*gender")
def test_accuracy_is_independent_of_the_group(audit: Audit) -> None:
    """The question of the paper's z-tests, answered by people, and the z-tests beside it."""
    audit.require(BesideZTest(NoAssociation(accuracy, alpha=ALPHA, margin=NEGLIGIBLE_WITHIN)))
