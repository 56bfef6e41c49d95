"""The page about strategies is true: its tests run as printed, and fail where it says that they would."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fer_audit import strategies

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/strategies.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)
METAMORPHIC, PROPERTY = (text for _language, text in BLOCKS)
# Where the package is installed Hypothesis does this itself; a checkout on the path has no entry points.
REGISTER = "from fer_audit.strategies.registration import register\nregister()\n"


def run(pytester: pytest.Pytester, text: str) -> pytest.RunResult:
    pytester.makepyfile(test_page=REGISTER + text)
    return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider", "-W", "error")


@pytest.mark.parametrize("text", [METAMORPHIC, PROPERTY], ids=["metamorphic", "property"])
def test_each_example_runs_as_printed(pytester: pytest.Pytester, text: str) -> None:
    run(pytester, text).assert_outcomes(passed=1)


def test_the_metamorphic_example_fails_for_a_model_that_depends_on_the_light(
    pytester: pytest.Pytester,
) -> None:
    dark = METAMORPHIC.replace(
        "[transform(picture) for picture, _ in sure]",
        "[transform(picture).point(lambda p: p // 9) for picture, _ in sure]",
    )
    assert dark != METAMORPHIC
    run(pytester, dark).assert_outcomes(failed=1)


def test_without_its_guard_the_property_fails_and_prints_the_table(pytester: pytest.Pytester) -> None:
    unguarded = PROPERTY.replace(" if len(predictions) else 1.0", "")
    assert unguarded != PROPERTY
    result = run(pytester, unguarded)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*TableDesign(('anger',), (('group', ('a', 'b')),), ((), ()))*"])


def test_the_page_names_every_strategy() -> None:
    values = {"ImageTransform", "RawAnswer"}
    for name in set(strategies.__all__) - values:
        assert re.search(rf"`{name}\b", PAGE), name
