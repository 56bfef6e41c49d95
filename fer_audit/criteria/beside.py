"""A demand with the significance test of published audits beside it, for information."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.criteria.criterion import Criterion
from fer_audit.criteria.levels import check_proportion
from fer_audit.errors import ConfigurationError
from fer_audit.stats.verdicts.image_test import show_image_test

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["BesideZTest"]


@dataclass(frozen=True, slots=True, repr=False)
class BesideZTest:
    """A demand, judged as it is without this, and the two-proportion z-test on images shown beside it.

    The z-test takes the images of one person as independent, as published audits do. It never decides: the
    verdict is the demand's own, and is named as it.

    Attributes:
        criterion: the demand.

    Raises:
        ConfigurationError: no criterion, or one whose measure is no share of images.

    >>> from fer_audit.criteria.gap import Gap
    >>> from fer_audit.stats.measures import accuracy
    >>> BesideZTest(Gap(accuracy, at_most=0.1))
    BesideZTest(Gap(accuracy, at_most=0.1))
    """

    criterion: Criterion

    def __post_init__(self) -> None:
        if not isinstance(self.criterion, Criterion):
            raise ConfigurationError(
                f"BesideZTest was given {self.criterion!r:.60}, which is no criterion; write e.g. "
                "BesideZTest(Gap(accuracy, at_most=0.1))"
            )
        check_proportion("BesideZTest", self.measure)

    def __repr__(self) -> str:
        return f"BesideZTest({self.criterion!r})"

    @property
    def measure(self) -> Measure:
        """The measure of the demand, whose images the z-test counts."""
        return self.criterion.measure

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """The verdict of the demand, with a table beside it.

        Raises:
            FerAuditError: see the demand's own.
        """
        verdict = self.criterion.decide(evidence, settings)
        return show_image_test(verdict, self.measure.tally(evidence.counts))
