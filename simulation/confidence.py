"""Worlds in which a model says how sure it is, with a known overconfidence and Brier score.

A picture's confidence c is drawn evenly between two ends, a part of it by person. The answer is right with
probability c - o, o being the overconfidence of the slice and of the person, so that the mean of c - right is
o, and that of (c - right)^2 is c (1 - c) + (2c - 1) o, whatever the people are like.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from fer_audit.stats.tally import Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulation.shapes import Places
    from simulation.worlds import World

__all__ = ["Confidences", "People", "Score", "draw_scores", "true_scores"]

# Share of a picture's confidence that is the person's, between the two ends.
_PERSONAL = 0.5


class Score(StrEnum):
    """What is averaged."""

    OVERCONFIDENCE = "overconfidence"
    BRIER = "brier"


class People(StrEnum):
    """How people differ in how far the model is more sure of itself than right."""

    ALIKE = "people alike"
    EVEN = "people spread evenly"
    TAILED = "people with a long tail"
    FEW = "1 in 10 people off"
    FAR = "1 in 10 people far off"


@dataclass(frozen=True, slots=True)
class Confidences:
    """How sure a model is of its answers, and how people differ in how far it is right.

    Attributes:
        sure: the least and the largest confidence.
        people: how people differ.
    """

    sure: tuple[float, float]
    people: People = People.ALIKE


def true_scores(world: World, confidences: Confidences, score: Score) -> NDArray[np.float64]:
    """Shape (S,): the mean score of each slice; ``world.rates`` are the slices' overconfidence.

    Raises:
        ValueError: an overconfidence that leaves a probability outside 0 to 1.

    >>> from simulation.shapes import Strangers
    >>> from simulation.worlds import World
    >>> world = World(Strangers((8, 8), (1, 1)), (0.0, 0.1))
    >>> true_scores(world, Confidences((0.8, 0.8)), Score.BRIER).round(3).tolist()
    [0.16, 0.22]
    """
    low, high = confidences.sure
    if min(world.rates) < high - 1 or max(world.rates) > low:
        raise ValueError(f"overconfidence {world.rates} is not possible with confidences {low} to {high}")
    over = np.array(world.rates)
    if score is Score.OVERCONFIDENCE:
        return over
    middle = (low + high) / 2
    spread = (high - low) ** 2 / 12 * (_PERSONAL**2 + (1 - _PERSONAL) ** 2)
    return np.asarray(middle - middle**2 - spread + (2 * middle - 1) * over)


def draw_scores(
    world: World, confidences: Confidences, score: Score, runs: int, generator: np.random.Generator
) -> Tally:
    """Sums of a score, many times over on one set of people and images."""
    places = world.shape.place(generator)
    low, high = confidences.sure
    people = int(places.person.max()) + 1
    over = _over(world, confidences, places, runs, generator)[..., None]
    personal = generator.random((runs, people))[:, places.person, None]
    total = np.zeros((runs, *places.images.shape))
    for image in range(int(places.images.max())):
        share = _PERSONAL * personal + (1 - _PERSONAL) * generator.random(total.shape)
        sure = low + (high - low) * share
        right = generator.random(total.shape) < sure - over
        value = sure - right if score is Score.OVERCONFIDENCE else (sure - right) ** 2
        total += np.where(image < places.images, value, 0.0)
    return Tally(
        person=places.person.astype(np.int64),
        level=places.level.astype(np.int64),
        hits=total,
        images=places.images.astype(np.float64),
        levels=tuple(f"s{level}" for level in range(world.shape.slices)),
        labels=tuple(f"l{label}" for label in range(world.shape.labels)),
    )


def _over(
    world: World, confidences: Confidences, places: Places, runs: int, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Shape (runs, U): each person's own overconfidence; its mean over people is that of the slice."""
    mean = np.array(world.rates)[places.level]
    if confidences.people is People.ALIKE:
        return np.broadcast_to(mean, (runs, len(mean)))
    size = int(places.person.max()) + 1
    common = generator.standard_normal((runs, size))[:, places.person]
    own = generator.standard_normal((runs, len(places.person)))
    latent = np.sqrt(world.joined) * common + np.sqrt(1 - world.joined) * own
    if world.opposed:
        latent = np.where(places.level % 2 == 1, -latent, latent)
    rank = ndtr(latent)
    # The room that probabilities leave below and above the mean.
    down, up = mean - (confidences.sure[1] - 1), confidences.sure[0] - mean
    if confidences.people is People.EVEN:
        reach = np.minimum(np.minimum(down, up), 0.25)
        return np.asarray(mean + reach * (2 * rank - 1))
    if confidences.people is People.TAILED:
        # Exponential, cut off at five means: the mean lies above the least by a known share of the reach.
        tail = -np.log1p(-rank * (1 - np.exp(-5.0)))
        middle = 1 - 5 * np.exp(-5.0) / (1 - np.exp(-5.0))
        scale = np.minimum(np.minimum(down / middle, up / (5 - middle)), 0.15)
        return np.asarray(mean + scale * (tail - middle))
    # One in ten weighs as much as the other nine. Few who are off leave images of one person correlated by
    # less than the .2 that PASS reckons with, such as are far off by up to twice that.
    right = sum(confidences.sure) / 2 - mean
    most = 0.06 if confidences.people is People.FAR else np.sqrt(0.018 * right * (1 - right))
    scale = np.minimum(np.minimum(down, up / 9), most)
    return np.asarray(mean + np.where(latent > ndtri(0.9), 9 * scale, -scale))
