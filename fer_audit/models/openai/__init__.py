"""GPT-4o, and every server that speaks OpenAI's protocol; the SDK is imported when a model is loaded."""

from fer_audit.models.openai.model import gpt_4o, openai_model

__all__ = ["gpt_4o", "openai_model"]
