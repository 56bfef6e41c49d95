"""A measure may not depend on the slice: the test of significance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.criteria.given import factor_names, spell_given
from fer_audit.criteria.levels import check_proportion, check_test
from fer_audit.drawable import drawable
from fer_audit.stats.verdicts.association import judge_association
from fer_audit.stats.verdicts.given import judge_association_given
from fer_audit.stats.verdicts.identities import judge_unknown
from fer_audit.stats.verdicts.unseen import name_unseen

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["NoAssociation"]


@drawable
@dataclass(frozen=True, slots=True, repr=False)
class NoAssociation:
    """The measure may not depend on the slice detectably, unless the dependence is shown negligible.

    Attributes:
        measure: the rate that is compared.
        alpha: level of the permutation test, strictly between 0 and 0.5.
        margin: the true difference that is negligible; without it the criterion cannot PASS.
        given: control factors (attributes of a few levels by name) within whose strata slices are to be
            compared too; a lone name is kept as a tuple of one. PASS and FAIL then need both comparisons.

    Raises:
        ConfigurationError: level or margin lies outside, the measure is no share of images, or a factor is
            named twice.

    >>> from fer_audit.stats.measures import accuracy
    >>> NoAssociation(accuracy, margin=0.1)
    NoAssociation(accuracy, alpha=0.05, margin=0.1)
    """

    measure: Measure
    alpha: float = 0.05
    margin: float | None = None
    given: str | tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_proportion("NoAssociation", self.measure)
        check_test("NoAssociation", self.alpha, self.margin)
        object.__setattr__(self, "given", factor_names("NoAssociation", self.given))

    def __repr__(self) -> str:
        margin = "" if self.margin is None else f", margin={self.margin:g}"
        return f"NoAssociation({self.measure!r}, alpha={self.alpha:g}{margin}{spell_given(self.given)})"

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """FAIL if an association is detected, PASS if every difference is shown to be within the margin.

        Raises:
            UnknownNameError: a label of the measure that is neither the data's nor an expression, or a
                control factor that the data do not have.
            ConfigurationError: a control factor that is part of the slicing or no attribute of a few
                levels, or counts without rows.
        """
        if self.given:
            controlled = judge_association_given(
                evidence,
                factor_names("NoAssociation", self.given),
                self.measure,
                alpha=self.alpha,
                margin=self.margin,
                settings=settings,
                criterion=repr(self),
            )
            return name_unseen(controlled, self.measure.tally(evidence.counts), settings)
        verdict = judge_unknown(
            lambda counts, plan: judge_association(
                counts,
                self.measure,
                alpha=self.alpha,
                margin=self.margin,
                settings=settings,
                criterion=repr(self),
                plan=plan,
            ),
            evidence.counts,
        )
        return name_unseen(verdict, self.measure.tally(evidence.counts), settings)
