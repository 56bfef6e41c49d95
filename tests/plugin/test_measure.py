"""``--fer-measure`` and the ini key ``fer_measure``: numbers about each picture, measured or read from a column."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

MODEL = "--fer-model=mine=oracle:error=.02,seed=3"
PEOPLE = 24


@pytest.fixture
def dark(pytester: pytest.Pytester) -> str:
    """Pictures of 24 people, lighter from one to the next, in a manifest with their yaw; its option."""
    rows = ["image,identity,expression,gender,yaw"]
    for person in range(PEOPLE):
        shade = 5 * person
        Image.new("RGB", (8, 8), (shade, shade, shade)).save(pytester.path / f"{person}.png")
        rows.append(f"{person}.png,p{person},anger,{'fm'[person % 2]},{person}")
    pytester.path.joinpath("dark.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return "--fer-dataset=manifest=dark.csv"


@pytest.fixture(autouse=True)
def suite(pytester: pytest.Pytester) -> None:
    """One test that writes down which covariates its cell has, and requires something."""
    pytester.makepyfile(
        test_fairness="""
        import json
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            found = audit.predictions.covariates
            told = {name: [None if v != v else v for v in values.tolist()] for name, values in found.items()}
            with open(f"{audit.dataset}.json", "w") as stream:
                json.dump(told, stream)
            audit.require(Gap(accuracy, at_most=0.5))
        """
    )


def covariates(pytester: pytest.Pytester, dataset: str = "dark") -> dict[str, list[float | None]]:
    found: dict[str, list[float | None]] = json.loads(
        pytester.path.joinpath(f"{dataset}.json").read_text(encoding="utf-8")
    )
    return found


def cell(pytester: pytest.Pytester) -> dict[str, Any]:
    report = json.loads(pytester.path.joinpath("fairness-report", "report.json").read_text(encoding="utf-8"))
    found: dict[str, Any]
    (found,) = report["cells"]
    return found


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest("--fer-slices=gender", "-p", "no:randomly", "-p", "no:cacheprovider", *options)


def test_pictures_are_measured_and_the_report_says_how(pytester: pytest.Pytester, dark: str) -> None:
    assert run(pytester, MODEL, dark, "--fer-measure=brightness, yaw").ret == pytest.ExitCode.OK
    brightness = [pytest.approx(5 * person / 255) for person in range(PEOPLE)]
    assert covariates(pytester) == {"brightness": brightness, "yaw": [float(p) for p in range(PEOPLE)]}
    found = cell(pytester)
    assert found["notes"] == ["measured on the pixels of 24 of 24 pictures: brightness"]
    assert found["details"]["covariate brightness"] == (
        "mean BT.601 luma of the picture, 0 black to 1 white (measurement 1)"
    )
    assert found["details"]["covariate yaw"] == "a column of the dataset"
    page = pytester.path.joinpath("fairness-report", "report.html").read_text(encoding="utf-8")
    assert "measured on the pixels of 24 of 24 pictures: brightness" in page


def test_without_the_option_nothing_is_measured(pytester: pytest.Pytester, dark: str) -> None:
    assert run(pytester, MODEL, dark).ret == pytest.ExitCode.OK
    assert covariates(pytester) == {}
    assert cell(pytester)["notes"] == []


def test_a_project_says_once_what_it_measures_and_the_command_line_overrides_it(
    pytester: pytest.Pytester, dark: str
) -> None:
    pytester.makeini("[pytest]\nfer_measure = blur size\n")
    run(pytester, MODEL, dark)
    assert set(covariates(pytester)) == {"blur", "size"}
    run(pytester, MODEL, dark, "--fer-measure=contrast")
    assert set(covariates(pytester)) == {"contrast"}


def test_pictures_that_are_not_there_are_unknown(pytester: pytest.Pytester, dark: str) -> None:
    for file in pytester.path.glob("1*.png"):
        file.unlink()
    run(pytester, MODEL, dark, "--fer-measure=brightness")
    assert covariates(pytester)["brightness"].count(None) == 11
    assert cell(pytester)["notes"] == ["measured on the pixels of 13 of 24 pictures: brightness"]


def test_a_baseline_that_measured_nothing_stands(pytester: pytest.Pytester, dark: str) -> None:
    pytester.makepyfile(
        test_fairness="""
        from fer_audit import NoWorseThan, accuracy

        def test_no_worse(audit):
            audit.require(NoWorseThan(accuracy, overall=0.3, each=0.3))
        """,
        test_before="""
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.5))
        """,
    )
    # A whole run: without --fer-slices, which would make it a partial one.
    pytester.runpytest("test_before.py", MODEL, dark, "--fer-report=old", "-p", "no:randomly")
    done = run(
        pytester, "test_fairness.py", MODEL, dark, "--fer-baseline=old", "--fer-measure=brightness,blur"
    )
    assert done.ret == pytest.ExitCode.OK


def test_the_plan_names_what_would_be_measured(pytester: pytest.Pytester, dark: str) -> None:
    done = run(pytester, MODEL, dark, "--fer-measure=blur,yaw", "--collect-only")
    done.stdout.fnmatch_lines(
        [
            "mine-dark: 24 people, 24 images, 0 answers stored, 24 to ask; covariates: blur, yaw; "
            "tests by slicing: gender: 1"
        ]
    )
    assert not pytester.path.joinpath(".fer_audit").exists()


def test_a_dataset_without_the_column_has_what_can_be_measured(
    pytester: pytest.Pytester, dark: str, people: str
) -> None:
    run(pytester, MODEL, dark, f"--fer-dataset=manifest={people}", "--fer-measure=yaw,size")
    assert set(covariates(pytester)) == {"yaw", "size"}
    assert set(covariates(pytester, "people")) == {"size"}


def answers(extra: str) -> Iterator[str]:
    yield f"identity,expression,predicted,gender,{extra}"
    for person in range(PEOPLE):
        yield f"p{person},anger,anger,{'fm'[person % 2]},{person / 8}"


@pytest.fixture
def table(pytester: pytest.Pytester) -> str:
    """A finished prediction table with numbers in a column called light; its option."""
    text = "\n".join(answers("light")) + "\n"
    pytester.path.joinpath("answers.csv").write_text(text, encoding="utf-8")
    return "--fer-predictions=answers.csv"


def test_a_column_of_a_prediction_table_is_a_covariate_where_it_is_named(
    pytester: pytest.Pytester, table: str
) -> None:
    run(pytester, table, "--fer-measure=light")
    assert covariates(pytester, "table") == {"light": [person / 8 for person in range(PEOPLE)]}
    assert cell(pytester)["details"]["covariate light"] == "a column of the dataset"


def test_what_a_project_measures_on_pictures_is_not_asked_of_a_table(
    pytester: pytest.Pytester, table: str
) -> None:
    pytester.makeini("[pytest]\nfer_measure = brightness light\n")
    assert run(pytester, table).ret == pytest.ExitCode.OK
    assert set(covariates(pytester, "table")) == {"light"}


def refused(pytester: pytest.Pytester, *options: str) -> str:
    done = run(pytester, *options)
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in done.stderr.lines if line.startswith("ERROR: ")]
    return line.removeprefix("ERROR: ")


def test_an_unknown_covariate_is_a_usage_error(pytester: pytest.Pytester, dark: str, table: str) -> None:
    assert refused(pytester, MODEL, dark, "--fer-measure=brigthness") == (
        "unknown covariate 'brigthness'; did you mean 'brightness'? "
        "Known: blur, brightness, contrast, gender, ita, monk, size, yaw"
    )
    assert refused(pytester, table, "--fer-measure=ligt") == (
        "unknown covariate 'ligt'; did you mean 'light'? Known: gender, light"
    )
    assert refused(pytester, MODEL, dark, "--fer-measure=") == (
        "unknown covariate ''; Known: blur, brightness, contrast, gender, ita, monk, size, yaw"
    )


def test_a_table_has_no_pictures_to_measure(pytester: pytest.Pytester, table: str) -> None:
    assert refused(pytester, table, "--fer-measure=light,brightness") == (
        "'brightness' cannot be measured: a prediction table has no pictures. Add a column 'brightness' of "
        "numbers to it, or audit a dataset with --fer-model and --fer-dataset"
    )


def test_a_column_of_words_is_no_covariate(pytester: pytest.Pytester, dark: str) -> None:
    done = run(pytester, MODEL, dark, "--fer-measure=gender")
    done.stdout.fnmatch_lines(
        ["TableError: dark: 'f' in column 'gender', row 1, is no finite number; write numbers with a*"]
    )
    done.assert_outcomes(errors=1)
