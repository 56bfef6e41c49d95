"""Changing one attribute of a face may hardly ever change the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_audit.drawable import drawable
from fer_audit.errors import ConfigurationError
from fer_audit.stats.flips.scenes import list_scenes
from fer_audit.stats.measures import accuracy
from fer_audit.stats.verdicts.flips import judge_flips

if TYPE_CHECKING:
    from fer_audit.results import Verdict
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.evidence import Evidence
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.settings import Settings

__all__ = ["Flips"]

# Every pair of levels is bounded and rearranged; more levels than this are no counterfactual of one face.
_MOST_LEVELS = 60


@drawable
@dataclass(frozen=True, slots=True, repr=False)
class Flips:
    """Changing only this attribute changes the answer on at most so many faces.

    For attributes that vary within a person, such as the skin tone of a rendered face. What the model does on
    identical pictures is its own noise and is not counted. A face may stay wrong: this is about change.

    Attributes:
        at_most: share of faces, beyond the model's own noise, whose answer may truly change, strictly
            between 0 and 1.

    Raises:
        ConfigurationError: the tolerance lies outside.

    >>> Flips(at_most=0.05)
    Flips(at_most=0.05)
    """

    at_most: float = 0.05

    def __post_init__(self) -> None:
        if self.at_most == 0:
            raise ConfigurationError(
                "Flips(at_most=0) can never pass: no finite number of people shows that an answer never "
                "changes; name the share of faces that would still be acceptable, e.g. 0.05"
            )
        if not 0 < self.at_most < 1:
            raise ConfigurationError(
                f"Flips(at_most={self.at_most}) is no share of faces; "
                "give a number between 0 and 1, e.g. 0.05 for one face in twenty"
            )

    def __repr__(self) -> str:
        return f"Flips(at_most={self.at_most!r})"

    @property
    def measure(self) -> Measure:
        """Accuracy, which changes with some of the answers; a flip itself is no rate of one slice."""
        return accuracy

    def decide(self, evidence: Evidence, settings: Settings, /) -> Verdict:
        """PASS, FAIL or INCONCLUSIVE about the pair of levels whose answers change most.

        Raises:
            ConfigurationError: nobody is at two levels of the slicing, it is not known who is in which
                picture, there are no rows, or more levels than can be paired.
        """
        counts = evidence.counts
        name = counts.slicing.name
        if not counts.identified:
            raise ConfigurationError(
                f"{self!r} compares each person with himself, and nobody knows who is in these pictures; "
                "give identities"
            )
        if evidence.predictions is None:
            raise ConfigurationError(
                f"{self!r} needs the answers picture by picture, and only counts were kept; "
                "judge predictions, e.g. Audit(predictions, by=...)"
            )
        if len(counts.levels) > _MOST_LEVELS:
            raise ConfigurationError(
                f"{self!r} by {name!r} would pair {len(counts.levels)} levels; at most {_MOST_LEVELS} can be "
                "paired. Put its values into bands"
            )
        if len(counts.person) and not _is_within_people(counts):
            raise ConfigurationError(
                f"{self!r} by {name!r} has nobody to compare: no person is in two of its levels. It asks "
                "what changes when one face is shown differently: mark the test with slices that vary within "
                f"a person, such as a rendered skin tone, or hold {name!r} against a Gap"
            )
        scenes = list_scenes(evidence.predictions, counts.slicing)
        return judge_flips(scenes, counts.slicing, self.at_most, settings, criterion=repr(self))


def _is_within_people(counts: Counts) -> bool:
    return bool((np.bincount(counts.person) > 1).any())
