"""From a name on the command line to a model: ``clip``, ``mine=onnx:net.onnx``, ``oracle:error=.2``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError, UnknownNameError, did_you_mean
from fer_audit.models.onnx import onnx_model
from fer_audit.models.oracle import oracle
from fer_audit.models.specification import ModelSpec

if TYPE_CHECKING:
    from fer_audit.catalog import Catalog

__all__ = ["FAMILIES", "choose_model"]

FAMILIES = ("onnx", "oracle", "python")
"""Kinds of model that take a variant: a network file, a script, a factory."""


def choose_model(text: str, catalog: Catalog[ModelSpec], *, root: Path) -> ModelSpec:
    """The model that ``NAME``, ``FAMILY:VARIANT`` or ``ALIAS=FAMILY:VARIANT`` asks for.

    Args:
        text: the option's value.
        catalog: every registered model.
        root: the folder that relative paths start from.

    Raises:
        UnknownNameError: nobody registered the name.
        ConfigurationError: the variant is missing, not taken, or cannot be read.
        ModelError: the network file or its sidecar cannot be used.
    """
    head, _, variant = text.partition(":")
    alias, equals, family = head.rpartition("=")
    if not equals and text in catalog:
        return catalog[text]
    match family:
        case "oracle":
            return oracle(alias or "oracle", variant)
        case "onnx" if variant:
            path = root / Path(variant).expanduser()
            return onnx_model(alias or path.stem, path)
        case "python" if variant:
            return _python_model(alias or variant.rpartition(":")[2], variant)
        case "onnx" | "python":
            raise ConfigurationError(
                f"model {text!r} lacks its variant; write NAME=onnx:PATH.onnx or "
                "NAME=python:package.module:factory"
            )
    if family not in catalog:
        known = [*(spec.name for spec in catalog), *FAMILIES]
        raise UnknownNameError(f"unknown model {family!r}; {did_you_mean(family, known)}")
    if variant:
        raise ConfigurationError(
            f"model {family!r} takes no variant, but {variant!r} was given; write {family}"
        )
    raise ConfigurationError(f"model {family!r} already has a name; write {family} without {alias + '='!r}")


def _python_model(name: str, target: str) -> ModelSpec:
    """A factory ``package.module:factory``: called with the labels, it returns an object with recognize."""
    module_name, colon, factory_name = target.partition(":")
    if not colon or not module_name or not factory_name:
        raise ConfigurationError(
            f"model {name!r}: cannot read {target!r}; write python:package.module:factory"
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
