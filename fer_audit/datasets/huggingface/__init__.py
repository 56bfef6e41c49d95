"""Folders of the Hugging Face library datasets, read through that library."""

from __future__ import annotations

from fer_audit.datasets.huggingface.dataset import hf_dataset

__all__ = ["hf_dataset"]
