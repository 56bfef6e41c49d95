"""What a run would ask and what a cell holds: people, images and answers, counted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fer_audit.plugin.grid import case_of
from fer_audit.results import CellResult
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest

    from fer_audit.plugin.selection import Source
    from fer_audit.plugin.state import State
    from fer_audit.predictions import Predictions

__all__ = ["cell_result", "plan_lines"]


def cell_result(predictions: Predictions, *, unit: str) -> CellResult:
    """The summary of one gathered cell.

    Args:
        predictions: every answer.
        unit: what one identity is, as reports write it.
    """
    kinds = list(AnswerKind)
    # Repeats of one image are one question: its first row stands for it.
    first: dict[int, int] = {}
    for image, kind in zip(predictions.image.codes.tolist(), predictions.kind.tolist(), strict=True):
        first.setdefault(image, kind)
    answers = Counter(kinds[kind].value for kind in first.values())
    provenance = predictions.provenance
    return CellResult(
        model=provenance.model,
        dataset=provenance.dataset,
        unit=unit if predictions.identified else "picture",
        people=len(predictions.identity.levels),
        images=len(first),
        fingerprint=provenance.fingerprint,
        synthetic=provenance.synthetic,
        partial=provenance.partial,
        details=dict(provenance.details),
        answers=dict(sorted(answers.items())),
        labels=predictions.true.levels,
        notes=predictions.notes,
    )


def plan_lines(state: State, items: Sequence[pytest.Item]) -> Iterator[str]:
    """The audit plan that ends ``--collect-only``: what each cell would take, and the tests on each slicing.

    Datasets are opened for their people and images; no picture is read and no model loaded.
    """
    cases = [case for item in items if (case := case_of(item)) is not None]
    for source in state.selection.sources:
        slicings = Counter(case.slicing.name for case in cases if case.source.id == source.id)
        if not slicings:
            continue
        tests = ", ".join(f"{name}: {count}" for name, count in slicings.items())
        covariates = f"; covariates: {', '.join(source.measure)}" if source.measure else ""
        yield f"{source.id}: {_extent(state, source)}{covariates}; tests by slicing: {tests}"


def _extent(state: State, source: Source) -> str:
    if source.table is not None or source.model_spec is None or source.dataset_spec is None:
        return "a finished prediction table, nothing to ask"
    from fer_audit.inference import plan

    planned = plan(
        source.model_spec,
        source.dataset_spec,
        state.store,
        limit_people=state.limit_people,
        asking=state.asking,
    )
    ways = f" in {planned.ways} ways" if planned.ways > 1 else ""
    cost = f" (at most {planned.most_usd:.2f} US dollars)" if planned.most_usd is not None else ""
    return (
        f"{planned.people} people, {planned.images} images{ways}, "
        f"{planned.stored} answers stored, {planned.to_ask} to ask{cost}"
    )
