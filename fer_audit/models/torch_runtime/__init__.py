"""The torch runtime that local models share: device, precision, batches, checksums."""

from __future__ import annotations

from fer_audit.models.torch_runtime.checksums import file_checksum, files_checksum
from fer_audit.models.torch_runtime.runtime import Precision, Started, TorchRuntime

__all__ = ["Precision", "Started", "TorchRuntime", "file_checksum", "files_checksum"]
