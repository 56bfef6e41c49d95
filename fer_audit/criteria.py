"""What may be demanded of a model: immutable, printable values that name what the statistics decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from fer_audit.drawable import drawable
from fer_audit.errors import ConfigurationError
from fer_audit.stats.measures import accuracy
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.verdicts.association import judge_association
from fer_audit.stats.verdicts.change import judge_change
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.stats.verdicts.identities import judge_unknown
from fer_audit.stats.verdicts.ratio import judge_ratio
from fer_audit.stats.verdicts.scan import judge_scan

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["Criterion", "Gap", "NoAssociation", "NoWorseThan", "Ratio", "Scan"]


@runtime_checkable
class Criterion(Protocol):
    """A demand: a measure, how slices are compared, and a bound. Its ``repr`` is how it is written."""

    @property
    def measure(self) -> Measure:
        """The rate that is compared between slices."""
        ...

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """Judge one slicing of one set of predictions: a pure function of both arguments."""
        ...


@drawable
@dataclass(frozen=True, slots=True, repr=False)
class Gap:
    """No two slices may differ by more than this.

    Attributes:
        measure: the rate that is compared.
        at_most: the largest true difference allowed, strictly between 0 and 1.

    Raises:
        ConfigurationError: the tolerance lies outside.

    >>> from fer_audit.stats.measures import accuracy
    >>> Gap(accuracy, at_most=0.1)
    Gap(accuracy, at_most=0.1)
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
        """
        return judge_unknown(
            lambda counts, plan: judge_gap(
                counts, self.measure, self.at_most, settings, criterion=repr(self), plan=plan
            ),
            evidence.counts,
        )


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
        ConfigurationError: a tolerance lies outside.

    >>> from fer_audit.stats.measures import misclassification
    >>> Ratio(misclassification("anger", "disgust"))
    Ratio(misclassification(anger->disgust), at_most=1.25, difference=0.05)
    """

    measure: Measure
    at_most: float = 1.25
    difference: float = 0.05

    def __post_init__(self) -> None:
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
        return judge_unknown(
            lambda counts, plan: judge_ratio(
                counts, self.measure, claim, settings, criterion=repr(self), plan=plan
            ),
            evidence.counts,
        )


@drawable
@dataclass(frozen=True, slots=True, repr=False)
class NoAssociation:
    """The measure may not depend on the slice detectably, unless the dependence is shown negligible.

    Attributes:
        measure: the rate that is compared.
        alpha: level of the permutation test, strictly between 0 and 0.5.
        margin: the true difference that is negligible; without it the criterion cannot PASS.

    Raises:
        ConfigurationError: level or margin lies outside.

    >>> from fer_audit.stats.measures import accuracy
    >>> NoAssociation(accuracy, margin=0.1)
    NoAssociation(accuracy, alpha=0.05, margin=0.1)
    """

    measure: Measure
    alpha: float = 0.05
    margin: float | None = None

    def __post_init__(self) -> None:
        _check_test("NoAssociation", self.alpha, self.margin)

    def __repr__(self) -> str:
        margin = "" if self.margin is None else f", margin={self.margin:g}"
        return f"NoAssociation({self.measure!r}, alpha={self.alpha:g}{margin})"

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """FAIL if an association is detected, PASS if every difference is shown to be within the margin.

        Raises:
            UnknownNameError: a label of the measure that is neither the data's nor an expression.
        """
        return judge_unknown(
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


@dataclass(frozen=True, slots=True, repr=False)
class NoWorseThan:
    """Nobody may be read worse than by the baseline, an earlier release on the same pictures.

    The baseline is the report folder of an earlier run (``--baseline=REPORT_DIR``).

    Attributes:
        measure: the rate that is compared; of misclassification and refusals a rise is the deterioration.
        overall: how much worse everybody together may truly be, strictly between 0 and 1.
        each: how much worse each slice may truly be, strictly between 0 and 1.

    Raises:
        ConfigurationError: a margin lies outside.

    >>> from fer_audit.stats.measures import accuracy
    >>> NoWorseThan(accuracy)
    NoWorseThan(accuracy, overall=0.02, each=0.05)
    """

    measure: Measure
    overall: float = 0.02
    each: float = 0.05

    def __post_init__(self) -> None:
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
        _check_test("Scan", self.alpha, self.margin)

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


def _check_test(name: str, alpha: float, margin: float | None) -> None:
    """Refuse levels and margins that mean nothing."""
    if not 0 < alpha < 0.5:  # noqa: PLR2004 - as the alpha of the settings
        raise ConfigurationError(
            f"{name}(alpha={alpha}) is no level of a test; give a number between 0 and 0.5, e.g. 0.05"
        )
    if margin is not None and not 0 < margin < 1:
        raise ConfigurationError(
            f"{name}(margin={margin}) is no difference of two rates that could be shown; "
            "give a number between 0 and 1, e.g. 0.1, or leave it out: the criterion then detects "
            "but never clears"
        )
