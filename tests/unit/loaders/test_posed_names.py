"""What each name of a posed set says; names and meanings are literals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from named_copies import loaded, said_of, skips, write_copy

from fer_audit.datasets.families import FAMILIES
from fer_audit.records import Slicing

if TYPE_CHECKING:
    from pathlib import Path

UNNAMED = "not named as the set names its pictures"
AGAIN = "a second picture of one name"


def test_radiate_says_race_gender_person_expression_and_mouth(tmp_path: Path) -> None:
    names = ("AF11_AO.bmp", "BF20_HE.bmp", "HM10_FC.bmp", "OM01_NC.bmp", "WM13_SUR.bmp", "wf01_ho.JPG")
    assert said_of(loaded("radiate", write_copy(tmp_path, *names))) == {
        "AF11_AO.bmp": ("AF11", "anger", {"race": "asian", "gender": "female", "mouth": "open"}),
        "BF20_HE.bmp": ("BF20", "happiness", {"race": "black", "gender": "female", "mouth": "exuberant"}),
        "HM10_FC.bmp": ("HM10", "fear", {"race": "hispanic", "gender": "male", "mouth": "closed"}),
        "OM01_NC.bmp": ("OM01", "neutral", {"race": "other", "gender": "male", "mouth": "closed"}),
        "WM13_SUR.bmp": ("WM13", "surprise", {"race": "white", "gender": "male"}),
        "wf01_ho.JPG": ("WF01", "happiness", {"race": "white", "gender": "female", "mouth": "open"}),
    }


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("AC", "anger"),
        ("AO", "anger"),
        ("DC", "disgust"),
        ("DO", "disgust"),
        ("FC", "fear"),
        ("FO", "fear"),
        ("HC", "happiness"),
        ("HE", "happiness"),
        ("HO", "happiness"),
        ("NC", "neutral"),
        ("NO", "neutral"),
        ("SC", "sadness"),
        ("SO", "sadness"),
        ("SP", "surprise"),
        ("SU", "surprise"),
        ("SUO", "surprise"),
        ("SUR", "surprise"),
    ],
)
def test_a_code_of_radiate_is_an_expression(tmp_path: Path, code: str, label: str) -> None:
    opened = loaded("radiate", write_copy(tmp_path, f"BM18_{code}.bmp"))
    assert opened.labels == (label,)


def test_what_radiate_names_and_nobody_audits_is_skipped_by_name(tmp_path: Path) -> None:
    names = ("BF01_AC.bmp", "BF01_CC.bmp", "BF01_CO.bmp", "BF01_XQ.bmp", "BF01-AC.bmp", "QF01_AC.jpg")
    copy = write_copy(tmp_path, *names, "BF01_AC_cropped.bmp", "BF1_AC.bmp", "BF01_AC.bmp.txt", "Thumbs.db")
    assert skips(loaded("radiate", copy)) == {
        "BF01_CC.bmp": "labelled calm, which is not audited",
        "BF01_CO.bmp": "labelled calm, which is not audited",
        "BF01_XQ.bmp": "unknown expression code 'XQ'",
        "BF01-AC.bmp": UNNAMED,
        "QF01_AC.jpg": UNNAMED,
        "BF01_AC_cropped.bmp": UNNAMED,
        "BF1_AC.bmp": UNNAMED,
        "BF01_AC.bmp.txt": "no picture",
        "Thumbs.db": "no picture",
    }


def test_a_person_of_kdef_is_gender_and_number_over_both_sessions(tmp_path: Path) -> None:
    names = ("AF01ANS.JPG", "BF01ANHL.JPG", "AM35AFHR.jpg", "BM01SUFL.JPG", "AF02HAFR.JPEG")
    assert said_of(loaded("kdef", write_copy(tmp_path, *names))) == {
        "AF01ANS.JPG": ("F01", "anger", {"gender": "female", "session": "A", "angle": "straight"}),
        "AF02HAFR.JPEG": ("F02", "happiness", {"gender": "female", "session": "A", "angle": "full right"}),
        "AM35AFHR.jpg": ("M35", "fear", {"gender": "male", "session": "A", "angle": "half right"}),
        "BF01ANHL.JPG": ("F01", "anger", {"gender": "female", "session": "B", "angle": "half left"}),
        "BM01SUFL.JPG": ("M01", "surprise", {"gender": "male", "session": "B", "angle": "full left"}),
    }


def test_names_that_kdef_itself_got_wrong_are_known(tmp_path: Path) -> None:
    copy = write_copy(
        tmp_path, "AF01NES.JPG", "AF31V.JPG", "AM31H.JPG", "AF01XXS.JPG", "CF01NES.JPG", "AF01NE.JPG"
    )
    wrong = "a name that the set itself got wrong: it does not tell the expression"
    assert skips(loaded("kdef", copy)) == {
        "AF31V.JPG": wrong,
        "AM31H.JPG": wrong,
        "AF01XXS.JPG": "unknown expression code 'XX'",
        "CF01NES.JPG": UNNAMED,
        "AF01NE.JPG": UNNAMED,
    }


def test_face_place_says_race_by_letter_session_and_side_or_expression(tmp_path: Path) -> None:
    names = ["CF0001_1101_00F.jpg", "AM0319_2100_30L.jpg", "BF0601_1110_90R.jpg"]
    names += ["MF0907_1100_HA.tiff", "HF1217_3000_NE.tif"]
    assert said_of(loaded("face-place", write_copy(tmp_path, *names))) == {
        "AM0319_2100_30L.jpg": (
            "AM0319",
            "neutral",
            {"race": "asian", "gender": "male", "session": "2", "orientation": "30 left"},
        ),
        "BF0601_1110_90R.jpg": (
            "BF0601",
            "neutral",
            {"race": "black", "gender": "female", "session": "1", "orientation": "90 right"},
        ),
        "CF0001_1101_00F.jpg": (
            "CF0001",
            "neutral",
            {"race": "white", "gender": "female", "session": "1", "orientation": "frontal"},
        ),
        "HF1217_3000_NE.tif": ("HF1217", "neutral", {"race": "hispanic", "gender": "female", "session": "3"}),
        "MF0907_1100_HA.tiff": (
            "MF0907",
            "happiness",
            {"race": "multiracial", "gender": "female", "session": "1"},
        ),
    }


def test_the_folder_of_a_group_says_nothing_in_face_place(tmp_path: Path) -> None:
    copy = write_copy(
        tmp_path, "african-american/CM0001_1100_SA.jpg", "caucasian/BM0601_1100_SA.jpg", "AF0301_1100_AN.jpg"
    )
    assert {image: said[2]["race"] for image, said in said_of(loaded("face-place", copy)).items()} == {
        "african-american/CM0001_1100_SA.jpg": "white",
        "caucasian/BM0601_1100_SA.jpg": "black",
        "AF0301_1100_AN.jpg": "asian",
    }


def test_confusion_disguises_and_unknown_sides_of_face_place_are_skipped_by_name(tmp_path: Path) -> None:
    copy = write_copy(
        tmp_path,
        "CF0001_1101_FE.jpg",
        "CF0001_1101_CO.jpg",
        "CF0001_1101_XX.jpg",
        "CF0001_1101_15L.jpg",
        "CF0001_1101_SUNGLASSES.jpg",
        "CF0001_1101_00F_wig.jpg",
        "CF0001_1101_ſu.jpg",
        "CF001_1101_00F.jpg",
        "ZM0001_1100_NE.jpg",
    )
    disguise = "neither an orientation nor an expression, perhaps a disguise: "
    assert skips(loaded("face-place", copy)) == {
        "CF0001_1101_CO.jpg": "labelled confused, which is not audited",
        "CF0001_1101_XX.jpg": "unknown expression code 'XX'",
        "CF0001_1101_15L.jpg": "unknown expression code '15L'",
        "CF0001_1101_SUNGLASSES.jpg": f"{disguise}'SUNGLASSES'",
        "CF0001_1101_00F_wig.jpg": f"{disguise}'00F_wig'",
        "CF0001_1101_ſu.jpg": f"{disguise}'ſu'",
        "CF001_1101_00F.jpg": UNNAMED,
        "ZM0001_1100_NE.jpg": UNNAMED,
    }


def test_rafd_says_everything_in_words(tmp_path: Path) -> None:
    names = (
        "Rafd090_01_Caucasian_female_angry_frontal.jpg",
        "Rafd000_72_Moroccan_male_contemptuous_left.jpg",
        "Rafd135_41_Kid_female_surprised_right.png",
    )
    assert said_of(loaded("rafd", write_copy(tmp_path, *names))) == {
        "Rafd000_72_Moroccan_male_contemptuous_left.jpg": (
            "72",
            "contempt",
            {"race": "moroccan", "gender": "male", "age_group": "adult", "camera": "000", "gaze": "left"},
        ),
        "Rafd090_01_Caucasian_female_angry_frontal.jpg": (
            "01",
            "anger",
            {
                "race": "caucasian",
                "gender": "female",
                "age_group": "adult",
                "camera": "090",
                "gaze": "frontal",
            },
        ),
        "Rafd135_41_Kid_female_surprised_right.png": (
            "41",
            "surprise",
            {"race": "caucasian", "gender": "female", "age_group": "child", "camera": "135", "gaze": "right"},
        ),
    }


def test_the_eight_expressions_of_rafd(tmp_path: Path) -> None:
    words = "angry contemptuous disgusted fearful happy neutral sad surprised"
    names = [f"Rafd090_02_Caucasian_female_{word}_frontal.jpg" for word in words.split()]
    opened = loaded("rafd", write_copy(tmp_path, *names))
    assert [face.expression for face in opened.faces] == list(opened.labels)
    assert " ".join(opened.labels) == "anger contempt disgust fear happiness neutral sadness surprise"


def test_other_words_of_rafd_are_skipped_by_name(tmp_path: Path) -> None:
    copy = write_copy(
        tmp_path,
        "Rafd090_01_Caucasian_female_sad_frontal.jpg",
        "Rafd090_01_Caucasian_female_bored_frontal.jpg",
        "Rafd030_01_Caucasian_female_sad_frontal.jpg",
        "Rafd090_01_Caucasian_female_sad_up.jpg",
        "cropped_Rafd090_01_Caucasian_female_sad_frontal.jpg",
    )
    assert skips(loaded("rafd", copy)) == {
        "Rafd090_01_Caucasian_female_bored_frontal.jpg": "unknown expression code 'bored'",
        "Rafd030_01_Caucasian_female_sad_frontal.jpg": UNNAMED,
        "Rafd090_01_Caucasian_female_sad_up.jpg": UNNAMED,
        "cropped_Rafd090_01_Caucasian_female_sad_frontal.jpg": UNNAMED,
    }


def test_jaffe_says_person_and_expression(tmp_path: Path) -> None:
    names = ("KA.AN1.39.tiff", "KA.DI3.44.tiff", "KL.FE2.175.tiff", "KL.HA1.158.tiff", "YM.NE1.49.TIFF")
    copy = write_copy(tmp_path, *names, "YM.SA2.56.png", "YM.SU10.58.tiff", "YM.XX1.60.tiff", "README")
    opened = loaded("jaffe", copy)
    assert said_of(opened) == {
        "KA.AN1.39.tiff": ("KA", "anger", {}),
        "KA.DI3.44.tiff": ("KA", "disgust", {}),
        "KL.FE2.175.tiff": ("KL", "fear", {}),
        "KL.HA1.158.tiff": ("KL", "happiness", {}),
        "YM.NE1.49.TIFF": ("YM", "neutral", {}),
        "YM.SA2.56.png": ("YM", "sadness", {}),
    }
    assert skips(opened) == {
        "YM.SU10.58.tiff": UNNAMED,
        "YM.XX1.60.tiff": "unknown expression code 'XX'",
        "README": "no picture",
    }


@pytest.mark.parametrize(
    ("family", "names"),
    [
        ("radiate", ["RADIATE_COLOR_1/BF20/BF20_HE.bmp", "flat/BF20_HE.bmp", "jpg/bf20_he.JPG"]),
        ("kdef", ["AF01/AF01ANS.JPG", "all/AF01ANS.JPG", "small/af01ans.png"]),
        ("jaffe", ["a/KA.AN1.39.tiff", "b/KA.AN1.39.tiff", "b/KA.AN1.39.jpg"]),
    ],
)
def test_a_picture_that_is_there_twice_is_read_once(tmp_path: Path, family: str, names: list[str]) -> None:
    opened = loaded(family, write_copy(tmp_path, *names))
    assert len(opened.faces) == 1
    assert set(skips(opened)) == {*names} - {opened.faces[0].image}
    assert set(skips(opened).values()) == {AGAIN}


def test_slicings_that_a_set_is_judged_on() -> None:
    by = {"race": Slicing("race"), "gender": Slicing("gender"), "both": Slicing("race*gender")}
    expected = {
        "radiate": (
            Slicing("race", without={"other": "one person"}),
            by["gender"],
            Slicing("race*gender", without={"other": "one person"}),
        ),
        "face-place": (*by.values(),),
        "rafd": (*by.values(),),
        "kdef": (by["gender"],),
        "jaffe": (),
        "ckplus": (),
    }
    assert {name: FAMILIES[name].slicings for name in expected} == expected
    assert all(FAMILIES[name].identified for name in expected)


def test_every_posed_set_is_cited_and_says_on_what_terms() -> None:
    for name, cited in {
        "radiate": "Conley et al., ",
        "face-place": "Face images courtesy of the Face-Place Face Database Project (NSF award 0339122)",
        "kdef": "Lundqvist, Flykt & Öhman, ",
        "rafd": "Langner et al., ",
        "jaffe": "Lyons, Akamatsu, Kamachi & Gyoba, ",
        "ckplus": "Lucey et al., ",
    }.items():
        origin = FAMILIES[name].origin
        assert origin.citation.startswith(cited)
        assert "not to be passed on" in origin.licence
        assert origin.request
