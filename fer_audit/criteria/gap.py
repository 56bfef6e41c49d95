"""No two slices may differ by more than a tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.drawable import drawable
from fer_audit.errors import ConfigurationError
from fer_audit.stats.verdicts.calibration import show_calibration
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.stats.verdicts.identities import judge_unknown

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["Gap"]


@drawable
@dataclass(frozen=True, slots=True, repr=False)
class Gap:
    """No two slices may differ by more than this.

    Attributes:
        measure: the rate or score that is compared.
        at_most: the largest true difference allowed, strictly between 0 and 1.

    Raises:
        ConfigurationError: the tolerance lies outside.

    >>> from fer_audit.stats.measures import accuracy, brier
    >>> Gap(accuracy, at_most=0.1), Gap(brier, at_most=0.05)
    (Gap(accuracy, at_most=0.1), Gap(brier, at_most=0.05))
    """

    measure: Measure
    at_most: float

    def __post_init__(self) -> None:
        if self.at_most == 0:
            raise ConfigurationError(
                "Gap(at_most=0) can never pass: no finite number of people shows that two groups are exactly "
                "equal; name the difference that would still be acceptable, e.g. 0.1"
            )
        if not 0 < self.at_most < 1:
            raise ConfigurationError(
                f"Gap(at_most={self.at_most}) is no difference of two rates; "
                "give a number between 0 and 1, e.g. 0.1 for ten points"
            )

    def __repr__(self) -> str:
        return f"Gap({self.measure!r}, at_most={self.at_most!r})"

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """PASS, FAIL or INCONCLUSIVE about the largest difference between any two slices.

        Raises:
            UnknownNameError: a label of the measure that is neither the data's nor an expression.
            ConfigurationError: a score of answers none of which has a confidence.
        """
        verdict = judge_unknown(
            lambda counts, plan: judge_gap(
                counts, self.measure, self.at_most, settings, criterion=repr(self), plan=plan
            ),
            evidence.counts,
        )
        if self.measure.is_proportion or evidence.predictions is None:
            return verdict
        return show_calibration(verdict, evidence.predictions, evidence.counts, settings)
