"""What is recognised in a set without expressions, and what then divides people into groups."""

from __future__ import annotations

from fer_audit.records import Slicing
from fer_audit.vocabulary import AGE, GENDER, RACE

__all__ = ["AGE_BANDS", "SLICINGS", "age_band"]

AGE_BANDS = ("0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "more than 70")
"""The nine bands of FairFace, in the order of age; 70 itself is in the last."""

_FIRST_YEARS = (0, 3, 10, 20, 30, 40, 50, 60, 70)


SLICINGS = {
    GENDER: (Slicing("race"), Slicing("age_band")),
    RACE: (Slicing("gender"), Slicing("age_band")),
    AGE: (Slicing("race"), Slicing("gender"), Slicing("race*gender")),
}
"""What a test without a ``slices`` marker divides people by, a task each.

Not by what is recognised: two groups that share no label cannot be compared label by label. A test that asks
for it by name gets it.
"""


def age_band(years: int) -> str:
    """The band of an age in whole years.

    >>> age_band(2), age_band(3), age_band(69), age_band(116)
    ('0-2', '3-9', '60-69', 'more than 70')
    """
    return AGE_BANDS[sum(years >= first for first in _FIRST_YEARS) - 1]
