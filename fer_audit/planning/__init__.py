"""Planning an audit: how many people it takes before there are data, and what data could show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_audit.audit import Audit
from fer_audit.criteria import Gap, Ratio
from fer_audit.errors import ConfigurationError
from fer_audit.planning.answers import DataProspect, StudyPlan
from fer_audit.predictions import Predictions
from fer_audit.stats.measures import accuracy
from fer_audit.stats.planning.prospect import Truth, assume_truth, foresee
from fer_audit.stats.planning.study import Study, people_needed, power_curve
from fer_audit.stats.ratios.comparison import RatioClaim
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fer_audit.records import Slicing
    from fer_audit.stats.measures import Measure
    from fer_audit.stats.planning.power import Claim
    from fer_audit.stats.planning.study import CurvePoint

__all__ = ["DataProspect", "StudyPlan", "plan", "prospect"]

_POINTS = 10
_MOST_DRAWN = 1_000
_FEWEST_GROUPS = 2
_ASSUMED = Truth(rate=0.85, correlation=0.1)


def plan(
    *,
    tolerance: float = 0.1,
    ratio: float | None = None,
    difference: float = 0.05,
    rate: float = 0.85,
    assumed: float | None = None,
    slices: int = 2,
    images: int = 1,
    labels: int = 1,
    correlation: float = 0.1,
    paired: bool = False,
    power: float = 0.8,
    alpha: float = 0.05,
    curve: bool = False,
    on_step: Callable[[], None] | None = None,
) -> StudyPlan:
    """How many people a group needs before a verdict can be expected; the same answer for the same arguments.

    Imagined studies are judged by the very functions that judge an audit, so that the number has the power
    that it promises.

    Args:
        tolerance: the largest gap allowed, as of :class:`Gap`.
        ratio: the largest ratio allowed, as of :class:`Ratio`, in place of a gap.
        difference: the difference that is allowed whatever the ratio is.
        rate: of the measure, e.g. the accuracy, in all groups but perhaps one.
        assumed: the gap (or ratio) of that one to the others that is taken for true: none if left out, and
            the question is how many people show a fair model to be fair; one that is not allowed asks how
            many show an unfair one to be unfair.
        slices: groups compared.
        images: of a person in a group, of each label.
        labels: expressions that the measure averages over; 1 for recall or a misclassification.
        correlation: between images of one person.
        paired: the same people are in all groups (rendered, or photographed, as each).
        power: probability of the verdict that is right.
        alpha: error rate.
        curve: also find power by people.
        on_step: called after every number of people that was tried.

    Raises:
        ConfigurationError: a value outside its range, with the cure.

    >>> plan(rate=0.9, images=8, paired=True).answer  # doctest: +ELLIPSIS
    '... people, the same in all 2 groups, PASS a gap of at most 0.1 in 80 % of audits of a fair model ...'
    """
    claim = _claim(tolerance, ratio, difference)
    settings = Settings(alpha=alpha)
    fair = 1.0 if isinstance(claim, RatioClaim) else 0.0
    study = Study(
        claim=claim,
        rate=rate,
        effect=fair if assumed is None else assumed,
        slices=slices,
        images=images,
        labels=labels,
        correlation=correlation,
        paired=paired,
    )
    needed = people_needed(study, settings, power=power, on_step=on_step)
    points: tuple[CurvePoint, ...] = ()
    if curve:
        points = power_curve(study, _numbers(needed.people, settings), settings, on_step=on_step)
    return StudyPlan(study, settings, power, needed, points)


def prospect(
    data: Predictions | Sequence[int],
    *,
    by: str | Slicing | None = None,
    measure: Measure = accuracy,
    tolerance: float = 0.1,
    ratio: float | None = None,
    difference: float = 0.05,
    rate: float | None = None,
    images: int = 1,
    labels: int = 1,
    correlation: float | None = None,
    paired: bool = False,
    power: float = 0.8,
    alpha: float = 0.05,
    on_step: Callable[[], None] | None = None,
) -> DataProspect:
    """What a table, or a study of given numbers of people, could show: whatever a model answers there.

    Args:
        data: a prediction table, or the number of people of each group.
        by: the slicing of a table.
        measure: the rate that is compared; of a table.
        tolerance: the largest gap allowed, as of :class:`Gap`.
        ratio: the largest ratio allowed, as of :class:`Ratio`, in place of a gap.
        difference: the difference that is allowed whatever the ratio is.
        rate: in every group of a fair model; that of the table if left out, or 0.85 without one.
        images: of a person in a group, of each label; without a table.
        labels: expressions that the measure averages over; without a table.
        correlation: between images of one person; that of the table if left out, or 0.1 without one.
        paired: the same people are in all groups; without a table.
        power: probability wanted.
        alpha: error rate.
        on_step: called after every power that was simulated.

    Raises:
        ConfigurationError: a value outside its range, or too few people to compare anything.
        UnknownNameError: an attribute that the table does not have.
        IncompleteError: too many rows of the table are absent or in error.

    >>> prospect([30, 30], images=8).found.passes_from < prospect([15, 15], images=8).found.passes_from
    True
    """
    claim = _claim(tolerance, ratio, difference)
    settings = Settings(alpha=alpha)
    fair = 1.0 if isinstance(claim, RatioClaim) else 0.0
    if isinstance(data, Predictions):
        if by is None:
            raise ConfigurationError(
                "a table has no groups of its own; say which: by='gender', or --by=gender"
            )
        counts = Audit(data, by, settings=settings).counts
        if not counts.identified and counts.most_images is None:
            raise ConfigurationError(
                "nobody knows who is in the pictures of this table, so no number of them shows anything: "
                "fill the column 'identity', or declare max_images_per_person"
            )
        if not measure.is_proportion:
            raise ConfigurationError(
                f"{measure!r} is no share of images, and how it varies is known of finished answers only; "
                "name a share such as accuracy, or judge a Gap, which says how many people would decide it"
            )
        tally = measure.tally(counts)
        truth = _override(assume_truth(tally, settings), rate, correlation)
        # Only what was given can be out of range; the check is that of a study.
        Study(claim, truth.rate, fair, correlation=truth.correlation)
    else:
        truth = _override(_ASSUMED, rate, correlation)
        people = _people(data, settings, paired=paired)
        study = Study(claim, truth.rate, fair, len(people), images, labels, truth.correlation, paired)
        tally = study.layout(people)
    observed = isinstance(data, Predictions) and rate is None and correlation is None
    found = foresee(tally, claim, truth, settings, power=power, on_step=on_step)
    return DataProspect(claim, settings, found, observed=observed)


def _claim(tolerance: float, ratio: float | None, difference: float) -> Claim:
    """The claim as the criterion itself would accept it."""
    if ratio is None:
        return float(Gap(accuracy, at_most=tolerance).at_most)
    demand = Ratio(accuracy, at_most=ratio, difference=difference)
    return RatioClaim(demand.at_most, demand.difference)


def _override(truth: Truth, rate: float | None, correlation: float | None) -> Truth:
    return Truth(
        truth.rate if rate is None else rate, truth.correlation if correlation is None else correlation
    )


def _people(numbers: Sequence[int], settings: Settings, *, paired: bool) -> Sequence[int]:
    if len(numbers) < _FEWEST_GROUPS or min(numbers) < 1:
        raise ConfigurationError(
            f"{len(numbers)} groups of {', '.join(map(str, numbers)) or 'no'} people; "
            "give the people of two groups or more, e.g. 55,54"
        )
    if paired and len(set(numbers)) > 1:
        raise ConfigurationError(
            f"the same people cannot be {', '.join(map(str, numbers))} in number; "
            "give one number for all groups"
        )
    small = [number for number in numbers if number < settings.least_people]
    if small:
        raise ConfigurationError(
            f"{small[0]} people are too few for a group: "
            f"fewer than {settings.least_people} are never assessed"
        )
    return numbers


def _numbers(needed: int | None, settings: Settings) -> list[int]:
    """People at which the curve is computed: evenly by ratio, around the number where there is one."""
    least = settings.least_people
    middle = needed or _MOST_DRAWN // 2
    spaced = np.geomspace(max(least, middle / 5), max(2.0 * middle, 3.0 * least), _POINTS)
    return sorted({*(round(number) for number in spaced), *([needed] if needed else [])})
