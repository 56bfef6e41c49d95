"""What Hypothesis calls when it is imported: `from_type` then knows this package's types.

Nothing heavy is loaded here: a type is registered when its own module is imported, and its strategy is made
when it is first drawn from.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from fer_audit.drawable import on_drawable

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis import strategies as st

__all__ = ["STRATEGIES", "register"]

STRATEGIES = {
    "Answer": "answers",
    "Counts": "count_tables",
    "Face": "faces",
    "Flips": "flips",
    "Gap": "gaps",
    "Measure": "measures",
    "NoAssociation": "associations",
    "Predictions": "predictions",
    "Ratio": "ratios",
    "Record": "records",
    "RunResult": "runs",
    "Slicing": "slicings",
    "Tally": "tallies",
    "Verdict": "verdicts",
}
"""The function of `fer_audit.strategies` that draws each type when it is called without arguments."""


def register() -> None:
    """Teach `hypothesis.strategies.from_type` the types of this package; the entry point of Hypothesis."""
    on_drawable(_register_one)


def _register_one(cls: type) -> None:
    # At the top this import would call the hook in a module that is not finished, where it is the first.
    from hypothesis import strategies as st  # noqa: PLC0415 - see above

    name = STRATEGIES.get(cls.__name__)
    if name is not None and cls.__module__.startswith("fer_audit."):
        st.register_type_strategy(cls, _resolver(name))


def _resolver(name: str) -> Callable[[type], st.SearchStrategy[object]]:
    def resolve(_cls: type) -> st.SearchStrategy[object]:
        strategy: st.SearchStrategy[object] = getattr(import_module("fer_audit.strategies"), name)()
        return strategy

    return resolve
