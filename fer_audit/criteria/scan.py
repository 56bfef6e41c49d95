"""No confusion may depend on the slice, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.criteria.levels import check_test
from fer_audit.stats.measures import accuracy
from fer_audit.stats.verdicts.identities import judge_unknown
from fer_audit.stats.verdicts.scan import judge_scan

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["Scan"]


@dataclass(frozen=True, slots=True, repr=False)
class Scan:
    """No true label may be misread in any one way detectably more often in one slice than in another.

    It looks at every confusion in every pair of slices, with p-values that know how much was looked at.

    Attributes:
        alpha: level of the scan over everything it looks at, strictly between 0 and 0.5.
        margin: the true difference that is negligible; without it the criterion cannot PASS.

    Raises:
        ConfigurationError: level or margin lies outside.

    >>> Scan(margin=0.2)
    Scan(alpha=0.05, margin=0.2)
    """

    alpha: float = 0.05
    margin: float | None = None

    def __post_init__(self) -> None:
        check_test("Scan", self.alpha, self.margin)

    def __repr__(self) -> str:
        margin = "" if self.margin is None else f", margin={self.margin:g}"
        return f"Scan(alpha={self.alpha:g}{margin})"

    @property
    def measure(self) -> Measure:
        """Accuracy, which falls by whatever is confused; each comparison names its own confusion."""
        return accuracy

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """FAIL if some confusion is found to depend on the slice, PASS if all are shown within the margin."""
        return judge_unknown(
            lambda counts, _plan: judge_scan(
                counts, alpha=self.alpha, margin=self.margin, settings=settings, criterion=repr(self)
            ),
            evidence.counts,
        )
