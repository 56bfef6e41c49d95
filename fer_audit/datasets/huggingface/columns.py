"""Which column of the library's features is what to an audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fer_audit.errors import DatasetError
from fer_audit.vocabulary import EXPRESSION, LABEL, expression_named

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Columns", "find_columns"]

_IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column is.

    Attributes:
        image: the column of pictures.
        label: the column of labels.
        is_expression: labels are expressions, and have synonyms.
        identified: a column says who is in the picture.
        attributes: columns of groups.
        covariates: columns of numbers with decimals.
        names: of columns that hold numbers of names, what each number stands for.
        left_out: columns of values that are neither.
    """

    image: str
    label: str
    is_expression: bool
    identified: bool
    attributes: tuple[str, ...]
    covariates: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    left_out: tuple[str, ...]


def find_columns(features: Mapping[str, Any], *, where: str) -> Columns:
    """The columns by their features.

    Args:
        features: the library's, by column.
        where: what the dataset is called in messages.

    Raises:
        DatasetError: no picture or no label among them, or labels that are numbers without names.
    """
    kinds = {name: _kind(feature) for name, feature in features.items()}
    pictures = [name for name, kind in kinds.items() if kind == "Image"]
    image = "image" if "image" in features else next(iter(pictures), None)
    label = next((name for name in (EXPRESSION, LABEL) if name in features), None)
    if image is None or label is None:
        raise DatasetError(
            f"{where}: it has the columns {', '.join(features)}; an audit needs image and label (or "
            "expression): rename them with rename_column"
        )
    if kinds[label] not in {"names", "words"}:
        raise DatasetError(
            f"{where}: column {label!r} is of {features[label]}, which says nothing in words; cast it to "
            "ClassLabel(names=[...])"
        )
    names = {name: tuple(features[name].names) for name, kind in kinds.items() if kind == "names"}
    rest = [name for name in features if name not in {image, label, _IDENTITY}]
    is_expression = label == EXPRESSION or all(map(expression_named, names.get(label, ("",))))
    return Columns(
        image,
        label,
        is_expression,
        _IDENTITY in features,
        tuple(name for name in rest if kinds[name] in {"names", "words", "whole"}),
        tuple(name for name in rest if kinds[name] == "decimal"),
        names,
        tuple(name for name in rest if kinds[name] not in {"names", "words", "whole", "decimal"}),
    )


def _kind(feature: object) -> str:
    """A feature as this package sees it; the library's own name for what it makes nothing of."""
    kind = type(feature).__name__
    if kind == "ClassLabel":
        return "names"
    if kind != "Value":
        return kind
    dtype = str(getattr(feature, "dtype", ""))
    if dtype in {"string", "large_string"}:
        return "words"
    if dtype == "bool" or dtype.startswith(("int", "uint")):
        return "whole"
    return "decimal" if dtype.startswith("float") else dtype
