"""The Chicago Face Database with its extensions CFD-MR and CFD-INDIA, and its norming data."""

from __future__ import annotations

from fer_audit.datasets.chicago.loading import CHICAGO

__all__ = ["CHICAGO"]
