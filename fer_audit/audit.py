"""One cell under judgement: a model's predictions on a dataset, divided into groups one way."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.errors import ConfigurationError, IncompleteError
from fer_audit.predictions import LEAST_PRESENT, MOST_ERRORS
from fer_audit.records import Slicing
from fer_audit.stats.counts import Counts, count
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.settings import Settings
from fer_audit.stats.slicing import cut
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from fer_audit.baseline import Baseline
    from fer_audit.criteria import Criterion
    from fer_audit.predictions import Predictions
    from fer_audit.results import Verdict

__all__ = ["Audit"]

# Every pair of groups is a comparison: beyond this a report is a wall, and most columns are no groups at all.
_MOST_LEVELS = 400


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
        self._predictions = predictions
        self._slicing = by if isinstance(by, Slicing) else Slicing(by)
        self._settings = settings or Settings()
        _check_levels(predictions, self._slicing)
        _check_complete(predictions, self._slicing)
        counts = count(predictions, self._slicing)
        _check_slices(counts, len(predictions))
        earlier = None if baseline is None else baseline.counts(counts, predictions.provenance)
        self._evidence = Evidence(counts, predictions, earlier)
        self._verdicts: list[Verdict] = []

    @property
    def model(self) -> str:
        """Short name of the model."""
        return self._predictions.provenance.model

    @property
    def dataset(self) -> str:
        """Short name of the dataset."""
        return self._predictions.provenance.dataset

    @property
    def slicing(self) -> Slicing:
        """How people are grouped."""
        return self._slicing

    @property
    def counts(self) -> Counts:
        """Images per person, level, true label and response: all that a criterion looks at."""
        return self._evidence.counts

    @property
    def predictions(self) -> Predictions:
        """The rows behind the counts."""
        return self._predictions

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


def _check_levels(predictions: Predictions, slicing: Slicing) -> None:
    sizes = [len(predictions.attributes[a].levels) for a in slicing.attributes if a in predictions.attributes]
    if prod(sizes) > _MOST_LEVELS:
        raise ConfigurationError(
            f"slicing {slicing.name!r} has {prod(sizes):,} groups, at most {_MOST_LEVELS} can be compared; "
            "put its values into bands, or choose other columns (--fer-slices, or the slices marker)"
        )


def _check_slices(counts: Counts, rows: int) -> None:
    """Two slices with too few people are INCONCLUSIVE; with one there is no question to be asked."""
    if len(counts.levels) > 1:
        return
    slicing = counts.slicing
    if counts.levels:
        found = f"makes one slice only, {counts.levels[0]!r}, and there is nothing to compare it with"
    else:
        found = f"makes no slice of {rows} rows"
    gone = [f"{level!r} ({reason})" for level, reason in slicing.without]
    parts = [
        f"it leaves out {', '.join(gone)}" if gone else "",
        f"{counts.missing} row{'s' if counts.missing > 1 else ''} without a value" if counts.missing else "",
    ]
    why = "".join(f"; {part}" for part in parts if part)
    raise ConfigurationError(
        f"slicing {slicing.name!r} {found}{why}. Slice by a column with two values or more (--fer-slices, or "
        "the slices marker), or complete the data"
    )


def _check_complete(predictions: Predictions, slicing: Slicing) -> None:
    kinds = list(AnswerKind)
    error = predictions.kind == kinds.index(AnswerKind.ERROR)
    absent = predictions.kind == kinds.index(AnswerKind.ABSENT)
    if not (error | absent).any():
        return
    groups = cut(predictions, slicing)
    parts = [("overall", np.ones(len(predictions), dtype=bool))]
    parts += [(f"in {slicing.name} = {level}", groups.codes == i) for i, level in enumerate(groups.levels)]
    why = f"; first: {predictions.faults[0]}" if predictions.faults else ""
    for where, rows in parts:
        total = int(rows.sum())
        missing, broken = int((absent & rows).sum()), int((error & rows).sum())
        if total and total - missing < LEAST_PRESENT * total:
            raise IncompleteError(
                f"{missing} of {total} images have no answer {where} (at least {LEAST_PRESENT:.0%} must be "
                f"there){why}. Nothing follows from the rest: complete the data and run again"
            )
        if broken > MOST_ERRORS * total:
            raise IncompleteError(
                f"{broken} of {total} answers are errors {where} (at most {MOST_ERRORS:.0%} may be){why}. "
                "A crash is no evidence of bias: mend the model and run again"
            )
