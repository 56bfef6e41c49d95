"""The linear classifier of arXiv 2408.14842: does it read every group as well as it read everybody?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_audit import AtLeast, accuracy

if TYPE_CHECKING:
    from fer_audit import Audit

# What a linear classifier on CLIP's vectors reached, over all images of each set. Neither the variant of CLIP
# nor the split is published, nor whether one person was in both halves, which alone can raise it.
PUBLISHED = {"radiate": 0.959, "face-place": 0.903, "chicago": 0.995}

# Ten points below what everybody together got: that much was never meant to be one group's share of the rest,
# and a set's smallest groups, of ten or twenty people, could not show less.
ROOM = 0.10


@pytest.mark.slices("race", "gender", "race*gender")
def test_the_linear_probe_reads_every_group_nearly_as_well_as_published(audit: Audit) -> None:
    """Equal groups can be read equally badly: the published accuracy, less some room, is reached in each."""
    if not audit.model.startswith("clip-probe"):
        pytest.skip("the paper gives these accuracies of a linear classifier: --model=clip-probe")
    if audit.dataset not in PUBLISHED:
        pytest.skip(f"the paper gives no accuracy for {audit.dataset}")
    audit.require(AtLeast(accuracy, PUBLISHED[audit.dataset] - ROOM))
