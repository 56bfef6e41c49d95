"""fer_audit: pytest for model fairness, with verdicts that can be defended.

Names are resolved when first used, so that importing the package (as pytest does with every installed
plug-in) loads nothing heavy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer_audit.audit import Audit
    from fer_audit.baseline import Baseline, open_baseline
    from fer_audit.criteria import (
        AtLeast,
        BesideZTest,
        Criterion,
        Flips,
        Gap,
        NoAssociation,
        NoWorseThan,
        Ratio,
        Scan,
    )
    from fer_audit.datasets import Dataset, DatasetSpec, manifest_dataset
    from fer_audit.errors import FerAuditError
    from fer_audit.models import ModelSpec, onnx_model
    from fer_audit.planning import DataProspect, StudyPlan, plan, prospect
    from fer_audit.predictions import Predictions
    from fer_audit.records import Answer, Face, Recognizer, Slicing
    from fer_audit.results import Outcome, Verdict
    from fer_audit.stats.measures import (
        Measure,
        accuracy,
        brier,
        misclassification,
        overconfidence,
        recall,
        refusals,
    )
    from fer_audit.stats.merging import merge_counts
    from fer_audit.stats.resampling import (
        bootstrap_images,
        bootstrap_people,
        permute_images,
        permute_people,
    )
    from fer_audit.streaming import count_parquet
    from fer_audit.vocabulary import AnswerKind, Expression

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "AnswerKind",
    "AtLeast",
    "Audit",
    "Baseline",
    "BesideZTest",
    "Criterion",
    "DataProspect",
    "Dataset",
    "DatasetSpec",
    "Expression",
    "Face",
    "FerAuditError",
    "Flips",
    "Gap",
    "Measure",
    "ModelSpec",
    "NoAssociation",
    "NoWorseThan",
    "Outcome",
    "Predictions",
    "Ratio",
    "Recognizer",
    "Scan",
    "Slicing",
    "StudyPlan",
    "Verdict",
    "accuracy",
    "bootstrap_images",
    "bootstrap_people",
    "brier",
    "count_parquet",
    "manifest_dataset",
    "merge_counts",
    "misclassification",
    "onnx_model",
    "open_baseline",
    "overconfidence",
    "permute_images",
    "permute_people",
    "plan",
    "prospect",
    "recall",
    "refusals",
]

_HOMES = {
    "audit": ("Audit",),
    "baseline": ("Baseline", "open_baseline"),
    "criteria": (
        "AtLeast",
        "BesideZTest",
        "Criterion",
        "Flips",
        "Gap",
        "NoAssociation",
        "NoWorseThan",
        "Ratio",
        "Scan",
    ),
    "datasets": ("Dataset", "DatasetSpec", "manifest_dataset"),
    "errors": ("FerAuditError",),
    "models": ("ModelSpec", "onnx_model"),
    "planning": ("DataProspect", "StudyPlan", "plan", "prospect"),
    "predictions": ("Predictions",),
    "records": ("Answer", "Face", "Recognizer", "Slicing"),
    "results": ("Outcome", "Verdict"),
    "stats.measures": (
        "Measure",
        "accuracy",
        "brier",
        "misclassification",
        "overconfidence",
        "recall",
        "refusals",
    ),
    "stats.merging": ("merge_counts",),
    "stats.resampling": ("bootstrap_images", "bootstrap_people", "permute_images", "permute_people"),
    "streaming": ("count_parquet",),
    "vocabulary": ("AnswerKind", "Expression"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    try:
        home = _HOME_OF[name]
    except KeyError:
        raise AttributeError(f"module 'fer_audit' has no attribute {name!r}") from None
    return getattr(import_module(f"fer_audit.{home}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
