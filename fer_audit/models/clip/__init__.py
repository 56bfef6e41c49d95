"""CLIP through open_clip: zero-shot by prompts, and its vectors for a linear probe."""

from __future__ import annotations

from fer_audit.models.clip.model import clip_model, clip_probe
from fer_audit.models.clip.weights import ClipWeights, clip_weights

__all__ = ["ClipWeights", "clip_model", "clip_probe", "clip_weights"]
