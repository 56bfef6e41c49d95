"""No slice may have more than so many times another's rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.criteria.levels import check_proportion
from fer_audit.drawable import drawable
from fer_audit.errors import ConfigurationError
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.verdicts.identities import judge_unknown
from fer_audit.stats.verdicts.ratio import judge_ratio
from fer_audit.stats.verdicts.unseen import name_unseen
from fer_audit.stats.verdicts.wordings import weigh_wordings

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["Ratio"]


@drawable
@dataclass(frozen=True, slots=True, repr=False)
class Ratio:
    """No slice may have more than this many times another's rate, unless the two are close anyway.

    The claim is "ratio at most ``at_most`` or difference at most ``difference``": 3 in 1,000 against 1 in
    1,000 is a ratio of 3 that nobody need act on.

    Attributes:
        measure: the rate that is compared.
        at_most: the largest true ratio allowed, above 1; 1.25 is the four-fifths rule.
        difference: the true difference that is acceptable whatever the ratio, from 0 to below 1.

    Raises:
        ConfigurationError: a tolerance lies outside, or the measure is no share of images.

    >>> from fer_audit.stats.measures import misclassification
    >>> Ratio(misclassification("anger", "disgust"))
    Ratio(misclassification(anger->disgust), at_most=1.25, difference=0.05)
    """

    measure: Measure
    at_most: float = 1.25
    difference: float = 0.05

    def __post_init__(self) -> None:
        check_proportion("Ratio", self.measure)
        if self.at_most == 1:
            raise ConfigurationError(
                "Ratio(at_most=1) can never pass: no finite number of people shows that two rates are "
                "exactly equal; name the ratio that would still be acceptable, e.g. 1.25"
            )
        if not 1 < self.at_most < float("inf"):
            raise ConfigurationError(
                f"Ratio(at_most={self.at_most}) is no tolerance: the larger rate is put over the smaller; "
                "give a number above 1, e.g. 1.25 for the four-fifths rule"
            )
        if not 0 <= self.difference < 1:
            raise ConfigurationError(
                f"Ratio(difference={self.difference}) is no difference of two rates; "
                "give a number from 0 to below 1, e.g. 0.05 for five points"
            )

    def __repr__(self) -> str:
        return f"Ratio({self.measure!r}, at_most={self.at_most:g}, difference={self.difference:g})"

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """PASS, FAIL or INCONCLUSIVE about the largest ratio between any two slices.

        Raises:
            UnknownNameError: a label of the measure that is neither the data's nor an expression.
        """
        claim = RatioClaim(self.at_most, self.difference)
        # A slice without one image of the label is weighed with the others, by a division by nothing, and
        # then compared with none: it is named as not assessable.
        with np.errstate(divide="ignore"):
            verdict = judge_unknown(
                lambda counts, plan: judge_ratio(
                    counts, self.measure, claim, settings, criterion=repr(self), plan=plan
                ),
                evidence.counts,
            )
        verdict = name_unseen(verdict, self.measure.tally(evidence.counts), settings)
        return weigh_wordings(verdict, evidence, self.measure, settings)
