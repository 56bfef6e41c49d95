"""No window at the endpoint holds more than is allowed, whenever requests arrive there."""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

import pytest

from fer_audit.models.remote.exchange import Limits
from fer_audit.models.remote.pacing import JOURNEY, Pace, Turn
from fer_audit.models.remote.width import Width


@dataclass(frozen=True)
class Run:
    """When requests were sent, when the endpoint saw them, and what they took."""

    sent: list[float]
    seen: list[float]
    tokens: list[float]


def run(limits: Limits, *, count: int, slowest: float, most_tokens: float = 0.0, seed: int = 1) -> Run:
    """As many requests as early as they may go; each is seen at some moment before its reply."""
    random = Random(seed)  # noqa: S311 - a test's draw
    pace = Pace(limits, most_tokens, now=0.0)
    now = 0.0
    replies: list[tuple[float, int]] = []
    turns: list[Turn] = []
    result = Run([], [], [])
    while len(turns) < count:
        wait = pace.delay(now)
        if wait == 0:
            turns.append(pace.start(now))
            latency = slowest * random.random() ** 3
            result.sent.append(now)
            result.seen.append(now + min(latency, JOURNEY) * random.random())
            result.tokens.append(random.uniform(90, 100))
            heappush(replies, (now + latency, len(turns) - 1))
        elif replies and replies[0][0] <= now + wait:
            now, index = heappop(replies)
            pace.finish(turns[index], now, result.tokens[index] if most_tokens else None)
        else:
            # A thread wakes a little late.
            now += wait + 0.002 * random.random()
    return result


def fullest(times: list[float], amounts: list[float], seconds: float) -> float:
    seen = sorted(zip(times, amounts, strict=True))
    most = held = 0.0
    first = 0
    for at, amount in seen:
        held += amount
        while seen[first][0] <= at - seconds:
            held -= seen[first][1]
            first += 1
        most = max(most, held)
    return most


@pytest.mark.parametrize("slowest", [0.05, 1.0, 10.0])
@pytest.mark.parametrize("per_minute", [7.0, 60.0, 500.0])
def test_requests_stay_below_the_limit_and_near_it(per_minute: float, slowest: float) -> None:
    made = run(Limits(requests_per_minute=per_minute), count=int(per_minute * 5), slowest=slowest)
    assert fullest(made.seen, [1.0] * len(made.seen), 60.0) <= per_minute
    assert (len(made.sent) - 1) / (made.sent[-1] - made.sent[0]) >= 0.95 * per_minute / 60


def test_a_fraction_of_a_request_a_minute_is_waited_for() -> None:
    made = run(Limits(requests_per_minute=0.5), count=4, slowest=0.1)
    assert [round(at / 120) for at in made.sent] == [0, 1, 2, 3]


def test_tokens_stay_below_the_limit_though_more_could_have_been_taken() -> None:
    limits = Limits(tokens_per_minute=30_000)
    made = run(limits, count=1500, slowest=1.0, most_tokens=1000)
    assert fullest(made.seen, made.tokens, 60.0) <= 30_000
    used = sum(made.tokens) / (made.sent[-1] - made.sent[0])
    assert used >= 0.9 * 30_000 / 60


def test_no_limit_means_no_waiting() -> None:
    made = run(Limits(), count=1000, slowest=0.1)
    assert made.sent[-1] == 0.0


def test_lateness_is_made_up_for_by_a_few_requests_and_no_more() -> None:
    pace = Pace(Limits(requests_per_minute=600), 0.0, now=0.0)
    # Nothing is sent for ten seconds; then as many as may go at once.
    burst = 0
    while pace.delay(10.0) == 0:
        pace.start(10.0)
        burst += 1
    assert burst == 3


def test_the_width_grows_only_where_it_is_used() -> None:
    width = Width(32)
    for _ in range(100):
        width.replied(under_way=2)
    assert width.now == 4


def test_the_width_grows_by_one_a_round_once_it_was_too_much() -> None:
    width = Width(32)
    for _ in range(28):
        width.replied(under_way=width.now)
    assert width.now == 32
    width.overloaded(sent=5.0, now=6.0)
    assert width.now == 16
    for _ in range(16):
        width.replied(under_way=width.now)
    assert width.now == 17


def test_the_width_never_falls_below_one() -> None:
    width = Width(1)
    for second in range(5):
        width.overloaded(sent=second, now=second + 0.5)
    assert width.now == 1
