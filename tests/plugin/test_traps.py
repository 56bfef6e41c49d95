"""What silently went wrong once: each of these gave a wrong verdict, a green gate or a crash."""

from __future__ import annotations

import json

import pytest

GAP = """
import pytest
from fer_audit import Gap, Slicing, accuracy

@pytest.mark.slices({marker})
def test_gap(audit):
    audit.require(Gap(accuracy, at_most=0.10))
"""


def report(pytester: pytest.Pytester) -> dict[str, list[dict[str, str]]]:
    loaded: dict[str, list[dict[str, str]]] = json.loads(
        pytester.path.joinpath("fairness-report/report.json").read_text()
    )
    return loaded


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_a_level_left_out_in_one_test_is_judged_in_another(
    pytester: pytest.Pytester, people: str, order: tuple[str, str]
) -> None:
    markers = {"a": 'Slicing("gender*site", without={"there": "closed"})', "b": '"gender*site"'}
    for name in order:
        pytester.path.joinpath(f"test_{name}.py").write_text(GAP.format(marker=markers[name]))
    files = [f"test_{name}.py" for name in order]
    options = ("--fer-model=oracle:site.there=.6", f"--fer-dataset=manifest={people}", "-p", "no:randomly")
    pytester.runpytest(*files, *options)
    outcomes = {v["test"].partition(".")[0]: v["outcome"] for v in report(pytester)["verdicts"]}
    assert outcomes == {"test_a": "pass", "test_b": "fail"}


def test_a_column_named_like_an_intersection_is_another_slicing(
    pytester: pytest.Pytester, people: str
) -> None:
    rows = pytester.path.joinpath(people).read_text().splitlines()
    named = [rows[0] + ",gender_x_site", *(f"{row},{'pq'[i % 8 // 4]}" for i, row in enumerate(rows[1:]))]
    pytester.path.joinpath("named.csv").write_text("\n".join(named))
    pytester.path.joinpath("test_fairness.py").write_text(GAP.format(marker='"gender_x_site", "gender*site"'))
    pytester.runpytest("--fer-model=oracle", "--fer-dataset=manifest=named.csv")
    assert sorted(v["slicing"] for v in report(pytester)["verdicts"]) == ["gender*site", "gender_x_site"]


def test_two_cells_of_one_name_are_refused(pytester: pytest.Pytester, people: str) -> None:
    text = pytester.path.joinpath(people).read_text()
    pytester.path.joinpath("c.csv").write_text(text)
    pytester.path.joinpath("b-c.csv").write_text(text)
    models = ("--fer-model=a-b=oracle:error=0", "--fer-model=a=oracle:error=.5")
    pytester.path.joinpath("test_fairness.py").write_text(GAP.format(marker='"gender"'))
    result = pytester.runpytest(*models, "--fer-dataset=manifest=c.csv", "--fer-dataset=manifest=b-c.csv")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*two cells would both be called 'a-b-c'; give a model another ALIAS=*"])


@pytest.mark.parametrize(
    ("body", "options"),
    [
        ("pytest.skip('later')", ()),
        ("audit.require(Gap(accuracy, at_most=0.10))", ("--fer-slices=site",)),
    ],
)
def test_a_run_that_judged_nothing_does_not_open_the_gate(
    pytester: pytest.Pytester, people: str, body: str, options: tuple[str, ...]
) -> None:
    pytester.path.joinpath("test_fairness.py").write_text(
        GAP.format(marker='"gender"').replace("audit.require(Gap(accuracy, at_most=0.10))", body)
    )
    result = pytester.runpytest("--fer-model=oracle", f"--fer-dataset=manifest={people}", *options)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["No criterion was judged, so the gate is closed."])


@pytest.mark.parametrize(
    "option", ["--fer-dataset=faces", "--fer-slices=gender", "--fer-limit-people=3", "--fer-measure=blur"]
)
def test_something_to_audit_on_without_a_model_is_a_usage_error(
    pytester: pytest.Pytester, option: str
) -> None:
    pytester.path.joinpath("test_fairness.py").write_text(GAP.format(marker='"gender"'))
    result = pytester.runpytest(option)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*but no model; add --fer-model=NAME*"])


def test_an_empty_table_name_is_a_usage_error(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("test_fairness.py").write_text(GAP.format(marker='"gender"'))
    result = pytester.runpytest("--fer-predictions=")
    assert result.ret == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("number", ["0", "-3", "x"])
def test_a_smoke_run_needs_a_number_of_people(pytester: pytest.Pytester, number: str) -> None:
    result = pytester.runpytest(f"--fer-limit-people={number}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*'{number}' is no number of people; give 1 or more*"])


def test_an_expected_failure_does_not_hide_a_fault_of_the_data(
    pytester: pytest.Pytester, people: str
) -> None:
    text = GAP.format(marker='"gender"').replace("def test", '@pytest.mark.xfail(reason="known")\ndef test')
    pytester.path.joinpath("test_fairness.py").write_text(text)
    result = pytester.runpytest("--fer-model=oracle:nosuch.a=.1", f"--fer-dataset=manifest={people}")
    result.assert_outcomes(errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


@pytest.mark.parametrize(
    ("hook", "message"),
    [
        (
            "def pytest_fer_models():\n    raise OSError('disk')",
            "*a hook that registers a model failed (OSError: disk)*",
        ),
        (
            "def pytest_fer_models():\n    return [3]",
            "*something registered as a model is 3; register a ModelSpec*",
        ),
        (
            "def pytest_fer_slices():\n    return 'gender'",
            "*the hook pytest_fer_slices gave 'g'; it returns a list*",
        ),
    ],
)
def test_a_broken_hook_is_a_usage_error(
    pytester: pytest.Pytester, people: str, hook: str, message: str
) -> None:
    pytester.makeconftest(hook)
    pytester.path.joinpath("test_fairness.py").write_text(GAP.format(marker='"gender"'))
    result = pytester.runpytest("--fer-model=oracle", f"--fer-dataset=manifest={people}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_a_column_of_many_values_is_refused_before_it_is_compared(pytester: pytest.Pytester) -> None:
    rows = [f"{i}.png,p{i},anger,{i}" for i in range(2000)]
    pytester.path.joinpath("m.csv").write_text("\n".join(["image,identity,expression,day", *rows]))
    pytester.path.joinpath("test_fairness.py").write_text(GAP.format(marker='"day"'))
    result = pytester.runpytest("--fer-model=oracle", "--fer-dataset=manifest=m.csv")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*slicing 'day' has 2,000 groups, at most 400 can be compared; put its values*"]
    )


def test_paths_in_the_configuration_start_at_its_folder(pytester: pytest.Pytester, people: str) -> None:
    pytester.makeini(f"[pytest]\nfer_models = oracle\nfer_datasets = manifest={people}\n")
    deep = pytester.mkdir("deep")
    deep.joinpath("test_fairness.py").write_text(GAP.format(marker='"gender"'))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(deep)
        result = pytester.runpytest(f"--fer-report={pytester.path / 'fairness-report'}")
    result.assert_outcomes(passed=1)


def test_an_audit_fetched_by_name_says_how_to_ask_for_it(pytester: pytest.Pytester, people: str) -> None:
    pytester.makepyfile("def test_gap(request):\n    request.getfixturevalue('audit')\n")
    result = pytester.runpytest("--fer-model=oracle", f"--fer-dataset=manifest={people}")
    result.stdout.fnmatch_lines(["*ask for `audit` as an argument of a test function*"])
