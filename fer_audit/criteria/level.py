"""Every slice must be read at least so well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.criteria.levels import check_proportion
from fer_audit.errors import ConfigurationError
from fer_audit.stats.measures import Event
from fer_audit.stats.verdicts.identities import judge_unknown
from fer_audit.stats.verdicts.level import judge_level

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["AtLeast"]


@dataclass(frozen=True, slots=True, repr=False)
class AtLeast:
    """Every slice must be read at least so well: a level, which equal groups may miss together.

    Attributes:
        measure: accuracy, or recall of one expression.
        level: the true share that every slice must reach, strictly between 0 and 1.

    Raises:
        ConfigurationError: the level lies outside, or more of the measure is no better.

    >>> from fer_audit.stats.measures import accuracy
    >>> AtLeast(accuracy, 0.9)
    AtLeast(accuracy, 0.9)
    """

    measure: Measure
    level: float

    def __post_init__(self) -> None:
        check_proportion("AtLeast", self.measure)
        if self.measure.event not in {Event.ACCURACY, Event.RECALL}:
            raise ConfigurationError(
                f"AtLeast({self.measure!r}) demands errors: more of that is no better; use accuracy or recall"
            )
        if not 0 < self.level < 1:
            raise ConfigurationError(
                f"AtLeast(level={self.level}) is no share that could be shown: no finite number of people "
                "shows that everybody is read correctly; give a number between 0 and 1, e.g. 0.9"
            )

    def __repr__(self) -> str:
        return f"AtLeast({self.measure!r}, {self.level:g})"

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """PASS, FAIL or INCONCLUSIVE about the slice that is read worst.

        Raises:
            UnknownNameError: a label of the measure that is neither the data's nor an expression.
        """
        return judge_unknown(
            lambda counts, _plan: judge_level(
                counts, self.measure, self.level, settings, criterion=repr(self)
            ),
            evidence.counts,
        )
