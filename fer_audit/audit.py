"""One cell under judgement: a model's predictions on a dataset, divided into groups one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from fer_audit.errors import ConfigurationError
from fer_audit.records import Provenance, Slicing
from fer_audit.stats.completeness import refuse_incomplete, refuse_many_groups, refuse_one_slice
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from fer_audit.baseline import Baseline
    from fer_audit.criteria import Criterion
    from fer_audit.predictions import Predictions
    from fer_audit.results import Verdict

__all__ = ["Audit"]


class Audit:
    """The judge of one cell: predictions of one model on one dataset, sliced one way.

    A verdict is a pure function of the predictions, the slicing and the settings: it depends on no other
    criterion, no order and no earlier call.

    Args:
        predictions: what the model answered.
        by: the slicing, e.g. ``"gender"`` or ``"gender*race"``.
        settings: error probability, floors and the least number of people.
        baseline: an earlier run on the same pictures, for criteria about a change.

    Raises:
        UnknownNameError: the predictions have no such attribute.
        ConfigurationError: the slicing makes more groups than can be compared, or fewer than two.
        IncompleteError: too many rows are absent or in error, overall or in one slice.
        BaselineError: the baseline asked another question, or does not hold this cell.
    """

    def __init__(
        self,
        predictions: Predictions,
        by: str | Slicing,
        *,
        settings: Settings | None = None,
        baseline: Baseline | None = None,
    ) -> None:
        slicing = by if isinstance(by, Slicing) else Slicing(by)
        known = [name for name in slicing.attributes if name in predictions.attributes]
        refuse_many_groups(slicing, [len(predictions.attributes[name].levels) for name in known])
        refuse_incomplete(predictions, slicing)
        self._prepare(count(predictions, slicing), predictions.provenance, settings, baseline, predictions)

    @classmethod
    def from_counts(
        cls,
        counts: Counts,
        *,
        provenance: Provenance | None = None,
        settings: Settings | None = None,
        baseline: Baseline | None = None,
    ) -> Self:
        """The judge of counts whose rows are not at hand, such as those of a table too large to hold.

        Criteria that look at rows say so when they are asked; all that look at counts give the verdict that
        the rows would have given.

        Args:
            counts: images per person, slice, true label and response.
            provenance: names of model and dataset, for reports.
            settings: error probability, floors and the least number of people.
            baseline: an earlier run on the same pictures, for criteria about a change.

        Raises:
            BaselineError: the baseline asked another question, or does not hold this cell.
        """
        audit = cls.__new__(cls)
        origin = provenance or Provenance(model="predictions", dataset="table")
        audit._prepare(counts, origin, settings, baseline, None)  # noqa: SLF001 - an instance of its own
        return audit

    def _prepare(
        self,
        counts: Counts,
        provenance: Provenance,
        settings: Settings | None,
        baseline: Baseline | None,
        predictions: Predictions | None,
    ) -> None:
        self._provenance = provenance
        self._settings = settings or Settings()
        refuse_one_slice(counts)
        earlier = None if baseline is None else baseline.counts(counts, provenance)
        self._evidence = Evidence(counts, predictions, earlier)
        self._verdicts: list[Verdict] = []

    @property
    def model(self) -> str:
        """Short name of the model."""
        return self._provenance.model

    @property
    def dataset(self) -> str:
        """Short name of the dataset."""
        return self._provenance.dataset

    @property
    def slicing(self) -> Slicing:
        """How people are grouped."""
        return self._evidence.counts.slicing

    @property
    def counts(self) -> Counts:
        """Images per person, level, true label and response: all that a criterion looks at."""
        return self._evidence.counts

    @property
    def predictions(self) -> Predictions:
        """The rows behind the counts.

        Raises:
            ConfigurationError: only counts were kept.
        """
        rows = self._evidence.predictions
        if rows is None:
            raise ConfigurationError(
                "only counts were kept of these answers, and this needs them picture by picture; read them "
                "with Predictions.read, and give Audit the predictions"
            )
        return rows

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What was required so far."""
        return tuple(self._verdicts)

    def judge(self, criterion: Criterion) -> Verdict:
        """What the data say about one criterion.

        Raises:
            UnknownNameError: the criterion conditions on a label that nobody knows.
        """
        return criterion.decide(self._evidence, self._settings)

    def require(self, criterion: Criterion) -> Verdict:
        """Judge a criterion and hold the result against the test: FAIL > INCONCLUSIVE > PASS.

        Raises:
            UnknownNameError: see ``judge``.
        """
        verdict = self.judge(criterion)
        self._verdicts.append(verdict)
        return verdict

    def renewed(self) -> Audit:
        """The same judge with nothing required yet: it shares the counts, which cost the most."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, _verdicts=[])
        return other
