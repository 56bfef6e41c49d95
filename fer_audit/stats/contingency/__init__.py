"""Classical tests of 2x2 tables that count pictures: what others report, beside which a verdict is read."""

from __future__ import annotations

from fer_audit.stats.contingency.fisher import fisher_exact
from fer_audit.stats.contingency.mantel_haenszel import MantelHaenszel, mantel_haenszel

__all__ = ["MantelHaenszel", "fisher_exact", "mantel_haenszel"]
