"""A whole verdict over 320 slices, counting included, against fairlearn's bare point estimates.

Run it by itself: `python benchmarks/verdict_320.py`. Needs the group `benchmarks`. One line: name, ours,
peer, ratio, target. Ours judges Gap(accuracy) over all 51,040 pairs of slices, with both bounds and an
adjusted p each; the verdict is decided, and its positive control is left out. fairlearn gives accuracy and
recalls.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from counting import LABELS, SIZES, Rows, made, with_fairlearn
from measuring import Figure, alternate

from fer_audit import Audit, Predictions, accuracy
from fer_audit.stats.settings import Settings
from fer_audit.stats.verdicts.gap import judge_gap
from fer_audit.tables import Column

if TYPE_CHECKING:
    from collections.abc import Callable

    from counting import Rates

    from fer_audit.results import Verdict

NAMES = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
TOLERANCE = 0.3


def predictions_of(rows: Rows) -> Predictions:
    """The rows as a prediction table of people who are each in one slice, 20 images each."""
    number = len(rows.true)
    people = int(rows.person.max()) + 1
    person = rows.person
    refused = rows.answer == LABELS
    return Predictions(
        identity=Column(person, tuple(f"p{one}" for one in range(people))),
        image=Column(np.arange(number, dtype=np.int32), tuple(map(str, range(number)))),
        true=Column(rows.true, NAMES),
        predicted=Column(np.where(refused, -1, rows.answer).astype(np.int32), NAMES),
        kind=refused.astype(np.int8),
        attributes={
            name: Column(codes, tuple(f"{one:02d}" for one in range(size)))
            for (name, size), codes in zip(SIZES.items(), rows.attributes, strict=True)
        },
    )


def judge(predictions: Predictions) -> Verdict:
    """Count, compare, decide."""
    counts = Audit(predictions, "*".join(SIZES)).counts
    return judge_gap(counts, accuracy, TOLERANCE, Settings(), criterion="Gap(accuracy)", plan=False)


def measure(rows: int, runs: int, peer: Callable[[Rows], Rates] = with_fairlearn) -> Figure:
    """Both sides on the same rows; the accuracies of slices that the verdict compares must agree."""
    data = made(rows)
    # Every image is answered: weighing non-answers compares twice as many slices, and is another figure.
    data = replace(data, answer=np.where(data.answer == LABELS, np.int32(0), data.answer))
    predictions = predictions_of(data)
    both = alternate(lambda: judge(predictions), lambda: peer(data), runs)
    rate = both.expected.recalls.mean(axis=1)
    level = {
        "*".join(f"{code:02d}" for code in np.unravel_index(slice_, tuple(SIZES.values()))): slice_
        for slice_ in range(len(rate))
    }
    for pair in both.found.comparisons[:: max(1, len(both.found.comparisons) // 200)]:
        # The verdict averages people, and the peer images: five standard errors of a slice apart at most.
        np.testing.assert_allclose(
            pair.value_a, rate[level[pair.a]], atol=5 * np.sqrt(0.15 * len(rate) / rows)
        )
    name = f"verdict over 320 slices, {rows:.0e} rows, {both.found.outcome}"
    return Figure(name, both.ours, peer.__name__.removeprefix("with_"), both.peers, ">= 20")


def main() -> None:
    """Measure and print."""
    print(measure(1_000_000, 2))


if __name__ == "__main__":
    main()
