"""What slices would show if people were drawn again, or if the slice made no difference.

For research beside the verdicts, and no part of them: a percentile interval of a maximum gap is biased upward
(the largest of noisy differences is drawn again from the largest), so that it finds bias in a fair model.
"""

from __future__ import annotations

from fer_audit.stats.resampling.bootstrap import bootstrap_images, bootstrap_people
from fer_audit.stats.resampling.permutation import permute_images, permute_people

__all__ = ["bootstrap_images", "bootstrap_people", "permute_images", "permute_people"]
