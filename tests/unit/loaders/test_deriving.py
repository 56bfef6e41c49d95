"""Bands of ages, merged groups and tones to be measured are attributes like any other, made when a set is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_audit.datasets import (
    DatasetSpec,
    age_bands,
    dataset_from,
    manifest_dataset,
    merged,
    rendered_faces,
    skin_tone,
)
from fer_audit.datasets.additions import with_demographics, with_derived
from fer_audit.datasets.face_table import FaceColumns
from fer_audit.datasets.folder import FolderDataset
from fer_audit.datasets.inventory import Inventory
from fer_audit.errors import (
    ConfigurationError,
    DatasetError,
    DuplicateNameError,
    TableError,
    UnknownNameError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

RACES = ("East Asian", "Southeast Asian", "Black", "East Asian", "")


@pytest.fixture
def people(tmp_path: Path) -> DatasetSpec:
    """Five people with their race, and an age that one does not say."""
    ages = ("17", "18", "", "44", "95")
    rows = [f"{n}.png,p{n},fear,{race},{age}" for n, (race, age) in enumerate(zip(RACES, ages, strict=True))]
    (tmp_path / "people.csv").write_text("\n".join(["image,identity,expression,race,age", *rows]) + "\n")
    return manifest_dataset(tmp_path / "people.csv")


def numbered(ages: Sequence[float]) -> DatasetSpec:
    """People whose age is a number."""
    columns = FaceColumns((), ("age",))
    for place, age in enumerate(ages):
        columns.add(f"{place}.png", f"p{place}", "fear", (), (age,))
    table, inventory = columns.table(), Inventory(len(ages), len(ages))
    return DatasetSpec(
        "numbered",
        lambda: FolderDataset(None, table, ("fear",), inventory),  # type: ignore[arg-type]  # no picture is read
        (),
        covariates=("age",),
    )


def levels(spec: DatasetSpec, name: str) -> list[str | None]:
    return [face.attributes.get(name) for face in spec.open().faces]


def test_ages_in_words_are_banded(people: DatasetSpec) -> None:
    found = age_bands(people)
    assert found.attributes == ("race", "age", "age_band")
    assert levels(found, "age_band") == ["0-17", "18-29", None, "30-44", "60+"]
    assert found.slicings == people.slicings


def test_ages_in_numbers_are_banded_with_edges_of_ones_own() -> None:
    found = age_bands(numbered([0, 4, 4.9, 5, 64, 65, np.nan]), edges=(4, 5, 65), name="school")
    assert levels(found, "school") == ["0-3", "4", "4", "5-64", "5-64", "65+", None]


def test_one_edge_makes_two_bands() -> None:
    assert levels(age_bands(numbered([17, 18]), edges=(18,)), "age_band") == ["0-17", "18+"]


@pytest.mark.parametrize("edges", [(), (30, 18), (18, 18), (0, 18)])
def test_edges_that_make_no_bands_are_refused(people: DatasetSpec, edges: tuple[int, ...]) -> None:
    with pytest.raises(ConfigurationError) as caught:
        age_bands(people, edges=edges)
    assert str(caught.value) == (
        f"age bands with the edges {edges} cannot be told apart; give increasing first ages, e.g. (18, 30, 45, 60)"
    )


@pytest.mark.parametrize("age", [-1, 999])
def test_an_age_that_nobody_has_is_an_error_and_no_band(age: float) -> None:
    with pytest.raises(DatasetError) as caught:
        age_bands(numbered([30, age])).open()
    assert str(caught.value) == (
        f"dataset numbered: {age} in column 'age', row 2, is no age in years; leave unknown cells empty"
    )


def test_an_age_that_is_no_number_is_an_error(people: DatasetSpec) -> None:
    with pytest.raises(TableError) as caught:
        age_bands(people, "race", name="x").open()
    assert str(caught.value).startswith(
        "dataset people: 'Black' in column 'race', row 3, is no finite number"
    )


def test_groups_are_merged_and_the_report_says_which(people: DatasetSpec) -> None:
    found = merged(people, "race", {"East Asian": "asian", "Southeast Asian": "asian"})
    assert levels(found, "race_merged") == ["asian", "asian", "Black", "asian", None]
    assert levels(found, "race") == ["East Asian", "Southeast Asian", "Black", "East Asian", None]
    assert found.open().details == {
        "manifest": "people.csv",
        "merged into race_merged": "asian = East Asian + Southeast Asian",
    }


def test_a_group_may_take_in_another_under_its_own_name(people: DatasetSpec) -> None:
    found = merged(people, "race", {"Southeast Asian": "East Asian"}, name="race2")
    assert set(levels(found, "race2")) == {"East Asian", "Black", None}


def test_a_group_that_nobody_is_in_is_refused_with_the_nearest(people: DatasetSpec) -> None:
    with pytest.raises(UnknownNameError) as caught:
        merged(people, "race", {"East Asain": "asian"}).open()
    assert str(caught.value) == (
        "dataset 'people': nobody is 'East Asain' in column 'race', which was to be merged; did you mean "
        "'East Asian'? Known: Black, East Asian, Southeast Asian"
    )


def test_a_column_that_is_not_there_is_refused_before_anything_is_opened(people: DatasetSpec) -> None:
    with pytest.raises(UnknownNameError) as caught:
        age_bands(people, "ages")
    assert str(caught.value) == (
        "dataset 'people' has no column 'ages' to derive from; did you mean 'age'? Known: age, race"
    )
    with pytest.raises(UnknownNameError):
        merged(numbered([1]), "age", {})


def test_a_name_that_is_taken_is_refused(people: DatasetSpec) -> None:
    said = "dataset 'people' has a column '{}' already; give the derived one another name"
    with pytest.raises(DuplicateNameError) as caught:
        age_bands(people, name="race")
    assert str(caught.value) == said.format("race")
    with pytest.raises(DuplicateNameError) as caught:
        merged(people, "race", {}, name="age")
    assert str(caught.value) == said.format("age")
    with pytest.raises(DuplicateNameError) as caught:
        skin_tone(skin_tone(people))
    assert str(caught.value) == said.format("ita_band_measured")


def test_an_attribute_that_no_face_has_is_unknown_everywhere() -> None:
    spec = DatasetSpec("silent", numbered([1, 2]).open, ("race",))
    assert levels(age_bands(spec, "race"), "age_band") == [None, None]


def test_what_is_measured_is_an_attribute_that_the_opened_dataset_does_not_know() -> None:
    found = skin_tone(rendered_faces())
    assert found.measured == ("ita_band_measured", "monk_measured")
    assert found.attributes == (*rendered_faces().attributes, *found.measured)
    assert "monk_measured" not in found.open().faces[0].attributes
    assert skin_tone(rendered_faces(), "monk_measured").measured == ("monk_measured",)


def test_what_cannot_be_measured_is_refused_with_the_nearest(people: DatasetSpec) -> None:
    with pytest.raises(UnknownNameError) as caught:
        skin_tone(people, "monk_measure")
    assert str(caught.value) == (
        "'monk_measure' cannot be measured on pictures; did you mean 'monk_measured'? Known: ita_band_measured, monk_measured"
    )


def test_attributes_are_derived_by_name_where_a_dataset_has_what_they_need(people: DatasetSpec) -> None:
    aged, faces = with_derived([people, rendered_faces()], ["age_band", "monk_measured"])
    assert aged.attributes == ("race", "age", "monk_measured", "age_band")
    assert faces.attributes == (*rendered_faces().attributes, "monk_measured")
    assert with_derived([people], []) == (people,)


def test_a_band_of_ages_needs_a_column_of_ages_somewhere() -> None:
    with pytest.raises(ConfigurationError) as caught:
        with_derived([rendered_faces()], ["age_band"])
    assert str(caught.value) == (
        "'age_band' cannot be derived: no chosen dataset has a column 'age' of years; join one from a table of "
        "demographics"
    )


def test_a_set_that_bands_ages_itself_keeps_its_bands(tmp_path: Path) -> None:
    (tmp_path / "26_1_1_20170116174525125.jpg.chip.jpg").write_bytes(b"a picture")
    own = dataset_from("utkface", tmp_path)
    assert own.covariates == ("age",)
    (found,) = with_derived([own], ["age_band"])
    assert found == own
    assert levels(age_bands(own, name="age_of_consent", edges=(18,)), "age_of_consent") == ["18+"]


def test_an_unknown_derived_attribute_is_refused(people: DatasetSpec) -> None:
    with pytest.raises(UnknownNameError) as caught:
        with_derived([people], ["age_bands"])
    assert str(caught.value) == (
        "unknown derived attribute 'age_bands'; did you mean 'age_band'? Known: age_band, ita_band_measured, "
        "monk_measured"
    )


def test_a_table_is_joined_to_the_dataset_it_is_meant_for(people: DatasetSpec, tmp_path: Path) -> None:
    (tmp_path / "who=1.csv").write_text("identity,site\n" + "".join(f"p{n},here\n" for n in range(5)))
    (only,) = with_demographics([people], ["who=1.csv"], root=tmp_path)
    assert levels(only, "site") == ["here"] * 5
    first, second = with_demographics([people, rendered_faces()], ["people=who=1.csv"], root=tmp_path)
    assert first.attributes == ("race", "age", "site")
    assert second.attributes == rendered_faces().attributes


def test_a_table_for_nobody_is_refused(people: DatasetSpec, tmp_path: Path) -> None:
    both = [people, rendered_faces()]
    for text in ("who.csv", "peple=who.csv"):
        with pytest.raises(ConfigurationError) as caught:
            with_demographics(both, [text], root=tmp_path)
        assert str(caught.value) == (
            f"demographics '{text}': 2 datasets are chosen (people, faces); say for which the table is: NAME=FILE"
        )
    with pytest.raises(ConfigurationError) as caught:
        with_demographics([people], ["people="], root=tmp_path)
    assert str(caught.value) == ("demographics: an empty name was given; name a .csv or .parquet file")
