"""A CLIP net opened by open_clip, with everything that can be wrong with it told in words."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Protocol

import open_clip

from fer_audit.errors import ConfigurationError, ModelError, UnknownNameError, did_you_mean, one_line
from fer_audit.models.clip.checkpoint import check_activation, parameters_in
from fer_audit.models.clip.weights import SUFFIXES, CheckpointFile, LocalFolder, Tagged

if TYPE_CHECKING:
    from collections.abc import Callable

    import torch
    from PIL.Image import Image

    from fer_audit.models.clip.weights import ClipWeights

__all__ = ["Loaded", "Net", "load_clip"]


class Net(Protocol):
    """The two towers, as every class of open_clip has them."""

    logit_scale: torch.Tensor

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        """Features of prepared pictures: shape (images, dimensions)."""
        ...

    def encode_text(self, text: torch.Tensor) -> torch.Tensor:
        """Features of tokens: shape (texts, dimensions)."""
        ...

    def to(self, device: torch.device, dtype: torch.dtype) -> Net:
        """The same net, elsewhere and in another precision."""
        ...

    def eval(self) -> Net:
        """The same net, as it answers."""
        ...


@dataclass(frozen=True, slots=True)
class Loaded:
    """A net as open_clip gives it, in fp32 on the processor.

    Attributes:
        net: the two towers.
        preprocess: from a picture to the net's input.
        tokenize: from texts to theirs.
        dimensions: length of a vector in numbers.
    """

    net: Net
    preprocess: Callable[[Image], torch.Tensor]
    tokenize: Callable[[list[str]], torch.Tensor]
    dimensions: int


def load_clip(name: str, weights: ClipWeights) -> Loaded:
    """Open a net with its own preprocessing and tokenizer; what its files hold is never run.

    Args:
        name: short name of the model, for messages.
        weights: the net.

    Raises:
        UnknownNameError: open_clip knows no such architecture or tag.
        ModelError: the weights cannot be fetched, read, trusted, or do not fit the architecture.
    """
    match weights:
        case Tagged():
            _check_architecture(name, weights.architecture)
            return _open(name, weights.architecture, _known_tag(name, weights), quick=_is_quick(weights))
        case CheckpointFile():
            _check_architecture(name, weights.architecture)
            parameters = parameters_in(weights.path, model=name)
            config = open_clip.get_model_config(weights.architecture)
            check_activation(weights.architecture, weights.path, parameters, config, model=name)
            return _open(name, weights.architecture, str(weights.path))
        case LocalFolder():
            for file in sorted(weights.path.iterdir()):
                if file.suffix in SUFFIXES:
                    parameters_in(file, model=name)
            return _open(name, f"local-dir:{weights.path}", None)
    raise ConfigurationError(f"model {name!r}: {weights!r} is no kind of CLIP weights; use clip_weights")


def _check_architecture(name: str, architecture: str) -> None:
    known = open_clip.list_models()
    if architecture not in known:
        near = ", ".join(get_close_matches(architecture, known, n=3))
        raise UnknownNameError(
            f"model {name!r}: open_clip {open_clip.__version__} has no architecture {architecture!r}; "
            + (f"near it are {near}; " if near else "")
            + f"open_clip.list_models() lists all {len(known)}"
        )


def _known_tag(name: str, weights: Tagged) -> str:
    if not open_clip.get_pretrained_cfg(weights.architecture, weights.tag):
        known = open_clip.list_pretrained_tags_by_model(weights.architecture)
        raise UnknownNameError(
            f"model {name!r}: open_clip {open_clip.__version__} has no weights {weights.tag!r} for "
            f"{weights.architecture!r}; {did_you_mean(weights.tag, known)}"
        )
    return weights.tag


def _is_quick(weights: Tagged) -> bool:
    """The weights were trained with QuickGELU, whether or not the name of the architecture says so."""
    return bool(open_clip.get_pretrained_cfg(weights.architecture, weights.tag).get("quick_gelu"))


def _open(name: str, source: str, pretrained: str | None, *, quick: bool = False) -> Loaded:
    try:
        # What it warns of is either refused before, or about the packages it uses.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            config = open_clip.get_model_config(source)
            net, preprocess = open_clip.create_model_from_pretrained(
                source, pretrained, precision="fp32", device="cpu", weights_only=True, force_quick_gelu=quick
            )
            foreign = bool(config["text_cfg"].get("hf_tokenizer_name"))
            tokenize = open_clip.get_tokenizer(source, **({"trust_remote_code": False} if foreign else {}))
            return Loaded(net, preprocess, tokenize, int(config["embed_dim"]))
    except Exception as error:
        raise _in_words(name, source, pretrained, error) from error


def _in_words(name: str, source: str, pretrained: str | None, error: Exception) -> ModelError:
    said = str(error)
    reason = one_line(error)
    if "Failed to download" in said:
        return ModelError(
            f"model {name!r}: the weights {source}/{pretrained} are not on this machine and could not be "
            f"fetched ({reason}); go online once and they are kept, or give a file: clip:{source}@FILE"
        )
    # Positions of another width are an assertion of open_clip, all else a list of torch.
    if "Error(s) in loading state_dict" in said or isinstance(error, AssertionError):
        return ModelError(
            f"model {name!r}: the weights do not fit the architecture ({reason}); name the one they were "
            "trained with"
        )
    return ModelError(
        f"model {name!r}: open_clip {open_clip.__version__} cannot load it ({type(error).__name__}: "
        f"{reason}); check its files, or save it with open_clip again"
    )
