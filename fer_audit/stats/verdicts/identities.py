"""Verdicts about pictures of unknown people: open unless it is declared how many of them one person may have.

Pictures of one person resemble each other, so that taking each for a person of its own overstates what is
known: a false PASS or FAIL then has a probability of about Phi(-1.645 / sqrt(deff)), and more pictures do not
help. If nobody is in more than K pictures, the variance is at most 1 + 0.6 (K - 1) times what strangers show.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fer_audit.results import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.results import Verdict
    from fer_audit.stats.counts import Counts

__all__ = ["judge_unknown"]

_MOST_TRIED = 1_000_000


def judge_unknown(judge: Callable[[Counts, bool], Verdict], counts: Counts) -> Verdict:
    """A verdict about counts whose people may be unknown.

    Args:
        judge: judges counts, reckoning with their inflation; told whether to look for people needed.
        counts: of known people, which are judged as they are; or of pictures.

    Returns:
        Of pictures without a declaration an INCONCLUSIVE that says up to which K it would hold.
    """
    if counts.identified:
        return judge(counts, True)
    if counts.most_images is not None:
        found = judge(counts, True)
        told = (
            f"nobody knows who is in which picture: every picture counts as one person, and as the dataset "
            f"declares at most {counts.most_images} of one person every variance is taken "
            f"{counts.inflation:.1f} times"
        )
        return replace(found, notes=(*found.notes, told))
    alone = judge(replace(counts, most_images=1), True)
    told = (
        "nobody knows who is in which picture, and the dataset does not declare in how many pictures one "
        "person may be (max_images_per_person)"
    )
    if alone.outcome is Outcome.INCONCLUSIVE:
        return replace(alone, reason=f"{alone.reason}; besides, {told}", people_needed={})

    def holds(images: int) -> bool:
        return judge(replace(counts, most_images=images), False).outcome is alone.outcome

    most = _largest(holds)
    often = "however often one person occurs"
    who = often if most is None else f"if no person occurs in more than {most} images"
    return replace(
        alone,
        outcome=Outcome.INCONCLUSIVE,
        # A p that takes every picture for a person of its own would be reported as if it were one.
        p=None,
        reason=f"{told}; it would {alone.outcome.name} {who}: {alone.reason}",
    )


def _largest(holds: Callable[[int], bool]) -> int | None:
    """The largest K for which a verdict holds that holds for 1; None beyond any that matters."""
    low, high = 1, 2
    while holds(high):
        low, high = high, 2 * high
        if low > _MOST_TRIED:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low
