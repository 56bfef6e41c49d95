"""Whether data are whole enough, and divided into few enough groups, for any verdict."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError, IncompleteError
from fer_audit.predictions import LEAST_PRESENT, MOST_ERRORS
from fer_audit.stats.slicing import cut
from fer_audit.stats.tabulation import tabulate
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from fer_audit.predictions import Predictions
    from fer_audit.records import Slicing
    from fer_audit.stats.counts import Counts

__all__ = ["refuse_gaps", "refuse_incomplete", "refuse_many_groups", "refuse_one_slice"]

# Every pair of groups is a comparison: beyond this a report is a wall, and most columns are no groups at all.
_MOST_LEVELS = 400
_ERROR, _ABSENT = (list(AnswerKind).index(kind) for kind in (AnswerKind.ERROR, AnswerKind.ABSENT))


def refuse_many_groups(slicing: Slicing, sizes: Sequence[int]) -> None:
    """Refuse a slicing into more groups than can be compared.

    Args:
        slicing: how people are grouped.
        sizes: how many values each of its attributes has.

    Raises:
        ConfigurationError: there are more than 400 combinations.
    """
    if prod(sizes) > _MOST_LEVELS:
        raise ConfigurationError(
            f"slicing {slicing.name!r} has {prod(sizes):,} groups, at most {_MOST_LEVELS} can be compared; "
            "put its values into bands, or choose other columns (--fer-slices, or the slices marker)"
        )


def refuse_one_slice(counts: Counts) -> None:
    """Refuse counts of one slice or none: two with too few people are a question, one is none.

    Raises:
        ConfigurationError: there is nothing to compare.
    """
    if len(counts.levels) > 1:
        return
    slicing = counts.slicing
    if counts.levels:
        found = f"makes one slice only, {counts.levels[0]!r}, and there is nothing to compare it with"
    else:
        found = "makes no slice"
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


def refuse_incomplete(predictions: Predictions, slicing: Slicing) -> None:
    """Refuse predictions of which too many are absent or in error, overall or in one slice.

    Raises:
        UnknownNameError: an attribute that the predictions do not have.
        IncompleteError: less is there, or more is broken, than a verdict bears.
    """
    if not (predictions.kind >= min(_ABSENT, _ERROR)).any():
        return
    groups = cut(predictions, slicing)
    # Rows that belong to no slice, code -1, come first.
    sizes = (len(groups.levels) + 1, len(AnswerKind))
    kinds = tabulate([groups.codes + 1, predictions.kind], sizes)
    refuse_gaps(kinds, slicing, groups.levels, predictions.faults)


def refuse_gaps(
    kinds: NDArray[np.int64], slicing: Slicing, levels: Sequence[str], faults: Sequence[str] = ()
) -> None:
    """Refuse numbers of answers of which too many are absent or in error, overall or in one slice.

    Args:
        kinds: shape (1 + levels, kinds of answers): rows; the first line is of those in no slice.
        slicing: what the levels are levels of.
        levels: slices by name.
        faults: why rows are in error or absent, as far as it is known.

    Raises:
        IncompleteError: less is there, or more is broken, than a verdict bears.
    """
    why = f"; first: {faults[0]}" if faults else ""
    places = ["overall", *(f"in {slicing.name} = {level}" for level in levels)]
    for where, row in zip(places, [kinds.sum(0), *kinds[1:]], strict=True):
        total, missing, broken = int(row.sum()), int(row[_ABSENT]), int(row[_ERROR])
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
