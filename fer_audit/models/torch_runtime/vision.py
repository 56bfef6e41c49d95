"""torchvision built for CUDA beside a torch that is not: imported although its operators are missing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from fer_audit.models.extras import import_extra

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["import_with_torchvision"]

_FAULT = "operator torchvision::nms does not exist"
_SCHEMAS = {
    "torchvision::nms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "torchvision::qnms": "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}


def import_with_torchvision(module: str, *, extra: str, model: str) -> ModuleType:
    """A module of an optional package that imports torchvision.

    The torchvision on package registries is built for CUDA. Beside a torch that is not, its compiled
    operators do not load and its import fails on a fake of one of them, although nothing here needs them: the
    two schemas are then defined, and it is imported again.

    Args:
        module: its dotted name, e.g. ``open_clip``.
        extra: the extra of this package that installs it.
        model: short name of the model that needs it, for the message.

    Raises:
        MissingExtraError: a package is not installed, or does not load.
    """
    torch = import_extra("torch", extra=extra, model=model)
    try:
        import_extra("torchvision", extra=extra, model=model)
    except RuntimeError as error:
        if str(error) != _FAULT:
            raise
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        for name, schema in _SCHEMAS.items():
            torch.library.define(name, schema)
        import_extra("torchvision", extra=extra, model=model)
    return import_extra(module, extra=extra, model=model)
