"""Models: what reads a face, by name, by file or by factory."""

from __future__ import annotations

from fer_audit.models.onnx import face_api, mini_xception, onnx_model
from fer_audit.models.oracle import oracle
from fer_audit.models.selection import MODELS, choose_model
from fer_audit.models.specification import Endpoint, ModelSpec, Price, Role

__all__ = [
    "MODELS",
    "Endpoint",
    "ModelSpec",
    "Price",
    "Role",
    "choose_model",
    "face_api",
    "mini_xception",
    "onnx_model",
    "oracle",
]
