"""What every verdict adds to its numbers: assumptions, and what was left out of the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.differences.decision import Gaps
    from fer_audit.stats.planning.control import Control
    from fer_audit.stats.settings import Settings

__all__ = ["list_remarks", "nothing_compared", "remark_blindness"]


def list_remarks(counts: Counts, gaps: Gaps, settings: Settings) -> tuple[str, ...]:
    """The settings, labels that could not be compared, empty slices, repeated questions, rows of no slice.

    Args:
        counts: what was judged.
        gaps: what could not be.
        settings: error rate, floors and the fewest people.
    """
    remarks = [settings.note]
    if gaps.labels_left_out:
        remarks.append(
            f"labels left out, fewer than {settings.least_people} people have them in two slices: "
            f"{', '.join(gaps.labels_left_out)}"
        )
    if gaps.labels_in_part:
        remarks.append(f"labels compared in some pairs only: {', '.join(gaps.labels_in_part)}")
    if counts.empty:
        remarks.append(f"nobody belongs to: {', '.join(counts.empty)}")
    if counts.repeats:
        remarks.append(f"{counts.repeats} rows asked again about an image and were averaged with it")
    if counts.missing:
        remarks.append(f"{counts.missing} rows have no value of {counts.slicing.name} and belong to no slice")
    return tuple(remarks)


def remark_blindness(control: Control | None) -> tuple[str, ...]:
    """That the criterion would not notice twice its tolerance in these data; nothing where it would.

    Args:
        control: what was planted; None where the control was not asked for.
    """
    return (control.note,) if control is not None and control.blind else ()


def nothing_compared(assessable: tuple[str, ...]) -> str:
    """Why there is no comparison at all.

    Args:
        assessable: names of the slices with enough people.

    >>> nothing_compared(("old",))
    'only one slice can be assessed, old: there is nothing to compare it with'
    """
    if len(assessable) == 1:
        return f"only one slice can be assessed, {assessable[0]}: there is nothing to compare it with"
    return "no two slices have enough people to be compared"
