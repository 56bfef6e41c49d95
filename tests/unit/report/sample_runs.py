"""Runs as an audit hands them to the reports: small, plausible, every number in sight."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

import numpy as np
from PIL import Image

from fer_audit.predictions import Column, Predictions
from fer_audit.records import Provenance
from fer_audit.report.cells import CellTable
from fer_audit.results import CellResult, Comparison, Kind, Outcome, Record, RunResult, Verdict
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from typing import TypedDict

    class ComparisonChanges(TypedDict, total=False):
        a: str
        b: str
        p: float | None
        value_a: float
        value_b: float
        people_a: int
        people_b: int
        images_a: int
        images_b: int
        kind: str
        labels: tuple[str, ...]
        correlation: float
        difference: tuple[float, float, float] | None


LABELS = ("anger", "happiness", "sadness")
KINDS = list(AnswerKind)


def comparison(
    estimate: float, lower: float, upper: float, **changes: Unpack[ComparisonChanges]
) -> Comparison:
    """Tone 2 over tone 8, the same 48 people in both, unless told otherwise."""
    usual = Comparison(
        a="2",
        b="8",
        estimate=estimate,
        lower=lower,
        upper=upper,
        p=None,
        value_a=0.574,
        value_b=0.228,
        people_a=48,
        people_b=48,
        images_a=336,
        images_b=336,
        kind="shared",
        labels=LABELS,
        correlation=0.04,
    )
    return replace(usual, **changes)


def gap(
    outcome: Outcome, *comparisons: Comparison, measure: str = "accuracy", slicing: str = "skin_tone"
) -> Verdict:
    """A verdict of ``Gap(measure, at_most=0.1)`` over these comparisons."""
    return Verdict(
        criterion=f"Gap({measure}, at_most=0.1)",
        measure=measure,
        scale="difference",
        slicing=slicing,
        outcome=outcome,
        estimate=max((c.estimate for c in comparisons), default=float("nan")),
        lower=max((c.lower for c in comparisons), default=float("nan")),
        upper=max((c.upper for c in comparisons), default=float("nan")),
        tolerance=0.1,
        comparisons=comparisons,
    )


def ratio(outcome: Outcome, *comparisons: Comparison) -> Verdict:
    """A verdict of ``Ratio(misclassification(anger->disgust), at_most=1.25)`` by race and gender."""
    measure = "misclassification(anger->disgust)"
    return replace(
        gap(outcome, *comparisons, measure=measure, slicing="race*gender"),
        criterion=f"Ratio({measure}, at_most=1.25, difference=0.05)",
        scale="ratio",
        tolerance=1.25,
        kind=Kind.RATIO,
        allowed_difference=0.05,
    )


def association(outcome: Outcome, *comparisons: Comparison, p: float, margin: float | None = 0.1) -> Verdict:
    """A verdict of ``NoAssociation(accuracy)`` with this p-value."""
    return replace(
        gap(outcome, *comparisons),
        criterion=f"NoAssociation(accuracy, alpha=0.05, margin={margin})",
        tolerance=margin,
        p=p,
        kind=Kind.ASSOCIATION,
    )


FAILED = gap(
    Outcome.FAIL,
    comparison(0.346, 0.247, 0.447),
    comparison(0.12, -0.021, 0.2, a="2", b="5", value_b=0.454),
    comparison(0.226, 0.1034, 0.31, a="5", b="8", value_a=0.454),
)

PASSED = gap(
    Outcome.PASS,
    comparison(
        0.031, -0.06, 0.0923, a="female", b="male", value_a=0.82, value_b=0.789, people_a=56, people_b=53,
        kind="apart",
    ),
    slicing="gender",
)  # fmt: skip

UNDECIDED = replace(
    gap(
        Outcome.INCONCLUSIVE,
        comparison(
            0.08, -0.09, 0.2503, a="BF", b="WM", value_a=0.71, value_b=0.63, people_a=12, people_b=15,
            kind="apart",
        ),
        slicing="group",
    ),
    people_needed={"BF": 90, "WM": 85},
    detectable=0.312,
    reason="the bounds lie on both sides of the tolerance",
)  # fmt: skip


def record(verdict: Verdict, *, model: str = "mini-xception", dataset: str = "faces") -> Record:
    """A verdict where a test demanded it."""
    return Record(f"bias_tests/test_default.py::test_it[{model}-{dataset}]", model, dataset, verdict)


def cell(*, synthetic: bool = False, model: str = "mini-xception", dataset: str = "faces") -> CellResult:
    """The cell of those verdicts."""
    return CellResult(
        model=model,
        dataset=dataset,
        unit="rendered identity" if synthetic else "person",
        people=48,
        images=1344,
        fingerprint="3b9dd0c4e1aa77",
        synthetic=synthetic,
        partial=False,
        details={"weights": "sha256:9f1c22ab", "crop": "centre"},
        answers={"answered": 1319, "refused": 25, "blocked_input": 0},
        labels=LABELS,
    )


def run(*verdicts: Verdict, outcome: str = "fail", synthetic: bool = False) -> RunResult:
    """A run of one cell."""
    return RunResult(
        run=outcome,
        partial=False,
        records=tuple(record(verdict) for verdict in verdicts),
        faults=(),
        cells=(cell(synthetic=synthetic),),
        settings={"alpha": "0.05", "least_people": "8"},
    )


def predictions() -> Predictions:
    """Ten people, each in tone 2 and tone 8, each with anger and happiness; five by each camera.

    In tone 2 everything is read correctly. In tone 8 anger is read as sadness for the five people with an
    even number, and happiness is blocked for person 9; happiness of person 1 in tone 8 was an error. The
    picture of person 0 with anger in tone 2 was asked about twice.
    """
    rows: list[tuple[str, str, str, str, str]] = []
    for person in range(10):
        for tone in ("2", "8"):
            for label in ("anger", "happiness"):
                predicted, kind = label, "answered"
                if tone == "8" and label == "anger" and person % 2 == 0:
                    predicted = "sadness"
                if tone == "8" and label == "happiness" and person in {1, 9}:
                    predicted, kind = "", "error" if person == 1 else "blocked_output"
                repeats = 2 if (person, tone, label) == (0, "2", "anger") else 1
                rows += [(f"id{person}", tone, label, predicted, kind)] * repeats
    identity, tone_of, true, predicted_of, kind_of = zip(*rows, strict=True)
    image = [f"{who}/{label}-{tone}.png" for who, tone, label, _, _ in rows]
    return Predictions(
        identity=_column(identity, sorted(set(identity))),
        image=_column(image, sorted(set(image))),
        true=_column(true, LABELS),
        predicted=_column(predicted_of, LABELS),
        kind=np.array([KINDS.index(AnswerKind(kind)) for kind in kind_of], dtype=np.int8),
        attributes={
            "skin_tone": _column(tone_of, ["2", "8"]),
            "camera": _column(["x" if int(who[2:]) < 5 else "y" for who in identity], ["x", "y"]),
        },
        provenance=Provenance("mini-xception", "faces", {"weights": "sha256:9f1c22ab"}, "3b9dd0c4e1aa77"),
        notes=("1 rows repeat an image and are averaged with it",),
        words={"blocked_output": ("Blocked: SAFETY",)},
    )


def picture(name: str) -> bytes:
    """A picture of 200x120 pixels whose grey says which tone it is of."""
    image = Image.new("RGB", (200, 120), (200, 180, 160) if "-2" in name else (70, 50, 40))
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def cell_table(*, shown: bool = True) -> CellTable:
    """The answers behind the run, with pictures or without."""
    return CellTable(predictions(), image_set="set-1", read=picture if shown else None)


def _column(values: tuple[str, ...] | list[str], levels: tuple[str, ...] | list[str]) -> Column:
    codes = [levels.index(value) if value else -1 for value in values]
    return Column(np.array(codes, dtype=np.int32), tuple(levels))
