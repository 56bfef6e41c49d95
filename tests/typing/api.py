"""Checked by mypy and never run: what a user writes has the types that are documented."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_type

from fer_audit import (
    Answer,
    Audit,
    Expression,
    Flips,
    Gap,
    Measure,
    ModelSpec,
    NoAssociation,
    Outcome,
    Predictions,
    Ratio,
    Recognizer,
    Verdict,
    accuracy,
    brier,
    misclassification,
    overconfidence,
    recall,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from PIL import Image


class Labels:
    """A recognizer that gives plain labels."""

    def recognize(self, images: Sequence[Image.Image]) -> list[Answer | str]:
        return ["anger" for _ in images]


def a_model_needs_no_base_class() -> None:
    recognizer: Recognizer = Labels()
    assert_type(ModelSpec("mine", load=lambda _labels: Labels()), ModelSpec)
    del recognizer


def judging_needs_no_pytest(frame: pd.DataFrame, path: Path) -> None:
    predictions = Predictions.from_pandas(frame, identity="who", image="file")
    assert_type(predictions, Predictions)
    assert_type(Predictions.read_parquet(path), Predictions)
    verdict = Audit(predictions, by="race").judge(Gap(accuracy, at_most=0.10))
    assert_type(verdict, Verdict)
    assert_type(verdict.outcome, Outcome)
    assert_type(verdict.people_needed, dict[str, int])


def criteria_are_values(audit: Audit) -> None:
    assert_type(accuracy, Measure)
    assert_type(recall(Expression.ANGER), Measure)
    assert_type(accuracy.answered, Measure)
    audit.require(Flips(at_most=0.05))
    assert_type(overconfidence, Measure)
    audit.require(Gap(brier, at_most=0.05))
    audit.require(Ratio(misclassification(Expression.ANGER, Expression.DISGUST), at_most=1.25))
    assert_type(audit.require(NoAssociation(accuracy, alpha=0.05, margin=0.10)), Verdict)
    assert_type(audit.judge(Gap(accuracy, at_most=0.1, given="light")), Verdict)
    assert_type(audit.judge(NoAssociation(accuracy, given=("light", "age"))), Verdict)
