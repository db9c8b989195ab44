"""Answers that belong to no case are fetched at the door of the institution that asked."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import cast
from uuid import UUID

import pytest
from tests.contract.case_door_house import EMPLOYER, FUND, Doors, the_doors
from tests.contract.cases_house import MOMENT, CaseHouse, in_memory, on_postgres

from kruispunt.circuits import Kept
from kruispunt.cli.answers import AtNode
from kruispunt.client import (
    ANSWERS_PATH,
    AnswerContent,
    AskFailed,
    CountContent,
    FailureContent,
    Mailbox,
    canonical,
)
from kruispunt.client.mailbox import Opened, Polled
from kruispunt.vocabulary import FlowId, KeyId, Mail, MailKind

SAID = (
    (MailKind.COUNT, CountContent(expected=2)),
    (MailKind.ANSWER, AnswerContent(number=1, rows=({"scale_code": "A1"},))),
    (MailKind.FAILURE, FailureContent(missing=1, cause="late")),
)


@dataclass
class Ending:
    """A mailbox whose polls end after two letters, since those are long."""

    numbers: list[int]

    async def poll(self, *, after: int, limit: int) -> Polled:
        found = [n for n in self.numbers if n > after][: min(limit, 2)]
        letters = tuple(
            Opened(
                mail=Mail(
                    id=UUID(int=n),
                    recipient=FUND,
                    kind=MailKind.COUNT,
                    flow=FlowId("flow.unemployment"),
                    ticket="by hand",
                    sealed=b"",
                    sealed_for=KeyId("fund/1"),
                    sent_at=MOMENT,
                    person=b"",
                ),
                position=n,
                content=canonical(CountContent(expected=1)),
            )
            for n in found
        )
        return Polled(letters=letters, held=0, last=found[-1] if found else after)


def an_answer(number: int, content: bytes) -> Kept:
    return Kept(
        id=UUID(int=number),
        ticket="by hand",
        kind=MailKind.ANSWER,
        flow=FlowId("flow.unemployment"),
        sent_at=MOMENT,
        came_at=MOMENT,
        content=content,
    )


async def answered(doors: Doors) -> None:
    for n, (kind, content) in enumerate(SAID, 1):
        kept = Kept(
            id=UUID(int=n),
            ticket="by hand",
            kind=kind,
            flow=FlowId("flow.unemployment"),
            sent_at=MOMENT,
            came_at=doors.house.clock(),
            content=canonical(content),
        )
        await doors.house.answers.keep(kept)


async def test_who_asked_gets_what_came_page_by_page_until_it_is_taken():
    async with the_doors() as doors:
        await answered(doors)
        client = doors.answers()
        first = await client.list(limit=2)
        rest = await client.list(after=first.next or 0, limit=2)
        gone = await client.take([one.id for one in first.answers])
        again = await client.take([one.id for one in first.answers])
        left = await client.list()

    told = [*first.answers, *rest.answers]
    assert [one.count or one.answer or one.failure for one in told] == [one for _, one in SAID]
    assert {one.ticket for one in told} == {"by hand"}
    assert (rest.next, gone, again) == (None, 2, 0)
    assert left.answers == rest.answers


async def test_nobody_else_may_have_them_or_make_them_go():
    async with the_doors() as doors:
        await answered(doors)
        for ask in (doors.answers(EMPLOYER).list(), doors.answers(EMPLOYER).take([UUID(int=1)])):
            with pytest.raises(AskFailed) as wrong:
                await ask
            assert wrong.value.problem
            assert wrong.value.problem.status == 403
        kept = await doors.answers(FUND).list()

    assert len(kept.answers) == 3


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "limit=0", "limit=101", "after=1&after=2", "ssin=1"]
)
async def test_a_query_that_says_anything_else_is_told_so(query: str):
    async with the_doors() as doors:
        problem = await doors.problem("GET", f"{ANSWERS_PATH}?{query}")

    assert problem.status == 400
    assert [one.where for one in problem.issues] == ["query"]


@pytest.mark.parametrize("make", [in_memory, on_postgres])
async def test_a_page_of_long_answers_ends_before_its_limit_and_says_where_to_go_on(
    make: Callable[[str], AbstractAsyncContextManager[CaseHouse]], empty_database: str
):
    async with make(empty_database) as house:
        for n, size in enumerate((3, 1, 1, 1), 1):
            await house.answers.keep(an_answer(n, bytes(size * 1024 * 1024)))

        pages = [[one.id.int for one in await house.answers.list(n, 100)] for n in (0, 1, 3)]

    assert pages == [[1], [2, 3], [4]]


async def test_all_pages_of_a_mailbox_are_fetched_where_they_end_by_bytes():
    """A poll may end before as many letters as were asked for."""
    box = Ending([*range(1, 6)])

    found = await AtNode(mailbox=cast("Mailbox", box)).list(after=0)
    rest = await AtNode(mailbox=cast("Mailbox", box)).list(after=found.next or 99)
    last = await AtNode(mailbox=cast("Mailbox", box)).list(after=5)

    assert [one.id.int for one in (*found.answers, *rest.answers)] == [1, 2, 3, 4]
    assert (rest.next, last.next) == (4, None)
