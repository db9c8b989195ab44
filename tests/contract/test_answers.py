"""Answers that belong to no case are fetched at the door of the institution that asked."""

from uuid import UUID

import pytest
from tests.contract.case_door_house import EMPLOYER, FUND, Doors, the_doors
from tests.contract.cases_house import MOMENT

from kruispunt.circuits import Kept
from kruispunt.client import (
    ANSWERS_PATH,
    AnswerContent,
    AskFailed,
    CountContent,
    FailureContent,
    canonical,
)
from kruispunt.vocabulary import FlowId, MailKind

SAID = (
    (MailKind.COUNT, CountContent(expected=2)),
    (MailKind.ANSWER, AnswerContent(number=1, rows=({"scale_code": "A1"},))),
    (MailKind.FAILURE, FailureContent(missing=1, cause="late")),
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
