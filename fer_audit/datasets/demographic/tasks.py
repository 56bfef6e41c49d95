"""What is recognised in a set without expressions, and what then divides people into groups."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from fer_audit.datasets.family import Family
from fer_audit.records import Slicing
from fer_audit.vocabulary import AGE, GENDER, RACE

if TYPE_CHECKING:
    import re
    from collections.abc import Container, Mapping
    from pathlib import Path

    from fer_audit.datasets.codes import Codes
    from fer_audit.datasets.folder import FolderDataset
    from fer_audit.datasets.inventory import Origin

__all__ = ["AGE_BANDS", "age_band", "families_of", "in_order"]

AGE_BANDS = ("0-2", "3-9", "10-19", "20-29", "30-39", "40-49", "50-59", "60-69", "more than 70")
"""The nine bands of FairFace, in the order of age; 70 itself is in the last."""

_FIRST_YEARS = (0, 3, 10, 20, 30, 40, 50, 60, 70)

_SLICINGS = {
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


def in_order(codes: Codes, met: Container[str]) -> tuple[str, ...]:
    """The labels that a copy has, in the order of their codes: bands of age are not in that of their names.

    >>> from fer_audit.datasets.codes import Codes
    >>> in_order(Codes({"a": "3-9", "b": "10-19", "c": "20-29"}), {"10-19", "3-9"})
    ('3-9', '10-19')
    """
    return tuple(label for label in dict.fromkeys(codes.labels.values()) if label in met)


class _Open(Protocol):
    def __call__(self, root: Path, codes: Codes, /, *, task: str) -> FolderDataset: ...


def families_of(
    name: str,
    origin: Origin,
    opened: _Open,
    codes: Mapping[str, Codes],
    *,
    attributes: tuple[str, ...],
    covariates: tuple[str, ...] = (),
    pattern: re.Pattern[str] | None = None,
) -> tuple[Family, Family, Family]:
    """One set as three: for gender recognition, which has the set's own name, for race and for age.

    Args:
        name: the set's short name.
        origin: whose faces these are.
        opened: reads a copy for a task.
        codes: what the codes of each task's labels mean.
        attributes: what the set says of people and pictures.
        covariates: numbers that it says.
        pattern: matches the names of its pictures; None where they say nothing.
    """

    def family(task: str, suffix: str) -> Family:
        return Family(
            name=f"{name}{suffix}",
            origin=origin,
            open=partial(opened, task=task),
            codes=codes[task],
            attributes=attributes,
            slicings=_SLICINGS[task],
            covariates=covariates,
            identified=False,
            task=task,
            pattern=pattern,
        )

    return family(GENDER, ""), family(RACE, "-race"), family(AGE, "-age")
