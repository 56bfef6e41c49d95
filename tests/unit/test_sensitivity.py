"""Conditional logit beside a verdict."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import nchypergeom_fisher

from fer_audit import Audit, Predictions, accuracy
from fer_audit.errors import ConfigurationError, DataError
from fer_audit.sensitivity import conditional_logit


def frame(people: int = 12) -> pd.DataFrame:
    generator = np.random.default_rng(4)
    rows = [
        {
            "identity": f"p{who}",
            "race": "ab"[who % 2],
            "expression": label,
            "predicted": label if generator.random() < 0.8 - 0.3 * (who % 2) else "fear",
            "light": str(generator.choice(["left", "right"])),
            "brightness": float(generator.standard_normal()),
        }
        for who in range(people)
        for label in ("anger", "happiness")
    ]
    return pd.DataFrame(rows)


def test_the_odds_ratio_maximises_the_exact_conditional_likelihood() -> None:
    data = frame(40)
    (found,) = conditional_logit(Audit(Predictions.from_pandas(data), by="race"), accuracy, given="light")
    assert (found.level, found.against) == ("b", "a")
    tables = []
    for _, part in data.groupby(["expression", "light"]):
        right = part.predicted == part.expression
        b = part.race == "b"
        tables.append((int((right & b).sum()), len(part), int(right.sum()), int(b.sum())))

    def cost(log_odds: float) -> float:
        return -sum(
            nchypergeom_fisher.logpmf(k, n, hits, size, np.exp(log_odds)) for k, n, hits, size in tables
        )

    assert found.log_odds == pytest.approx(minimize_scalar(cost, tol=1e-10).x, abs=1e-4)
    assert found.odds_ratio == pytest.approx(np.exp(found.log_odds))
    step = 1e-3
    curve = (cost(found.log_odds + step) + cost(found.log_odds - step) - 2 * cost(found.log_odds)) / step**2
    assert found.error == pytest.approx(curve**-0.5, rel=1e-3)


def test_people_in_several_slices_are_strata_of_their_own() -> None:
    data = pd.concat([frame(), frame().assign(race=lambda f: f.race.map({"a": "b", "b": "a"}))])
    data["predicted"] = np.where(np.random.default_rng(8).random(len(data)) < 0.4, "fear", data.expression)
    (found,) = conditional_logit(Audit(Predictions.from_pandas(data), by="race"))
    # Pairs of one image each: the odds ratio of McNemar, discordant one way over the other.
    wide = data.assign(right=data.predicted == data.expression).pivot_table(
        index=["identity", "expression"], columns="race", values="right", aggfunc="first"
    )
    ratio = (wide.b & ~wide.a).sum() / (wide.a & ~wide.b).sum()
    assert found.odds_ratio == pytest.approx(ratio, rel=1e-4)


def test_large_strata_are_divided_evenly_and_say_nearly_the_same() -> None:
    data = frame(300)
    (found,) = conditional_logit(Audit(Predictions.from_pandas(data), by="race"))
    right = (data.predicted == data.expression).groupby(data.race).mean()
    odds = right / (1 - right)
    assert found.odds_ratio == pytest.approx(odds["b"] / odds["a"], rel=0.05)


def test_covariates_enter_the_regression() -> None:
    audit = Audit(Predictions.from_pandas(frame(40)), by="race")
    (plain,), (adjusted,) = conditional_logit(audit), conditional_logit(audit, given="brightness")
    assert plain.log_odds != adjusted.log_odds
    assert 0 < adjusted.p < 1


def test_strata_that_say_nothing_are_refused() -> None:
    data = frame().assign(predicted=lambda f: f.expression)
    with pytest.raises(DataError) as told:
        conditional_logit(Audit(Predictions.from_pandas(data), by="race"), given="light")
    assert str(told.value) == (
        "no stratum of race has images of two slices and both outcomes of accuracy, so that a conditional logit "
        "says nothing; give fewer control factors"
    )


def test_without_statsmodels_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.discrete.conditional_models", None)
    with pytest.raises(ConfigurationError) as told:
        conditional_logit(Audit(Predictions.from_pandas(frame()), by="race"))
    assert str(told.value) == (
        "conditional_logit needs statsmodels, which is not installed: pip install 'fer-audit[sensitivity]'"
    )
