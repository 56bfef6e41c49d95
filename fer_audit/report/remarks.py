"""What the statistics remark on a verdict, in the words of its cell: rendered identities are never people.

Reasons and notes arrive as sentences about people. A cell says what its observations are, so that the word
is chosen here, where both are known; names of groups and labels stay as they are written.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fer_audit.errors import ConfigurationError
from fer_audit.report.names import clean
from fer_audit.report.quantities import plural
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fer_audit.results import RunResult, Verdict

__all__ = ["PACKAGES", "remarks", "settings_in_words", "settings_note", "software", "worded"]

PACKAGES = (
    "numpy",
    "scipy",
    "onnxruntime",
    "pillow",
    "torch",
    "open_clip_torch",
    "transformers",
    "scikit-learn",
    "openai",
    "google-genai",
)
"""Packages that answer and judge beside this one: a report tells the version of those that are installed."""

_SOFTWARE = ("fer_audit", "python", *PACKAGES)
_SETTINGS = {
    "alpha": "error rate of each criterion (alpha)",
    "least_people": "fewest {units} for a slice or a label to be assessed",
    "fail_floor": "correlation between images of one {unit} that FAIL reckons with, at least",
    "pass_floor": "correlation between images of one {unit} that PASS assumes, unless the data show more",
}


def worded(text: str, verdict: Verdict, unit: str = "person") -> str:
    """A remark with its observations called by their name.

    Args:
        text: what the statistics say; their observations are people there.
        verdict: gives the names of slices and labels, which are left alone.
        unit: what one observation is, as the cell calls it.

    >>> from fer_audit.results import Outcome, Verdict
    >>> verdict = Verdict("Gap(accuracy, at_most=0.1)", "accuracy", "difference", "crowd", Outcome.PASS,
    ...                   0.0, 0.0, 0.0, 0.1, people_needed={"many people": 9})
    >>> worded("many people: 1 people, each person once", verdict, "rendered identity")
    'many people: 1 rendered identity, each rendered identity once'
    """
    told = clean(text)
    one, many = clean(unit), plural(unit)
    # Standard phrases of the statistics; the longer ones come first.
    words = {
        "between-person": f"between-{one.replace(' ', '-')}",
        "1 people": f"1 {one}",
        "people": many,
        "person": one,
        "everybody": f"every {one}",
        "nobody": f"no {one}",
        "hardly anyone": f"hardly any {one}",
    }
    if unit == "person":
        words = {"1 people": "1 person"}
    # A name is matched as it reads after cleaning; an empty one would match between any two letters. One that
    # is itself such a word cannot be told from it.
    named = sorted({clean(name) for name in _names(verdict)} - {""}, key=len, reverse=True)
    either = "|".join(re.escape(word) for word in (*named, *words))
    return re.sub(rf"(?<!\w)(?:{either})(?!\w)", lambda found: words.get(found[0], found[0]), told)


def remarks(result: RunResult, verdict: Verdict, unit: str = "person") -> tuple[str, ...]:
    """The notes of one verdict; what the run's settings say already is left out."""
    common = settings_note(result)
    return tuple(worded(note, verdict, unit) for note in verdict.notes if note != common)


def settings_note(result: RunResult) -> str:
    """The note that every verdict of a run carries because the settings are its settings, or nothing."""
    told = result.settings
    try:
        return Settings(
            alpha=float(told["alpha"]),
            fail_floor=float(told["fail_floor"]),
            pass_floor=float(told["pass_floor"]),
            least_people=int(told["least_people"]),
        ).note
    except (KeyError, ValueError, ConfigurationError):
        return ""


def settings_in_words(result: RunResult, *, unit: str, units: str) -> tuple[str, ...]:
    """What the verdicts of a run assume, and what it was started with; one line each.

    Args:
        result: the run.
        unit: what one observation is.
        units: what several are.
    """
    lines = []
    for name, value in sorted(result.settings.items()):
        if name in _SOFTWARE:
            continue
        words = _SETTINGS.get(name, "").replace("{units}", units).replace("{unit}", unit)
        lines.append(f"{words or clean(name).replace('_', ' ')}: {clean(value)}")
    return tuple(lines)


def software(result: RunResult) -> str:
    """What judged and asked, with versions, or nothing where the run does not say."""
    told = result.settings
    return ", ".join(f"{name} {clean(told[name])}" for name in _SOFTWARE if name in told)


def _names(verdict: Verdict) -> Iterator[str]:
    for pair in verdict.comparisons:
        yield from (pair.a, pair.b, *pair.labels)
    yield from verdict.people_needed
    yield from verdict.labels_left_out
    for entry in verdict.not_assessable:
        yield from entry.name.split(" / ")
    for level, _ in verdict.excluded:
        yield level
