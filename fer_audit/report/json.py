"""``report.json``: everything a run found, for machines; the other reports draw from the same values.

Strict JSON: what is not a finite number is ``null``, and a comparison names its infinite fields under
``unbounded``. No time, no path and no host: the same findings give the same bytes.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, TypeAlias

from fer_audit.report.comparisons import standing
from fer_audit.report.overall import alpha_of, gate, unit_of
from fer_audit.report.sentences import sentence
from fer_audit.report.unanswered import answer_kinds
from fer_audit.results import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fer_audit.report.cells import CellTable
    from fer_audit.report.unanswered import Kinds
    from fer_audit.results import CellResult, Comparison, Record, RunResult, Verdict

    Json: TypeAlias = str | float | bool | Sequence["Json"] | Mapping[str, "Json"] | None

__all__ = ["SCHEMA", "render_json"]

SCHEMA = 1
"""Version of the layout; a reader refuses a newer one."""


def render_json(result: RunResult, cells: Sequence[CellTable] = ()) -> str:
    """The text of ``report.json``: keys sorted, one line a value, ending in a newline.

    Args:
        result: what the run found.
        cells: the answers behind it, for kinds of answer by slice; without them there are none.
    """
    document: Json = {
        "schema": SCHEMA,
        "partial": result.partial,
        "run": result.run,
        "gate": gate(result).sentence,
        "errors": [{"test": f.test, "cell": f.cell, "reason": f.reason} for f in result.faults],
        "cells": [_cell(cell) for cell in result.cells],
        "verdicts": [_record(result, record) for record in result.records],
        "settings": result.settings,
        "answer_kinds": [_kinds(kinds) for kinds in answer_kinds(result, cells)],
    }
    return json.dumps(document, allow_nan=False, indent=1, sort_keys=True) + "\n"


def _cell(cell: CellResult) -> Json:
    return {
        "model": cell.model,
        "dataset": cell.dataset,
        "unit": cell.unit,
        "people": cell.people,
        "images": cell.images,
        "fingerprint": cell.fingerprint,
        "synthetic": cell.synthetic,
        "partial": cell.partial,
        "details": cell.details,
        "answers": cell.answers,
        "labels": cell.labels,
        "notes": cell.notes,
    }


def _kinds(kinds: Kinds) -> Json:
    return {
        "model": kinds.model,
        "dataset": kinds.dataset,
        "slicing": kinds.slicing,
        "slices": [
            {
                "level": row.level or None,
                "answers": row.asked,
                "counts": dict(zip(kinds.kinds, row.counts, strict=True)),
                "shares": dict(zip(kinds.kinds, row.shares, strict=True)),
            }
            for row in kinds.rows
        ],
    }


def _record(result: RunResult, record: Record) -> Json:
    verdict = record.verdict
    found: dict[str, Json] = {
        "test": record.test,
        "criterion": verdict.criterion,
        "model": record.model,
        "dataset": record.dataset,
        "slicing": verdict.slicing,
        "outcome": verdict.outcome.value,
        "estimate": _finite(verdict.estimate),
        "lower": _finite(verdict.lower),
        "upper": _finite(verdict.upper),
        "tolerance": _finite(verdict.tolerance),
        "people_needed": verdict.people_needed,
        "not_assessable": [
            {"name": entry.name, "people": entry.people, "reason": entry.reason}
            for entry in verdict.not_assessable
        ],
        "comparisons": [_comparison(verdict, comparison) for comparison in verdict.comparisons],
        "kind": verdict.kind.value,
        "allowed_difference": _finite(verdict.allowed_difference),
        "p_run": _finite(record.p_run),
        "asides": [
            {"title": aside.title, "columns": aside.columns, "rows": aside.rows, "note": aside.note}
            for aside in verdict.asides
        ],
        "measure": verdict.measure,
        "scale": verdict.scale,
        "p": _finite(verdict.p),
        "detectable": _finite(verdict.detectable),
        "labels_left_out": verdict.labels_left_out,
        "excluded": [{"level": level, "reason": reason} for level, reason in verdict.excluded],
        "reason": verdict.reason,
        "notes": verdict.notes,
        "sentence": sentence(record, unit_of(result, record), alpha=alpha_of(result)),
    }
    if verdict.adjustment is not None:
        found["adjustment"] = {
            "given": verdict.adjustment.given,
            "crude": verdict.adjustment.crude.value,
            "adjusted": verdict.adjustment.adjusted.value,
        }
    return found


def _comparison(verdict: Verdict, comparison: Comparison) -> Json:
    numbers = {"estimate": comparison.estimate, "lower": comparison.lower, "upper": comparison.upper}
    found: dict[str, Json] = {
        "a": comparison.a,
        "b": comparison.b,
        **{name: _finite(value) for name, value in numbers.items()},
        "p": _finite(comparison.p),
        "standing": standing(verdict, comparison).value,
        **_values(verdict, comparison),
        "people_a": comparison.people_a,
        "people_b": comparison.people_b,
        "images_a": comparison.images_a,
        "images_b": comparison.images_b,
        "kind": comparison.kind,
        "labels": comparison.labels,
        "correlation": _finite(comparison.correlation),
    }
    unbounded = [name for name, value in numbers.items() if math.isinf(value)]
    if unbounded:
        found["unbounded"] = unbounded
    if comparison.measure:
        found["measure"] = comparison.measure
    if comparison.difference is not None:
        estimate, lower, upper = comparison.difference
        found["difference"] = {
            "estimate": _finite(estimate),
            "lower": _finite(lower),
            "upper": _finite(upper),
        }
    return found


def _values(verdict: Verdict, comparison: Comparison) -> Mapping[str, Json]:
    """The rates behind an estimate; of flips they are no rates of the two levels."""
    names = ("changed", "identical") if verdict.kind is Kind.FLIPS else ("value_a", "value_b")
    return dict(zip(names, (_finite(comparison.value_a), _finite(comparison.value_b)), strict=True))


def _finite(value: float | None) -> float | None:
    # A numpy scalar that slipped in would not serialise; float() makes it the built-in type.
    return float(value) if value is not None and math.isfinite(value) else None
