"""The device that torch computes on, and how many threads it takes."""

from __future__ import annotations

import os
import re

import torch

from fer_audit.errors import ConfigurationError
from fer_audit.models.torch_runtime.machine import DEVICE
from fer_audit.models.torch_runtime.runtime import Precision

__all__ = ["choose_device", "limit_threads", "number_type"]

_WRITTEN = re.compile(r"cpu|mps|cuda(?::([0-9]+))?")


def choose_device() -> torch.device:
    """A CUDA card if there is one, else Apple's, else the processor; ``FER_AUDIT_DEVICE`` decides first.

    Raises:
        ConfigurationError: the environment names a device that torch does not see.
    """
    named = os.environ.get(DEVICE)
    if not named:
        kind = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device(kind)
    written = _WRITTEN.fullmatch(named)
    if written is None:
        raise ConfigurationError(
            f"{DEVICE}={named!r} is no device; write cpu, cuda, cuda:0 or mps, or unset it for the best one"
        )
    if named.startswith("cuda"):
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if int(written[1] or 0) >= count:
            raise ConfigurationError(
                f"{DEVICE}={named!r}, but torch {torch.__version__} sees {count} CUDA devices; unset it, or "
                "install a driver and a torch build for CUDA"
            )
    if named == "mps" and not torch.backends.mps.is_available():
        raise ConfigurationError(
            f"{DEVICE}={named!r}, but torch {torch.__version__} sees no Apple GPU; unset it, or write cpu"
        )
    return torch.device(named)


def limit_threads() -> None:
    """Keep torch to one thread where pytest's workers already share the cores."""
    if os.environ.get("PYTEST_XDIST_WORKER"):
        torch.set_num_threads(1)


def number_type(precision: Precision) -> torch.dtype:
    """The torch type of a precision."""
    return torch.bfloat16 if precision is Precision.BF16 else torch.float32
