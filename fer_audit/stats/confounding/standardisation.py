"""g-computation: what every slice's rate would be, had its people the covariates of everybody.

A logistic regression of the event on slice, label and covariates predicts each image as if it belonged to
each slice in turn; the mean of those predictions over everybody is the slice's adjusted rate. Two slices are
then compared over the same faces, lights and poses. Robins (1986), Mathematical Modelling 7, 1393; Snowden,
Rose and Mortimer (2011), American Journal of Epidemiology 173, 731.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from fer_audit.stats.confounding.logistic import fit_logistic
from fer_audit.stats.tally import rounded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.confounding.observations import Observations

__all__ = ["MOST_DELETED", "SLICE_RIDGE", "TERM_RIDGE", "Standardised", "standardise"]

MOST_DELETED = 500
"""People that are left out one at a time; more are left out in so many groups."""

SLICE_RIDGE = 1e-4
"""Penalty of slices and labels: only so much that a slice without an error keeps a finite coefficient."""

TERM_RIDGE = 1e-2
"""Penalty of covariates, in people: where a dozen errors leave a coefficient open it stays below about 10
standard deviations' worth of log odds; 100 people at an accuracy of .9 move it by a tenth of a percent."""

# Numbers in one block of refits: enough for numpy, few enough for memory.
_BLOCK = 2_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Standardised:
    """Adjusted rates, and what they become when people are left out; S slices, L labels, R refits.

    Attributes:
        rates: shape (S, L): over the people who have the label, in any slice.
        without: shape (R, S, L): the same with one person, or one group of people, left out.
        member: shape (people, S): who of the R is in which slice; None where groups were left out.
        people: shape (S,): people of each slice.
    """

    rates: NDArray[np.float64]
    without: NDArray[np.float64]
    member: NDArray[np.bool_] | None
    people: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """Rows made ready for refitting.

    Attributes:
        seen: the rows.
        design: shape (N, S + L - 1 + K): slices, labels but the first, covariates.
        penalty: shape (columns,).
        person: shape (N,): 0..P-1.
        cell: shape (N,): slice and label.
        holds: shape (P, S, L): who has which label in which slice.
        own: shape (N,): share of the row among the person's in its slice and label.
        pooled: shape (N,): the same among the person's of its label in all slices.
    """

    seen: Observations
    design: NDArray[np.float64]
    penalty: NDArray[np.float64]
    person: NDArray[np.int64]
    cell: NDArray[np.int64]
    holds: NDArray[np.bool_]
    own: NDArray[np.float64]
    pooled: NDArray[np.float64]

    def weights(self, kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Shape (B, N): in each slice every label counts the same, of each label every person.

        Args:
            kept: shape (B, P): who takes part.
        """
        holders = np.einsum("bp,psl->bsl", kept.astype(np.float64), self.holds.astype(np.float64))
        people = kept.astype(np.float64) @ self.holds.any(axis=2).astype(np.float64)
        labels = (holders > 0).sum(axis=2)
        factor = people[:, :, None] / np.maximum(labels[:, :, None] * holders, 1)
        return np.asarray(factor.reshape(len(kept), -1)[:, self.cell] * self.own * kept[:, self.person])

    def predict(self, fits: NDArray[np.float64], kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Shape (B, S, L): mean prediction of each slice over the people of each label.

        Args:
            fits: shape (B, columns).
            kept: shape (B, P): over whom.
        """
        slices, labels = len(self.seen.levels), len(self.seen.labels)
        rest = fits[:, slices:] @ self.design[:, slices:].T
        rates = np.zeros((len(fits), slices, labels))
        for label in np.unique(self.seen.label):
            rows = np.flatnonzero(self.seen.label == label)
            weight = self.pooled[rows] * kept[:, self.person[rows]]
            weight = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
            for level in range(slices):
                chance = expit(rest[:, rows] + fits[:, level, None])
                rates[:, level, label] = (weight * chance).sum(axis=1)
        return rates


def standardise(seen: Observations) -> Standardised:
    """Adjusted rates of every slice and label, and all refits of the jackknife.

    Up to 500 people are left out one at a time. More are divided into 500 groups, dealt out in an order that
    depends on the data alone, and one group is left out at a time: Kott (2001), Journal of Official
    Statistics 17, 521.

    Args:
        seen: rows of labels that enough people have.
    """
    model = _prepare(seen)
    people = len(model.holds)
    everybody = np.ones((1, people), dtype=np.bool_)
    whole = fit_logistic(model.design, seen.event, model.weights(everybody), model.penalty)
    groups = _groups(model)
    refits = int(groups.max(initial=-1)) + 1
    without = np.zeros((refits, len(seen.levels), len(seen.labels)))
    chunk = max(1, _BLOCK // max(1, len(seen.event)))
    for begin in range(0, refits, chunk):
        left_out = np.arange(begin, min(begin + chunk, refits))
        kept = groups[None, :] != left_out[:, None]
        fits = fit_logistic(model.design, seen.event, model.weights(kept), model.penalty, whole[0])
        without[left_out] = model.predict(fits, kept)
    member = np.asarray(model.holds.any(axis=2))
    return Standardised(
        rates=model.predict(whole, everybody)[0],
        without=without,
        member=member if refits == people else None,
        people=member.sum(axis=0),
    )


def _prepare(seen: Observations) -> _Model:
    slices, labels = len(seen.levels), len(seen.labels)
    names, person = np.unique(seen.person, return_inverse=True)
    person = person.ravel().astype(np.int64)
    cell = seen.level * labels + seen.label
    holds = np.zeros((len(names), slices * labels), dtype=np.bool_)
    holds[person, cell] = True
    design = np.concatenate(
        [np.eye(slices)[seen.level], np.eye(labels)[seen.label][:, 1:], seen.terms], axis=1
    )
    penalty = np.repeat([SLICE_RIDGE, TERM_RIDGE], [slices + labels - 1, seen.terms.shape[1]])
    return _Model(
        seen=seen,
        design=design,
        penalty=penalty,
        person=person,
        cell=cell,
        holds=holds.reshape(len(names), slices, labels),
        own=_shares_within(seen.share, person * slices * labels + cell),
        pooled=_shares_within(seen.share, person * labels + seen.label),
    )


def _shares_within(share: NDArray[np.float64], group: NDArray[np.int64]) -> NDArray[np.float64]:
    total = np.bincount(group, share)
    return np.asarray(share / total[group])


def _groups(model: _Model) -> NDArray[np.int64]:
    """Shape (P,): with whom each person is left out; alone where there are few."""
    people = len(model.holds)
    if people <= MOST_DELETED:
        return np.arange(people)
    weight = model.own
    columns = (model.seen.event, *model.seen.terms.T)
    contents = [np.bincount(model.person, weight * column, people) for column in columns]
    order = np.lexsort([rounded(values.astype(np.float64)) for values in contents])
    groups = np.empty(people, dtype=np.int64)
    groups[order] = np.arange(people) % MOST_DELETED
    return groups
