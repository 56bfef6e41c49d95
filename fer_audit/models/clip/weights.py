"""Where a CLIP net comes from: a tag of open_clip, a checkpoint file, or a folder that open_clip saved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from fer_audit.errors import ConfigurationError, ModelError
from fer_audit.models.torch_runtime import file_checksum, files_checksum

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CONFIG", "SUFFIXES", "CheckpointFile", "ClipWeights", "LocalFolder", "Tagged", "clip_weights"]

CONFIG = "open_clip_config.json"
"""What open_clip writes beside the weights of a net that it saves."""

SUFFIXES = (".safetensors", ".pt", ".pth", ".bin")
"""Files of weights that are read: safetensors, and those of torch as far as they hold nothing but numbers."""

_DEFAULT = "ViT-B-32/laion2b_s34b_b79k"
_LOCAL = "local-dir:"


class ClipWeights(Protocol):
    """One net that can be loaded, found but not opened."""

    @property
    def short(self) -> str:
        """What tells it from other nets in a report, without a folder; empty for the default."""
        ...

    def describe(self) -> Mapping[str, str]:
        """What its vectors depend on, by name."""
        ...

    def side(self) -> int | None:
        """The longer side of its input in pixels; None where only the loaded net knows."""
        ...


@dataclass(frozen=True, slots=True)
class Tagged:
    """Weights that open_clip knows by name, and fetches once."""

    architecture: str
    tag: str

    @property
    def short(self) -> str:
        """Architecture and tag, or nothing for the default."""
        return "" if str(self) == _DEFAULT else str(self)

    def describe(self) -> Mapping[str, str]:
        """The names; what lies behind a tag does not change."""
        return {"weights": str(self)}

    def side(self) -> int | None:
        """As the architecture's configuration in open_clip says."""
        return _known_side(self.architecture)

    def __str__(self) -> str:
        return f"{self.architecture}/{self.tag}"


@dataclass(frozen=True, slots=True)
class CheckpointFile:
    """A file of weights, and the architecture they are for."""

    architecture: str
    path: Path

    @property
    def short(self) -> str:
        """Architecture and name of the file."""
        return f"{self.architecture}-{self.path.stem}"

    def describe(self) -> Mapping[str, str]:
        """The file's checksum and the architecture."""
        return {"weights": _read(file_checksum, self.path), "architecture": self.architecture}

    def side(self) -> int | None:
        """As the architecture's configuration in open_clip says."""
        return _known_side(self.architecture)


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder as open_clip saves one: configuration, weights, perhaps a tokenizer."""

    path: Path

    @property
    def short(self) -> str:
        """Name of the folder."""
        return self.path.resolve().name

    def describe(self) -> Mapping[str, str]:
        """One checksum over all its files."""
        files = sorted(path for path in self.path.iterdir() if path.is_file())
        return {"weights": _read(lambda _: files_checksum(files), self.path)}

    def side(self) -> int | None:
        """As its configuration says."""
        return _side(self.path / CONFIG)


def clip_weights(variant: str, root: Path) -> ClipWeights:
    """What follows ``clip:`` on the command line.

    Args:
        variant: ``ARCH/TAG``, ``ARCH@FILE``, ``local-dir:FOLDER``, the path of a folder, or nothing for the
            default.
        root: the folder that relative paths start from.

    >>> clip_weights("ViT-L-14/openai", Path())
    Tagged(architecture='ViT-L-14', tag='openai')

    Raises:
        ConfigurationError: it names no weights, and open_clip would take random ones; or a path that is not
            there.
    """
    architecture, at, file = variant.partition("@")
    path = root / Path(variant.removeprefix(_LOCAL)).expanduser()
    if variant.startswith((_LOCAL, "/", "~", ".")) or (variant and path.is_dir()):
        return _folder(variant, path)
    if at:
        return _file(architecture, root / Path(file).expanduser())
    architecture, _, tag = (variant or _DEFAULT).rpartition("/")
    if not architecture or not tag:
        raise ConfigurationError(
            f"clip:{variant} names no weights, and a net with random ones is no model: write "
            f"clip:ARCH/TAG, e.g. clip:{_DEFAULT}, or clip:ARCH@FILE for a checkpoint of yours"
        )
    return Tagged(architecture.replace("/", "-"), tag)


def _folder(variant: str, path: Path) -> LocalFolder:
    if path.is_file():
        raise ConfigurationError(
            f"clip:{variant} is a file that does not say its architecture: write clip:ARCH@FILE, e.g. "
            f"clip:ViT-B-32@{path.name}"
        )
    if not path.is_dir():
        raise ConfigurationError(f"clip:{variant}: there is no folder {path}; give one that open_clip saved")
    if not (path / CONFIG).is_file():
        raise ConfigurationError(
            f"clip:{variant}: folder {path} holds no {CONFIG}; save the net with open_clip, or write "
            "clip:ARCH@FILE for a checkpoint file"
        )
    if not any(file.suffix in SUFFIXES for file in path.iterdir()):
        raise ConfigurationError(
            f"clip:{variant}: folder {path} holds no weights (*{', *'.join(SUFFIXES)}), and a net with "
            "random ones is no model; put the checkpoint beside the configuration"
        )
    return LocalFolder(path)


def _file(architecture: str, path: Path) -> CheckpointFile:
    written = f"clip:{architecture}@{path.name}"
    if not architecture:
        raise ConfigurationError(f"{written} lacks the architecture: write e.g. clip:ViT-B-32@{path.name}")
    if not path.is_file():
        raise ConfigurationError(f"{written}: there is no file {path}; give the path of a checkpoint")
    if path.suffix not in SUFFIXES:
        raise ConfigurationError(
            f"{written}: weights are read from *{', *'.join(SUFFIXES)}, not *{path.suffix}; save them as "
            "safetensors"
        )
    return CheckpointFile(architecture.replace("/", "-"), path)


def _known_side(architecture: str) -> int | None:
    """The input side of an architecture that ships with open_clip, read without importing it."""
    package = find_spec("open_clip")
    folders = (package.submodule_search_locations if package else None) or ()
    for folder in folders:
        return _side(Path(folder) / "model_configs" / f"{architecture}.json")
    return None


def _side(config: Path) -> int | None:
    """``image_size`` in a configuration of open_clip: a side, or height and width."""
    try:
        content = json.loads(config.read_text("utf-8"))
        size = content.get("model_cfg", content)["vision_cfg"]["image_size"]
        return max(map(int, size if isinstance(size, list) else [size]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        # Whatever is wrong with it is told when the net is loaded.
        return None


def _read(checksum: Callable[[Path], str], path: Path) -> str:
    try:
        return checksum(path)
    except OSError as error:
        raise ModelError(
            f"CLIP weights {path.name} cannot be read ({error.strerror}); check the file and its permissions"
        ) from error
