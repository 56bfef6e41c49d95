"""The generator of test trees keeps its promises; the loaders are held to what it writes."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from trees import TREES, Garden, grow, tended
from trees.portraits import Sitter, portrait

if TYPE_CHECKING:
    from collections.abc import Iterator

PICTURES = {
    "affectnet": 960,  # a choice: 100 a label to train on, 20 to validate
    "affectnet-folders": 960,
    "chicago": 1_207 + 88 + 142,  # paper.md; the two later sets are a choice
    "chicago-paper": 1_207,  # paper.md
    "ckplus": 3 * 593,  # Lucey et al. 2010, three frames a sequence
    "expw": 420,  # a choice
    "face-place": 235 * 17 + 24,  # datasets.md's participants; the images of each are a choice
    "face-place-paper": 1_053,  # paper.md
    "fairface": 756,  # a choice
    "fer2013": 35_887,  # Goodfellow et al. 2013
    "ferplus": 700,  # a choice
    "jaffe": 213,  # Lyons et al. 1998
    "kdef": 4_900,  # Lundqvist et al. 1998: 70 people, 2 sessions, 7 expressions, 5 angles
    "radiate": 1_721,  # datasets.md
    "radiate-paper": 1_488,  # paper.md
    "rafd": 67 * 120,  # Langner et al. 2010
    "rafdb": 12_271 + 3_068,  # datasets.md
    "rafdb-partition": 560,  # a choice
    "rafdb-twice": 560,
    "utkface": 600,  # a choice
}
TABLES = {name for name in PICTURES if name.startswith("fer")}
SMALL = (
    "affectnet-folders",
    "ckplus",
    "face-place-paper",
    "ferplus",
    "jaffe",
    "rafdb-twice",
    "utkface",
)


@pytest.fixture(scope="session")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Garden]:
    yield from tended(tmp_path_factory.getbasetemp())


def files(root: Path) -> list[Path]:
    return [file for file in root.rglob("*") if file.is_file()]


def test_the_generator_knows_nothing_of_the_package() -> None:
    code = "import sys, trees; print([m for m in sys.modules if m.partition('.')[0] == 'fer_audit'])"
    material = str(Path(__file__).parents[1] / "material")
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=material
    )
    assert done.stdout == "[]\n"


def test_each_tree_has_its_count_written_here() -> None:
    assert PICTURES.keys() == TREES.keys()


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_a_tree_holds_the_pictures_that_are_published(name: str, garden: Garden) -> None:
    assert garden.tree(name).pictures == PICTURES[name]


@pytest.mark.parametrize("name", sorted(PICTURES.keys() - TABLES))
def test_every_file_is_counted_and_differs_from_every_other(name: str, garden: Garden) -> None:
    tree = garden.tree(name)
    there = files(tree.root)
    assert tree.present == len(there)
    contents = Counter(sha256(file.read_bytes()).digest() for file in there if is_picture(file))
    assert set(contents.values()) == {1}


def is_picture(file: Path) -> bool:
    return file.suffix.casefold() in {".bmp", ".jpg", ".png", ".tiff"}


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_row_is_counted_and_differs_from_every_other(name: str, garden: Garden) -> None:
    tree = garden.tree(name)
    with (tree.root / "fer2013.csv").open(encoding="utf-8") as stream:
        rows = [hash(line.partition(",")[2]) for line in stream][1:]
    assert tree.present == len(rows) == len(set(rows))
    votes = tree.root / "fer2013new.csv"
    assert votes.is_file() == (name == "ferplus")
    assert not votes.is_file() or len(votes.read_text(encoding="utf-8").splitlines()) == len(rows) + 1


@pytest.mark.parametrize("name", sorted(PICTURES.keys() - TABLES))
def test_what_is_called_awkward_is_there_or_named_by_a_list(name: str, garden: Garden) -> None:
    tree = garden.tree(name)
    alone = {"20/nowhere.jpg", "nowhere.jpg", "train_90004.jpg", "val/9003.jpg"}
    assert {entry for entry in tree.awkward if not (tree.root / entry).is_file()} <= alone
    assert {"empty", "no picture by its content", "suffix in the other case", "derived copy", "a text"} <= {
        *tree.awkward.values()
    }


@pytest.mark.parametrize("name", SMALL)
def test_a_tree_grows_alike_every_time(name: str, garden: Garden, tmp_path: Path) -> None:
    first, again = garden.tree(name), grow(name, tmp_path)
    assert said(first.root) == said(again.root)
    assert (first.present, first.pictures, first.awkward) == (again.present, again.pictures, again.awkward)


def said(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in files(root)}


@pytest.mark.parametrize("name", SMALL)
def test_without_awkward_files_there_are_pictures_and_annotations(name: str, tmp_path: Path) -> None:
    tree = grow(name, tmp_path, awkward=False)
    assert tree.awkward == {}
    if name in TABLES:
        assert tree.present == tree.pictures
    else:
        there = files(tree.root)
        assert sum(is_picture(file) for file in there) == tree.pictures
        assert all(is_picture(file) or file.suffix in {".npy", ".txt"} for file in there)


def test_a_tree_is_not_grown_over_another(tmp_path: Path) -> None:
    grow("jaffe", tmp_path)
    with pytest.raises(FileExistsError):
        grow("jaffe", tmp_path)


@pytest.mark.parametrize("suffix", [".bmp", ".jpg", ".png", ".tiff"])
def test_the_remark_in_a_file_changes_no_pixel(suffix: str) -> None:
    sitter = Sitter(3, "female", "black")
    one, other = (portrait(f"a/{name}{suffix}", sitter, "fear") for name in ("one", "another"))
    assert one != other
    with Image.open(BytesIO(one)) as shown, Image.open(BytesIO(other)) as again:
        assert shown.tobytes() == again.tobytes()
        assert shown.size == (64, 64)
        assert shown.format == {".bmp": "BMP", ".jpg": "JPEG", ".png": "PNG", ".tiff": "TIFF"}[suffix]


def test_people_expressions_and_groups_look_different() -> None:
    shown = {
        portrait("x.png", Sitter(number, gender, race), expression)
        for number in range(24)
        for gender in ("female", "male")
        for race in ("asian", "black", "hispanic", "white")
        for expression in ("anger", "neutral", "surprise")
    }
    assert len(shown) == 24 * 2 * 4 * 3
    assert portrait("x.png", Sitter(0, "male", "white"), "contempt") in shown  # as neutral: none is rendered


def test_radiate_has_its_109_people_and_sixteen_expressions(garden: Garden) -> None:
    names = [file.stem for file in files(garden.tree("radiate").root) if file.suffix.casefold() == ".bmp"]
    codes = Counter(name[:4] for name in names if name not in {"BF01_XQ", "BF01_AC_cropped", "BF01-AC"})
    groups = Counter(person[:2] for person in codes)
    assert groups == {"AF": 11, "AM": 11, "BF": 20, "BM": 18, "HF": 10, "HM": 10, "WF": 15, "WM": 13, "OM": 1}
    assert sum(codes.values()) == 1_721
    assert max(codes.values()) == 16


def test_the_papers_denominators_by_race_and_gender_are_reached(garden: Garden) -> None:
    """paper.md: anger, 40 images of Black women and 29 of White women."""
    names = [file.stem for file in files(garden.tree("radiate-paper").root)]
    anger = Counter(name[:2] for name in names if name.endswith(("_AC", "_AO")))
    assert (anger["BF"], anger["WF"]) == (40, 29)
