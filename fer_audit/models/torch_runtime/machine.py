"""What a measured precision depends on: torch, the processor, the graphics cards and the environment."""

from __future__ import annotations

import os
import platform
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["DEVICE", "this_machine"]

DEVICE = "FER_AUDIT_DEVICE"
"""Environment variable that names the device: ``cpu``, ``cuda``, ``cuda:1`` or ``mps``."""

_PROCESSOR = Path("/proc/cpuinfo")
_CARDS = Path("/proc/driver/nvidia/gpus")
_TOLD = frozenset({"model name", "flags", "CPU part", "Features"})


def this_machine() -> Mapping[str, str]:
    """Everything that a self-test of torch depends on, by name; no torch is imported for it."""
    try:
        torch = version("torch")
    except PackageNotFoundError:
        torch = "none"
    return {
        "torch": torch,
        "processor": f"{platform.machine()} {platform.processor()} {_processor()}",
        "cards": _cards(),
        "device": os.environ.get(DEVICE, ""),
        "visible": os.environ.get("CUDA_VISIBLE_DEVICES", "all"),
    }


def _processor() -> str:
    """Model and flags of the first processor, hashed; empty where the system does not tell."""
    try:
        lines = _PROCESSOR.read_text("utf-8", "replace").partition("\n\n")[0].splitlines()
    except OSError:
        return ""
    told = [line for line in lines if line.partition(":")[0].strip() in _TOLD]
    return sha256("\n".join(told).encode()).hexdigest()[:16]


def _cards() -> str:
    """The NVIDIA cards that the driver shows; another node of a cluster may share this home folder."""
    try:
        texts = [file.read_text("utf-8", "replace") for file in sorted(_CARDS.glob("*/information"))]
    except OSError:
        return ""
    return ", ".join(line.partition(":")[2].strip() for text in texts for line in text.splitlines()[:1])
