from __future__ import annotations

from pathlib import Path

import pytest

from fer_audit.catalog import Catalog
from fer_audit.datasets import DatasetSpec, choose_dataset, dataset_from, rendered_faces
from fer_audit.datasets.families import FAMILIES
from fer_audit.errors import ConfigurationError, DatasetError, DuplicateNameError, UnknownNameError

NOTHING: Catalog[DatasetSpec] = Catalog("dataset", [rendered_faces()])


@pytest.fixture
def radiate(tmp_path: Path) -> Path:
    for name in ("BF20_HE.bmp", "BF20_CC.bmp", "WM01_AO.bmp", "WM01_XX.bmp"):
        (tmp_path / name).touch()
    return tmp_path


def test_every_family_needs_its_path_and_says_where_to_ask_for_one() -> None:
    for family in FAMILIES:
        with pytest.raises(ConfigurationError) as caught:
            choose_dataset(family.name, NOTHING, root=Path())
        assert f"dataset {family.name!r} needs its folder or file: {family.name}=PATH" in str(caught.value)
        assert family.origin.request in str(caught.value)


def test_nothing_is_opened_when_a_dataset_is_chosen() -> None:
    for family in FAMILIES:
        spec = choose_dataset(f"{family.name}=nowhere", NOTHING, root=Path("/nowhere"))
        assert (spec.name, spec.attributes, spec.origin) == (family.name, family.attributes, family.origin)
        with pytest.raises(DatasetError):
            spec.open()


def test_a_relative_path_starts_from_the_root_and_an_alias_names_a_second_copy(radiate: Path) -> None:
    spec = choose_dataset(f"mine=radiate={radiate.name}", NOTHING, root=radiate.parent)
    assert spec.name == "mine"
    assert [face.image for face in spec.open().faces] == ["BF20_HE.bmp", "WM01_AO.bmp"]


def test_codes_of_a_copy_are_configuration(radiate: Path) -> None:
    spec = dataset_from("radiate", radiate, name="mine", codes={"CC": "calm", "XX": "surprise"})
    opened = spec.open()
    assert opened.labels == ("anger", "calm", "happiness", "surprise")
    assert [face.expression for face in opened.faces] == ["calm", "happiness", "anger", "surprise"]


@pytest.mark.parametrize("most", [0, -1, 3])
def test_how_often_one_person_may_occur_is_declared_of_unknown_people_only(most: int) -> None:
    with pytest.raises(ConfigurationError, match=f"dataset 'radiate': most_images={most} makes no sense"):
        dataset_from("radiate", Path(), most_images=most)


def test_a_name_that_nobody_knows_is_answered_with_those_that_are() -> None:
    with pytest.raises(UnknownNameError, match=r"unknown dataset 'radiat'; did you mean 'radiate'\?"):
        choose_dataset("radiat=/data", NOTHING, root=Path())
    with pytest.raises(UnknownNameError, match=r"unknown dataset 'radiat'; did you mean 'radiate'\?"):
        dataset_from("radiat", Path())


def test_a_registered_copy_is_not_given_another_path() -> None:
    mine = NOTHING.with_items([dataset_from("radiate", Path("/data/radiate"))])
    assert choose_dataset("radiate", mine, root=Path()).name == "radiate"
    with pytest.raises(
        DuplicateNameError,
        match="dataset 'radiate' is registered with a copy of its own; write radiate, or give yours another "
        "name: ALIAS=radiate=PATH",
    ):
        choose_dataset("radiate=/other", mine, root=Path())
