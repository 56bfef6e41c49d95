"""Kinds of model that the command line knows: each makes a model from what follows its name."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from fer_audit.catalog import Catalog
from fer_audit.errors import ConfigurationError, did_you_mean
from fer_audit.models.clip import clip_model, clip_probe, clip_weights
from fer_audit.models.gemini import gemini_model
from fer_audit.models.huggingface import huggingface
from fer_audit.models.onnx import face_api, mini_xception, onnx_model
from fer_audit.models.openai import gpt_4o, openai_model
from fer_audit.models.oracle import oracle
from fer_audit.models.paligemma import paligemma, paligemma_generating
from fer_audit.models.specification import ModelSpec

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["FAMILIES", "Family", "short_name"]


@dataclass(frozen=True, slots=True)
class Family:
    """One kind of model, written ``NAME``, ``NAME:VARIANT`` or ``ALIAS=NAME:VARIANT``.

    Attributes:
        name: the word before the colon.
        build: makes the model from its short name, if one was given, its variant (empty where there is
            none) and the folder that relative paths start from. It loads nothing.
        usage: how it is written, for messages and listings.
        meaning: what it is, in one clause.
        needs_variant: it is nothing without a variant.
        takes_variant: it is one model, and nothing can follow its name.
        extra: of this package, which installs what it needs; empty where the package itself is enough.
        key: name of the environment variable that holds its key; empty where it needs none. Never the key.
    """

    name: str
    build: Callable[[str | None, str, Path], ModelSpec]
    usage: str
    meaning: str
    needs_variant: bool = False
    takes_variant: bool = True
    extra: str = ""
    key: str = ""


def short_name(family: str, variant: str) -> str:
    """The name of a model in test ids and reports, where nobody gave it one.

    A path gives its last part only: reports say nothing of folders.

    >>> short_name("clip", ""), short_name("clip", "ViT-L-14/openai"), short_name("hf", "/nets/my face/v2")
    ('clip', 'clip-ViT-L-14-openai', 'hf-v2')
    """
    kept = Path(variant).name if variant.startswith(("/", "~", ".")) else variant
    return re.sub(r"[^A-Za-z0-9_.]+", "-", f"{family}-{kept}").strip("-.")


def _onnx(alias: str | None, variant: str, root: Path) -> ModelSpec:
    path = root / Path(variant).expanduser()
    return onnx_model(alias or path.stem, path)


def _clip(alias: str | None, variant: str, root: Path) -> ModelSpec:
    weights = clip_weights(variant, root)
    return clip_model(alias or short_name("clip", weights.short), weights)


def _clip_probe(alias: str | None, variant: str, root: Path) -> ModelSpec:
    weights = clip_weights(variant, root)
    return clip_probe(alias or short_name("clip-probe", weights.short), weights)


def _gpt_4o(alias: str | None, variant: str, _: Path) -> ModelSpec:
    return gpt_4o(alias or short_name("gpt-4o", variant), variant)


def _openai(alias: str | None, variant: str, _: Path) -> ModelSpec:
    return openai_model(alias or short_name("openai", variant), variant)


def _gemini(alias: str | None, variant: str, _: Path) -> ModelSpec:
    # Most names of the vendor begin with the family's own.
    return gemini_model(alias or short_name("gemini", variant.removeprefix("gemini-")), variant)


def _oracle(alias: str | None, variant: str, _: Path) -> ModelSpec:
    return oracle(alias or "oracle", variant)


def _python(alias: str | None, variant: str, _: Path) -> ModelSpec:
    """A factory ``package.module:factory``: called with the labels, it returns an object with recognize."""
    name = alias or variant.rpartition(":")[2]
    module_name, colon, factory_name = variant.partition(":")
    if not colon or not module_name or not factory_name:
        raise ConfigurationError(
            f"model {name!r}: cannot read {variant!r}; write python:package.module:factory"
        )
    # pytest's own import modes leave the working directory off the path; a factory beside it must be found.
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)
    try:
        module = import_module(module_name)
    except (Exception, SystemExit) as error:
        raise ConfigurationError(
            f"model {name!r}: cannot import {module_name!r} ({error}); install it or run from its folder"
        ) from error
    factory = getattr(module, factory_name, None)
    if not callable(factory):
        raise ConfigurationError(
            f"model {name!r}: module {module_name!r} has no callable {factory_name!r}; "
            f"{did_you_mean(factory_name, [n for n in dir(module) if not n.startswith('_')])}"
        )
    return ModelSpec(name=name, load=factory)


def _checkpoint(
    family: str, model: Callable[[str, str, Path], ModelSpec]
) -> Callable[[str | None, str, Path], ModelSpec]:
    """A model in a folder or on the hub; of a commit reports show as much as people read."""

    def build(alias: str | None, variant: str, root: Path) -> ModelSpec:
        written = f"./{variant}" if variant and (root / variant).is_dir() else variant
        shown = re.sub(r"@([0-9a-f]{7})[0-9a-f]{33}$", r"@\1", written)
        return model(alias or short_name(family, shown), variant, root)

    return build


def _embedded(model: Callable[[], ModelSpec]) -> Callable[[str | None, str, Path], ModelSpec]:
    """A model that ships with the package and has one name only."""
    return lambda _alias, _variant, _root: model()


FAMILIES = Catalog(
    "model",
    (
        Family(
            "mini-xception",
            _embedded(mini_xception),
            "mini-xception",
            "the embedded net: 58,423 parameters, trained on FER2013",
            takes_variant=False,
        ),
        Family(
            "face-api",
            _embedded(face_api),
            "face-api",
            "the second embedded net: 323,687 parameters, from face-api.js",
            takes_variant=False,
        ),
        Family(
            "onnx",
            _onnx,
            "NAME=onnx:PATH.onnx",
            "a net in a file, with a sidecar beside it",
            needs_variant=True,
        ),
        Family(
            "clip",
            _clip,
            "clip, clip:ARCH/TAG, clip:ARCH@FILE or clip:local-dir:FOLDER",
            "CLIP by prompts, through open_clip; ViT-B-32/laion2b_s34b_b79k where nothing is said",
            extra="clip",
        ),
        Family(
            "clip-probe",
            _clip_probe,
            "clip-probe, with the variants of clip",
            "a linear classifier on CLIP's vectors, fitted to other people than those it answers for",
            extra="clip",
        ),
        Family(
            "gpt-4o",
            _gpt_4o,
            "gpt-4o or gpt-4o:2024-08-06",
            "GPT-4o over OpenAI's API, at a dated snapshot",
            extra="openai",
            key="OPENAI_API_KEY",
        ),
        Family(
            "openai",
            _openai,
            "openai:MODEL, with OPENAI_BASE_URL for a server of your own",
            "a model behind OpenAI's protocol: vLLM, Ollama, llama.cpp, LM Studio, a gateway",
            needs_variant=True,
            extra="openai",
            key="OPENAI_API_KEY",
        ),
        Family(
            "paligemma",
            _checkpoint("paligemma", paligemma),
            "paligemma, paligemma:FOLDER or paligemma:OWNER/NAME@REVISION",
            "PaliGemma of 3 billion parameters, by the likelihood of each label",
            extra="paligemma",
        ),
        Family(
            "paligemma-generate",
            _checkpoint("paligemma-generate", paligemma_generating),
            "paligemma-generate, with what paligemma takes",
            "PaliGemma, by what it says in its own words",
            extra="paligemma",
        ),
        Family(
            "hf",
            _checkpoint("hf", huggingface),
            "hf:FOLDER or hf:OWNER/NAME@REVISION",
            "an image classifier of transformers, in a folder or on the Hugging Face hub",
            needs_variant=True,
            extra="huggingface",
        ),
        Family(
            "gemini",
            _gemini,
            "gemini or gemini:gemini-3.5-flash",
            "a Gemini model over Google's API",
            extra="gemini",
            key="GEMINI_API_KEY",
        ),
        Family(
            "python",
            _python,
            "NAME=python:package.module:factory",
            "what a factory of yours returns",
            needs_variant=True,
        ),
        Family("oracle", _oracle, "oracle:error=.2,icc=.2", "a stand-in that errs as told; no model"),
    ),
)
"""Every kind of model that ships with the package."""
