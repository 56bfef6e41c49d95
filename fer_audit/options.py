"""One declaration of every option, for the plug-in, for a checkout's short aliases and for help texts."""

from __future__ import annotations

from argparse import ArgumentTypeError
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["INI_KEYS", "OPTIONS", "AddOption", "IniKey", "Option", "add_options"]

_MOST_TIMES = 100


@dataclass(frozen=True, slots=True)
class Option:
    """One option.

    Attributes:
        name: without prefix, e.g. ``model``; the destination is ``fer_model``.
        help: what it does, in one clause.
        metavar: the value's form; empty for a flag.
        repeatable: may be given several times.
        type: reads the value.
    """

    name: str
    help: str
    metavar: str = ""
    repeatable: bool = False
    type: Callable[[str], str | int | float] = str


@dataclass(frozen=True, slots=True)
class IniKey:
    """One configuration key of the project's pytest section.

    Attributes:
        name: the key.
        help: what it does.
        type: how pytest reads it.
        default: its value where the project says nothing.
    """

    name: str
    help: str
    type: Literal["args", "bool", "string"]
    default: object


def _people(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number of people; give 1 or more")
    return int(text)


def _times(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_TIMES:
        raise ArgumentTypeError(f"{text!r} is no number of times; give 1 to {_MOST_TIMES}")
    return int(text)


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = -1.0
    if not 0 < amount < inf:
        raise ArgumentTypeError(f"{text!r} is no amount; give a number above 0")
    return amount


OPTIONS = (
    Option(
        "model",
        "model to audit, e.g. mini-xception, mine=onnx:net.onnx",
        "[ALIAS=]NAME[:VARIANT]",
        repeatable=True,
    ),
    Option(
        "dataset", "faces to audit it on, e.g. faces, manifest=people.csv", "NAME[=PATH]", repeatable=True
    ),
    Option(
        "demographics",
        "table (.csv or .parquet) of what is known of people or pictures, joined to a dataset by its column "
        "identity or image",
        "[NAME=]FILE",
        repeatable=True,
    ),
    Option(
        "derive",
        "further attributes: age_band from a column age; ita_band_measured, monk_measured from the pixels",
        "A,B",
    ),
    Option(
        "predictions",
        "judge a finished prediction table (.csv or .parquet) instead of asking a model",
        "FILE",
    ),
    Option("slices", "judge these slicings only, e.g. gender,gender*race (or gender.race)", "A,B*C"),
    Option(
        "measure",
        "numbers about each picture, for criteria given them: brightness, contrast, blur, size, or a column",
        "A,B",
    ),
    Option("prompts", "ask models that take words in so many wordings", "N", type=_times),
    Option("repeats", "ask models that may answer otherwise the second time so often", "N", type=_times),
    Option("live", "ask models on the network what the store does not hold"),
    Option("max-usd", "what this run may spend on them, in US dollars", "N", type=_amount),
    Option("rpm", "requests a minute that the endpoint permits", "N", type=_amount),
    Option("tpm", "tokens a minute that the endpoint permits", "N", type=_amount),
    Option("report", "folder of the fairness report (default: fairness-report)", "DIR"),
    Option("store", "folder of the prediction store (default: .fer_audit/store)", "PATH"),
    Option("baseline", "report folder of an earlier release, for criteria such as NoWorseThan", "REPORT_DIR"),
    Option("fail-inconclusive", "count an INCONCLUSIVE verdict as a failure"),
    Option("allow-inconclusive", "do not fail a run in which nothing could be decided"),
    Option(
        "limit-people", "a smoke run on this many people; the report is marked partial", "N", type=_people
    ),
)

INI_KEYS = (
    IniKey("fer_models", "models to audit where no option names one", "args", []),
    IniKey("fer_datasets", "datasets to audit on where no option names one", "args", []),
    IniKey("fer_measure", "numbers about each picture where no option names any", "args", []),
    IniKey(
        "fer_required",
        "a run of audit tests without a model is a usage error, not a row of skips",
        "bool",
        False,
    ),
    IniKey("fer_alpha", "error probability of each criterion (default: 0.05)", "string", "0.05"),
)


class AddOption(Protocol):
    """How pytest (a parser or an option group) takes an option."""

    def __call__(self, *opts: str, **attrs: object) -> None:
        """Declare one option."""
        ...


def add_options(addoption: AddOption, *, prefix: str) -> None:
    """Declare every option under a prefix.

    Args:
        addoption: ``parser.addoption`` or ``group.addoption``.
        prefix: ``--fer-`` in the plug-in; a repository that owns its command line may add ``--``.
    """
    for option in OPTIONS:
        destination = f"fer_{option.name.replace('-', '_')}"
        if not option.metavar:
            addoption(f"{prefix}{option.name}", dest=destination, action="store_true", help=option.help)
        elif option.repeatable:
            addoption(
                f"{prefix}{option.name}",
                dest=destination,
                action="append",
                metavar=option.metavar,
                help=option.help,
            )
        else:
            addoption(
                f"{prefix}{option.name}",
                dest=destination,
                metavar=option.metavar,
                type=option.type,
                help=option.help,
            )
