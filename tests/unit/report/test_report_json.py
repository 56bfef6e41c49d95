from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import NoReturn

import numpy as np
from sample_runs import FAILED, PASSED, UNDECIDED, comparison, gap, ratio, record, run

from fer_audit.report.json import render_json
from fer_audit.results import Fault, Outcome, Unassessable


def refuse(constant: str) -> NoReturn:
    raise AssertionError(f"{constant} is not JSON")


def test_the_layout_is_the_documented_one() -> None:
    verdict = replace(UNDECIDED, not_assessable=(Unassessable("OM", 1, "1 people"),))
    result = replace(run(verdict), faults=(Fault("t", "clip-radiate", "the model broke"),), run="error")
    document = json.loads(render_json(result))
    assert document["schema"] == 1
    assert document["partial"] is False
    assert document["run"] == "error"
    assert document["errors"] == [{"test": "t", "cell": "clip-radiate", "reason": "the model broke"}]
    assert {k: document["cells"][0][k] for k in ("model", "dataset", "unit", "people", "images")} == {
        "model": "mini-xception",
        "dataset": "faces",
        "unit": "person",
        "people": 48,
        "images": 1344,
    }
    assert document["cells"][0]["fingerprint"] == "3b9dd0c4e1aa77"
    (found,) = document["verdicts"]
    assert found["test"] == record(verdict).test
    assert found["criterion"] == "Gap(accuracy, at_most=0.1)"
    assert (found["slicing"], found["outcome"]) == ("group", "inconclusive")
    assert (found["estimate"], found["lower"], found["upper"]) == (0.08, -0.09, 0.2503)
    assert found["tolerance"] == 0.1
    assert found["people_needed"] == {"BF": 90, "WM": 85}
    assert found["not_assessable"] == [{"name": "OM", "people": 1, "reason": "1 people"}]
    (pair,) = found["comparisons"]
    assert {k: pair[k] for k in ("a", "b", "estimate", "lower", "upper", "p")} == {
        "a": "BF",
        "b": "WM",
        "estimate": 0.08,
        "lower": -0.09,
        "upper": 0.2503,
        "p": None,
    }


def test_what_is_no_finite_number_is_null_and_infinity_is_named() -> None:
    endless = comparison(math.inf, 0.5, math.inf, value_b=0.0, difference=(0.4, -0.1, 0.6))
    text = render_json(run(ratio(Outcome.INCONCLUSIVE, endless), gap(Outcome.INCONCLUSIVE)))
    document = json.loads(text, parse_constant=refuse)
    first, second = document["verdicts"]
    assert first["estimate"] is None
    assert first["comparisons"][0]["estimate"] is None
    assert first["comparisons"][0]["lower"] == 0.5
    assert first["comparisons"][0]["unbounded"] == ["estimate", "upper"]
    assert first["comparisons"][0]["difference"] == {"estimate": 0.4, "lower": -0.1, "upper": 0.6}
    assert second["estimate"] is None
    assert second["comparisons"] == []


def test_numbers_survive_exactly() -> None:
    third = np.float64(1) / np.float64(3)
    document = json.loads(render_json(run(gap(Outcome.FAIL, comparison(float(third), 0.1 + 0.2, 0.7)))))
    (pair,) = document["verdicts"][0]["comparisons"]
    assert (pair["estimate"], pair["lower"]) == (1 / 3, 0.1 + 0.2)


def test_the_same_findings_give_the_same_bytes() -> None:
    result = run(FAILED, PASSED, UNDECIDED)
    (cell,) = result.cells
    turned = replace(cell, details=dict(reversed(cell.details.items())))
    again = replace(
        result,
        cells=(turned,),
        settings=dict(reversed(result.settings.items())),
        records=tuple(result.records),
    )
    assert render_json(result) == render_json(again)
    keys = list(json.loads(render_json(result)))
    assert keys == sorted(keys)


def test_the_verdict_is_told_in_words_too() -> None:
    document = json.loads(render_json(run(FAILED, synthetic=True)))
    assert "48 rendered identities seen in both" in document["verdicts"][0]["sentence"]
    assert document["gate"] == "1 of 1 criterion FAILED, so the gate is closed."
