"""Answers of a plan: frozen values that know what they take for granted, and say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_audit.stats.planning.search import MOST_PEOPLE
from fer_audit.stats.ratios.comparison import RatioClaim

if TYPE_CHECKING:
    from fer_audit.stats.planning.power import Claim
    from fer_audit.stats.planning.prospect import Prospect
    from fer_audit.stats.planning.study import CurvePoint, PeopleNeeded, Study
    from fer_audit.stats.settings import Settings

__all__ = ["DataProspect", "StudyPlan"]


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """How many people a study needs, with everything that the number takes for granted.

    Attributes:
        study: the assumptions about people and model.
        settings: error rate, floors and the fewest people.
        target: the power wanted.
        needed: the people of each group, and the power measured with them.
        curve: power by people; empty unless asked for.
    """

    study: Study
    settings: Settings
    target: float
    needed: PeopleNeeded
    curve: tuple[CurvePoint, ...] = ()

    @property
    def people(self) -> int | None:
        """People of each group; None where more than 3,000 would be needed."""
        return self.needed.people

    @property
    def answer(self) -> str:
        """The number in a sentence or two."""
        study, outcome = self.study, self.study.outcome
        truth = _truth_in_words(study)
        goal = f"{outcome.name if outcome else ''} {_claim_in_words(study.claim)}"
        if self.needed.people is None:
            return (
                f"More than {MOST_PEOPLE:,} people in each of {study.slices} groups would be needed to "
                f"{goal} in {_share(self.target)} of audits {truth}: assume a truth that lies farther "
                "from what is allowed, or allow another difference."
            )
        total = self.needed.people * (1 if study.paired else study.slices)
        who = (
            f"{total} people, the same in all {study.slices} groups,"
            if study.paired
            else f"{self.needed.people} people in each of {study.slices} groups ({total} in all)"
        )
        found = (
            f"{_share(self.needed.power)} of simulated audits did"
            if self.needed.simulated
            else f"by formula; {_share(self.needed.power)} of simulated audits of that size did"
        )
        text = f"{who} {goal} in {_share(self.target)} of audits {truth} ({found})."
        if self.needed.people == self.settings.least_people and self.needed.power > self.target:
            text += f" Fewer than {self.settings.least_people} people in a group are never assessed."
        return text

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the number takes for granted, a line each."""
        study = self.study
        images = f"{study.images} image{'s' if study.images > 1 else ''}"
        if study.labels > 1:
            images += f" of each of {study.labels} expressions"
        rate = f"the rate is {study.rate:g} in every group"
        if study.other_rate != study.rate:
            rate += f" but one, where it is {study.other_rate:.4g}"
        together = (
            "the same people are in all groups, and what makes a face hard to read is the same in each",
        )
        return (
            rate,
            f"every person has {images} in a group",
            f"images of one person correlate by {study.correlation:g}",
            *(together if study.paired else ()),
            self.settings.note,
            "more images of the same people do not replace people",
        )


@dataclass(frozen=True, slots=True)
class DataProspect:
    """What given people and images could show, whatever a model answers on them.

    Attributes:
        claim: the tolerance of a gap, or of a ratio.
        settings: error rate, floors and the fewest people.
        found: the differences that would be shown, and the power curve.
        observed: rate and correlation are those of the table, not assumed.
    """

    claim: Claim
    settings: Settings
    found: Prospect
    observed: bool

    @property
    def answer(self) -> str:
        """What would FAIL and what could PASS, in two sentences."""
        found = self.found
        is_ratio = isinstance(self.claim, RatioClaim)
        kind = "ratio" if is_ratio else "gap"
        how = f"in {_share(found.power)} of audits"
        if found.fails_from is None:
            fails = f"No {kind}, however large, would FAIL {_claim_in_words(self.claim)} {how}."
        else:
            fails = (
                f"A true {kind} of {_size(found.fails_from, self.claim)} between {found.harmed} and the "
                f"other groups would FAIL {_claim_in_words(self.claim)} {how}; "
                "smaller ones mostly stay undecided."
            )
        if found.too_small:
            names = ", ".join(found.too_small)
            passes = f"Nothing can PASS: fewer than {self.settings.least_people} people speak for {names}."
        elif found.passes_from is None:
            passes = f"No tolerance would let a fair model PASS {how}."
        else:
            passes = (
                f"A fair model would PASS {how} where a {kind} of {_size(found.passes_from, self.claim)} or "
                "more is allowed."
            )
        return f"{fails} {passes}"

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the answer takes for granted, a line each."""
        truth, found = self.found.truth, self.found
        source = "as observed" if self.observed else "assumed"
        people = ", ".join(f"{name} {number}" for name, number in found.people)
        return (
            f"people: {people}",
            f"the rate is {truth.rate:.3g} in every group of a fair model, and images of one person "
            f"correlate by {truth.correlation:.2g} ({source})",
            self.settings.note,
            "more images of the same people do not replace people",
        )


def _claim_in_words(claim: Claim) -> str:
    if isinstance(claim, RatioClaim):
        return f"a ratio of at most {claim.at_most:g} (or {100 * claim.difference:.3g} points)"
    return f"a gap of at most {claim:g}"


def _truth_in_words(study: Study) -> str:
    if study.other_rate == study.rate:
        return "of a fair model"
    if isinstance(study.claim, RatioClaim):
        return f"of a model whose rates differ by a factor of {study.effect:g} in one group"
    return f"of a model that lies {100 * study.effect:.3g} points lower in one group"


def _share(probability: float) -> str:
    return f"{100 * probability:.0f} %"


def _size(size: float, claim: Claim) -> str:
    return f"{size:.2f}" if isinstance(claim, RatioClaim) else f"{100 * size:.1f} points"
