"""The headline of arXiv 2408.14842: who is misread as what, and how many times as often as others?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit import BesideZTest, Expression, Ratio, Scan, misclassification

if TYPE_CHECKING:
    from fer_audit import Audit

# The four-fifths rule turned around: one group must not be misread more than 1.25 times as often as another
# (29 CFR 1607.4(D)). Two rates within five points of each other are alike whatever their ratio: one image in
# forty against none is no finding about a group.
MAX_RATIO = 1.25
ALIKE_WITHIN = 0.05

# "Anger is misclassified as Disgust 2.1 times more often in Black Females than White Females", and the larger
# effect in the same table.
REPORTED = [(Expression.ANGER, Expression.DISGUST), (Expression.FEAR, Expression.SURPRISE)]

# The others of that table that 8 images of some group show: a FAIL asks for 8 people of a group, so that the
# rest could fail nobody.
FREQUENT = [(Expression.SADNESS, Expression.DISGUST), (Expression.SADNESS, Expression.FEAR)]

# A smile read as hostility or grief is the error that harms, and it was reported for darker skin
# (arXiv 2507.10755).
SMILE_MISREAD = [
    (Expression.HAPPINESS, negative)
    for negative in (Expression.ANGER, Expression.DISGUST, Expression.FEAR, Expression.SADNESS)
]

# Of the table's other confusions, and of those that it does not list, only what stands out among all of them
# is a finding. Twenty points, as for one expression's recall.
ALPHA = 0.05
NEGLIGIBLE_WITHIN = 0.20


@pytest.mark.slices("race", "race*gender")
@pytest.mark.parametrize(("true", "predicted"), [*REPORTED, *FREQUENT, *SMILE_MISREAD])
def test_confusions_are_alike(audit: Audit, true: Expression, predicted: Expression) -> None:
    """No group is misread in one particular way many times as often as another."""
    if true not in audit.counts.labels or predicted not in audit.counts.predicted:
        pytest.skip(f"nothing on {audit.dataset} can be {true} read as {predicted}")
    audit.require(
        BesideZTest(Ratio(misclassification(true, predicted), at_most=MAX_RATIO, difference=ALIKE_WITHIN))
    )


@pytest.mark.slices("race*gender")
def test_no_confusion_stands_out_among_all(audit: Audit) -> None:
    """Every confusion in every pair of groups, with p-values that know how many were looked at."""
    audit.require(Scan(alpha=ALPHA, margin=NEGLIGIBLE_WITHIN))
