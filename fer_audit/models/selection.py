"""From a name on the command line to a model: ``clip``, ``mine=onnx:net.onnx``, ``oracle:error=.2``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError, DuplicateNameError, UnknownNameError, did_you_mean
from fer_audit.models.families import FAMILIES

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.catalog import Catalog
    from fer_audit.models.specification import ModelSpec

__all__ = ["MODELS", "choose_model"]

MODELS = "fer_audit.models"
"""The group of entry points under which packages offer models: a function that returns specifications."""


def choose_model(text: str, catalog: Catalog[ModelSpec], *, root: Path) -> ModelSpec:
    """The model that ``NAME``, ``FAMILY:VARIANT`` or ``ALIAS=FAMILY:VARIANT`` asks for.

    Args:
        text: the option's value.
        catalog: models registered by hooks and entry points, beside the families that ship with the package.
        root: the folder that relative paths start from.

    Raises:
        UnknownNameError: nobody registered the name.
        ConfigurationError: the variant is missing, not taken, or cannot be read.
        DuplicateNameError: a model was registered under the name of a family.
        ModelError: the network file or its sidecar cannot be used.
    """
    for spec in catalog:
        if spec.name in FAMILIES:
            raise DuplicateNameError(
                f"model {spec.name!r} is registered twice; the package has one of that name, so rename yours"
            )
    head, _, variant = text.partition(":")
    alias, equals, family = head.rpartition("=")
    if not equals and text in catalog:
        return catalog[text]
    if family in FAMILIES:
        found = FAMILIES[family]
        if found.needs_variant and not variant:
            raise ConfigurationError(f"model {text!r} lacks its variant; write {found.usage}")
        if found.takes_variant or not (variant or equals):
            return found.build(alias or None, variant, root)
    elif family not in catalog:
        known = [item.name for group in (catalog, FAMILIES) for item in group]
        raise UnknownNameError(f"unknown model {family!r}; {did_you_mean(family, known)}")
    if variant:
        raise ConfigurationError(
            f"model {family!r} takes no variant, but {variant!r} was given; write {family}"
        )
    raise ConfigurationError(f"model {family!r} already has a name; write {family} without {alias + '='!r}")
