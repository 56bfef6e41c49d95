"""No name of one set is a name of another: names of every grammar, drawn, and written by hand."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings, strategies as st

from fer_audit.datasets.families import FAMILIES

DIGITS = "0123456789"


def named(*parts: str | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Parts one after the other: a string stands for itself."""
    return st.tuples(*(st.just(part) if isinstance(part, str) else part for part in parts)).map("".join)


def number(digits: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=digits, max_size=digits)


def one_of(words: str) -> st.SearchStrategy[str]:
    return st.sampled_from(words.split())


# Transcribed from the sets' own descriptions, not from the loaders.
NAMES = {
    "radiate": named(
        one_of("A B H W O"),
        one_of("F M"),
        number(2),
        "_",
        one_of("AC AO CC CO DC DO FC FO HC HE HO NC NO SC SO SU"),
        one_of(".bmp .BMP .jpg"),
    ),
    "face-place": named(
        one_of("C A B H M"),
        one_of("F M"),
        number(4),
        "_",
        number(4),
        "_",
        one_of("00F 30L 30R 45L 45R 60L 60R 90L 90R NE HA SA AN DI SU FE CO"),
        one_of(".jpg .tiff"),
    ),
    "kdef": named(
        one_of("A B"),
        one_of("F M"),
        number(2),
        one_of("AF AN DI HA NE SA SU"),
        one_of("S HL HR FL FR"),
        ".JPG",
    ),
    "rafd": named(
        "Rafd",
        one_of("000 045 090 135 180"),
        "_",
        number(2),
        "_",
        one_of("Caucasian_female Caucasian_male Moroccan_male Kid_female Kid_male"),
        "_",
        one_of("angry contemptuous disgusted fearful happy neutral sad surprised"),
        "_",
        one_of("frontal left right"),
        ".jpg",
    ),
    "jaffe": named(
        st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2),
        ".",
        one_of("AN DI FE HA NE SA SU"),
        one_of("1 2 3 4"),
        ".",
        st.integers(1, 219).map(str),
        ".tiff",
    ),
    "ckplus": named("S", number(3), "_", number(3), "_", number(8), ".png"),
    "chicago": named(
        "CFD-",
        one_of("A B L W M I"),
        one_of("F M"),
        "-",
        number(3),
        "-",
        number(3),
        one_of("-N.jpg -A.jpg -F.jpg -HO.jpg -HC.jpg -014-N.jpg"),
    ),
    "rafdb": named(one_of("train_ test_"), number(5), one_of("_aligned.jpg .jpg")),
    "utkface": named(
        st.integers(1, 116).map(str),
        "_",
        one_of("0 1"),
        "_",
        one_of("0 1 2 3 4"),
        "_",
        number(17),
        one_of(".jpg .jpg.chip.jpg"),
    ),
    "faces": named(number(3), "_", one_of("y m o"), "_", one_of("m f"), "_", one_of("n a d f h s"), "_a.jpg"),
}
EVERY = st.sampled_from(sorted(NAMES)).flatmap(lambda family: st.tuples(st.just(family), NAMES[family]))
OWN = ("ckplus", "face-place", "jaffe", "kdef", "radiate", "rafd")


def check(name: str, family: str) -> None:
    """Raise unless a name is known by its own set, where that has a pattern, and by no other."""
    found = {known.origin.title for known in FAMILIES if known.names(name)}
    own = {FAMILIES[family].origin.title} if family in FAMILIES else set()
    assert found == own if family in OWN else found <= own


@settings(deadline=None)
@given(EVERY)
@example(("radiate", "AF01_AC.bmp"))
@example(("kdef", "AF01ANS.JPG"))
@example(("face-place", "AF0301_1100_AN.jpg"))
@example(("chicago", "CFD-BF-001-009-F.jpg"))
@example(("rafdb", "train_00001_aligned.jpg"))
@example(("utkface", "26_1_2_20170116184024662.jpg.chip.jpg"))
@example(("utkface", "61_1_20170109142408075.jpg"))
@example(("jaffe", "KA.AN1.39.tiff"))
@example(("faces", "066_y_m_a_b.jpg"))
def test_a_name_is_that_of_one_set(drawn: tuple[str, str]) -> None:
    family, name = drawn
    check(name, family)


@settings(deadline=None)
@given(EVERY)
def test_case_and_folders_say_nothing(drawn: tuple[str, str]) -> None:
    family, name = drawn
    for other in (name.lower(), name.upper(), f"some where/{name}", f"KDEF/AF01ANS.JPG/{name}"):
        check(other, family)


@settings(deadline=None)
@given(EVERY, st.sampled_from(["\n", " ", "\0", "_cropped", ".txt", "\u0661", "~"]))
def test_nothing_follows_a_name(drawn: tuple[str, str], tail: str) -> None:
    assert not any(family.names(drawn[1] + tail) for family in FAMILIES if family.name in OWN)


@pytest.mark.parametrize(
    "name",
    [
        "AF٠1_AC.bmp",
        "BF20_ſU.bmp",
        "AF０１ANS.JPG",
        "ＡF01ANS.JPG",
        "KA.AN1.39.tıff",
        "Rafd090_01_Caucaſian_female_angry_frontal.jpg",
        "CF0001_١101_00F.jpg",
        "S005_001_0000001\u0661.png",
    ],
)
def test_letters_and_digits_of_other_scripts_are_none_of_a_set(name: str) -> None:
    assert not any(family.names(name) for family in FAMILIES)
