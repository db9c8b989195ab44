"""Lines at the hub above a node: a bounded lane, a deadline, a rest after too much silence."""

import asyncio
from typing import Final
from uuid import UUID

import pytest
from tests.unit.sources.wire_station import a_recorded_grant

from kruispunt.client import (
    AskFailed,
    AskRefused,
    AskReply,
    Fault,
    GroundBody,
    LinesRequest,
    ProblemBody,
    ReceiptBody,
    WireRow,
)
from kruispunt.sources import Cause, Patience, RefusedUpstream, SilentSource, UpstreamLines
from kruispunt.sources.upstream import GRACE_S
from kruispunt.vocabulary import Act, DirectoryLine, LinesAsked, Reason

ENTRY = a_recorded_grant().entry
LIST = LinesAsked(act=Act.LIST)
ROW: Final[WireRow] = {
    "sector": "017",
    "quality": "002",
    "begin_date": "2025-01-01",
    "end_date": None,
}


class Hub:
    """In place of `client.Client`."""

    def __init__(self, *, fail: Exception | None = None, wait_s: float = 0) -> None:
        self.fail = fail
        self.wait_s = wait_s
        self.asked: list[LinesRequest] = []

    async def lines_written(
        self, _flow: str, request: LinesRequest, /, *, traceparent: str | None = None
    ) -> AskReply:
        assert traceparent is None or traceparent
        self.asked.append(request)
        await asyncio.sleep(self.wait_s)
        if self.fail is not None:
            raise self.fail
        return AskReply(
            ticket=UUID(int=9),
            outcome="given",
            rows=[ROW],
            fields=[*ROW],
            withheld=[],
            ground=GroundBody(clause="c", deliberation="d", paragraph="p"),
            receipt=ReceiptBody.of(a_recorded_grant().receipt),
            repeated=False,
        )


async def told(lines: UpstreamLines, *, timeout_s: float = 1.0) -> tuple[DirectoryLine, ...]:
    return await lines.lines(ENTRY, LIST, ENTRY.question.about, timeout_s=timeout_s)


async def cause(lines: UpstreamLines, *, timeout_s: float = 1.0) -> Cause:
    with pytest.raises(SilentSource) as silent:
        await told(lines, timeout_s=timeout_s)
    return silent.value.cause


async def test_the_hub_s_lines_are_told_and_the_same_thing_is_one_message() -> None:
    hub = Hub()
    lines = UpstreamLines(hub)

    (line,) = await told(lines)
    await told(lines)

    assert (line.sector, line.quality, line.ssin) == (17, 2, ENTRY.question.ssin)
    assert hub.asked[0] == hub.asked[1]


async def test_a_hub_that_does_not_answer_in_time_is_silent() -> None:
    assert await cause(UpstreamLines(Hub(wait_s=9)), timeout_s=0.02 - GRACE_S) is Cause.NO_ANSWER


async def test_a_hub_that_was_silent_too_often_rests_and_is_asked_once_after_that() -> None:
    now = [0.0]
    hub = Hub(fail=AskFailed(Fault.SILENT))
    lines = UpstreamLines(hub, patience=Patience(silences=2, rest_s=5), clock=lambda: now[0])

    causes = [await cause(lines) for _ in range(3)]
    resting = lines.resting
    now[0], hub.fail = 6.0, None
    await told(lines)

    assert causes == [Cause.NO_ANSWER, Cause.NO_ANSWER, Cause.RESTING]
    assert resting == (ENTRY.question.flow,)
    assert (lines.resting, len(hub.asked)) == ((), 3)


async def test_more_than_may_wait_are_turned_away_at_once() -> None:
    hub = Hub(wait_s=0.05)
    lines = UpstreamLines(hub, patience=Patience(at_once=1, waiting=1))

    first, second = asyncio.create_task(told(lines)), asyncio.create_task(told(lines))
    await asyncio.sleep(0)
    third = await cause(lines)
    await asyncio.gather(first, second)

    assert third is Cause.CROWDED
    assert len(hub.asked) == 2


async def test_a_refusal_is_an_answer() -> None:
    refused = AskRefused(ProblemBody(status=403, reason="no-file"))
    lines = UpstreamLines(Hub(fail=refused), patience=Patience(silences=1))

    for _ in range(2):
        with pytest.raises(RefusedUpstream) as heard:
            await told(lines)
        assert heard.value.refusal.reason is Reason.NO_FILE
    assert lines.resting == ()
