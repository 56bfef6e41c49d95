"""Nobody may be read worse than by an earlier release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.criteria.levels import check_proportion
from fer_audit.errors import ConfigurationError
from fer_audit.stats.verdicts.change import judge_change

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["NoWorseThan"]


@dataclass(frozen=True, slots=True, repr=False)
class NoWorseThan:
    """Nobody may be read worse than by the baseline, an earlier release on the same pictures.

    The baseline is the report folder of an earlier run (``--baseline=REPORT_DIR``).

    Attributes:
        measure: the rate that is compared; of misclassification and refusals a rise is the deterioration.
        overall: how much worse everybody together may truly be, strictly between 0 and 1.
        each: how much worse each slice may truly be, strictly between 0 and 1.

    Raises:
        ConfigurationError: a margin lies outside, or the measure is no share of images.

    >>> from fer_audit.stats.measures import accuracy
    >>> NoWorseThan(accuracy)
    NoWorseThan(accuracy, overall=0.02, each=0.05)
    """

    measure: Measure
    overall: float = 0.02
    each: float = 0.05

    def __post_init__(self) -> None:
        check_proportion("NoWorseThan", self.measure)
        for name, margin in (("overall", self.overall), ("each", self.each)):
            if not 0 < margin < 1:
                raise ConfigurationError(
                    f"NoWorseThan({name}={margin}) is no deterioration that could be excluded; give a number "
                    "between 0 and 1, e.g. 0.02 for two points"
                )

    def __repr__(self) -> str:
        return f"NoWorseThan({self.measure!r}, overall={self.overall:g}, each={self.each:g})"

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """PASS if no deterioration beyond the margins is left possible, FAIL if one is shown.

        Raises:
            ConfigurationError: there is no baseline, or people are not known.
            UnknownNameError: a label of the measure that is neither the data's nor an expression.
        """
        if evidence.baseline is None:
            raise ConfigurationError(
                f"{self!r} needs a baseline: run with --fer-baseline=REPORT_DIR, the report folder of the "
                "earlier release, or give Audit a baseline"
            )
        if not evidence.counts.identified:
            raise ConfigurationError(
                f"{self!r} compares each person with himself, and nobody knows who is in these pictures; "
                "give identities"
            )
        return judge_change(
            evidence.counts,
            evidence.baseline,
            self.measure,
            overall=self.overall,
            each=self.each,
            settings=settings,
            criterion=repr(self),
        )
