"""The section of the page on other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulation.peers.contest import CONTESTS, read_scores
from simulation.peers.rules import RULES

if TYPE_CHECKING:
    from pathlib import Path

    from simulation.peers.contest import Score

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
        "rule with an error rate of 5 % may say so 5 times.",
        "",
        "| | " + " | ".join(rule.name for rule in rules) + " |",
        "|---" * (len(rules) + 1) + "|",
    ]
    for contest in CONTESTS:
        cells = [_cell(known.get((contest.name, rule.name))) for rule in rules]
        lines.append(f"| {contest.name} | " + " | ".join(cells) + " |")
    lines += ["", "The rules, and who would use them so:", ""]
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


def _cell(score: Score | None) -> str:
    if score is None:
        return "not yet run"
    if score.runs == 100:  # noqa: PLR2004 - what the text promises
        return f"{score.accused} / {score.at_edge} / {score.found}"
    return f"{score.accused} / {score.at_edge} / {score.found} of {score.runs}"
