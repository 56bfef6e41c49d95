"""How the parts of a set are called: in folders, in names of files, and by everybody a little otherwise."""

from __future__ import annotations

__all__ = ["SPLITS"]

SPLITS = {
    "dev": "validation",
    "test": "test",
    "testing": "test",
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
}
"""The usual word for each that is met, in small letters."""
