"""On what terms a run asks, and in how many ways each question is put."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fer_audit.models.remote import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fer_audit.models import ModelSpec
    from fer_audit.records import Watch
    from fer_audit.wording import Wording

__all__ = ["Asking", "Way", "count_ways", "ways_of"]


@dataclass(frozen=True, slots=True)
class Asking:
    """On what terms a run asks.

    Attributes:
        prompts: wordings of the question, for models that take words.
        repeats: times that each wording is asked, for models that may answer otherwise the second time.
        live: models on the network may be asked; without it only what is stored is read.
        limits: how fast an endpoint may be asked.
        max_usd: what all processes of the run may spend together; None for no bound.
        run: name of the run, the same in all its processes; what is spent is counted under it.
        watch: who is told how it goes on.
        batch: endpoints are asked in batches, which may take a day and cost half.
    """

    prompts: int = 1
    repeats: int = 1
    live: bool = False
    limits: Limits = field(default_factory=Limits)
    max_usd: float | None = None
    run: str = "run"
    watch: Watch | None = None
    batch: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which every question of a cell is put.

    Attributes:
        wording: the words; None for a model that takes none.
        repeat: 0 for the first time of asking.
    """

    wording: Wording | None = None
    repeat: int = 0

    def describe(self) -> Mapping[str, str]:
        """What it adds to what the answers depend on.

        >>> Way().describe()
        {}
        >>> Way(repeat=2).describe()
        {'repeat': '2'}
        """
        words = dict(self.wording.describe()) if self.wording is not None else {}
        return words | ({"repeat": str(self.repeat)} if self.repeat else {})


def ways_of(model: ModelSpec, asking: Asking, *, labels: Sequence[str], task: str) -> tuple[Way, ...]:
    """Every way in which this model is asked; one for a model that takes no words and never varies.

    Args:
        model: the model.
        asking: how many wordings and repeats are wanted.
        labels: the dataset's labels.
        task: what they are of.

    Raises:
        ConfigurationError: the model has not so many wordings, none for this task, or answers with labels of
            another one.
    """
    model.check_labels(labels, task=task)
    wordings = model.ways(asking.prompts, labels=len(labels), task=task) or (None,)
    repeats = asking.repeats if model.varies else 1
    return tuple(Way(wording, repeat) for wording in wordings for repeat in range(repeats))


def count_ways(model: ModelSpec, asking: Asking) -> int:
    """In how many ways a model is asked that can be asked at all."""
    return (asking.prompts if model.wordings else 1) * (asking.repeats if model.varies else 1)
