"""Ask a model about every face of a dataset, and ask nothing twice."""

from __future__ import annotations

from fer_audit.inference.asking import Asking
from fer_audit.inference.gathering import gather
from fer_audit.inference.measuring import with_columns
from fer_audit.inference.planning import Plan, plan

__all__ = ["Asking", "Plan", "gather", "plan", "with_columns"]
