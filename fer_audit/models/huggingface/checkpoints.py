"""Checkpoints of transformers: a folder on this disk or a repository on the hub, looked at without torch.

Weights are safetensors, never pickle, and no code of a checkpoint is ever run.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError, ModelError
from fer_audit.models.huggingface.hub import Repository
from fer_audit.models.torch_runtime import files_checksum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["PROCESSOR", "TOKENIZER", "Checkpoint", "Settings", "find_checkpoint"]

PROCESSOR = ("preprocessor_config.json", "processor_config.json")
"""How a picture becomes the net's input; a checkpoint has one of the two."""

TOKENIZER = ("tokenizer.json",)
"""How words become the net's input."""

_CONFIG = "config.json"
_WEIGHTS = "model.safetensors"
_INDEX = "model.safetensors.index.json"
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.h5", "*.msgpack")
_READ = ("*.json", "*.model", "*.txt")


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``config.json`` says of a net.

    Attributes:
        kind: ``model_type``, e.g. ``paligemma``; empty where it is not said.
        architectures: class names of transformers.
        runs_code: it asks for code from its repository.
    """

    kind: str
    architectures: tuple[str, ...]
    runs_code: bool


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A net and its settings, found but not loaded.

    Attributes:
        model: short name of the model, for messages.
        source: a folder, or a repository of which a folder is made when it is needed.
        needs: files that must be there beside the settings and the weights, one of each group.
    """

    model: str
    source: Path | Repository
    needs: tuple[tuple[str, ...], ...]

    def describe(self) -> Mapping[str, str]:
        """What the answers depend on: the commit of a repository, or checksums of the files of a folder.

        Raises:
            ConfigurationError: the hub has no such repository or revision.
            ModelError: the folder is no checkpoint of safetensors, or the hub is needed and not reached.
        """
        if isinstance(self.source, Repository):
            return {"weights": f"{self.source.name}@{self.source.commit()}"}
        folder = self.folder()
        settings = {path.name: path for pattern in _READ for path in folder.glob(pattern)}
        try:
            weights = files_checksum([folder / name for name in self._weights(folder)])
            others = files_checksum([settings[name] for name in sorted(settings)])
        except OSError as error:
            raise self.refusal(f"a file cannot be read ({error.strerror})", "check the folder") from error
        return {"weights": weights, "settings": others}

    def folder(self) -> Path:
        """The folder to load from, downloaded where it has to be, with everything that is needed in it.

        Raises:
            ConfigurationError: the hub has no such repository or revision.
            ModelError: something is missing in it, or the hub is needed and cannot be reached.
        """
        if not isinstance(self.source, Repository):
            self._check(self.source)
            return self.source
        folder = self.source.folder(self._is_complete)
        self._check(folder)
        return folder

    def settings(self, folder: Path) -> Settings:
        """What its ``config.json`` says.

        Raises:
            ModelError: it is no JSON object.
        """
        document = self._document(folder, _CONFIG)
        kind, architectures = document.get("model_type"), document.get("architectures")
        return Settings(
            kind if isinstance(kind, str) else "",
            tuple(map(str, architectures)) if isinstance(architectures, list) else (),
            "auto_map" in document,
        )

    def refusal(self, found: str, remedy: str) -> ModelError:
        """The error that says why this checkpoint cannot be used, and what to do."""
        return ModelError(
            f"model {self.model!r}: checkpoint {self.source.name} cannot be used: {found}; {remedy}"
        )

    def _is_complete(self, folder: Path) -> bool:
        try:
            self._check(folder)
        except ModelError:
            return False
        return True

    def _check(self, folder: Path) -> None:
        if not (folder / _CONFIG).is_file():
            raise self.refusal(
                f"it has no {_CONFIG}", "give a folder that save_pretrained of transformers wrote"
            )
        for name in self._weights(folder):
            if not (folder / name).is_file():
                raise self.refusal(f"its weights {name} are missing", "download or copy it again")
        for names in self.needs:
            if not any((folder / name).is_file() for name in names):
                raise self.refusal(
                    f"it has no {' or '.join(names)}",
                    "save the processor of the net beside it with save_pretrained",
                )

    def _weights(self, folder: Path) -> Sequence[str]:
        """Names of the files with weights."""
        if (folder / _WEIGHTS).is_file():
            return [_WEIGHTS]
        if (folder / _INDEX).is_file():
            parts = self._document(folder, _INDEX).get("weight_map")
            names = sorted({str(name) for name in parts.values()}) if isinstance(parts, dict) else []
            # A name with a folder in it would lead out of this one.
            if not names or not all(
                name.endswith(".safetensors") and Path(name).name == name for name in names
            ):
                raise self.refusal(f"{_INDEX} names no files of weights", "download or copy it again")
            return names
        pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
        if pickles:
            raise self.refusal(
                f"its weights are in {pickles[0]}, which can run code when it is opened",
                "where you trust its origin, load it with transformers and save_pretrained it: that "
                f"writes {_WEIGHTS}",
            )
        if (folder / "adapter_config.json").is_file():
            raise self.refusal(
                "it holds an adapter and no net", "merge it with merge_and_unload of peft, and save that"
            )
        raise self.refusal(f"it has no {_WEIGHTS}", "give a checkpoint of safetensors")

    def _document(self, folder: Path, name: str) -> Mapping[str, object]:
        try:
            document = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise self.refusal(
                f"{name} cannot be read ({type(error).__name__})", "download or copy it again"
            ) from error
        if not isinstance(document, dict):
            raise self.refusal(f"{name} holds no object", "download or copy it again")
        return document


def find_checkpoint(
    variant: str, root: Path, *, model: str, extra: str, needs: tuple[tuple[str, ...], ...]
) -> Checkpoint:
    """The checkpoint that ``PATH``, ``OWNER/NAME`` or ``OWNER/NAME@REVISION`` names: a folder goes first.

    Args:
        variant: as it is written on the command line.
        root: the folder that relative paths start from.
        model: short name of the model, for messages.
        extra: the extra that installs what reads it, for messages.
        needs: files that must be there beside the settings and the weights, one of each group.

    Raises:
        ConfigurationError: a path of a folder that does not exist.
    """
    path = root / Path(variant).expanduser()
    if path.is_dir():
        return Checkpoint(model, path.resolve(), needs)
    if path.is_file() or variant.startswith(("/", "~", ".")):
        raise ConfigurationError(
            f"model {model!r}: there is no folder {path}; give the folder that holds config.json and "
            "model.safetensors, or OWNER/NAME for a repository on the hub"
        )
    name, _, revision = variant.partition("@")
    return Checkpoint(model, Repository(name, revision, model, extra), needs)
