"""What a finished cell of ``fer-audit predict`` holds, and the pytest line that judges it."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

from fer_audit.inference.asking import count_ways
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from fer_audit.inference import Asking
    from fer_audit.models import ModelSpec
    from fer_audit.predictions import Predictions
    from fer_audit.store import Spent

__all__ = ["pytest_line", "summary"]


def summary(predictions: Predictions, model: ModelSpec, asking: Asking, spent: Spent) -> str:
    """People, pictures, kinds of answers and cost, in one line.

    Args:
        predictions: of the cell.
        model: of the cell.
        asking: on what terms it was asked.
        spent: what this run spent on it.
    """
    ways = count_ways(model, asking)
    faces = len(predictions.kind) // ways
    kinds = list(AnswerKind)
    # Rows that repeat a picture are one question: the first stands for it, in each way of asking.
    first: dict[tuple[int, int], int] = {}
    for row, (image, kind) in enumerate(
        zip(predictions.image.codes.tolist(), predictions.kind.tolist(), strict=True)
    ):
        first.setdefault((image, row // faces), kind)
    counts = Counter(kinds[kind] for kind in first.values())
    told = [f"{counts.pop(AnswerKind.ANSWERED, 0):,} answered"]
    told += [f"{count:,} {kind.value}" for kind, count in sorted(counts.items())]
    in_ways = f" in {ways} ways" if ways > 1 else ""
    cost = f"; ${spent.settled:,.4f} spent" if model.endpoint is not None else ""
    unsettled = f", ${spent.reserved:,.4f} not settled" if spent.reserved else ""
    return (
        f"{len(predictions.identity.levels):,} people, {len(predictions.image.levels):,} pictures{in_ways}: "
        f"{', '.join(told)}{cost}{unsettled}"
    )


def pytest_line(
    model: str, dataset: str, asking: Asking, *, store: str | None, limit_people: int | None
) -> str:
    """The command that judges what was stored.

    Args:
        model: as it was named on the command line.
        dataset: likewise.
        asking: in how many ways.
        store: the store's folder, where one was named.
        limit_people: how many people were asked about, where not all.
    """
    options = [f"--fer-model={model}", f"--fer-dataset={dataset}"]
    if asking.prompts > 1:
        options.append(f"--fer-prompts={asking.prompts}")
    if asking.repeats > 1:
        options.append(f"--fer-repeats={asking.repeats}")
    if limit_people is not None:
        options.append(f"--fer-limit-people={limit_people}")
    if store is not None:
        options.append(f"--fer-store={store}")
    return shlex.join(["pytest", *options])
