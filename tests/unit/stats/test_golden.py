from __future__ import annotations

import csv
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from prediction_tables import Row, predictions_of
from scipy.stats import studentized_range

from fer_audit.criteria import Gap
from fer_audit.records import Slicing
from fer_audit.stats.counts import count
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.evidence import Evidence
from fer_audit.stats.measures import accuracy
from fer_audit.stats.settings import Settings

GOLDEN = Path(__file__).parents[2] / "data" / "golden"
ANSWERS: list[dict[str, Any]] = json.loads((GOLDEN / "answers.json").read_text(encoding="utf-8"))
BY_SLICE = Slicing(("slice",))
# Between these degrees of freedom the reference interpolated its quantiles, linearly in 1/df.
TABULATED = (30, 40, 60, 120)


@lru_cache
def quantile(slices: int, df: float) -> float:
    return float(studentized_range.ppf(0.95, slices, df))


def rows_of(table: int) -> list[Row]:
    with (GOLDEN / "tables.csv").open(encoding="utf-8", newline="") as file:
        return [
            Row(row["identity"], row["true"], row["predicted"], row["image"], {"slice": row["slice"]})
            for row in csv.DictReader(file)
            if row["table"] == str(table)
        ]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: str(answer["table"]))
def test_a_golden_table_gets_the_verdict_of_the_independent_implementation(answer: dict[str, Any]) -> None:
    counts = count(predictions_of(rows_of(answer["table"])), BY_SLICE)
    verdict = Gap(accuracy, at_most=answer["tolerance"]).decide(Evidence(counts), Settings())
    assert verdict.outcome.name == answer["outcome"]
    assert sorted(item.name for item in verdict.not_assessable) == answer["not_assessable"]
    assert len(verdict.comparisons) == len(answer["pairs"])
    for found, expected in zip(verdict.comparisons, answer["pairs"], strict=True):
        assert (found.a, found.b) == (expected["a"], expected["b"])
        assert found.kind == expected["kind"]
        assert list(found.labels) == expected["labels"]
        assert found.estimate == pytest.approx(expected["estimate"], abs=1e-8)
        assert found.correlation == pytest.approx(expected["r"], abs=1e-8)
        assert found.upper == pytest.approx(expected["upper"], abs=1e-8)
        assert found.lower == pytest.approx(expected["lower"], abs=2e-5)


@pytest.mark.parametrize(
    "answer", [a for a in ANSWERS if a["pairs"]], ids=lambda answer: str(answer["table"])
)
def test_the_lower_bound_differs_by_the_reference_quantile_alone(answer: dict[str, Any]) -> None:
    """With the reference's interpolated quantile the bound agrees to 1e-6; with scipy's it is ours."""
    tally = accuracy.tally(count(predictions_of(rows_of(answer["table"])), BY_SLICE))
    found = compare(tally, Settings())
    slices = len(tally.levels)
    tabulated = [quantile(slices, df) for df in TABULATED]
    for pair, expected in enumerate(answer["pairs"]):
        size, error, df = abs(found.difference[pair]), found.error[pair], float(found.freedom[pair])
        interpolated = np.interp(1 / df, [1 / node for node in TABULATED[::-1]], tabulated[::-1])
        assert size - interpolated / np.sqrt(2) * error == pytest.approx(expected["lower"], abs=1e-6)
        assert size - quantile(slices, df) / np.sqrt(2) * error == pytest.approx(found.lower[pair], abs=1e-8)
