"""Posed sets of full size, grown from transcribed lists: what is read of them, as published."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from named_copies import loaded, skips
from trees import grow

if TYPE_CHECKING:
    from fer_audit.datasets.folder import FolderDataset

LITTER = {"no picture": 3}
UNNAMED = "not named as the set names its pictures"
LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")


@pytest.fixture
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> FolderDataset:
    """A whole copy with awkward files, opened; no file of it is there that its tree does not count."""
    family = request.param.removesuffix("-paper")
    tree = grow(request.param, tmp_path_factory.mktemp("tree"))
    opened = loaded(family, tree.root)
    assert opened.inventory.present == tree.present
    known = {face.image for face in opened.faces} | set(opened.inventory.annotations) | set(skips(opened))
    assert set(tree.awkward) <= known
    return opened


def groups(opened: FolderDataset) -> dict[str, int]:
    """People of each race and gender."""
    people = {face.identity: face.attributes for face in opened.faces}
    return dict(Counter(f"{one['race']} {one['gender']}" for one in people.values()))


def table(opened: FolderDataset) -> dict[str, list[int]]:
    """Pictures of each race, label by label."""
    counted = Counter((face.attributes["race"], face.expression) for face in opened.faces)
    return {race: [counted[race, label] for label in LABELS] for race, _ in sorted(counted)}


def of(name: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("full", [name], indirect=True)


@of("radiate")
def test_radiate_has_109_people_and_1721_images(full: FolderDataset) -> None:
    # Conley et al. 2018: 109 adults, 1,721 images, 56 of the people women; groups as in the images' names.
    inventory = full.inventory
    assert inventory.read == 1_503
    assert inventory.reasons() == {
        "labelled calm, which is not audited": 218,
        **LITTER,
        UNNAMED: 3,
        "unknown expression code 'XQ'": 1,
    }
    assert inventory.read + 218 == 1_721
    assert groups(full) == {
        "asian female": 11,
        "asian male": 11,
        "black female": 20,
        "black male": 18,
        "hispanic female": 10,
        "hispanic male": 10,
        "white female": 15,
        "white male": 13,
        "other male": 1,
    }


@of("radiate-paper")
def test_radiate_as_the_paper_counts_it(full: FolderDataset) -> None:
    # arXiv 2408.14842: the only totals for which its percentages are ratios of whole numbers.
    assert full.inventory.read == 1_488
    assert full.labels == LABELS
    assert table(full) == {
        "asian": [44, 44, 44, 65, 44, 43, 22],
        "black": [76, 76, 74, 110, 76, 73, 38],
        "hispanic": [40, 38, 40, 57, 40, 39, 19],
        "white": [55, 56, 56, 81, 56, 56, 26],
    }
    assert full.inventory.reasons() == {**LITTER, UNNAMED: 3, "unknown expression code 'XQ'": 1}


@of("face-place")
def test_face_place_has_its_participants_by_group(full: FolderDataset) -> None:
    # The set's own page: 106 Caucasian (57 women), 53 Asian (34), 34 Black (18), 23 multiracial, 19 Hispanic (17).
    assert {group: people for group, people in groups(full).items() if "multiracial" not in group} == {
        "asian female": 34,
        "asian male": 19,
        "black female": 18,
        "black male": 16,
        "hispanic female": 17,
        "hispanic male": 2,
        "white female": 57,
        "white male": 49,
    }
    assert sum(people for group, people in groups(full).items() if "multiracial" in group) == 23
    assert full.inventory.present == 4_026
    assert full.inventory.read == 3_784
    assert full.inventory.reasons() == {
        "labelled confused, which is not audited": 235,
        **LITTER,
        UNNAMED: 2,
        "neither an orientation nor an expression, perhaps a disguise: 'NE_cropped'": 1,
        "unknown expression code 'XX'": 1,
    }


@of("face-place-paper")
def test_face_place_as_the_paper_counts_it(full: FolderDataset) -> None:
    assert full.inventory.read == 1_053
    assert table(full) == {
        "asian": [1, 14, 5, 16, 116, 15, 10],
        "black": [5, 18, 3, 16, 68, 9, 9],
        "hispanic": [0, 0, 0, 1, 43, 0, 0],
        "white": [30, 111, 54, 110, 238, 108, 53],
    }


@of("kdef")
def test_kdef_has_70_people_in_two_sessions(full: FolderDataset) -> None:
    # Lundqvist et al. 1998: 70 people, seven expressions, five angles, two sessions.
    assert len({face.identity for face in full.faces}) == 70
    assert full.inventory.read == 4_900
    assert Counter(face.attributes["session"] for face in full.faces) == {"A": 2_450, "B": 2_450}
    assert full.inventory.reasons() == {
        **LITTER,
        "a name that the set itself got wrong: it does not tell the expression": 2,
        UNNAMED: 1,
        "unknown expression code 'XX'": 1,
    }


@of("rafd")
def test_rafd_has_67_people_eight_expressions_five_cameras_and_three_gazes(full: FolderDataset) -> None:
    # Langner et al. 2010: 67 models, 8,040 pictures, of which 1,608 from the front.
    assert len({face.identity for face in full.faces}) == 67
    assert full.inventory.read == 8_040
    assert sum(face.attributes["camera"] == "090" for face in full.faces) == 1_608
    assert full.inventory.reasons() == {**LITTER, UNNAMED: 2, "unknown expression code 'bored'": 1}


@of("jaffe")
def test_jaffe_has_ten_people_and_213_images(full: FolderDataset) -> None:
    # Lyons et al. 1998: 213 images of ten women.
    assert len({face.identity for face in full.faces}) == 10
    assert full.inventory.read == 213
    assert full.inventory.reasons() == {**LITTER, UNNAMED: 2, "unknown expression code 'XX'": 1}


@of("ckplus")
def test_ckplus_has_327_labelled_sequences(full: FolderDataset) -> None:
    # Lucey et al. 2010: 593 sequences of 123 people, 327 of them labelled.
    assert Counter(face.expression for face in full.faces) == {
        "anger": 45,
        "contempt": 18,
        "disgust": 59,
        "fear": 25,
        "happiness": 69,
        "sadness": 28,
        "surprise": 83,
    }
    assert len({face.identity for face in full.faces}) == 123
    assert full.inventory.read == len(full.inventory.annotations) == 327
    assert full.inventory.reasons() == {
        "a frame without a label": 859,
        "labelled nothing (the first frame of a sequence, neutral by custom), which is not audited": 593,
        **LITTER,
        UNNAMED: 2,
        "the label of a frame that is not there": 1,
    }
