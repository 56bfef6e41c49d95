"""Refusals in words: the phrases in which language models decline to name an expression (English)."""

from __future__ import annotations

import re

__all__ = ["is_refusal"]

_JUDGE = (
    "tell|say|see|view|determine|determined|identify|identified|judge|judged|infer|inferred|assess|assessed|"
    "recogni[sz]e|analy[sz]e|interpret|discern|classify|detect|describe|evaluate|read|answer|assist|help|"
    "provide|process|comply|comment|guess|know|make|give|engage|fulfil|fulfill|access|open|perform|do"
)
_CANNOT = (
    r"(?:can't|cannot|can not|cant|couldn't|could not|won't|will not|wouldn't|would not|unable to|"
    r"not able to|not allowed to|not permitted to|not comfortable|not equipped to|not designed to|"
    r"not programmed to|not possible to|impossible to|decline to|refuse to|prefer not to|rather not)"
)
_REFUSALS = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(?:i'm |i am |we're |we are )?(?:very |so |really |truly )?sorry\b",
        r"^(?:i |my |we )?(?:must |do )?(?:apologi[sz]e|apologies)\b",
        rf"\b{_CANNOT}(?: \w+)?(?: be)? (?:{_JUDGE}|identifying|analy[sz]ing|judging|guessing)\b",
        r"\bas an? (?:ai|artificial intelligence|(?:large )?language)\b",
        r"\b(?:don't|do not) (?:have (?:the )?(?:ability|capability|access)|feel comfortable|identify)\b",
        r"\b(?:don't|do not) see (?:an?|any|the) (?:image|picture|photo|face)",
        r"\bno (?:image|picture|photo)s? (?:was|were|is|has been|attached|provided|uploaded)",
        r"\bplease (?:provide|upload|attach|share|send) (?:an?|the|your) ",
        r"\b(?:against|violates?|violation of) (?:\w+ ){0,3}(?:policy|policies|guidelines)\b",
        r"\b(?:not|wouldn't be|isn't) appropriate (?:for me )?to\b",
        r"\binappropriate (?:for me )?to\b",
        r"\brequest (?:was|has been|is) (?:rejected|blocked|denied|declined)\b",
    )
)


def is_refusal(words: str) -> bool:
    """Whether a text without any label declines to give one.

    Args:
        words: in lower case, apostrophes straight, on one line.

    >>> is_refusal("i'm unable to view images."), is_refusal("the mouth is open.")
    (True, False)
    """
    return any(pattern.search(words) for pattern in _REFUSALS)
