"""Drawn tables are tables: every rule of Predictions holds, and every shape that matters occurs."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import Phase, find, given, settings, strategies as st

from fer_audit.audit import Audit
from fer_audit.errors import ConfigurationError
from fer_audit.records import Slicing
from fer_audit.stats.counts import count
from fer_audit.stats.measures import accuracy, recall
from fer_audit.strategies import TableDesign, count_tables, predictions, table_designs, tallies
from fer_audit.strategies.tables import table_of
from fer_audit.vocabulary import AnswerKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_audit.predictions import Predictions
    from fer_audit.stats.counts import Counts
    from fer_audit.stats.tally import Tally

quick = settings(max_examples=60, deadline=None)
searching = settings(max_examples=3000, deadline=None, database=None)
small = predictions(max_slices=2, max_people=9, blank=False)
TWO_BY_THREE = {"gender": ("female", "male"), "race": ("asian", "black", "white")}


def slices_of_people(table: Predictions) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for person, level in zip(table.identity.codes, table.attributes["group"].codes, strict=True):
        found[int(person)].add(int(level))
    return found


@given(predictions())
@quick
def test_codes_kinds_and_images_fit_together(table: Predictions) -> None:
    columns = [table.identity, table.image, table.true, table.predicted, *table.attributes.values()]
    for column in columns:
        assert len(column.codes) == len(table)
        assert len(set(column.levels)) == len(column.levels)
        assert (column.codes < len(column.levels)).all()
    assert table.predicted.levels[: len(table.true.levels)] == table.true.levels
    np.testing.assert_array_equal(table.predicted.codes >= 0, table.kind == 0)
    assert set(table.identity.codes) == set(range(len(table.identity.levels)))
    for column in (table.identity, table.true, *table.attributes.values()):
        pairs = set(zip(table.image.codes.tolist(), column.codes.tolist(), strict=True))
        assert len(pairs) == len(table.image.levels)
    if table.confidence is not None:
        given_one = ~np.isnan(table.confidence)
        assert (table.kind[given_one] == 0).all()
        assert ((table.confidence[given_one] >= 0) & (table.confidence[given_one] <= 1)).all()
    for values in table.covariates.values():
        shown = {(int(i), str(v)) for i, v in zip(table.image.codes, values, strict=True)}
        assert len(shown) == len(table.image.levels)


@given(predictions(min_people=8, blank=False))
@quick
def test_every_table_of_two_slices_can_be_audited_and_no_other(table: Predictions) -> None:
    if len(np.unique(table.attributes["group"].codes)) < 2:
        with pytest.raises(ConfigurationError, match="slicing 'group' makes one slice only"):
            Audit(table, by="group")
        return
    audit = Audit(table, by="group")
    assert audit.counts.missing == 0
    assert audit.counts.identified


@pytest.mark.parametrize(
    "wanted",
    [
        lambda table: len(table) == 0,
        lambda table: len(table.identity.levels) > 40,
        lambda table: bool(table.attributes["group"].codes.size and (table.attributes["group"].codes < 0).any()),
        lambda table: len(table) > len(table.image.levels) > 0 and table.prompt is None,
        lambda table: table.prompt is not None and table.confidence is not None and bool(table.covariates),
        lambda table: any(len(levels) > 1 for levels in slices_of_people(table).values()),
        lambda table: len({len(levels) for levels in slices_of_people(table).values()}) > 1,
        lambda table: len(set(table.kind.tolist())) > 2,
        lambda table: "contempt" in [table.predicted.levels[code] for code in table.predicted.codes],
        lambda table: len(table) > 20 and (table.predicted.codes != table.true.codes).all(),
        lambda table: len(table) > 20 and (table.predicted.codes == table.true.codes).all(),
        lambda table: len(table.true.levels) == 7,
    ],
    ids=[
        "empty", "large", "no group", "repeats", "prompts, confidence and covariates", "people in two slices",
        "some of the same people", "several kinds of non-answer", "outside the labels", "all wrong",
        "all right", "seven labels",
    ],
)  # fmt: skip
# What is found is written out for the database of examples, and some of it is large: nobody reads that here.
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_every_shape_that_matters_is_drawn(wanted: Callable[[Predictions], bool]) -> None:
    unshrunk = settings(searching, phases=[Phase.generate])
    assert wanted(find(predictions(), wanted, settings=unshrunk))


def test_what_is_asked_for_is_kept() -> None:
    drawn = predictions(
        labels=["yes", "no"], attributes=TWO_BY_THREE, min_people=2, max_people=3, max_images=2, max_rows=1,
        max_prompts=1, confidence=False, covariates=(), kinds=[AnswerKind.TRUNCATED], sharing=["apart"],
        sparse=False, blank=False,
    )  # fmt: skip

    @given(drawn)
    @quick
    def check(table: Predictions) -> None:
        assert table.true.levels == ("yes", "no")
        assert {name: column.levels for name, column in table.attributes.items()} == TWO_BY_THREE
        assert 12 <= len(table.identity.levels) <= 18
        assert len(table) == len(table.image.levels)
        assert set(table.kind) <= {0, list(AnswerKind).index(AnswerKind.TRUNCATED)}
        assert (table.prompt, table.confidence, table.covariates) == (None, None, {})
        counts = count(table, Slicing("gender*race"))
        assert len(counts.levels) == 6
        assert len(set(counts.person)) == len(counts.person)
        assert (counts.cells.sum(-1) > 0).all()
        assert counts.cells.sum(-1).max() <= 2

    check()


@given(predictions(identified=False))
@quick
def test_where_nobody_is_known_every_picture_is_an_identity(table: Predictions) -> None:
    assert not table.identified
    assert table.identity is table.image


def test_examples_shrink_to_few_people_and_one_mistake() -> None:
    table = find(small, lambda one: bool((one.predicted.codes != one.true.codes).any()), settings=searching)
    assert len(table) == 1
    assert table.prompt is None
    assert table.confidence is None
    assert table.true.levels == ("anger",)


def test_a_failing_test_prints_a_design_that_makes_the_table_again() -> None:
    seen: list[Predictions] = []

    @given(small)
    @settings(searching)
    def fails(table: Predictions) -> None:
        seen.append(table)
        assert (table.kind == 0).all()

    with pytest.raises(AssertionError) as caught:
        fails()
    shown = "".join(caught.value.__notes__)
    (text,) = re.findall(r"TableDesign\(.*\)(?=,\n)", shown)
    again = table_of(eval(text, {"TableDesign": TableDesign}))  # noqa: S307 - our own text, typed again
    for name in ("identity", "image", "true", "predicted"):
        np.testing.assert_array_equal(getattr(again, name).codes, getattr(seen[-1], name).codes)
    assert text.count("=") == 1, "what is as usual is not printed"


@given(table_designs())
@quick
def test_a_design_prints_as_it_is_written(design: TableDesign) -> None:
    assert eval(repr(design), {"TableDesign": TableDesign}) == design  # noqa: S307 - our own text


@given(count_tables(predictions(attributes=TWO_BY_THREE)), count_tables(by="group"))
@quick
def test_counts_are_those_of_the_slicing(crossed: Counts, single: Counts) -> None:
    assert crossed.slicing == Slicing("gender*race")
    assert single.slicing == Slicing("group")
    assert crossed.cells.shape[:2] == (len(crossed.person), len(crossed.labels))


@given(tallies(), tallies(measure=recall("anger")), tallies(measure=None))
@quick
def test_tallies_never_hit_more_often_than_there_are_images(one: Tally, other: Tally, varied: Tally) -> None:
    for tally in (one, other, varied):
        assert tally.hits.shape == tally.images.shape
        assert (tally.hits <= tally.images + 1e-9).all()
        assert (tally.hits >= 0).all()
    assert (one.conditional, other.conditional) == (False, True)


@given(st.data())
@settings(max_examples=10, deadline=None)
def test_a_tally_is_the_measure_of_its_counts(data: st.DataObject) -> None:
    counts = data.draw(count_tables())
    tally = data.draw(tallies(st.just(counts)))
    np.testing.assert_array_equal(tally.hits, accuracy.tally(counts).hits)


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"max_slices": 0}, "max_slices is 0; it must be at least 1"),
        ({"max_images": -1}, "max_images is -1; it must be at least 1"),
        (
            {"min_people": 9, "max_people": 8},
            "min_people is 9 and max_people is 8; give bounds with 0 <= min_people <= max_people",
        ),
    ],
)
def test_bounds_that_no_table_keeps_are_an_error(bounds: dict[str, int], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        predictions(**bounds)  # type: ignore[arg-type]
