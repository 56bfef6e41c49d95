"""Installed in another repository: useful where it is asked for, and not noticed elsewhere."""

from __future__ import annotations

import json

import pytest

HEAVY = ("numpy", "pandas", "PIL", "scipy", "onnxruntime", "pyarrow", "matplotlib", "jinja2")


def test_an_idle_plug_in_loads_nothing_heavy(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        f"""
        import sys

        def test_idle():
            loaded = [name for name in {HEAVY!r} if name in sys.modules]
            assert loaded == []
            assert "fer_audit.plugin" in sys.modules
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=1)
    assert "fairness" not in result.stdout.str()


def test_a_suite_with_its_own_names_is_not_disturbed(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        import pytest

        def pytest_addoption(parser):
            parser.addoption("--model", default="ford")
            parser.addoption("--report", default="no")

        def pytest_configure(config):
            config.addinivalue_line("markers", "slices(n): how many slices of cake")

        @pytest.fixture
        def audit(request):
            return request.config.getoption("--model")
        """
    )
    pytester.makepyfile(
        """
        import pytest

        @pytest.mark.slices(3)
        @pytest.mark.parametrize("n", [1, 2])
        def test_theirs(audit, n):
            assert audit == "volvo"
        """
    )
    result = pytester.runpytest("--model", "volvo", "--strict-markers")
    result.assert_outcomes(passed=2)
    assert not pytester.path.joinpath("fairness-report").exists()


def test_without_a_model_an_audit_is_skipped_with_one_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_gap(audit):\n    raise AssertionError\n")
    result = pytester.runpytest("-rs")
    result.assert_outcomes(skipped=1)
    assert result.ret == 0
    result.stdout.fnmatch_lines(["*no model was chosen: add --fer-model=NAME (and --fer-dataset=NAME)"])


def test_a_required_audit_without_a_model_is_a_usage_error(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfer_required = true\n")
    pytester.makepyfile("def test_gap(audit):\n    raise AssertionError\n")
    result = pytester.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*fer_required is set, but no model was chosen: add --fer-model=NAME*"])


def test_a_required_audit_is_a_usage_error_on_workers_too(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfer_required = true\n")
    pytester.makepyfile("def test_gap(audit):\n    raise AssertionError\n")
    result = pytester.runpytest("-n", "2")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["fer_required is set, but no model was chosen: add --fer-model=NAME*"])


def test_models_datasets_and_slicings_come_from_hooks(pytester: pytest.Pytester, people: str) -> None:
    pytester.makeconftest(
        f"""
        import pytest
        from pathlib import Path
        from fer_audit import Answer, ModelSpec, Slicing, manifest_dataset
        from fer_audit.models import oracle

        HERE = Path(__file__).parent

        @pytest.hookimpl(optionalhook=True)
        def pytest_fer_models():
            return [oracle("mine", "error=.02")]

        @pytest.hookimpl(optionalhook=True)
        def pytest_fer_datasets():
            return [manifest_dataset(HERE / "{people}", name="ours")]

        @pytest.hookimpl(optionalhook=True)
        def pytest_fer_slices():
            return [Slicing("site"), Slicing("gender*site", without={{"f*there": "closed last year"}})]
        """
    )
    pytester.makeini("[pytest]\nfer_models = mine\nfer_datasets = ours\n")
    pytester.makepyfile(
        """
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.10))
        """
    )
    result = pytester.runpytest("-v", "-p", "no:randomly")
    result.stdout.fnmatch_lines(
        [
            "*test_gap[[]mine-ours-gender] PASSED*",
            "*test_gap[[]mine-ours-site] *",
            "*test_gap[[]mine-ours-gender_x_site] *",
        ]
    )
    report = json.loads(pytester.path.joinpath("fairness-report/report.json").read_text())
    both = next(verdict for verdict in report["verdicts"] if verdict["slicing"] == "gender*site")
    assert both["excluded"] == [{"level": "f*there", "reason": "closed last year"}]
    assert len(both["comparisons"]) == 3
    assert not any("f*there" in {pair["a"], pair["b"]} for pair in both["comparisons"])


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_slicing_that_one_dataset_lacks_is_listed_there(
    pytester: pytest.Pytester, people: str, workers: tuple[str, ...]
) -> None:
    pytester.makepyfile(
        """
        import pytest
        from fer_audit import Gap, Slicing, accuracy

        @pytest.mark.slices("skin_tone", Slicing("gender*site", without={"f": "asked about men only"}))
        def test_gap(audit):
            audit.require(Gap(accuracy, at_most=0.10))
        """
    )
    datasets = ("--fer-dataset=faces", f"--fer-dataset=manifest={people}")
    result = pytester.runpytest("--fer-model=oracle", *datasets, *workers, "-p", "no:randomly")
    assert "errors" not in result.parseoutcomes()
    result.stdout.fnmatch_lines(
        ["not applicable: gender[*]site on oracle-faces", "not applicable: skin_tone on oracle-people"]
    )
    report = json.loads(pytester.path.joinpath("fairness-report/report.json").read_text())
    listed = {(verdict["dataset"], verdict["slicing"]) for verdict in report["verdicts"]}
    assert listed == {("faces", "skin_tone"), ("people", "gender*site")}
    assert report["settings"]["not_applicable"] == "gender*site on oracle-faces; skin_tone on oracle-people"


def test_a_marker_takes_names_and_slicings_only(pytester: pytest.Pytester, people: str) -> None:
    pytester.makepyfile("import pytest\n\n@pytest.mark.slices(3)\ndef test_gap(audit):\n    pass\n")
    result = pytester.runpytest("--fer-model=oracle", f"--fer-dataset=manifest={people}")
    result.stdout.fnmatch_lines(["*the slices marker takes names such as 'gender*race', or a Slicing, not 3"])
    assert result.ret == pytest.ExitCode.INTERRUPTED


def test_each_model_is_visited_once_in_any_order(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        """
        from pathlib import Path
        from fer_audit import ModelSpec

        class Counted:
            def __init__(self, name):
                with open("loads", "a") as stream:
                    stream.write(name + chr(10))

            def recognize(self, images):
                return ["anger"] * len(images)

        def pytest_fer_models():
            return [ModelSpec(name, lambda labels, name=name: Counted(name)) for name in ("one", "two")]
        """
    )
    pytester.makepyfile(
        """
        import pytest
        from fer_audit import Gap, recall

        @pytest.mark.parametrize("label", ["anger", "fear", "sadness"])
        def test_gap(audit, label):
            audit.require(Gap(recall(label), at_most=0.20))
        """
    )
    options = (
        "--fer-model=one",
        "--fer-model=two",
        "--fer-dataset=faces",
        "-p",
        "randomly",
        "-p",
        "no:xdist",
    )
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=18)
    # Without a description no answer is stored, so that each visit of a cell loads its model anew.
    assert sorted(pytester.path.joinpath("loads").read_text().split()) == ["one", "two"]


def test_models_come_from_installed_packages(pytester: pytest.Pytester, people: str) -> None:
    pytester.mkdir("theirs-1.0.dist-info").joinpath("METADATA").write_text("Name: theirs\nVersion: 1.0\n")
    pytester.path.joinpath("theirs-1.0.dist-info/entry_points.txt").write_text(
        "[fer_audit.models]\ntheirs = theirs:models\n"
    )
    pytester.makepyfile(
        theirs="from fer_audit.models import oracle\n\ndef models():\n    return [oracle('theirs', 'error=.1')]\n",
        test_fairness="""
        from fer_audit import Gap, accuracy

        def test_gap(audit):
            assert audit.model == "theirs"
            audit.require(Gap(accuracy, at_most=0.10))
        """,
    )
    pytester.syspathinsert()
    result = pytester.runpytest(
        "--fer-model=theirs", f"--fer-dataset=manifest={people}", "--fer-slices=gender"
    )
    assert "errors" not in result.parseoutcomes()
    report = json.loads(pytester.path.joinpath("fairness-report/report.json").read_text())
    assert [cell["model"] for cell in report["cells"]] == ["theirs"]


def test_the_name_of_the_entry_point_allows_naming_the_module_too(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("pytest_plugins = ['fer_audit.plugin']")
    pytester.makepyfile("def test_something():\n    pass\n")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_options_are_namespaced_and_documented(pytester: pytest.Pytester) -> None:
    text = pytester.runpytest("--help").stdout.str()
    for option in ("model", "dataset", "predictions", "slices", "report", "store", "fail-inconclusive"):
        assert f"--fer-{option}" in text
        assert f" --{option} " not in text


def test_a_python_object_is_audited_by_the_path_of_its_factory(
    pytester: pytest.Pytester, people: str
) -> None:
    del people
    pytester.makepyfile(
        mine="""
        class Always:
            def __init__(self, labels):
                self.labels = labels

            def recognize(self, images):
                return [self.labels[0] for image in images]
        """,
        test_fairness="""
        from fer_audit import Gap, recall

        def test_gap(audit):
            audit.require(Gap(recall("anger"), at_most=0.10))
        """,
    )
    result = pytester.runpytest(
        "--fer-model=constant=python:mine:Always", "--fer-dataset=faces", "--fer-slices=skin_tone"
    )
    result.assert_outcomes(passed=1)
    report = json.loads(pytester.path.joinpath("fairness-report/report.json").read_text())
    assert report["cells"][0]["model"] == "constant"
    assert report["cells"][0]["images"] == 1344
    assert report["verdicts"][0]["estimate"] == 0
