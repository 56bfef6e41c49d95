"""No two slices may differ by more than a tolerance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.criteria.given import factor_names, spell_given
from fer_audit.criteria.levels import check_measure, check_proportion
from fer_audit.drawable import drawable
from fer_audit.errors import ConfigurationError
from fer_audit.stats.verdicts.calibration import show_calibration
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.stats.verdicts.given import judge_gap_given
from fer_audit.stats.verdicts.identities import judge_unknown
from fer_audit.stats.verdicts.unseen import name_unseen
from fer_audit.stats.verdicts.wordings import weigh_wordings

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
        given: control factors (attributes or covariates by name) at equal values of which slices are to be
            compared too; a lone name is kept as a tuple of one. PASS and FAIL then need both comparisons.

    Raises:
        ConfigurationError: the tolerance lies outside, the measure is none, or a factor is named twice.

    >>> from fer_audit.stats.measures import accuracy, brier
    >>> Gap(accuracy, at_most=0.1), Gap(brier, at_most=0.05)
    (Gap(accuracy, at_most=0.1), Gap(brier, at_most=0.05))
    >>> Gap(accuracy, at_most=0.1, given="light")
    Gap(accuracy, at_most=0.1, given='light')
    """

    measure: Measure
    at_most: float
    given: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_measure("Gap", self.measure)
        if self.given:
            check_proportion("Gap with given", self.measure)
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

        object.__setattr__(self, "given", factor_names("Gap", self.given))

    def __repr__(self) -> str:
        return f"Gap({self.measure!r}, at_most={self.at_most!r}{spell_given(self.given)})"

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """PASS, FAIL or INCONCLUSIVE about the largest difference between any two slices.

        Raises:
            UnknownNameError: a label of the measure that is neither the data's nor an expression, or a
                control factor that the data do not have.
            ConfigurationError: a control factor that is part of the slicing, counts without rows, or a
                score of answers none of which has a confidence.
        """
        if self.given:
            controlled = judge_gap_given(
                evidence,
                factor_names("Gap", self.given),
                self.measure,
                self.at_most,
                settings,
                criterion=repr(self),
            )
            return name_unseen(controlled, self.measure.tally(evidence.counts), settings)
        verdict = judge_unknown(
            lambda counts, plan: judge_gap(
                counts, self.measure, self.at_most, settings, criterion=repr(self), plan=plan
            ),
            evidence.counts,
        )
        verdict = name_unseen(verdict, self.measure.tally(evidence.counts), settings)
        if self.measure.is_proportion:
            return weigh_wordings(verdict, evidence, self.measure, settings)
        if evidence.predictions is None:
            return verdict
        return show_calibration(verdict, evidence.predictions, evidence.counts, settings)
