"""Measures and criteria: what may be demanded of a model."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import strategies as st

from fer_audit.criteria import Flips, Gap, NoAssociation, Ratio
from fer_audit.stats.measures import (
    Measure,
    accuracy,
    brier,
    misclassification,
    overconfidence,
    recall,
    refusals,
)
from fer_audit.strategies.designs import LABELS

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["associations", "criteria", "flips", "gaps", "measures", "ratios", "scores"]

AnyCriterion: TypeAlias = Gap | Ratio | NoAssociation


def measures(labels: Sequence[str] = LABELS) -> st.SearchStrategy[Measure]:
    """Shares of images: accuracy first, then refusals, recalls and misclassifications of these labels."""
    general = [accuracy, refusals, accuracy.answered]
    recalls = [one for label in labels for one in (recall(label), recall(label).answered)]
    confusions = [misclassification(true, predicted) for true, predicted in permutations(labels, 2)]
    return st.sampled_from([*general, *recalls, *confusions])


def scores() -> st.SearchStrategy[Measure]:
    """Overconfidence and Brier score, of tables whose answers carry a confidence."""
    return st.sampled_from([overconfidence, brier])


def gaps(
    labels: Sequence[str] = LABELS, *, of: st.SearchStrategy[Measure] | None = None
) -> st.SearchStrategy[Gap]:
    """Largest differences allowed, in whole points.

    Args:
        labels: what recalls and misclassifications are of.
        of: what is compared, e.g. ``scores()``; by default any share of images.
    """
    compared = measures(labels) if of is None else of
    return st.builds(Gap, compared, at_most=st.integers(1, 99).map(lambda points: points / 100))


def ratios(labels: Sequence[str] = LABELS) -> st.SearchStrategy[Ratio]:
    """Largest ratios allowed, from 1.05 to 5, each with the difference that is acceptable anyway."""
    return st.builds(
        Ratio,
        measures(labels),
        at_most=st.integers(21, 100).map(lambda twentieths: twentieths / 20),
        difference=st.integers(0, 30).map(lambda points: points / 100),
    )


def associations(labels: Sequence[str] = LABELS) -> st.SearchStrategy[NoAssociation]:
    """Tests of association, with a margin and without."""
    return st.builds(
        NoAssociation,
        measures(labels),
        alpha=st.sampled_from([0.05, 0.01, 0.1]),
        margin=st.none() | st.integers(1, 99).map(lambda points: points / 100),
    )


def flips() -> st.SearchStrategy[Flips]:
    """Shares of faces whose answer may change, in whole points.

    No table without people in several slices can be judged by one, so that `criteria` draws none.
    """
    return st.builds(Flips, at_most=st.integers(1, 99).map(lambda points: points / 100))


def criteria(labels: Sequence[str] = LABELS) -> st.SearchStrategy[AnyCriterion]:
    """Any criterion over these labels."""
    return st.one_of(gaps(labels), ratios(labels), associations(labels))
