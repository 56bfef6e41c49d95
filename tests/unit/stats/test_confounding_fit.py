"""Logistic regression, g-computation and its jackknife, against independent ways of computing them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from scipy.optimize import minimize

from fer_audit.stats.confounding import standardisation
from fer_audit.stats.confounding.adjustment import compare_adjusted, jackknife
from fer_audit.stats.confounding.logistic import fit_logistic
from fer_audit.stats.confounding.observations import (
    Observations,
    covariate_terms,
    only_compared,
    tally_of,
)
from fer_audit.stats.confounding.standardisation import SLICE_RIDGE, TERM_RIDGE, standardise
from fer_audit.stats.differences.engine import compare
from fer_audit.stats.differences.intervals import difference_upper
from fer_audit.stats.differences.moments import correlation, moments, spread
from fer_audit.stats.settings import Settings

if TYPE_CHECKING:
    from numpy.typing import NDArray

SETTINGS = Settings()


def draw(
    seed: int,
    *,
    slices: int = 2,
    people: int = 10,
    labels: int = 2,
    shared: bool = False,
    base: float = 0.5,
    held: float = 1.0,
    repeats: bool = False,
) -> Observations:
    """Up to three images of each label a person; slices differ in brightness, and brightness acts."""
    generator = np.random.default_rng(seed)
    rows = [
        (who if shared else who + level * people, level, label)
        for level in range(slices)
        for who in range(people)
        for label in range(labels)
        if label == 0 or generator.random() < held
        for _ in range(int(generator.integers(1, 4)))
    ]
    person, level, label = (np.array(column) for column in zip(*rows, strict=True))
    brightness = generator.standard_normal(len(rows)) + 0.7 * level
    chance = 1 / (1 + np.exp(-(base + brightness - 0.5 * label)))
    return Observations(
        row=np.arange(len(rows)),
        person=person,
        level=level,
        label=label,
        event=(generator.random(len(rows)) < chance).astype(float),
        share=generator.choice([1.0, 0.5], len(rows)) if repeats else np.ones(len(rows)),
        terms=covariate_terms(brightness),
        levels=tuple(f"s{number}" for number in range(slices)),
        labels=tuple(f"l{number}" for number in range(labels)),
    )


def weights_by_hand(seen: Observations) -> NDArray[np.float64]:
    """Of each slice every label counts the same, of each label every person."""
    weights = np.zeros(len(seen.row))
    for level in np.unique(seen.level):
        inside = seen.level == level
        people = len(np.unique(seen.person[inside]))
        held = np.unique(seen.label[inside])
        for label in held:
            cell = inside & (seen.label == label)
            holders = np.unique(seen.person[cell])
            for who in holders:
                mine = cell & (seen.person == who)
                weights[mine] = (
                    seen.share[mine] / seen.share[mine].sum() * people / (len(held) * len(holders))
                )
    return weights


def rates_by_hand(seen: Observations, *, exact: bool = False) -> NDArray[np.float64]:
    """g-computation in loops; the fit by statsmodels without a penalty, or by a general optimiser with it."""
    slices, labels = len(seen.levels), len(seen.labels)
    design = np.column_stack([np.eye(slices)[seen.level], np.eye(labels)[seen.label][:, 1:], seen.terms])
    weights = weights_by_hand(seen)
    if exact:
        model = sm.GLM(seen.event, design, family=sm.families.Binomial(), freq_weights=weights)
        coefficients = model.fit(tol=1e-14, maxiter=200).params
    else:
        penalty = np.array([SLICE_RIDGE] * (slices + labels - 1) + [TERM_RIDGE] * seen.terms.shape[1])
        coefficients = optimum(design, seen.event, weights, penalty)
    rates = np.zeros((slices, labels))
    for label in range(labels):
        for level in range(slices):
            means = []
            for who in np.unique(seen.person[seen.label == label]):
                mine = (seen.person == who) & (seen.label == label)
                moved = design[mine].copy()
                moved[:, :slices] = np.eye(slices)[level]
                means.append(np.average(1 / (1 + np.exp(-moved @ coefficients)), weights=seen.share[mine]))
            rates[level, label] = np.mean(means)
    return rates


def optimum(
    design: NDArray[np.float64],
    outcome: NDArray[np.float64],
    weights: NDArray[np.float64],
    penalty: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The maximum of the penalised likelihood by a general optimiser."""

    def cost(place: NDArray[np.float64]) -> float:
        odds = design @ place
        return float(-weights @ (outcome * odds - np.logaddexp(0, odds)) + penalty @ place**2 / 2)

    def slope(place: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(
            -design.T @ (weights * (outcome - 1 / (1 + np.exp(-design @ place)))) + penalty * place
        )

    def curve(place: NDArray[np.float64]) -> NDArray[np.float64]:
        chance = 1 / (1 + np.exp(-design @ place))
        return np.asarray((design.T * (weights * chance * (1 - chance))) @ design + np.diag(penalty))

    start = np.zeros(design.shape[1])
    return np.asarray(
        minimize(cost, start, jac=slope, hess=curve, method="trust-exact", options={"gtol": 1e-13}).x
    )


def without(seen: Observations, who: int) -> Observations:
    return seen.take(seen.person != who)


@pytest.mark.parametrize("seed", range(6))
def test_without_a_penalty_it_is_the_generalised_linear_model_of_statsmodels(seed: int) -> None:
    generator = np.random.default_rng(seed)
    design = np.column_stack([np.ones(60), generator.standard_normal((60, 3))])
    outcome = generator.choice([0.0, 1.0, 0.5], 60)
    weights = generator.uniform(0.1, 2, (3, 60))
    found = fit_logistic(design, outcome, weights, np.zeros(4))
    for row, fit in zip(weights, found, strict=True):
        model = sm.GLM(outcome, design, family=sm.families.Binomial(), freq_weights=row)
        assert fit == pytest.approx(model.fit(tol=1e-14).params, abs=1e-8)


def test_a_warm_start_leads_to_the_same_place() -> None:
    generator = np.random.default_rng(3)
    design, outcome = generator.standard_normal((50, 3)), generator.integers(0, 2, 50).astype(float)
    weights, penalty = generator.uniform(0, 2, (4, 50)), np.full(3, 0.01)
    cold = fit_logistic(design, outcome, weights, penalty)
    near = fit_logistic(design, outcome, weights, penalty, cold.mean(axis=0))
    far = fit_logistic(design, outcome, weights, penalty, np.full(3, 40.0))
    assert near == pytest.approx(cold, abs=1e-9)
    assert far == pytest.approx(cold, abs=1e-9)


def test_a_separated_outcome_has_the_finite_maximum_of_its_penalised_likelihood() -> None:
    design = np.column_stack([np.repeat([1.0, 0.0], 10), np.repeat([0.0, 1.0], 10), np.arange(20) % 5 - 2.0])
    outcome = np.concatenate([np.ones(10), np.arange(10) % 2])
    penalty = np.array([1e-4, 1e-4, 1e-2])
    found = fit_logistic(design, outcome, np.ones((1, 20)), penalty)[0]
    assert found == pytest.approx(optimum(design, outcome, np.ones(20), penalty), abs=1e-6)
    assert 8 < found[0] < 20


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("shared", [False, True])
def test_adjusted_rates_are_those_of_a_loop_around_statsmodels(
    seed: int, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standardisation, "SLICE_RIDGE", 0.0)
    monkeypatch.setattr(standardisation, "TERM_RIDGE", 0.0)
    seen = draw(seed, slices=3, people=14, shared=shared, held=0.8, repeats=True)
    assert standardise(seen).rates == pytest.approx(rates_by_hand(seen, exact=True), abs=1e-8)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("shared", [False, True])
def test_every_refit_is_the_analysis_of_the_data_without_that_person(seed: int, shared: bool) -> None:
    seen = draw(seed, people=9, shared=shared, held=0.7, base=2.0, repeats=True)
    found = standardise(seen)
    people = np.unique(seen.person)
    assert len(found.without) == len(people)
    for who, rates in zip(people, found.without, strict=True):
        assert rates == pytest.approx(rates_by_hand(without(seen, who)), abs=1e-8)


def test_the_jackknife_is_the_sum_of_squared_changes_slice_by_slice() -> None:
    seen = draw(5, slices=3, people=12, base=1.5)
    found = standardise(seen)
    crude = compare(tally_of(seen), SETTINGS)
    error = jackknife(found, crude)
    for pair, (a, b) in enumerate([(0, 1), (0, 2), (1, 2)]):
        whole = rates_by_hand(seen).mean(axis=1)
        by_slice = np.zeros(3)
        for who in np.unique(seen.person):
            less = rates_by_hand(without(seen, who)).mean(axis=1)
            change = (less[a] - less[b]) - (whole[a] - whole[b])
            by_slice[seen.level[seen.person == who][0]] += 11 / 12 * change**2
        assert error.error[pair] == pytest.approx(np.sqrt(by_slice.sum()), abs=1e-8)
        assert error.freedom[pair] == pytest.approx(by_slice.sum() ** 2 / (by_slice**2 / 11).sum(), rel=1e-6)


def test_people_in_both_slices_have_the_degrees_of_freedom_of_pairs() -> None:
    seen = draw(2, people=11, shared=True)
    assert jackknife(standardise(seen), compare(tally_of(seen), SETTINGS)).freedom.tolist() == [10.0]


def test_unknown_people_inflate_the_error() -> None:
    seen = draw(2, people=11)
    found, crude = standardise(seen), compare(tally_of(seen), SETTINGS)
    assert jackknife(found, crude, 4.0).error == pytest.approx(2 * jackknife(found, crude).error)


def test_what_the_adjustment_costs_in_precision_widens_the_score_bound() -> None:
    seen = draw(1, people=20, labels=1, base=3.0)
    apart = replace(seen, terms=covariate_terms(seen.terms[:, 0] + 0.5 * seen.level))
    tally, found = tally_of(apart), standardise(apart)
    bounds, error = (
        compare_adjusted(tally, found, SETTINGS),
        jackknife(found, compare(tally, SETTINGS)).error[0],
    )
    both = np.array([0, 1])
    known = moments(tally, both, np.array([0]))
    wide = spread(known, correlation(known), SETTINGS)
    loss = error**2 / (wide.moderated / known.people).sum()
    assert loss > 2
    t = stats.t.ppf(0.95, 38)
    score = difference_upper(
        found.rates[0, 0], wide.size[0] / loss, found.rates[1, 0], wide.size[1] / loss, t
    )
    freedom = jackknife(found, compare(tally, SETTINGS)).freedom[0]
    wald = abs(found.rates[0, 0] - found.rates[1, 0]) + stats.t.ppf(0.95, freedom) * error
    assert bounds.upper[0] == pytest.approx(min(1.0, max(float(score), wald)), abs=1e-9)
    assert score > wald


@pytest.mark.parametrize("shared", [False, True])
def test_without_covariates_it_is_the_engine_and_the_variance_of_means(shared: bool) -> None:
    seen = draw(1, people=15, shared=shared, held=1.0)
    plain = replace(seen, terms=seen.terms[:, :0])
    found = standardise(plain)
    crude = compare(tally_of(plain), SETTINGS)
    adjusted = compare_adjusted(tally_of(plain), found, SETTINGS)
    # The ridge moves a rate by some millionths.
    assert adjusted.difference == pytest.approx(crude.difference, abs=1e-4)
    people = [np.unique(plain.person[plain.level == level]) for level in (0, 1)]
    means = [
        np.array(
            [
                np.mean(
                    [
                        plain.event[
                            (plain.person == who) & (plain.level == level) & (plain.label == label)
                        ].mean()
                        for label in (0, 1)
                    ]
                )
                for who in people[level]
            ]
        )
        for level in (0, 1)
    ]
    variance = (means[0] - means[1]).var(ddof=1) / 15 if shared else sum(m.var(ddof=1) / 15 for m in means)
    assert jackknife(found, crude).error[0] == pytest.approx(np.sqrt(variance), rel=1e-3)


@pytest.mark.parametrize("seed", range(8))
def test_bounds_are_never_narrower_than_those_of_the_engine(seed: int) -> None:
    seen = draw(seed, slices=3, people=10, base=3.0, shared=seed % 2 == 1)
    tally = tally_of(seen)
    crude, found = compare(tally, SETTINGS), compare_adjusted(tally, standardise(seen), SETTINGS)
    margin = np.abs(found.difference) - found.lower
    assert (margin >= np.abs(crude.difference) - crude.lower - 1e-9).all()
    assert (found.upper >= np.abs(found.difference)).all()
    assert (found.lower <= np.abs(found.difference)).all()


@pytest.mark.parametrize("event", [0.0, 1.0])
def test_slices_where_everything_is_alike_leave_room_for_people_not_sampled(event: float) -> None:
    seen = draw(0, people=12)
    alike = replace(seen, event=np.full(len(seen.row), event))
    found = compare_adjusted(tally_of(alike), standardise(alike), SETTINGS)
    assert np.isfinite([found.lower, found.upper, found.difference]).all()
    assert abs(found.difference[0]) < 1e-3
    assert found.upper[0] > 0.05
    assert found.lower[0] <= 0


def test_a_slice_without_an_error_is_not_a_slice_without_uncertainty() -> None:
    seen = draw(4, people=12, base=1.0)
    event = np.where(seen.level == 0, 1.0, seen.event)
    found = replace(seen, event=event)
    bounds = compare_adjusted(tally_of(found), standardise(found), SETTINGS)
    assert np.isfinite([bounds.lower, bounds.upper]).all()
    assert bounds.lower[0] < bounds.upper[0]


def test_only_labels_that_enough_people_have_take_part() -> None:
    seen = draw(0, people=10)
    rare = np.where((seen.label == 1) & (seen.level == 0) & (seen.person >= 7), 0, seen.label)
    few = replace(seen, label=rare)
    kept = only_compared(few, 8)
    assert set(zip(kept.level.tolist(), kept.label.tolist(), strict=True)) == {(0, 0), (1, 0), (1, 1)}


def test_nothing_to_compare_is_no_error() -> None:
    seen = draw(0, people=4)
    kept = only_compared(seen, 8)
    assert not len(kept.row)
    found = compare_adjusted(tally_of(seen), standardise(kept), SETTINGS)
    assert not found.compared.any()


def test_many_people_are_left_out_in_groups_that_depend_on_the_data_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(standardisation, "MOST_DELETED", 20)
    seen = draw(7, people=40, labels=1)
    single = np.unique(seen.person)
    found = standardise(seen)
    assert found.member is None
    assert len(found.without) == 20
    order = np.random.default_rng(0).permutation(len(seen.row))
    renamed = replace(seen, person=len(single) - 1 - seen.person).take(order)
    assert np.sort(standardise(renamed).without, axis=0) == pytest.approx(
        np.sort(found.without, axis=0), abs=1e-9
    )
    crude = compare(tally_of(seen), SETTINGS)
    grouped = jackknife(found, crude)
    monkeypatch.setattr(standardisation, "MOST_DELETED", 500)
    alone = jackknife(standardise(seen), crude)
    assert grouped.freedom[0] == 19
    assert grouped.error[0] == pytest.approx(alone.error[0], rel=0.6)
