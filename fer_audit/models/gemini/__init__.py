"""Gemini over Google's API, through whichever of its SDKs is there; a model that is loaded imports it."""

from fer_audit.models.gemini.model import gemini_model

__all__ = ["gemini_model"]
