"""A face is read as well in one group as in another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit import Expression, Gap, accuracy, recall

if TYPE_CHECKING:
    from fer_audit import Audit

# Ten points: one face in ten read worse is what people notice in use. The published gaps of the models
# in arXiv 2408.14842 between groups lie mostly below it, so that it fails what stands out.
MAX_ACCURACY_GAP = 0.10

# Twenty points for one expression: a single expression rests on a seventh of the images, and the claim
# of a tighter bound could not be decided with fewer than about a hundred people a group.
MAX_RECALL_GAP = 0.20


def test_accuracy_does_not_depend_on_the_group(audit: Audit) -> None:
    """Over all expressions, no two groups are further apart than the tolerance."""
    audit.require(Gap(accuracy, at_most=MAX_ACCURACY_GAP))


@pytest.mark.parametrize("expression", [e for e in Expression if e is not Expression.CONTEMPT])
def test_each_expression_is_recognised_in_every_group(audit: Audit, expression: Expression) -> None:
    """No expression is recognised in one group and missed in another."""
    audit.require(Gap(recall(expression), at_most=MAX_RECALL_GAP))
