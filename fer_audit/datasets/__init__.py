"""Datasets: labelled faces of known people, by name or from a manifest."""

from __future__ import annotations

from fer_audit.datasets.deriving import age_bands, merged, skin_tone
from fer_audit.datasets.joining import joined
from fer_audit.datasets.manifest import manifest_dataset
from fer_audit.datasets.rendered import rendered_faces
from fer_audit.datasets.selection import DATASETS, choose_dataset, dataset_from
from fer_audit.datasets.specification import Dataset, DatasetSpec

__all__ = [
    "DATASETS",
    "Dataset",
    "DatasetSpec",
    "age_bands",
    "choose_dataset",
    "dataset_from",
    "joined",
    "manifest_dataset",
    "merged",
    "rendered_faces",
    "skin_tone",
]
