from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from fer_audit.datasets import dataset_from
from fer_audit.datasets.inventory import Inventoried, Skipped
from fer_audit.errors import DatasetError, ImageError

if TYPE_CHECKING:
    from pathlib import Path

    from fer_audit.datasets import Dataset
    from fer_audit.datasets.inventory import Inventory

HEADER = "emotion,pixels,Usage\n"
VOTES = "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"


def pixels(first: int) -> str:
    return " ".join(str((first + place) % 256) for place in range(48 * 48))


def row(code: object, first: int = 0, usage: str = "Training") -> str:
    return f"{code},{pixels(first)},{usage}\n"


def opened(path: Path, family: str = "fer2013") -> Dataset:
    return dataset_from(family, path).open()


def inventory(dataset: Dataset) -> Inventory:
    assert isinstance(dataset, Inventoried)
    return dataset.inventory


def labels(dataset: Dataset) -> dict[str, str]:
    return {face.image: face.expression for face in dataset.faces}


def test_every_row_is_a_face_with_its_label_and_part(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_text(
        HEADER + "".join(row(code) for code in range(6)) + row(6, 0, "PublicTest") + row(6, 0, "PrivateTest")
    )
    dataset = opened(tmp_path)
    assert labels(dataset) == {
        "fer2013.csv#1": "anger",
        "fer2013.csv#2": "disgust",
        "fer2013.csv#3": "fear",
        "fer2013.csv#4": "happiness",
        "fer2013.csv#5": "sadness",
        "fer2013.csv#6": "surprise",
        "fer2013.csv#7": "neutral",
        "fer2013.csv#8": "neutral",
    }
    assert [face.attributes["split"] for face in dataset.faces][5:] == [
        "train",
        "public test",
        "private test",
    ]
    assert dataset.details["image set read"] == "8 of 8 rows of FER2013"


@pytest.mark.parametrize("place", ["fer2013.csv", "a b/Fer2013.CSV", "table.csv"])
def test_the_table_or_its_folder_is_named(tmp_path: Path, place: str) -> None:
    table = tmp_path / place
    table.parent.mkdir(exist_ok=True)
    table.write_text(HEADER + row(3))
    assert labels(opened(table)) == {f"{table.name}#1": "happiness"}
    if place != "table.csv":
        assert labels(opened(tmp_path)) == {f"{table.name}#1": "happiness"}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text,
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: text.replace(b"\n", b"\r\n"),
        lambda text: text.rstrip(),
        lambda text: text.replace(b"\n", b"\n\n"),
    ],
    ids=["plain", "byte order mark", "other line ends", "no last line end", "empty lines"],
)
def test_a_picture_is_read_from_its_row_pixel_by_pixel(tmp_path: Path, change: type[bytes]) -> None:
    text = HEADER + row(3, 7) + f'4,"{pixels(200)}",Training\n'
    (tmp_path / "fer2013.csv").write_bytes(change(text.encode()))
    dataset = opened(tmp_path)
    for face, first in zip(dataset.faces, (7, 200), strict=True):
        picture = Image.open(BytesIO(dataset.read(face.image)))
        assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (48, 48))
        assert picture.tobytes() == bytes((first + place) % 256 for place in range(48 * 48))


def test_columns_may_stand_in_another_order(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_text(f"emotion, Usage, pixels\n3,Training,{pixels(1)}\n")
    dataset = opened(tmp_path)
    assert dataset.faces[0].attributes == {"split": "train"}
    assert Image.open(BytesIO(dataset.read("fer2013.csv#1"))).getpixel((0, 0)) == 1


def test_rows_that_hold_no_picture_are_named(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_text(
        HEADER
        + row(3)
        + f"3,{pixels(0)} 7,Training\n"
        + f"3,{pixels(0).replace('17', 'x', 1)},Training\n"
        + f"3,{pixels(0)}\n"
        + row(9)
        + row("happy")
        + '3,"1\n2",Training\n'
        + row(3)
    )
    dataset = opened(tmp_path)
    assert list(labels(dataset)) == ["fer2013.csv#1", "fer2013.csv#8"]
    assert inventory(dataset).skipped == (
        Skipped("fer2013.csv#2", "not 2,304 numbers"),
        Skipped("fer2013.csv#3", "pixels that are no numbers"),
        Skipped("fer2013.csv#4", "not one cell for each column of the table"),
        Skipped("fer2013.csv#5", "unknown expression code '9'"),
        Skipped("fer2013.csv#6", "unknown expression code 'happy'"),
        Skipped("fer2013.csv#7", "not one cell for each column of the table"),
    )
    assert Image.open(BytesIO(dataset.read("fer2013.csv#8"))).getpixel((1, 0)) == 1


def test_a_pixel_above_255_is_seen_when_the_picture_is_read(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_text(HEADER + f"3,{pixels(0).replace('255', '256', 1)},Training\n")
    dataset = opened(tmp_path)
    with pytest.raises(ImageError) as error:
        dataset.read("fer2013.csv#1")
    assert str(error.value) == (
        "image 'fer2013.csv#1' is not 48 x 48 numbers from 0 to 255; fetch the table again"
    )


@pytest.mark.parametrize(
    "name",
    [
        "fer2013.csv#0",
        "fer2013.csv#2",
        "other.csv#1",
        "fer2013.csv",
        "#1",
        "fer2013.csv#-1",
        "fer2013.csv#99999999999999999999",
    ],
)
def test_only_rows_of_the_table_are_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "fer2013.csv").write_text(HEADER + row(3))
    with pytest.raises(ImageError) as error:
        opened(tmp_path).read(name)
    assert str(error.value) == (
        f"image {name!r} is no row of fer2013.csv; its pictures are named fer2013.csv#1 to fer2013.csv#1"
    )


def test_a_table_that_is_gone_is_an_error_of_the_picture(tmp_path: Path) -> None:
    (tmp_path / "fer2013.csv").write_text(HEADER + row(3))
    dataset = opened(tmp_path)
    (tmp_path / "fer2013.csv").unlink()
    with pytest.raises(
        ImageError, match=r"image 'fer2013\.csv#1' cannot be read \(No such file or directory\)"
    ):
        dataset.read("fer2013.csv#1")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            HEADER.replace(",", ";") + row(3).replace(",", ";"),
            "FER2013: fer2013.csv has no column 'emotion'; ",
        ),
        ("", "FER2013: fer2013.csv has no column 'emotion'; Known: none"),
        (
            "emotion,pixel\n",
            "FER2013: fer2013.csv has no column 'pixels'; did you mean 'pixel'? Known: emotion, pixel",
        ),
        (
            (HEADER + row(3)).encode("utf-16"),
            "fer2013.csv: no UTF-8 text (invalid start byte); save it as UTF-8",
        ),
        (
            HEADER + "1" * 70_000,
            "fer2013.csv: line 2 has more than 65,536 bytes; this is no table of small pictures",
        ),
        (
            HEADER + '3,"' + row(3) * 20,
            "is no row of a CSV file (field larger than field limit (131072)); fetch",
        ),
        (HEADER, "FER2013: no row is there at all; a copy holds rows of a label and 2,304 grey values"),
    ],
    ids=["delimiter", "empty", "column", "encoding", "long line", "open quotes", "no rows"],
)
def test_a_table_that_is_none_of_the_set_is_an_error(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    data = content.encode() if isinstance(content, str) else content
    (tmp_path / "fer2013.csv").write_bytes(data)
    with pytest.raises(DatasetError) as error:
        opened(tmp_path)
    assert message in str(error.value)


def test_a_folder_without_the_table_or_with_two_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"FER2013: no file fer2013\.csv is in '.*'; give the table of the pictures"
    ):
        opened(tmp_path)
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "fer2013.csv").write_text(HEADER)
    with pytest.raises(
        DatasetError, match=r"FER2013: 2 files fer2013\.csv are in '.*'; give the table of the pictures"
    ):
        opened(tmp_path)


def voted(root: Path, *votes: str, rows: int | None = None) -> Path:
    (root / "fer2013.csv").write_text(HEADER + "".join(row(0, place) for place in range(rows or len(votes))))
    (root / "fer2013new.csv").write_text(VOTES + "".join(f"{vote}\n" for vote in votes))
    return root


def test_votes_give_the_label_that_most_voters_gave(tmp_path: Path) -> None:
    voted(
        tmp_path,
        "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0",
        "Training,fer0000001.png,0,0,0,0,0,0,0,9,1,0",
        "Training,fer0000002.png,5,0,0,5,0,0,0,0,0,0",
        "Training,fer0000003.png,0,0,0,0,0,0,0,0,10,0",
        "Training,fer0000004.png,0,4,0,0,0,0,0,0,0,6",
        "Training,,0,0,0,0,0,0,0,0,0,10",
        "Training,fer0000006.png,0,0,0,0,0,0,0,0,0,0",
        "Training,fer0000007.png,x,0,0,0,0,0,0,0,0,0",
        "Training,fer0000008.png,1",
        f"Training,fer0000009.png,{'9' * 5000},0,0,0,0,0,0,0,0,0",
    )
    dataset = opened(tmp_path, "ferplus")
    assert labels(dataset) == {"fer2013.csv#1": "neutral", "fer2013.csv#2": "contempt"}
    assert inventory(dataset).skipped == (
        Skipped("fer2013.csv#3", "no label has most of the votes"),
        Skipped("fer2013.csv#4", "labelled unknown, which is not audited"),
        Skipped("fer2013.csv#5", "labelled no face, which is not audited"),
        Skipped("fer2013.csv#6", "taken out of FER+ (no image name)"),
        Skipped("fer2013.csv#7", "no label has most of the votes"),
        Skipped("fer2013.csv#8", "votes that are no numbers"),
        Skipped("fer2013.csv#9", "fewer or more votes than there are columns"),
        Skipped("fer2013.csv#10", "votes that are no numbers"),
    )
    assert Image.open(BytesIO(dataset.read("fer2013.csv#2"))).getpixel((0, 0)) == 1


def test_the_labels_of_the_table_are_read_although_votes_are_there(tmp_path: Path) -> None:
    voted(tmp_path, "Training,fer0000000.png,4,0,0,1,3,2,0,0,0,0")
    assert labels(opened(tmp_path)) == {"fer2013.csv#1": "anger"}


def test_votes_on_other_rows_are_an_error(tmp_path: Path) -> None:
    good = "Training,a.png,4,0,0,1,3,2,0,0,0,0"
    voted(tmp_path, good, rows=3)
    with pytest.raises(DatasetError) as error:
        opened(tmp_path, "ferplus")
    assert str(error.value) == (
        "FER+: fer2013new.csv has 1 rows and fer2013.csv has 3; the votes are on other rows than these: fetch both "
        "tables again"
    )
    voted(tmp_path, good, good.replace("Training", "PublicTest"))
    with pytest.raises(DatasetError) as error:
        opened(tmp_path, "ferplus")
    assert str(error.value) == (
        "FER+: row 2 of fer2013new.csv is of 'PublicTest', and that of fer2013.csv is of another part; the votes are "
        "on other rows than these: fetch both tables again"
    )


def test_votes_that_are_not_there_or_lack_a_column_are_an_error(tmp_path: Path) -> None:
    voted(tmp_path, "Training,a.png,4,0,0,1,3,2,0,0,0,0")
    votes = tmp_path / "fer2013new.csv"
    votes.write_text(votes.read_text().replace("contempt", "scorn"))
    with pytest.raises(
        DatasetError, match=r"fer2013new\.csv: column 'contempt' is missing; Known: anger, disgust"
    ):
        opened(tmp_path, "ferplus")
    votes.unlink()
    with pytest.raises(DatasetError) as error:
        opened(tmp_path, "ferplus")
    assert str(error.value) == (
        "FER+: no file fer2013new.csv is beside fer2013.csv; fetch it from its authors for the votes (the "
        "repository FERPlus), and as FER2013 for the pictures, or audit the labels of the table itself: fer2013=PATH"
    )
