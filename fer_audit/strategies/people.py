"""People and what a model says of them: faces, answers, and how people are divided into groups."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from fer_audit.errors import ConfigurationError
from fer_audit.records import Answer, Face, Slicing
from fer_audit.strategies.designs import LABELS
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["ATTRIBUTES", "answers", "faces", "slicings"]

ATTRIBUTES = {"gender": ("female", "male"), "race": ("asian", "black", "white")}
"""Attributes that are drawn where none are named."""

_REASON = "left out by this test"


def slicings(
    attributes: Mapping[str, Sequence[str]] | Sequence[str] = tuple(ATTRIBUTES), *, max_attributes: int = 2
) -> st.SearchStrategy[Slicing]:
    """Divisions of people by one attribute or by the intersection of several.

    Args:
        attributes: names of attributes; with their levels, slicings also leave levels out, never so many that
            fewer than two slices remain.
        max_attributes: most attributes of one slicing.

    Raises:
        ConfigurationError: no attribute to divide by.
    """
    names = tuple(attributes)
    most = min(max_attributes, len(names))
    if most < 1:
        raise ConfigurationError(
            f"slicings({names!r}, max_attributes={max_attributes}) has nothing to divide by; name one "
            "or more attributes and allow at least one"
        )
    choices = [chosen for size in range(1, most + 1) for chosen in combinations(names, size)]
    if not isinstance(attributes, Mapping):
        return st.sampled_from(choices).map(Slicing)
    levels = {name: tuple(attributes[name]) for name in names}
    return st.one_of(*(_leaving_out(chosen, levels) for chosen in choices))


def _leaving_out(
    chosen: tuple[str, ...], levels: Mapping[str, tuple[str, ...]]
) -> st.SearchStrategy[Slicing]:
    slices = ["*".join(parts) for parts in product(*(levels[name] for name in chosen))]
    left_out = st.lists(st.sampled_from(slices), unique=True, max_size=max(len(slices) - 2, 0))
    return left_out.map(lambda out: Slicing(chosen, without=dict.fromkeys(sorted(out), _REASON)))


def faces(
    *, labels: Sequence[str] = LABELS, attributes: Mapping[str, Sequence[str]] | None = None
) -> st.SearchStrategy[Face]:
    """Labelled pictures by name: what a dataset lists, without a file.

    Args:
        labels: the label set.
        attributes: every attribute with its levels.
    """
    columns = ATTRIBUTES if attributes is None else attributes
    return st.builds(
        _face,
        person=st.integers(0, 99),
        picture=st.integers(0, 9),
        expression=st.sampled_from(list(labels)),
        attributes=st.fixed_dictionaries({k: st.sampled_from(list(v)) for k, v in columns.items()}),
    )


def _face(person: int, picture: int, expression: str, attributes: Mapping[str, str]) -> Face:
    identity = f"person{person:02}"
    return Face(f"{identity}/{expression}-{picture}.png", identity, expression, attributes)


def answers(
    labels: Sequence[str] = LABELS, *, kinds: Sequence[AnswerKind] = tuple(AnswerKind)
) -> st.SearchStrategy[Answer]:
    """What a model gave for one image: a label, with scores or without, or a reason why there is none.

    Args:
        labels: labels of the dataset.
        kinds: kinds of answer that may occur.

    Raises:
        ConfigurationError: answers without a label to give, or no kind at all.
    """
    choices: list[st.SearchStrategy[Answer]] = []
    if AnswerKind.ANSWERED in kinds and labels:
        percent = st.integers(0, 100)
        choices.append(
            st.builds(_answered, st.sampled_from(list(labels)), st.none() | percent, st.just(tuple(labels)))
        )
    silent = [kind for kind in kinds if kind is not AnswerKind.ANSWERED]
    if silent:
        words = st.sampled_from(["", "I cannot help with that.", "Concentration"])
        choices.append(st.builds(Answer, st.sampled_from(silent), raw=words))
    if not choices:
        raise ConfigurationError(
            f"answers({tuple(labels)!r}, kinds={tuple(map(str, kinds))!r}) can give nothing; name a label, "
            "or a kind that needs none"
        )
    return st.one_of(*choices)


def _answered(label: str, percent: int | None, labels: tuple[str, ...]) -> Answer:
    if percent is None:
        return Answer(AnswerKind.ANSWERED, label, raw=label)
    rest = (100 - percent) / 100 / max(len(labels) - 1, 1)
    scores = {one: percent / 100 if one == label else rest for one in labels}
    return Answer(AnswerKind.ANSWERED, label, scores, raw=label)
