"""Inquiries at the door of an insurer: opened, told, proved, and every wrong field named."""

from datetime import date
from typing import Any

import msgspec
import pytest
from tests.contract.case_door_house import Doors, a_body, a_message, the_doors
from tests.contract.cases_house import PERSON

from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.client import (
    CASES_PATH,
    ApplicationBody,
    CaseReply,
    CaseRequest,
    IncomeBody,
    NewsRequest,
    OwnFilesBody,
)


def an_inquiry(**changes: Any) -> CaseRequest:
    known: dict[str, Any] = {
        "id": a_message(),
        "ssin": PERSON.digits,
        "application": ApplicationBody(has_unemployment=True),
    }
    return CaseRequest(**{**known, **changes})


async def unanswered(doors: Doors) -> CaseReply:
    """An application about which nobody answers: the applicant has to prove."""
    told = await doors.client().start(an_inquiry())
    case = told.head.case
    filed = await doors.house.store.find(case)
    assert filed
    assert isinstance(filed.case, r.Inquiry)
    (action,) = filed.case.asked
    at = doors.house.clock()
    for event in (
        b.UnemploymentAccepted(id=a_message(), at=at, action=action, ticket="T"),
        b.UnemploymentCounted(id=a_message(), at=at, action=action, count=0),
    ):
        await doors.house.cases.add(case, event)
    return await doors.client().find(case)


async def test_an_application_opens_a_case_of_its_kind():
    async with the_doors() as doors:
        told = await doors.client().start(an_inquiry())
        listed = await doors.client().list()

    assert (told.head.kind, told.head.risk) == ("reimbursement", "on-request")
    (step,) = told.steps
    assert (step.party, step.paragraph) == ("insured-person", "05/022 §2.2, §6(1)")
    assert [one.flow for one in step.wants if one.flow] == ["L500"]
    assert [one.party for one in told.head.waiting_for] == ["network"]
    assert [one.kind for one in listed.cases] == ["reimbursement"]


async def test_own_files_that_say_enough_end_a_case_at_once():
    own_files = OwnFilesBody(has_right=True)

    async with the_doors() as doors:
        told = await doors.client().start(an_inquiry(application=None, own_files=own_files))

    assert (told.head.stage, told.head.ending) == ("closed", "not-granted")
    assert told.head.waiting_for == ()
    assert told.steps[0].wants[-1].about == "not-granted, has-right"


async def test_the_file_of_the_next_month_opens_no_second_look_while_the_first_is_open():
    long_ago = date(2030, 1, 1)
    own_files = OwnFilesBody(
        single_since=long_ago, replaced_by="unemployment", replaced_since=long_ago
    )

    async with the_doors() as doors:
        first = await doors.client().start(an_inquiry(application=None, own_files=own_files))
        later = await doors.client().start(an_inquiry(application=None, own_files=own_files))
        listed = await doors.client().list()

    assert first.head.stage == "open"
    assert later.head.case == first.head.case
    assert len(listed.cases) == 1


async def test_what_an_applicant_proved_decides():
    async with the_doors() as doors:
        told = await unanswered(doors)
        (proof,) = (one for step in told.steps for one in step.wants if one.what == "want-proof")
        news = NewsRequest(
            id=a_message(),
            what="income-proved",
            action=proof.id,
            proved=IncomeBody(taxed_cents=1_000_00),
        )
        decided = await doors.client().hear(told.head.case, news)
        again = await doors.client().hear(told.head.case, news)

    assert [one.party for one in told.head.waiting_for] == ["insured-person"]
    assert decided.head.ending == "granted"
    (want,) = decided.steps[-1].wants
    assert (want.cents, str(want.on)) == (27_550_86, "2031-03-05")
    assert again.head == decided.head
    assert again.steps == ()


WRONG: list[tuple[dict[str, object], str]] = [
    ({"risk": ...}, "risk"),
    ({"application": {}}, "risk"),
    ({"risk": ..., "application": {}, "ownFiles": {}}, "risk"),
    ({"risk": ..., "application": {"on": "2031-03-06"}}, "application.on"),
    ({"risk": ..., "application": {"on": "2020-01-01"}}, "application.on"),
    ({"risk": ..., "application": {"household": 0}}, "application.household"),
    ({"risk": ..., "application": {"incomes": [{"taxedCents": 1.5}]}}, "application.incomes"),
    ({"risk": ..., "application": {"incomes": [{"taxedCents": -1}]}}, "application.incomes"),
    ({"risk": ..., "ownFiles": {"singleSince": "2031-03-06"}}, "ownFiles.singleSince"),
    ({"risk": ..., "ownFiles": {"replacedBy": "wealth"}}, "ownFiles.replacedBy"),
    (
        {"risk": ..., "application": {}, "contact": {"lastName": "A", "firstName": "B"}},
        "contact",
    ),
]


@pytest.mark.parametrize(("changes", "name"), WRONG, ids=[name for _, name in WRONG])
async def test_every_wrong_field_of_an_inquiry_is_named(changes: dict[str, object], name: str):
    async with the_doors() as doors:
        problem = await doors.problem("POST", CASES_PATH, a_body(**changes))

    assert problem.status == 400
    assert any(one.name.startswith(name) for one in problem.issues), problem.issues


async def test_news_of_an_inquiry_needs_an_amount_and_the_id_that_asked_for_it():
    async with the_doors() as doors:
        told = await unanswered(doors)
        path = f"{CASES_PATH}/{told.head.case}/events"
        for body in (
            {"what": "income-proved", "action": str(a_message())},
            {"what": "income-proved", "proved": {"taxedCents": 1}},
            {"what": "income-proved", "action": str(a_message()), "proved": {"taxedCents": 1}},
            {"what": "case-withdrawn", "proved": {"taxedCents": 1}},
        ):
            problem = await doors.problem("POST", path, {"id": str(a_message()), **body})
            assert problem.status == 400, body
        after = await doors.client().find(told.head.case)

    assert msgspec.json.encode(after.head) == msgspec.json.encode(told.head)
