"""PaliGemma (Beyer et al. 2024, arXiv:2407.07726), by the likelihood of each label or by what it says."""

from __future__ import annotations

from fer_audit.models.paligemma.model import paligemma, paligemma_generating

__all__ = ["paligemma", "paligemma_generating"]
