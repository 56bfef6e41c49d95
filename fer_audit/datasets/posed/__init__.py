"""Sets of people who posed: who is in a picture, and what they show, stands in the file's name."""

from __future__ import annotations

from fer_audit.datasets.posed.radiate import RADIATE

__all__ = ["RADIATE"]
