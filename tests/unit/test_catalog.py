from __future__ import annotations

from dataclasses import dataclass

import pytest

from fer_audit.catalog import Catalog
from fer_audit.errors import ConfigurationError, DuplicateNameError, UnknownNameError


@dataclass(frozen=True)
class Thing:
    name: str


def test_an_unknown_name_suggests_the_nearest() -> None:
    catalog = Catalog("model", [Thing("mini-xception"), Thing("clip")])
    with pytest.raises(UnknownNameError) as caught:
        catalog["mini-exception"]
    assert str(caught.value) == (
        "unknown model 'mini-exception'; did you mean 'mini-xception'? Known: clip, mini-xception"
    )


def test_two_things_under_one_name_are_refused() -> None:
    with pytest.raises(DuplicateNameError, match="model 'clip' is registered twice; rename one"):
        Catalog("model", [Thing("clip"), Thing("clip")])


@pytest.mark.parametrize("name", ["", "a b", "a[b", "a/b", "a*b", "-a", "é"])
def test_a_name_that_a_test_id_cannot_carry_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be part of a test id"):
        Catalog("model", [Thing(name)])


def test_more_items_make_a_new_catalogue() -> None:
    first = Catalog("model", [Thing("a")])
    second = first.with_items([Thing("b")])
    assert [item.name for item in second] == ["a", "b"]
    assert len(first) == 1
    assert "b" not in first
    assert "b" in second
