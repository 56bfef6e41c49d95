"""Whether any difference between groups can be detected at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit import NoAssociation, accuracy

if TYPE_CHECKING:
    from fer_audit import Audit

# The customary error probability of a significance test. "Not significant" alone is no proof of fairness:
# a PASS needs every difference shown to lie within the margin, the one of the accuracy gap.
ALPHA = 0.05
NEGLIGIBLE_WITHIN = 0.10


def test_accuracy_is_independent_of_the_group(audit: Audit) -> None:
    """Shuffling people between the groups would show differences as large as these."""
    audit.require(NoAssociation(accuracy, alpha=ALPHA, margin=NEGLIGIBLE_WITHIN))
