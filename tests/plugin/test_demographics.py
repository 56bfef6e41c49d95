"""``--fer-demographics`` and ``--fer-derive``: what is known of people from elsewhere, and what follows from it."""

from __future__ import annotations

import json
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = "--fer-model=mine=oracle:error=.02,seed=3"
PEOPLE = 48
# Of Monk tones 5 and 8, by their swatches.
COLOURS = ((0xD7, 0xBD, 0x96), (0x60, 0x41, 0x34))


@pytest.fixture(autouse=True)
def suite(pytester: pytest.Pytester) -> None:
    """A set of two pictures a person that says nothing about people, and one test of it."""
    rows = ["image,identity,expression,site"]
    for person in range(PEOPLE):
        rows += [
            f"in/{person}-{label}.png,p{person},{label},{'ab'[person % 2]}" for label in ("anger", "fear")
        ]
    pytester.path.joinpath("plain.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    pytester.makepyfile(
        test_fairness="""
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.5))
        """
    )


DATASET = "--fer-dataset=manifest=plain.csv"


@pytest.fixture
def table(pytester: pytest.Pytester) -> Callable[..., str]:
    """Writes a table of everybody's race and age; its name."""

    def write(name: str = "who.csv", *, people: int = PEOPLE, extra: str = "") -> str:
        rows = [f"p{person},{'wxyz'[person % 4]},{16 + person}" for person in range(people)]
        pytester.path.joinpath(name).write_text(
            "\n".join(["identity,race,age", *rows]) + f"\n{extra}", "utf-8"
        )
        return name

    return write


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest("-p", "no:randomly", "-p", "no:cacheprovider", *options)


def cell(pytester: pytest.Pytester) -> dict[str, Any]:
    report = json.loads(pytester.path.joinpath("fairness-report", "report.json").read_text(encoding="utf-8"))
    found: dict[str, Any]
    (found,) = report["cells"]
    return found


def refused(pytester: pytest.Pytester, *options: str) -> str:
    done = run(pytester, *options)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in done.stderr.lines if line.startswith("ERROR: ")]
    return line.removeprefix("ERROR: ")


def test_joined_columns_are_judged_and_the_report_says_where_they_come_from(
    pytester: pytest.Pytester, table: Callable[..., str]
) -> None:
    name = table(extra="stranger,w,50\n")
    done = run(pytester, MODEL, DATASET, f"--fer-demographics={name}", "--fer-slices=race,race*site", "-v")
    done.stdout.fnmatch_lines(
        ["*::test_gap?mine-plain-race? PASS*", "*::test_gap?mine-plain-race_x_site? PASS*"]
    )
    assert cell(pytester)["details"]["joined from who.csv"] == (
        "race, age of 96 faces, by identity; 1 row names none (stranger)"
    )
    page = pytester.path.joinpath("fairness-report", "report.html").read_text(encoding="utf-8")
    assert "joined from who.csv" in page


def test_without_a_slicing_the_datasets_own_are_judged(
    pytester: pytest.Pytester, table: Callable[..., str]
) -> None:
    done = run(pytester, MODEL, DATASET, f"--fer-demographics={table()}", "--collect-only", "-q")
    done.stdout.fnmatch_lines(["test_fairness.py::test_gap?mine-plain-site?"])
    done.stdout.no_fnmatch_line("*plain-race*")


def test_a_table_is_for_the_dataset_that_it_names(
    pytester: pytest.Pytester, table: Callable[..., str]
) -> None:
    name = table()
    both = (MODEL, DATASET, "--fer-dataset=faces", "--fer-slices=race")
    done = run(pytester, *both, f"--fer-demographics=plain={name}", "--collect-only")
    done.stdout.fnmatch_lines(["mine-plain: *; tests by slicing: race: 1"])
    done.stdout.no_fnmatch_line("mine-faces: *")
    assert refused(pytester, *both, f"--fer-demographics={name}") == (
        "demographics 'who.csv': 2 datasets are chosen (plain, faces); say for which the table is: NAME=FILE"
    )


def test_people_without_a_row_are_an_error_of_the_data_and_no_failure(
    pytester: pytest.Pytester, table: Callable[..., str]
) -> None:
    done = run(pytester, MODEL, DATASET, f"--fer-demographics={table(people=45)}", "--fer-slices=race")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(
        ["DatasetError: demographics who.csv: 3 of 48 people of dataset 'plain' have no row (p45, p46, p47)*"]
    )


USAGE = {
    "no such file": (
        ["--fer-demographics=nobody.csv"],
        "demographics */nobody.csv: no such file; check the path*",
    ),
    "no key": (["--fer-demographics=keyless.csv"], "demographics keyless.csv: no column image or identity;*"),
    "no name": (
        ["--fer-demographics="],
        "demographics: an empty name was given; name a .csv or .parquet file",
    ),
    "a column that it lacks": (
        ["--fer-demographics=who.csv", "--fer-slices=rase"],
        "no chosen dataset has the slicing 'rase'; did you mean 'race'? Known: age, race, site",
    ),
    "an unknown attribute": (
        ["--fer-derive=monk"],
        "unknown derived attribute 'monk'; *Known: age_band, ita_band_measured, monk_measured",
    ),
    "nothing": (["--fer-derive="], "unknown derived attribute ''; Known: *"),
    "no age": (
        ["--fer-derive=age_band"],
        "'age_band' cannot be derived: no chosen dataset has a column 'age'*",
    ),
}


@pytest.mark.parametrize("case", USAGE)
def test_what_cannot_be_joined_or_derived_is_a_usage_error(
    pytester: pytest.Pytester, table: Callable[..., str], case: str
) -> None:
    table()
    pytester.path.joinpath("keyless.csv").write_text("person,race\np0,w\n", encoding="utf-8")
    options, said = USAGE[case]
    message = refused(pytester, MODEL, DATASET, *options)
    assert fnmatch(message, said)


@pytest.mark.parametrize("option", ["--fer-demographics=who.csv", "--fer-derive=age_band"])
def test_an_option_without_a_model_is_a_usage_error(pytester: pytest.Pytester, option: str) -> None:
    assert refused(pytester, option) == (
        "something to audit on was chosen, but no model; add --fer-model=NAME"
    )


def test_ages_that_were_joined_are_banded(pytester: pytest.Pytester, table: Callable[..., str]) -> None:
    done = run(
        pytester,
        *(
            MODEL,
            DATASET,
            f"--fer-demographics={table()}",
            "--fer-derive=age_band",
            "--fer-slices=age_band",
            "-v",
        ),
    )
    done.stdout.fnmatch_lines(["*::test_gap?mine-plain-age_band? *"])
    report = json.loads(pytester.path.joinpath("fairness-report", "report.json").read_text(encoding="utf-8"))
    (verdict,) = report["verdicts"]
    assert set(verdict["people_needed"]) | {c[side] for c in verdict["comparisons"] for side in "ab"} >= {
        "18-29",
        "30-44",
        "45-59",
        "60+",
    }


def draw(pytester: pytest.Pytester) -> None:
    """Every picture of the set: a disc of one of two tones on grey."""
    folder = pytester.path / "in"
    folder.mkdir()
    mask = Image.radial_gradient("L").resize((64, 64)).point(lambda far: 255 * (far < 140))
    for person in range(PEOPLE):
        for place, label in enumerate(("anger", "fear")):
            # A pixel of its own keeps each picture's content apart.
            picture = Image.new("RGB", (64, 64), (128, 128, 128))
            picture.paste(COLOURS[person % 2], mask=mask)
            picture.putpixel((0, 0), (person, place, 0))
            picture.save(folder / f"{person}-{label}.png")


def test_skin_tone_is_measured_where_it_is_asked_for_and_marked_as_measured(
    pytester: pytest.Pytester,
) -> None:
    draw(pytester)
    option = "--fer-derive=monk_measured, ita_band_measured"
    done = run(pytester, MODEL, DATASET, option, "--fer-slices=monk_measured,ita_band_measured", "-v")
    done.stdout.fnmatch_lines(
        ["*::test_gap?mine-plain-monk_measured? PASS*", "*::test_gap?mine-plain-ita_band_measured? PASS*"]
    )
    found = cell(pytester)
    assert found["notes"] == [
        "monk_measured, ita_band_measured: measured on skin in 96 of 96 pictures; the tone of a person is the "
        "median of its pictures, which typically span 0 degrees of ITA"
    ]
    assert found["details"]["skin tone"].startswith("measured on pixels, not recorded by anybody")
    report = json.loads(pytester.path.joinpath("fairness-report", "report.json").read_text(encoding="utf-8"))
    by_slicing = {
        verdict["slicing"]: {(c["a"], c["b"]) for c in verdict["comparisons"]}
        for verdict in report["verdicts"]
    }
    assert {frozenset(*pairs) for pairs in by_slicing.values()} == {
        frozenset({"5", "8"}),
        frozenset({"light", "dark"}),
    }
    page = pytester.path.joinpath("fairness-report", "report.html").read_text(encoding="utf-8")
    assert "measured on skin in 96 of 96 pictures" in page


def test_nothing_is_measured_while_tests_are_collected(pytester: pytest.Pytester) -> None:
    done = run(
        pytester, MODEL, DATASET, "--fer-derive=monk_measured", "--fer-slices=monk_measured", "--collect-only"
    )
    done.stdout.fnmatch_lines(["mine-plain: 48 people, 96 images*; tests by slicing: monk_measured: 1"])
    assert not pytester.path.joinpath(".fer_audit").exists()


def test_a_specification_may_say_all_of_it_itself(
    pytester: pytest.Pytester, table: Callable[..., str]
) -> None:
    table()
    draw(pytester)
    pytester.makeconftest(
        """
        from pathlib import Path
        from fer_audit.datasets import age_bands, joined, manifest_dataset, merged, skin_tone

        def pytest_fer_datasets():
            spec = joined(manifest_dataset(Path("plain.csv")), Path("who.csv"))
            spec = merged(age_bands(spec), "race", {"w": "first", "x": "first"})
            return [skin_tone(spec)]
        """
    )
    slices = "--fer-slices=race_merged,age_band,monk_measured"
    done = run(pytester, MODEL, "--fer-dataset=plain", slices, "-v")
    done.stdout.fnmatch_lines(
        [f"*::test_gap?mine-plain-{name}? *" for name in ("race_merged", "age_band", "monk_measured")]
    )
    assert cell(pytester)["details"]["merged into race_merged"] == "first = w + x"


@pytest.fixture
def answers(pytester: pytest.Pytester) -> str:
    """A finished prediction table with ages; its option."""
    rows = [f"p{person},anger,anger,{'fm'[person % 2]},{20 + person % 25}" for person in range(PEOPLE)]
    text = "\n".join(["identity,expression,predicted,gender,age", *rows]) + "\n"
    pytester.path.joinpath("answers.csv").write_text(text, encoding="utf-8")
    return "--fer-predictions=answers.csv"


def test_ages_of_a_prediction_table_are_banded(pytester: pytest.Pytester, answers: str) -> None:
    done = run(pytester, answers, "--fer-derive=age_band", "--fer-slices=age_band", "-v")
    done.stdout.fnmatch_lines(["*::test_gap?answers-table-age_band? *"])
    report = json.loads(pytester.path.joinpath("fairness-report", "report.json").read_text(encoding="utf-8"))
    (verdict,) = report["verdicts"]
    assert {c[side] for c in verdict["comparisons"] for side in "ab"} == {"18-29", "30-44"}


TABLE_USAGE = {
    "--fer-derive=monk_measured": (
        "'monk_measured' cannot be measured: a prediction table has no pictures. Add a column to it, or audit a "
        "dataset with --fer-model and --fer-dataset"
    ),
    "--fer-derive=age_bands": (
        "unknown derived attribute 'age_bands'; did you mean 'age_band'? Known: age_band, ita_band_measured, monk_measured"
    ),
    "--fer-demographics=who.csv": (
        "a prediction table was given together with a table of demographics; a prediction table brings its own "
        "columns: add them to it"
    ),
}


@pytest.mark.parametrize("option", TABLE_USAGE)
def test_a_prediction_table_has_no_pictures_and_brings_its_columns(
    pytester: pytest.Pytester, answers: str, option: str
) -> None:
    assert refused(pytester, answers, option) == TABLE_USAGE[option]


def test_a_prediction_table_without_ages_has_no_bands(pytester: pytest.Pytester) -> None:
    path = pytester.path / "answers.csv"
    path.write_text("identity,expression,predicted,ages\np,anger,anger,3\n", encoding="utf-8")
    assert refused(pytester, "--fer-predictions=answers.csv", "--fer-derive=age_band") == (
        "'age_band' cannot be derived: the prediction table has no column 'age' of years; did you mean 'ages'? "
        "Known: ages, expression, identity, predicted"
    )
    path.write_text("identity,expression,predicted,age,age_band\np,anger,anger,3,x\n", encoding="utf-8")
    assert refused(pytester, "--fer-predictions=answers.csv", "--fer-derive=age_band") == (
        "the prediction table has a column 'age_band' already, which is not derived again; leave the option out"
    )
