"""Hypothesis strategies: tables, answers and pictures to test models, parsers and statistics with.

`pip install fer-audit[hypothesis]`. Names are resolved when first used: Hypothesis imports this package
wherever it is installed (see `registration`), and a suite that draws nothing of ours shall not pay for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer_audit.strategies.counting import count_tables, tallies
    from fer_audit.strategies.demands import associations, criteria, flips, gaps, measures, ratios, scores
    from fer_audit.strategies.designs import TableDesign, table_designs
    from fer_audit.strategies.findings import records, runs, verdicts
    from fer_audit.strategies.people import answers, faces, slicings
    from fer_audit.strategies.pictures import ImageTransform, image_transforms
    from fer_audit.strategies.speech import RawAnswer, raw_answers
    from fer_audit.strategies.tables import predictions

__all__ = [
    "ImageTransform",
    "RawAnswer",
    "TableDesign",
    "answers",
    "associations",
    "count_tables",
    "criteria",
    "faces",
    "flips",
    "gaps",
    "image_transforms",
    "measures",
    "predictions",
    "ratios",
    "raw_answers",
    "records",
    "runs",
    "scores",
    "slicings",
    "table_designs",
    "tallies",
    "verdicts",
]

_HOMES = {
    "counting": ("count_tables", "tallies"),
    "demands": ("associations", "criteria", "flips", "gaps", "measures", "ratios", "scores"),
    "designs": ("TableDesign", "table_designs"),
    "findings": ("records", "runs", "verdicts"),
    "people": ("answers", "faces", "slicings"),
    "pictures": ("ImageTransform", "image_transforms"),
    "speech": ("RawAnswer", "raw_answers"),
    "tables": ("predictions",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    try:
        home = _HOME_OF[name]
    except KeyError:
        raise AttributeError(f"module 'fer_audit.strategies' has no attribute {name!r}") from None
    return getattr(import_module(f"fer_audit.strategies.{home}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
