"""Whatever lies in a copy is read, is an annotation, or is skipped for a reason; the generator counted it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from trees import TREES, Garden, Tree, tended

from fer_audit.datasets import dataset_from
from fer_audit.datasets.inventory import Inventoried

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

READ, ANNOTATION = "read", "an annotation"
NO_FACE = "in a row, and no file"
UNNAMED = "not named as the set names its pictures"
NO_LABEL = "its label is not there or cannot be read"

# Which set a tree is a copy of, where they are not of one name.
FAMILIES = {
    "affectnet-folders": "affectnet",
    "chicago-paper": "chicago",
    "face-place-paper": "face-place",
    "radiate-paper": "radiate",
    "rafdb-partition": "rafdb",
    "rafdb-twice": "rafdb",
}
# What becomes of an awkward file, by what is odd about it. A picture that cannot be decoded is found when it is
# asked for: nothing is opened while a set is loaded.
EXPECTED = {
    "suffix in the other case": READ,
    "in a deeper folder with spaces and other scripts": READ,
    "no picture by its content": READ,
    "empty": READ,
    "left by a file manager": "no picture",
    "a text": "no picture",
    "derived copy": UNNAMED,
    "named otherwise": UNNAMED,
    "race of no known letter": UNNAMED,
    "a row without its picture": NO_FACE,
}
_RAFDB = {
    "derived copy": "no row in the list of labels",
    "a picture without a row": "no row in the list of labels",
    "unknown code": "unknown expression code '9'",
    "an annotation of no picture": ANNOTATION,
}
_FACE_PLACE = {
    "unknown code": "unknown expression code 'XX'",
    "derived copy": "neither an orientation nor an expression, perhaps a disguise: 'NE_cropped'",
}
_AFFECTNET = {
    "labelled none": "labelled none, which is not audited",
    "labelled uncertain": "labelled uncertain, which is not audited",
    "labelled no-face": "labelled no face, which is not audited",
}
_FER = {
    "too few pixels": "not 2,304 numbers",
    "no pixels": "not 2,304 numbers",
    "a pixel that is no number": "pixels that are no numbers",
    "a pixel above 255": READ,
}
_DERIVED = "a derived copy: its name goes on after the expression (as in _cropped, _high)"
_CHICAGO = {
    "unknown code": "unknown expression code 'X'",
    "derived copy": _DERIVED,
    "derived copy of high resolution": _DERIVED,
}
# Where a set has a word of its own.
OWN: Mapping[str, Mapping[str, str]] = {
    "affectnet": {
        **_AFFECTNET,
        "no header": ANNOTATION,
        "unknown code": "unknown expression code '77'",
        "derived copy": "no row in a table of labels",
        "a picture without a row": "no row in a table of labels",
    },
    "affectnet-folders": {
        **_AFFECTNET,
        **dict.fromkeys(
            ("derived copy", "no label beside it", "its label is no array", "its label is pickled"), NO_LABEL
        ),
        "a label of no picture": ANNOTATION,
    },
    "chicago": _CHICAGO,
    "chicago-paper": _CHICAGO,
    "ckplus": {"a label of no sequence": "the label of a frame that is not there"},
    "expw": {
        "unknown code": "none of its faces can be read",
        "two faces in one picture": READ,
        "derived copy": "no row in label.lst",
        "a picture without a row": "no row in label.lst",
    },
    "face-place": _FACE_PLACE,
    "face-place-paper": _FACE_PLACE,
    "fairface": {
        "gender of no known code": "unknown gender code 'Unknown'",
        "derived copy": "in no list of labels",
        "a picture without a row": "in no list of labels",
    },
    "fer2013": {**_FER, "unknown code": "unknown expression code '9'"},
    "ferplus": {**_FER, "unknown code": READ},
    "jaffe": {"unknown code": "unknown expression code 'XX'"},
    "kdef": {
        "unknown code": "unknown expression code 'XX'",
        "one of the known bad names": "a name that the set itself got wrong: it does not tell the expression",
    },
    "radiate": {"unknown code": "unknown expression code 'XQ'"},
    "radiate-paper": {"unknown code": "unknown expression code 'XQ'"},
    "rafd": {"unknown code": "unknown expression code 'bored'", "a camera that is not there": UNNAMED},
    "rafdb": _RAFDB,
    "rafdb-partition": _RAFDB,
    "rafdb-twice": _RAFDB,
    "utkface": {
        "a field is missing": "its name lacks a field",
        "race of no known code": READ,
        "gender of no known code": "unknown gender code '5'",
    },
}
# What else is skipped: the set has it, and nobody asked for it.
BESIDE: Mapping[str, Mapping[str, int]] = {
    "affectnet-folders": {"no number that can be read": 2},  # the labels of the two broken arrays
    "ckplus": {
        "a frame without a label": 593 + 593 - 327,
        "labelled nothing (the first frame of a sequence, neutral by custom), which is not audited": 593,
    },
    "face-place": {"labelled confused, which is not audited": 235},
    "ferplus": {"taken out of FER+ (no image name)": 14},
    "radiate": {"labelled calm, which is not audited": 218},
}
ROWS: Mapping[str, Mapping[str, int]] = {
    "affectnet": {"names a picture that is not there": 1},
    "affectnet-folders": {"an array whose picture is not there": 1},
    "expw": {"names a picture that is not there": 1, "unknown expression code '8'": 1},
    "fairface": {"its picture is not there": 1},
    "rafdb": {"a row whose picture is not there": 1},
    "rafdb-partition": {"a row whose picture is not there": 1},
    "rafdb-twice": {"a row whose picture is not there": 1},
}


@pytest.fixture(scope="session")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Garden]:
    yield from tended(tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("name", sorted(TREES))
def test_every_entry_is_accounted_for(name: str, garden: Garden) -> None:
    tree = garden.tree(name)
    dataset = dataset_from(FAMILIES.get(name, name), tree.root).open()
    assert isinstance(dataset, Inventoried)
    inventory = dataset.inventory
    known = inventory.read + len(inventory.annotations) + len(inventory.skipped)
    assert known == inventory.present == tree.present
    became = {
        **{image.partition("#")[0] if name == "expw" else image: READ for image in images(dataset)},
        **dict.fromkeys(inventory.annotations, ANNOTATION),
        **{skipped.entry: skipped.reason for skipped in inventory.skipped},
    }
    # Each entry has one fate.
    assert len(became) == tree.present
    awkward = {entry_of(entry): oddity for entry, oddity in tree.awkward.items()}
    expected = {**EXPECTED, **OWN[name]}
    assert {entry: became.get(entry, NO_FACE) for entry in awkward} == {
        entry: expected[oddity] for entry, oddity in awkward.items()
    }
    beside = [reason for entry, reason in became.items() if entry not in awkward]
    assert Counter(reason for reason in beside if reason not in {READ, ANNOTATION}) == BESIDE.get(name, {})
    assert Counter(row.reason for row in inventory.rows) == ROWS.get(name, {})


def images(dataset: object) -> Iterator[str]:
    """What is read of each face, one after the other."""
    for face in dataset.faces:  # type: ignore[attr-defined]
        yield face.image


def entry_of(entry: str) -> str:
    """Rows of a table of pictures are entries, named as faces are."""
    return f"fer2013.csv#{entry.removeprefix('row ')}" if entry.startswith("row ") else entry


@pytest.mark.parametrize("name", ["affectnet", "fairface", "rafdb-twice"])
def test_annotations_are_counted_beside_pictures(name: str, garden: Garden) -> None:
    """The tables and lists themselves are annotations: two of AffectNet, two of FairFace, two of RAF-DB."""
    dataset = dataset_from(FAMILIES.get(name, name), garden.tree(name).root).open()
    assert isinstance(dataset, Inventoried)
    lists = [file for file in dataset.inventory.annotations if not file.endswith("_manu_attri.txt")]
    assert len(lists) == 2


def test_a_report_says_what_was_skipped(garden: Garden) -> None:
    tree: Tree = garden.tree("radiate")
    details = dataset_from("radiate", tree.root).open().details
    assert details["image set read"] == "1,503 of 1,728 files of RADIATE"
    assert details["skipped"] == (
        "218 labelled calm, which is not audited; 3 no picture; 3 not named as the set names its pictures; "
        "1 unknown expression code 'XQ'"
    )
