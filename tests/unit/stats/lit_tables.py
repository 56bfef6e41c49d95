"""Prediction tables in which light differs between two groups of people."""

from __future__ import annotations

import numpy as np
import pandas as pd

from fer_audit.predictions import Predictions

LABELS = ("anger", "fear", "happiness")


def lit_frame(
    *,
    people: int = 30,
    images: int = 4,
    left: tuple[float, float] = (0.7, 0.3),
    effect: float = 1.2,
    brightness: float = 0.0,
    direct: float = 0.0,
    base: float = 1.0,
    seed: int = 1,
) -> pd.DataFrame:
    """Group a is lit from the left more often than group b; faces lit from the left are easier to read.

    Args:
        people: of each group.
        images: of each label a person.
        left: share of images lit from the left, in a and b.
        effect: log odds that light from the left adds and from the right takes.
        brightness: log odds for each unit of brightness, of which a has one more than b.
        direct: log odds that group b loses whatever the light.
        base: log odds of the rest.
        seed: of the draw.
    """
    generator = np.random.default_rng(seed)
    rows = []
    for who in range(2 * people):
        group = who // people
        for label in LABELS:
            for _ in range(images):
                light = "left" if generator.random() < left[group] else "right"
                bright = generator.standard_normal() + 0.5 - group
                odds = base + (effect if light == "left" else -effect) + brightness * bright - direct * group
                right = generator.random() < 1 / (1 + np.exp(-odds))
                rows.append(
                    {
                        "identity": f"p{who:03}",
                        "race": "ab"[group],
                        "expression": label,
                        "predicted": label if right else "disgust",
                        "light": light,
                        "age": 20 + who % 23,
                        "brightness": bright,
                    }
                )
    return pd.DataFrame(rows)


def predictions_of_frame(frame: pd.DataFrame) -> Predictions:
    """The frame as predictions."""
    return Predictions.from_pandas(frame)
