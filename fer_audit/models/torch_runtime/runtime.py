"""On which device and in which precision a model computes: asked cheaply first, started when it is loaded."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError
from fer_audit.models.extras import import_extra
from fer_audit.models.torch_runtime.machine import this_machine
from fer_audit.models.torch_runtime.notes import noting, read_note, write_note

if TYPE_CHECKING:
    import torch

__all__ = ["PRECISION", "Precision", "Started", "TorchRuntime"]

PRECISION = "FER_AUDIT_PRECISION"
"""Environment variable that names the precision: ``fp32`` or ``bf16``."""

_KIND = "precision"


class Precision(StrEnum):
    """In which numbers a net computes: 32 bits, or 16 with the exponent of 32."""

    FP32 = "fp32"
    BF16 = "bf16"


@dataclass(frozen=True, slots=True)
class Started:
    """What a model computes on.

    Attributes:
        device: where its weights and inputs go.
        dtype: the type of both.
        precision: the same, as descriptions name it.
    """

    device: torch.device
    dtype: torch.dtype
    precision: Precision


@dataclass(frozen=True, slots=True)
class TorchRuntime:
    """What one model asks of torch on this machine; nothing is imported before it is asked.

    Attributes:
        model: short name of the model, for messages.
        extra: the extra of this package that installs what the model needs.
    """

    model: str
    extra: str

    def precision(self) -> Precision:
        """bf16 where it is faster here and agrees with fp32, else fp32; ``FER_AUDIT_PRECISION`` overrules.

        The verdict of the self-test is kept in the user's cache folder, so that only the first run on a
        machine imports torch for it.

        Raises:
            ConfigurationError: the environment names no such precision or device.
            MissingExtraError: torch is not installed, and nothing says which precision it would take.
        """
        import_extra("platformdirs", extra=self.extra, model=self.model)
        named = os.environ.get(PRECISION)
        if not named:
            return _tested(self, tuple(this_machine().items()))
        try:
            return Precision(named)
        except ValueError:
            raise ConfigurationError(
                f"{PRECISION}={named!r} is no precision; write fp32 or bf16, or unset it for a self-test"
            ) from None

    def start(self) -> Started:
        """Import torch, choose the device and the precision, and keep to one thread beside other workers.

        Raises:
            ConfigurationError: the environment names no such precision, or a device that is not there.
            MissingExtraError: torch is not installed.
        """
        import_extra("torch", extra=self.extra, model=self.model)
        # The modules that import torch at their top can be reached only from here on.
        from fer_audit.models.torch_runtime import device  # noqa: PLC0415

        device.limit_threads()
        chosen = device.choose_device()
        precision = self.precision()
        return Started(chosen, device.number_type(precision), precision)


@cache
def _tested(runtime: TorchRuntime, machine: tuple[tuple[str, str], ...]) -> Precision:
    """The verdict for this machine: as noted, else by a self-test; the same for the life of the process."""
    about = dict(machine)
    kept = _noted(about)
    if kept is not None:
        return kept
    with noting(_KIND, about):
        # Another process may have found out while this one waited.
        kept = _noted(about)
        if kept is not None:
            return kept
        import_extra("torch", extra=runtime.extra, model=runtime.model)
        from fer_audit.models.torch_runtime import device, self_test  # noqa: PLC0415 - imports torch

        device.limit_threads()
        verdict = self_test.compare_precisions(device.choose_device())
        found = Precision.BF16 if verdict.bf16 else Precision.FP32
        write_note(
            _KIND,
            about,
            {
                "precision": str(found),
                "device": verdict.device,
                "speed of bf16 in that of fp32": f"{verdict.speed:.2f}",
                "difference": f"{verdict.difference:.4f}",
            },
        )
        return found


def _noted(about: dict[str, str]) -> Precision | None:
    note = read_note(_KIND, about)
    try:
        return Precision(note["precision"]) if note else None
    except (KeyError, ValueError):
        return None
