"""What a scan finds: where nothing differs, and where one confusion of one slice does."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fer_audit.stats.measures import misclassification
from fer_audit.stats.scanning.scan import scan_confusions
from fer_audit.stats.settings import Settings
from simulation.confusions import Confusions, draw_confused
from simulation.questions import Property

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from fer_audit.stats.scanning.scan import Finding
    from simulation.worlds import World

__all__ = ["AskScan"]


@dataclass(frozen=True, slots=True)
class AskScan:
    """Is any label misread in some way more often in one slice than in another?

    Attributes:
        confusions: what misread pictures are taken for.
        alpha: level of the scan over everything it looks at.
        rearrangements: of each table; an audit takes 9,999.
        settings: floors and the fewest people.
        batch: tables a set of people and images.
    """

    confusions: Confusions = field(default_factory=Confusions)
    alpha: float = 0.05
    rearrangements: int = 499
    settings: Settings = field(default_factory=Settings)
    batch: int = 50

    @property
    def asks(self) -> tuple[str, ...]:
        """The scan."""
        return ("fer_audit.stats.scanning.scan",)

    def count(self, world: World, runs: int, generator: np.random.Generator) -> Mapping[Property, int]:
        """Scans that decide on a comparison whose rates are equal, and scans that name what is planted."""
        false = named = 0
        for counts in draw_confused(world, self.confusions, runs, generator):
            scan = scan_confusions(
                counts,
                self.settings,
                criterion="simulation",
                alpha=self.alpha,
                replicates=self.rearrangements,
                version="simulation",
            )
            deciding = [finding for finding in scan.findings if finding.decides(self.alpha)]
            false += any(not self._differs(finding) for finding in deciding)
            named += any(self._is_planted(finding) for finding in deciding)
        return {Property.FALSE_FINDING: false, Property.NAMED: named}

    def _differs(self, finding: Finding) -> bool:
        """The truth: only pairs with the first slice differ, and only in the planted confusion."""
        return self.confusions.planted > 0 and finding.measure == _PLANTED and "s0" in {finding.a, finding.b}

    def _is_planted(self, finding: Finding) -> bool:
        """The right confusion, and the right slice said to have more of it."""
        return self.confusions.planted > 0 and finding.measure == _PLANTED and finding.a == "s0"


_PLANTED = misclassification("l0", "l1")
