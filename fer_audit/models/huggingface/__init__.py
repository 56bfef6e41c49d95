"""Image classifiers of transformers, and what every net of transformers needs: checkpoints, loading."""

from __future__ import annotations

from fer_audit.models.huggingface.model import huggingface

__all__ = ["huggingface"]
