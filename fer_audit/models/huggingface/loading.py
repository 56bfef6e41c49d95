"""Nets of transformers, loaded from a folder: silently, whole, and without any code of theirs."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fer_audit.errors import first_line
from fer_audit.models.torch_runtime import Started, TorchRuntime
from fer_audit.models.torch_runtime.vision import import_with_torchvision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import ModuleType

    from fer_audit.models.huggingface.checkpoints import Checkpoint

__all__ = ["Loader", "start"]

_SHOWN = 3  # weights named in a message


@dataclass(frozen=True, slots=True)
class Loader:
    """Loads the parts of one checkpoint.

    Attributes:
        checkpoint: where they come from, for messages.
        folder: where its files lie.
        started: device and number type.
        transformers: the library.
    """

    checkpoint: Checkpoint
    folder: Path
    started: Started
    transformers: ModuleType

    def net(self, architecture: str) -> Any:  # noqa: ANN401 - the library is untyped
        """The net on its device, ready to answer.

        Args:
            architecture: a class of transformers, e.g. ``AutoModelForImageClassification``.

        Raises:
            ModelError: the weights are broken, lack some of the net's, or are too large for the device.
        """
        with self._loading():
            net, report = getattr(self.transformers, architecture).from_pretrained(
                self.folder,
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=self.started.dtype,
                # They are reported instead, and refused below in words.
                ignore_mismatched_sizes=True,
                output_loading_info=True,
            )
        absent = sorted({*report["missing_keys"], *(str(key[0]) for key in report["mismatched_keys"])})
        if absent:
            more = f" and {len(absent) - _SHOWN} more" if len(absent) > _SHOWN else ""
            raise self.checkpoint.refusal(
                f"it lacks weights of {type(net).__name__} ({', '.join(absent[:_SHOWN])}{more}), which would "
                "be drawn at random",
                "give a checkpoint of the whole net",
            )
        with self._loading():
            return net.to(self.started.device).eval()

    def part(self, kind: str, **options: object) -> Any:  # noqa: ANN401 - the library is untyped
        """The image processor or the tokenizer.

        Args:
            kind: a class of transformers, e.g. ``AutoTokenizer``.
            options: passed on.

        Raises:
            ModelError: it cannot be loaded.
        """
        with self._loading():
            return getattr(self.transformers, kind).from_pretrained(
                self.folder, local_files_only=True, trust_remote_code=False, **options
            )

    @property
    def model(self) -> str:
        """Short name of the model, for messages."""
        return self.checkpoint.model

    def image_processor(self) -> Any:  # noqa: ANN401 - the library is untyped
        """What makes a picture the net's input, computed by Pillow.

        The other one, of torchvision, resizes differently, and is taken by itself where torchvision is there:
        the same checkpoint would answer otherwise on another machine.

        Raises:
            ModelError: it cannot be loaded.
        """
        # The first name is what older releases know, and the second what newer ones do.
        return self.part("AutoImageProcessor", use_fast=False, backend="pil")

    @contextmanager
    def silence(self) -> Iterator[None]:
        """Neither progress bars nor warnings of transformers, which go to the terminal unasked."""
        with _silent(self.transformers):
            yield

    @contextmanager
    def _loading(self) -> Iterator[None]:
        try:
            with self.silence():
                yield
        except Exception as error:
            if "out of memory" in str(error) or isinstance(error, MemoryError):
                remedy = "free the device, or choose another by FER_AUDIT_DEVICE=cpu"
            elif type(error).__name__ == "SafetensorError":
                remedy = "its file is broken: download or copy it again"
            else:
                remedy = "save it again with save_pretrained of this version"
            raise self.checkpoint.refusal(
                f"transformers {self.transformers.__version__} cannot load it ({type(error).__name__}: "
                f"{first_line(error)})",
                remedy,
            ) from error


def start(checkpoint: Checkpoint, *, extra: str) -> Loader:
    """Import torch and transformers, choose device and precision, and have the files on this disk.

    Args:
        checkpoint: where the net comes from.
        extra: the extra of this package that installs both.

    Raises:
        ConfigurationError: the environment names no such device or precision, or the hub no such repository.
        MissingExtraError: one of them is not installed.
        ModelError: the checkpoint is not whole, or the hub is needed and cannot be reached.
    """
    started = TorchRuntime(checkpoint.model, extra).start()
    transformers = import_with_torchvision("transformers", extra=extra, model=checkpoint.model)
    # Last, for it may download gigabytes.
    return Loader(checkpoint, checkpoint.folder(), started, transformers)


@contextmanager
def _silent(transformers: ModuleType) -> Iterator[None]:
    logging = transformers.utils.logging
    verbosity, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if has_bars:
            logging.enable_progress_bar()
