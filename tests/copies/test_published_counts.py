"""Each loader finds in a generated copy what is published of its set; the numbers are written out here."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from trees import Garden, grow, tended

from fer_audit.datasets import dataset_from
from fer_audit.datasets.inventory import Inventoried

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from fer_audit.datasets import Dataset

# paper.md, "Image counts": race, then one column a label.
RADIATE = """
         anger disgust fear happiness neutral sadness surprise
asian       44      44   44        65      44      43       22
black       76      76   74       110      76      73       38
hispanic    40      38   40        57      40      39       19
white       55      56   56        81      56      56       26
"""
FACE_PLACE = """
         anger disgust fear happiness neutral sadness surprise
asian        1      14    5        16     116      15       10
black        5      18    3        16      68       9        9
hispanic     0       0    0         1      43       0        0
white       30     111   54       110     238     108       53
"""
CHICAGO = """
         anger fear happiness neutral
asian        0    0         0     109
black       82   83       164     197
latino       0    0         0     108
white       72   66       143     183
"""


@pytest.fixture(scope="session")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Garden]:
    yield from tended(tmp_path_factory.getbasetemp())


def opened(garden: Garden, tree: str, family: str = "", codes: Mapping[str, str] | None = None) -> Dataset:
    return dataset_from(family or tree, garden.tree(tree).root, codes=codes).open()


def counted(dataset: Dataset, *columns: str) -> Counter[tuple[str, ...]]:
    """How many faces there are of each combination of columns."""
    return Counter(
        tuple(face.expression if name == "label" else face.attributes[name] for name in columns)
        for face in dataset.faces
    )


def people(dataset: Dataset, *columns: str) -> Counter[tuple[str, ...]]:
    """How many people there are of each combination of attributes."""
    groups = {face.identity: tuple(face.attributes[name] for name in columns) for face in dataset.faces}
    return Counter(groups.values())


def table(text: str) -> Counter[tuple[str, ...]]:
    header, *lines = text.strip().splitlines()
    labels = header.split()
    cells = [line.split() for line in lines]
    return Counter(
        {
            (race, label): int(count)
            for race, *counts in cells
            for label, count in zip(labels, counts, strict=True)
            if count != "0"
        }
    )


def test_the_tables_add_up_to_their_totals() -> None:
    """paper.md: 1,488, 1,053 and 1,207."""
    assert [sum(table(text).values()) for text in (RADIATE, FACE_PLACE, CHICAGO)] == [1_488, 1_053, 1_207]


def test_radiate_has_109_people_by_group(garden: Garden) -> None:
    """datasets.md: AF11 AM11 BF20 BM18 HF10 HM10 WF15 WM13 OM1; 1,721 images of 16 expressions."""
    dataset = opened(garden, "radiate", codes={"CC": "calm", "CO": "calm"})
    assert len(dataset.faces) == 1_721
    assert people(dataset, "race", "gender") == {
        ("asian", "female"): 11,
        ("asian", "male"): 11,
        ("black", "female"): 20,
        ("black", "male"): 18,
        ("hispanic", "female"): 10,
        ("hispanic", "male"): 10,
        ("other", "male"): 1,
        ("white", "female"): 15,
        ("white", "male"): 13,
    }
    assert people(dataset, "gender") == {("female",): 56, ("male",): 53}
    assert counted(dataset, "label")["calm",] == 109 * 2


def test_radiate_as_the_paper_has_it(garden: Garden) -> None:
    dataset = opened(garden, "radiate-paper", "radiate")
    assert counted(dataset, "race", "label") == table(RADIATE)
    assert people(dataset, "race") == {("asian",): 22, ("black",): 38, ("hispanic",): 20, ("white",): 28}


def test_the_whole_of_radiate_reaches_the_paper_but_for_one_image(garden: Garden) -> None:
    """paper.md: the table and the published 1,721 differ by at least one image."""
    found = counted(opened(garden, "radiate"), "race", "label")
    found -= Counter({cell: count for cell, count in found.items() if cell[0] == "other"})
    assert sum((found - table(RADIATE)).values()) == 1
    assert not table(RADIATE) - found


def test_face_place_has_its_participants_by_group(garden: Garden) -> None:
    """datasets.md: C 106 (57F 49M), A 53 (34F 19M), H 19 (17F 2M), B 34 (18F 16M), M 23."""
    dataset = opened(garden, "face-place", codes={"CO": "confused"})
    assert people(dataset, "race") == {
        ("asian",): 53,
        ("black",): 34,
        ("hispanic",): 19,
        ("multiracial",): 23,
        ("white",): 106,
    }
    by_gender = people(dataset, "race", "gender")
    assert [by_gender[race, "female"] for race in ("white", "asian", "hispanic", "black")] == [57, 34, 17, 18]
    assert [by_gender[race, "male"] for race in ("white", "asian", "hispanic", "black")] == [49, 19, 2, 16]


def test_face_place_as_the_paper_has_it(garden: Garden) -> None:
    dataset = opened(garden, "face-place-paper", "face-place")
    assert counted(dataset, "race", "label") == table(FACE_PLACE)
    assert people(dataset, "race") == {("asian",): 53, ("black",): 34, ("hispanic",): 19, ("white",): 106}


@pytest.mark.parametrize("tree", ["chicago", "chicago-paper"])
def test_chicago_has_597_people_and_the_papers_table(tree: str, garden: Garden) -> None:
    """datasets.md: 597 identities, all neutral; the other expressions of Black and White people only."""
    dataset = opened(garden, tree, "chicago")
    main = {race for race, _ in table(CHICAGO)}
    found = counted(dataset, "race", "label")
    assert {cell: count for cell, count in found.items() if cell[0] in main} == table(CHICAGO)
    assert people(dataset, "set")["CFD",] == 597
    assert people(dataset, "race")["asian",] == 109
    assert {label for _, _, label in counted(dataset, "set", "race", "label")} == set(dataset.labels)


def test_the_later_sets_of_chicago_are_neutral_and_apart(garden: Garden) -> None:
    dataset = opened(garden, "chicago")
    found = counted(dataset, "set", "race", "label")
    assert {key: count for key, count in found.items() if key[0] != "CFD"} == {
        ("CFD-MR", "multiracial", "neutral"): 88,
        ("CFD-INDIA", "indian", "neutral"): 142,
    }
    assert people(dataset, "set") == {("CFD",): 597, ("CFD-MR",): 88, ("CFD-INDIA",): 142}


def test_the_norming_workbook_knows_every_person_of_chicago(tmp_path: Path) -> None:
    """datasets.md: keys BF-001, but IF601-519 in India; four sheets, whose header is found by its words."""
    pytest.importorskip("openpyxl")
    # Only here: the module takes the package.
    from trees.norming import with_norming  # noqa: PLC0415

    tree = with_norming(grow("chicago", tmp_path))
    dataset = dataset_from("chicago", tree.root).open()
    assert isinstance(dataset, Inventoried)
    assert dataset.inventory.present == tree.present
    assert dataset.inventory.annotations == ("CFD 3.0 Norming Data and Codebook.xlsx",)
    known = "827 of 827 people"
    assert dataset.details["norming data"] == (
        f"AgeSelf of {known}; AgeRated of {known}; LuminanceMedian of {known}"
    )


def test_rafdb_has_its_two_parts(garden: Garden) -> None:
    """datasets.md: 12,271 train and 3,068 test."""
    dataset = opened(garden, "rafdb")
    assert counted(dataset, "split") == {("train",): 12_271, ("test",): 3_068}
    # One picture in seven of each label, so that each part has its share to within one.
    assert sorted(counted(dataset, "label").values()) == [2_191, 2_191, 2_191, 2_191, 2_191, 2_192, 2_192]
    assert {attribute for _, attribute in counted(dataset, "split", "gender")} == {"female", "male", "unsure"}
    assert len(counted(dataset, "race")) == 3
    assert len(counted(dataset, "age_band")) == 5


def test_both_spellings_of_rafdbs_list_are_read_and_both_together(garden: Garden) -> None:
    for tree in ("rafdb-partition", "rafdb-twice"):
        assert counted(opened(garden, tree, "rafdb"), "split") == {("train",): 280, ("test",): 280}


def test_fer2013_has_its_three_parts(garden: Garden) -> None:
    """Goodfellow et al. 2013: 28,709 + 3,589 + 3,589 = 35,887."""
    found = counted(opened(garden, "fer2013"), "split")
    assert sum(found.values()) == 35_887
    assert sorted(found.values()) == [3_589, 3_589, 28_709]


def test_ferplus_leaves_out_the_removed_rows(garden: Garden) -> None:
    """Every fiftieth of 700 rows is removed; a row more has a label that only the table does not know."""
    dataset = opened(garden, "ferplus")
    assert len(dataset.faces) == 700 - 14 + 1
    assert sorted(counted(dataset, "label").values()) == [98, 98, 98, 98, 98, 98, 99]


def test_kdef_has_seventy_people_in_two_sessions(garden: Garden) -> None:
    """datasets.md: 70 people, two sessions of the same person, seven expressions, five angles: 4,900."""
    dataset = opened(garden, "kdef")
    assert len(dataset.faces) == 4_900
    assert sum(people(dataset, "gender").values()) == 70
    assert counted(dataset, "session") == {("A",): 2_450, ("B",): 2_450}
    assert set(counted(dataset, "angle").values()) == {980}
    assert set(counted(dataset, "label").values()) == {700}
    assert len(counted(dataset, "label")) == 7


def test_rafd_has_120_pictures_of_each_of_67_models(garden: Garden) -> None:
    """Langner et al. 2010: 67 models, eight expressions, five cameras, three gazes."""
    dataset = opened(garden, "rafd")
    pictures = Counter(face.identity for face in dataset.faces)
    assert len(pictures) == 67
    assert set(pictures.values()) == {120}
    assert counted(dataset, "camera") == {(f"{angle:03}",): 67 * 24 for angle in (0, 45, 90, 135, 180)}
    assert len(counted(dataset, "label")) == 8
    assert sum(people(dataset, "race").values()) == 67


def test_jaffe_has_213_pictures_of_ten_women(garden: Garden) -> None:
    """Lyons et al. 1998."""
    dataset = opened(garden, "jaffe")
    assert len(dataset.faces) == 213
    assert len({face.identity for face in dataset.faces}) == 10


def test_ckplus_has_327_labelled_sequences(garden: Garden) -> None:
    """Lucey et al. 2010: 593 sequences of 123 subjects; 327 have a label."""
    labelled = opened(garden, "ckplus")
    assert counted(labelled, "label") == {
        ("anger",): 45,
        ("contempt",): 18,
        ("disgust",): 59,
        ("fear",): 25,
        ("happiness",): 69,
        ("sadness",): 28,
        ("surprise",): 83,
    }
    whole = opened(garden, "ckplus", codes={"onset": "neutral"})
    assert counted(whole, "label")["neutral",] == 593
    assert len({face.identity for face in whole.faces}) == 123


@pytest.mark.parametrize("tree", ["affectnet", "affectnet-folders"])
def test_affectnet_is_read_alike_in_both_layouts(tree: str, garden: Garden) -> None:
    """Eight labels; the generator gives each 100 to train on and 20 to validate."""
    dataset = opened(garden, tree, "affectnet")
    assert len(dataset.labels) == 8
    assert set(counted(dataset, "split", "label").values()) == {100, 20}
    assert counted(dataset, "split") == {("train",): 800, ("val",): 160}


def test_expw_has_a_face_more_than_pictures_and_no_two_alike(garden: Garden) -> None:
    """A face is what lies in its box: those of two people must differ once they are cut out."""
    dataset = opened(garden, "expw")
    assert len(dataset.faces) == 421
    assert len(dataset.labels) == 7
    awkward = garden.tree("expw").awkward
    broken = {file for file, oddity in awkward.items() if oddity in {"empty", "no picture by its content"}}
    whole = [face.image for face in dataset.faces if face.image.partition("#")[0] not in broken]
    assert len({dataset.read(image) for image in whole}) == len(whole) == 419


def test_fairface_has_seven_races_and_nine_ages(garden: Garden) -> None:
    dataset = opened(garden, "fairface")
    assert counted(dataset, "split") == {("train",): 630, ("val",): 126}
    assert set(counted(dataset, "race").values()) == {108}
    assert len(counted(dataset, "race")) == 7
    assert len(counted(dataset, "age_band")) == 9
    assert set(counted(dataset, "label").values()) == {378}


def test_utkface_has_five_races(garden: Garden) -> None:
    dataset = opened(garden, "utkface")
    known = [face for face in dataset.faces if "race" in face.attributes]
    assert len(known) == 600
    races = Counter(face.attributes["race"] for face in known)
    assert races == dict.fromkeys(("asian", "black", "indian", "other", "white"), 120)
    assert Counter(face.expression for face in known) == {"female": 300, "male": 300}
