"""A checkpoint file looked into before open_clip reads it: whole, numbers only, and for which activation."""

from __future__ import annotations

import pickle
import re
import warnings
import zipfile
from typing import TYPE_CHECKING

import open_clip
import torch
from safetensors import SafetensorError, safe_open

from fer_audit.errors import ModelError, first_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["check_activation", "parameters_in"]

_OF_OPENAI = frozenset({"input_resolution", "context_length", "vocab_size"})  # left by OpenAI's own export


def parameters_in(path: Path, *, model: str) -> frozenset[str]:
    """Names of the parameters in a file of weights; nothing in it is ever executed.

    Args:
        path: the file.
        model: short name, for messages.

    Raises:
        ModelError: it is cut off or broken, or holds more than numbers.
    """
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                return frozenset(file.keys())
        if _is_script(path):
            raise ModelError(
                f"model {model!r}: {path.name} is a TorchScript archive, a program and not only weights; use "
                "the tag, e.g. clip:ViT-B-32/openai, or save its state dict as safetensors"
            )
        # What it warns of is judged here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path))
    except pickle.UnpicklingError as error:
        # What torch itself says ends in advice to run the file.
        named = re.search(r"GLOBAL ([\w.]+)", str(error))
        if named is None:
            raise _broken(model, path, "no pickle of numbers") from error
        raise ModelError(
            f"model {model!r}: {path.name} is a pickle that holds more than numbers ({named[1]}), and "
            "reading it could run that: save net.state_dict() as safetensors"
        ) from error
    except (SafetensorError, OSError, RuntimeError, ValueError, TypeError, KeyError, EOFError) as error:
        raise _broken(model, path, first_line(error)) from error
    state = content.get("state_dict", content) if isinstance(content, dict) else None
    if not isinstance(state, dict) or not state:
        raise ModelError(
            f"model {model!r}: checkpoint {path.name} holds no state dict but {type(content).__name__}; save "
            "net.state_dict() as safetensors"
        )
    return frozenset(map(str, state))


def check_activation(
    architecture: str, path: Path, parameters: Iterable[str], config: Mapping[str, object], *, model: str
) -> None:
    """Refuse weights that were trained with QuickGELU in a net without it: it would answer, and wrongly.

    The numbers do not tell; the file's name does, and what OpenAI's export leaves in it.

    Raises:
        ModelError: the architecture has the wrong activation.
    """
    if config.get("quick_gelu"):
        return
    known = open_clip.list_pretrained_tags_by_model(architecture)
    quick = [
        tag for tag in known if (open_clip.get_pretrained_cfg(architecture, tag) or {}).get("quick_gelu")
    ]
    written = path.stem.casefold().replace("-", "_")
    named = next((tag for tag in quick if tag in written), None)
    if named is None and not _OF_OPENAI.isdisjoint(parameters):
        named = "openai"
    if named is not None:
        raise ModelError(
            f"model {model!r}: {path.name} holds weights of {named!r}, trained with QuickGELU, which "
            f"architecture {architecture!r} does not have: its scores would be wrong without a word; write "
            f"clip:{architecture}-quickgelu@{path.name}"
        )


def _is_script(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def _broken(model: str, path: Path, reason: str) -> ModelError:
    return ModelError(
        f"model {model!r}: checkpoint {path.name} is cut off or broken ({reason}); fetch or save it again"
    )
