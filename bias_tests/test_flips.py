"""A face is not read otherwise because its skin is shown lighter or darker."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit import Flips

if TYPE_CHECKING:
    from fer_audit import Audit

# One face in twenty. The two pictures differ in nothing but the skin, so that every changed answer is the
# model's doing, and 48 identities with seven expressions are enough to show that five points are kept: an
# accuracy gap may stay within its tolerance while as many faces are won as are lost.
MAX_FLIPS = 0.05


# Only an attribute that was changed on the same face can be asked about: of those here it is the skin tone.
# No photographs have one.
@pytest.mark.slices("skin_tone", optional=True)
def test_the_answer_does_not_change_with_the_skin_tone(audit: Audit) -> None:
    """Exchanging the skin tone of a face changes what the model says about few faces, right or wrong."""
    audit.require(Flips(at_most=MAX_FLIPS))
