"""What every demand is: a value that can be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["Criterion"]


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
