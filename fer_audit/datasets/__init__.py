"""Datasets: labelled faces, by name, from a manifest or from a folder."""

from __future__ import annotations

from fer_audit.datasets.deriving import age_bands, merged, skin_tone
from fer_audit.datasets.huggingface import hf_dataset
from fer_audit.datasets.image_folder import image_folder
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
    "hf_dataset",
    "image_folder",
    "joined",
    "manifest_dataset",
    "merged",
    "rendered_faces",
    "skin_tone",
]
