"""The section of the page on other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.effects import Alike
from simulation.peers.contest import CONTESTS, read_scores
from simulation.peers.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from simulation.peers.contest import Contest, Score
    from simulation.peers.rules import Rule

__all__ = ["peers_section"]


def peers_section(path: Path) -> str:
    """What other tools said of the same data, in Markdown; empty where nobody was asked."""
    scores = read_scores(path)
    if not scores:
        return ""
    known = {(score.contest, score.rule): score for score in scores}
    rules = [rule for rule in RULES if any(score.rule == rule.name for score in scores)]
    lines = [
        "## Other tools on the same data",
        "",
        "Each cell: how many of 100 fair models were called biased / of 100 that read one slice exactly .10 "
        "worse, which is the tolerance, / of 100 that read it .20 worse. All tools got the same tables. A "
        "tool that finds the planted gap by calling everything biased has found nothing; at the tolerance a "
        "rule with an error rate of 5 % may say so 5 times. What takes seconds a table was asked about "
        "fewer, as the cell says.",
        "",
        "| | " + " | ".join(rule.name for rule in rules) + " |",
        "|---" * (len(rules) + 1) + "|",
    ]
    for contest in CONTESTS:
        cells = [_cell(known.get((contest.name, rule.name))) for rule in rules]
        lines.append(f"| {contest.name} | " + " | ".join(cells) + " |")
    lines.append("| all of them | " + " | ".join(_total(rule, known) for rule in rules) + " |")
    lines += ["", *_comments(known)]
    lines += ["The rules, and who would use them so:", ""]
    for rule in rules:
        versions = sorted({score.version for score in scores if score.rule == rule.name and score.version})
        release = f" ({rule.tool} {', '.join(versions)})" if versions else ""
        lines.append(f"- *{rule.name}*{release}: {rule.reading}.")
    lines += [
        "",
        "The other tools were not made for several images of one person, and say so or are silent; that is "
        "what such data are. Where images are independent and slices few, their gates on the point estimate "
        "err by chance alone.",
    ]
    return "\n".join(lines)


def _total(rule: Rule, known: Mapping[tuple[str, str], Score]) -> str:
    """Shares over all datasets that the rule was asked about."""
    own = [score for (_, name), score in known.items() if name == rule.name]
    runs = sum(score.runs for score in own)
    sums = (
        sum(score.accused for score in own),
        sum(score.at_edge for score in own),
        sum(score.found for score in own),
    )
    return " / ".join(f"{100 * events / runs:.1f} %" for events in sums)


def _comments(known: Mapping[tuple[str, str], Score]) -> tuple[str, ...]:
    """Where somebody else does better than we do, and where that ends; silent where nobody was asked."""
    several = [contest for contest in CONTESTS if not isinstance(contest.fair.effects[0], Alike)]
    ours = _of("fer_audit, Gap", several, known)
    theirs, careful = (_of(rule, several, known) for rule in ("fairpipe, interval", "bootstrap over people"))
    found = []
    if theirs and ours:
        worst = max(score.at_edge / score.runs for score in theirs)
        found += [
            "*fairpipe's interval finds more than we do*, and seldom calls fair models biased. Where people "
            f"have several images it finds {_share(theirs, 'found')} of the gaps of twice the tolerance, we "
            f"{_share(ours, 'found')}. It takes images for independent, which makes it bold; its bounds are "
            "two-sided and Bonferroni's over all pairs, which makes it cautious: where images of one person "
            "correlate by .1 the two about cancel. At the tolerance it says biased in "
            f"{_share(theirs, 'at_edge')} of runs, and in {100 * worst:.0f} % on the dataset where it does "
            f"worst; we in {_share(ours, 'at_edge')}. Nothing in it grows with the correlation or the number "
            "of images, so that people who are more alike make it wrong more often. With one image a person "
            "it keeps its level, finds as much as we do, and needs to know nobody: there it is no worse.",
            "",
        ]
    if careful:
        two = [score for score in careful if _slices(score.contest) == 2]  # noqa: PLR2004 - one gap
        more = [score for score in careful if score not in two]
        found += [
            "*A bootstrap over people* knows that images of one person are alike. Between two slices it is "
            f"about right ({_share(two, 'at_edge')} at the tolerance), and finds more than we do. Over more "
            "slices the largest gap is too large on average, and drawing again adds to that: "
            f"{_share(more, 'at_edge')}.",
            "",
        ]
    return tuple(found)


def _of(rule: str, contests: Sequence[Contest], known: Mapping[tuple[str, str], Score]) -> tuple[Score, ...]:
    return tuple(known[contest.name, rule] for contest in contests if (contest.name, rule) in known)


def _slices(contest: str) -> int:
    (found,) = (one for one in CONTESTS if one.name == contest)
    return found.fair.shape.slices


def _share(scores: Sequence[Score], what: str) -> str:
    runs = sum(score.runs for score in scores)
    return f"{100 * sum(getattr(score, what) for score in scores) / runs:.1f} %" if runs else "not yet run"


def _cell(score: Score | None) -> str:
    if score is None:
        return "not yet run"
    if score.runs == 100:  # noqa: PLR2004 - what the text promises
        return f"{score.accused} / {score.at_edge} / {score.found}"
    return f"{score.accused} / {score.at_edge} / {score.found} of {score.runs}"
