"""How much people's mean scores vary, slice by slice, and what the slices tell of each other.

A share of images has a variance that follows from its rate; a mean of other numbers has only the one that its
people show. Eight people show it badly, so slices lend each other theirs. But the mean of two images varies
more than the mean of sixteen, and how much more depends on how alike one person's images are, which sums of
scores do not tell. For FAIL a variance is lent as the most that it can be at the borrower's number of images;
PASS takes what it is under the correlation that PASS assumes, and never less than the borrower's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_audit.stats.differences.moments import Moments

__all__ = ["Variances", "pool_variances"]

# Prior degrees of freedom with which a slice's variance is drawn towards the pooled one, as for proportions.
_PRIOR = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Variances:
    """Variances of person values, of S slices.

    Attributes:
        share: shape (S, S): what a unit of the variance of slice t (column) adds to ``moderated`` of s.
        moderated: shape (..., S): the slice's own variance drawn towards the pooled one, each slice lending
            the most that its variance can be: for FAIL.
        larger: shape (..., S): the larger of its own variance and the pooled one, each slice lending what
            its variance is if images of one person are as alike as assumed: for PASS.
    """

    share: NDArray[np.float64]
    moderated: NDArray[np.float64]
    larger: NDArray[np.float64]


def pool_variances(found: Moments, alike: float) -> Variances:
    """Pool the variances of slices whose people may have different numbers of images.

    The variance of person means is B + W / m, with unknown parts between and within people. At m' images it
    is at most max(1, m / m') times that, and (r + (1 - r) / m') / (r + (1 - r) / m) times if images of one
    person correlate by r. Where the numbers are the same, both are 1, and the pooled variance is that of an
    analysis of variance.

    Args:
        found: moments of the slices over one set of labels.
        alike: the correlation r that is assumed for PASS.

    >>> from fer_audit.stats.differences.moments import moments
    >>> from fer_audit.stats.tally import Tally
    >>> two = Tally(np.arange(4), np.array([0, 0, 1, 1]), np.array([[0.0], [0.2], [0.8], [0.8]]),
    ...             np.array([[1.0], [1.0], [2.0], [2.0]]), ("a", "b"), ("anger",))
    >>> found = pool_variances(moments(two, np.array([0, 1]), np.array([0])), 0.2)
    >>> found.larger.round(4).tolist(), found.moderated.round(4).tolist()
    ([0.02, 0.006], [0.0109, 0.0091])
    """
    degrees = found.people - 1
    weight = degrees / degrees.sum()
    most = np.maximum(1.0, found.depth[None, :] / found.depth[:, None])
    share = (_PRIOR * most * weight + np.diag(degrees)) / (_PRIOR + degrees)[:, None]
    thin = alike + (1 - alike) / found.depth
    assumed = (found.variance / thin * weight).sum(-1, keepdims=True) * thin
    return Variances(share, found.variance @ share.T, np.maximum(found.variance, assumed))
