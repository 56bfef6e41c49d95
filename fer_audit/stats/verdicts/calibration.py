"""The debiased calibration error of every slice, beside a verdict about confidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.results import Aside
from fer_audit.stats.scores.calibration import calibration_error
from fer_audit.stats.slicing import cut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.results import Verdict
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.settings import Settings

__all__ = ["show_calibration"]

_COLUMNS = ("group", "people", "images", "mean confidence", "right", "calibration error", "its square")
_NOTE = (
    "How far confidence and the share of right answers lie apart over bins of confidence: the root of a mean "
    "square from which what chance alone would show is taken away, 0 where chance explains all of it. An "
    "estimate without bounds, which decides nothing."
)


def show_calibration(
    verdict: Verdict, predictions: Predictions, counts: Counts, settings: Settings
) -> Verdict:
    """A verdict with the calibration error of every slice as a table beside it.

    It takes single answers, which no counts hold; so it is no part of the judgement.

    Args:
        verdict: about overconfidence or the Brier score.
        predictions: the rows behind the counts.
        counts: the slicing, and whether people are known.
        settings: for the fewest people that are told of.
    """
    slices = cut(predictions, counts.slicing)
    confidence = predictions.confidence
    if confidence is None:
        return verdict
    given = np.isfinite(confidence) & (predictions.kind == 0)
    weight = _weigh(predictions, given)
    right = (predictions.predicted.codes == predictions.true.codes).astype(np.float64)
    person = predictions.identity.codes.astype(np.int64)
    rows = []
    for level, name in enumerate(slices.levels):
        here = np.flatnonzero(given & (slices.codes == level))
        found = calibration_error(
            confidence[here], right[here], person[here], weight[here], inflation=counts.inflation
        )
        if found is None or found.people < settings.least_people:
            people = len(np.unique(person[here]))
            rows.append((name, f"{people}", f"{weight[here].sum():.0f}", "", "", "too few people", ""))
            continue
        rows.append(
            (
                name,
                f"{found.people}",
                f"{found.images:.0f}",
                f"{found.confidence:.3f}",
                f"{found.accuracy:.3f}",
                f"{found.error:.3f}",
                f"{found.squared:.4f}",
            )
        )
    aside = Aside("Calibration error, debiased", _COLUMNS, tuple(rows), _NOTE)
    return replace(verdict, asides=(*verdict.asides, aside))


def _weigh(predictions: Predictions, given: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Shape (rows,): rows of an image share a weight of 1, each wording the same and its rows its part."""
    image = predictions.image.codes.astype(np.int64)
    prompt = np.zeros(len(image), dtype=np.int64)
    if predictions.prompt is not None:
        prompt = predictions.prompt.codes.astype(np.int64)
    wording = image * (int(prompt.max(initial=0)) + 1) + prompt
    weight = np.zeros(len(image))
    asked, place, times = np.unique(wording[given], return_inverse=True, return_counts=True)
    wordings = np.bincount(asked // (int(prompt.max(initial=0)) + 1), minlength=int(image.max(initial=0)) + 1)
    weight[given] = 1.0 / (times[place.ravel()] * wordings[image[given]])
    return weight
