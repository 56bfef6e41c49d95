"""What differs between groups besides the group itself must not decide."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit import Gap, accuracy

if TYPE_CHECKING:
    from fer_audit import Audit

# The tolerance of the crude accuracy gap: the same claim is made once more at equal light.
MAX_ACCURACY_GAP = 0.10

# Where a face is lit from was chosen by whoever took the picture, no group brings it about: holding it fixed
# hides no bias. How bright a face is would, for dark skin is darker in the same light.
LIGHT = "light"


# These groups, and a record of the light, are the embedded faces' own.
@pytest.mark.slices("sex_morph", "head_shape", optional=True)
def test_accuracy_does_not_depend_on_the_group_in_the_same_light(audit: Audit) -> None:
    """A gap that goes away at equal light is the photographer's, one that appears was hidden by it."""
    audit.require(Gap(accuracy, at_most=MAX_ACCURACY_GAP, given=LIGHT))
