from __future__ import annotations

import base64
import io
from dataclasses import replace

import pytest
from PIL import Image
from sample_runs import cell_table, comparison, gap

from fer_audit.errors import ImageError
from fer_audit.report.faces import find_pairs, gallery, thumbnail
from fer_audit.results import Outcome

PAIR = comparison(0.25, 0.2, 0.4, people_a=10, people_b=10)


def test_pairs_are_the_same_person_with_the_same_expression() -> None:
    table = cell_table()
    pairs = find_pairs(table, gap(Outcome.FAIL, PAIR), PAIR, limit=10)
    # Ten angry pairs and ten happy ones, one of which has an error; five angry and one happy went wrong.
    assert (pairs.total, pairs.forward, pairs.backward) == (19, 6, 0)
    columns = table.predictions
    for pair in pairs.chosen:
        assert columns.identity.codes[pair.a] == columns.identity.codes[pair.b]
        assert columns.true.codes[pair.a] == columns.true.codes[pair.b]
        assert columns.predicted.codes[pair.a] == columns.true.codes[pair.a]
        assert columns.predicted.codes[pair.b] != columns.true.codes[pair.b]
        assert columns.attributes["skin_tone"].codes[[pair.a, pair.b]].tolist() == [0, 1]


def test_each_expression_is_shown_before_any_is_shown_twice() -> None:
    pairs = find_pairs(cell_table(), gap(Outcome.FAIL, PAIR), PAIR, limit=2)
    true = cell_table().predictions.true
    assert {true.levels[true.codes[pair.a]] for pair in pairs.chosen} == {"anger", "happiness"}


@pytest.mark.parametrize(
    ("measure", "forward", "backward"),
    [
        ("recall(anger)", 5, 0),
        ("misclassification(anger->sadness)", 0, 5),
        ("refusals", 0, 1),
        ("misclassification(anger->contempt)", 0, 0),
        ("brier", 0, 0),
    ],
)
def test_pairs_follow_the_measure(measure: str, forward: int, backward: int) -> None:
    labels = ("anger", "happiness") if measure == "refusals" else ("anger",)
    pair = replace(PAIR, labels=labels)
    found = find_pairs(cell_table(), gap(Outcome.FAIL, pair, measure=measure), pair)
    assert (found.forward, found.backward) == (forward, backward)


def test_different_people_are_never_shown_as_a_pair() -> None:
    table = cell_table()
    tone = table.predictions.attributes["skin_tone"]
    identity = table.predictions.identity
    apart = replace(
        identity,
        codes=(identity.codes * 2 + tone.codes).astype("int32"),
        levels=tuple(f"id{i}" for i in range(20)),
    )
    strangers = replace(table, predictions=replace(table.predictions, identity=apart))
    assert find_pairs(strangers, gap(Outcome.FAIL, PAIR), PAIR).total == 0


def test_a_portrait_says_what_the_model_said() -> None:
    shown = gallery(cell_table(), gap(Outcome.FAIL, PAIR), PAIR, limit=2).shown
    said = {(pair.a.true, pair.a.said, pair.a.right, pair.b.said, pair.b.right) for pair in shown}
    assert said == {
        ("anger", "anger", True, "sadness", False),
        ("happiness", "happiness", True, "blocked output", False),
    }


def test_thumbnails_are_small_and_keep_their_shape() -> None:
    uri = gallery(cell_table(), gap(Outcome.FAIL, PAIR), PAIR).shown[0].a.uri
    head, _, data = uri.partition(",")
    assert head == "data:image/webp;base64"
    with Image.open(io.BytesIO(base64.b64decode(data))) as image:
        assert image.size == (96, 58)


def test_nothing_is_shown_where_pictures_must_not_be() -> None:
    found = gallery(cell_table(shown=False), gap(Outcome.FAIL, PAIR), PAIR)
    assert found.shown == ()
    assert found.pairs.forward == 6


def test_a_picture_that_is_gone_or_broken_costs_no_report() -> None:
    def gone(name: str) -> bytes:
        raise ImageError(name)

    def unreadable(name: str) -> bytes:
        raise PermissionError(name)

    assert thumbnail(gone, "x") is None
    assert thumbnail(unreadable, "x") is None
    assert thumbnail(lambda _: b"<svg onload=alert(1)>", "x") is None
