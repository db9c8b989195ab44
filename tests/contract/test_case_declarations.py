"""Declarations over HTTP: by who was asked and nobody else, alone and in batch, once."""

from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
import pytest
from tests.contract.case_door_house import (
    EMPLOYER,
    FIRM,
    STRANGER,
    a_message,
    a_request,
    the_doors,
)
from tests.contract.cases_house import PERSON, of_risk
from tests.unit.circuits.benefits.played import OFFICE, choice, dimona, owner, to_office, user

from kruispunt.circuits import benefits as b
from kruispunt.client import (
    DECLARATIONS_PATH,
    DECLARE_TAG,
    NDJSON,
    AskFailed,
    DeclarationRequest,
    EnterpriseBody,
    PeriodBody,
    WorkerRiskBody,
)
from kruispunt.vocabulary import InstitutionCode

OFFICE_: Final = InstitutionCode(OFFICE)
FIRM_BODY: Final = {"cbe": FIRM}
OF_FIRM: Final[dict[b.Role, b.Rows]] = {
    b.Role.DIMONA: (dimona(FIRM),),
    b.Role.ROUTING: (choice(employer_cbe=FIRM, destination_cbe=FIRM),),
    b.Role.UAM: (user(FIRM),),
    b.Role.EMPLOYER: (owner(FIRM),),
}
SUPPRESSED: Final = to_office(employer_cbe=FIRM, request_scope="NON_GENERIC_ONLY")
UNASKED: Final[dict[str, Any]] = {
    "worker": PERSON.digits,
    "employer": FIRM_BODY,
    "risk": {"type": "incapacity", "period": {"beginDate": "2031-03-03"}},
}
PERIOD: Final = PeriodBody(begin_date=date(2031, 3, 4))
INCAPACITY: Final = WorkerRiskBody(type="incapacity", period=PERIOD)
MATERNITY: Final = WorkerRiskBody(type="maternity-rest", period=PERIOD)


def an_unasked_one(**changes: Any) -> DeclarationRequest:
    known: dict[str, Any] = {
        "id": a_message(),
        "worker": PERSON.digits,
        "employer": EnterpriseBody(cbe=FIRM),
        "risk": INCAPACITY,
    }
    return DeclarationRequest(**{**known, **changes})


async def test_who_was_asked_declares_online_and_needs_no_deliberation():
    async with the_doors() as doors:
        case, request = await doors.sent()
        declaration = DeclarationRequest(
            id=a_message(), request=request, content={"last_day_worked": "2031-03-02"}
        )
        employer = doors.client(EMPLOYER)
        received = await employer.declare(declaration)
        again = await employer.declare(declaration)
        told = await doors.client().find(case)

    assert (received.ground, received.paragraph) == ("not_required", "05/022 §2.1")
    assert (received.new, again.new) == (True, False)
    step = next(one for one in told.steps if one.what == "declaration-received")
    assert (step.party, step.detail, step.ground) == ("employer", "online", "not_required")
    assert told.steps[-1] == step
    assert "declaration" not in {one.what for one in told.head.waiting_for}


async def test_who_was_not_asked_hears_the_same_as_of_a_request_that_does_not_exist():
    async with the_doors() as doors:
        case, request = await doors.sent()
        stranger = doors.client(STRANGER)
        told: list[str] = []
        for reference in (request, UUID(int=77)):
            with pytest.raises(AskFailed) as wrong:
                await stranger.declare(DeclarationRequest(id=a_message(), request=reference))
            told.append(str(wrong.value))
        after = await doors.client().find(case)

    assert told[0] == told[1]
    assert told[0].startswith("problem: 403 ")
    assert "declaration-received" not in {step.what for step in after.steps}


async def test_another_declaration_under_the_same_id_is_refused():
    async with the_doors() as doors:
        _, request = await doors.sent()
        first = DeclarationRequest(id=a_message(), request=request, content={"days": 3})
        await doors.client(EMPLOYER).declare(first)
        other = msgspec.structs.replace(first, content={"days": 4})
        with pytest.raises(AskFailed) as wrong:
            await doors.client(EMPLOYER).declare(other)

    assert wrong.value.problem
    assert wrong.value.problem.status == 409


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"id": 1}, "id"),
        ({"request": "x"}, "request"),
        ({"request": ...}, "request"),
        ({"worker": PERSON.digits}, "worker"),
        ({"request": ..., "worker": PERSON.digits, "employer": FIRM_BODY}, "risk"),
        ({"request": ..., **UNASKED, "worker": "01010199700"}, "worker"),
        ({"request": ..., **UNASKED, "employer": {}}, "employer"),
        ({"request": ..., **UNASKED, "employer": {"cbe": "0400000100"}}, "employer.cbe"),
        ({"content": []}, "content"),
        ({"content": {"x": 1.5}}, "content[...]"),
        ({"content": {"x": "y" * 1001}}, "content[...]"),
        ({"content": {"x": {"y": {"z": 1}}}}, "content[...][...]"),
        ({"content": {f"f{n}": n for n in range(201)}}, "content"),
        ({"ssin": "01010199700"}, "ssin"),
    ],
    ids=str,
)
async def test_what_is_wrong_with_a_declaration_is_named(changes: dict[str, Any], name: str):
    async with the_doors() as doors:
        _, request = await doors.sent()
        body: dict[str, Any] = {"id": str(a_message()), "request": str(request), "content": {}}
        body = {k: v for k, v in (body | changes).items() if v is not ...}
        problem = await doors.problem(
            "POST", DECLARATIONS_PATH, body, code=EMPLOYER, tag=DECLARE_TAG
        )

    assert (problem.status, [issue.name for issue in problem.issues]) == (400, [name])


async def test_r_spontaneous_declaration_finds_its_case_without_a_reference():
    """R-SPONTANEOUS, 05/022 §4."""
    async with the_doors() as doors:
        case, request = await doors.sent(OF_FIRM)
        declaration = an_unasked_one()
        received = await doors.client(FIRM).declare(declaration)
        again = await doors.client(FIRM).declare(declaration)
        await doors.settled()
        filed = await doors.house.store.find(case)
        told = await doors.client().find(case)

    assert (received.request, received.ground) == (None, "not_required")
    assert (received.new, again.new) == (True, False)
    assert filed
    assert [(one.id, one.standing) for one in of_risk(filed.case).requests] == [
        (request, b.Standing.ANSWERED)
    ]
    step = told.steps[-1]
    assert (step.what, step.party, step.changed) == ("declaration-received", "employer", True)


async def test_r_generic_mandatary_whose_request_was_suppressed_declares_in_batch():
    """R-GENERIC, 05/022 §23: it was sent no request, so it has no reference to quote."""
    async with the_doors() as doors:
        case = (await doors.client().start(a_request())).head.case
        await doors.answer_all(case, {**OF_FIRM, b.Role.ROUTING: (SUPPRESSED,)})
        (line,) = [one async for one in doors.client(OFFICE_).declare_many([an_unasked_one()])]
        await doors.settled()
        filed = await doors.house.store.find(case)
        told = await doors.client().find(case)

    assert (line.status, line.new) == (200, True)
    assert filed
    assert [one.standing for one in of_risk(filed.case).requests] == [b.Standing.ANSWERED]
    assert told.steps[-1].party == "mandatary"


async def test_r_spontaneous_declaration_may_come_before_the_case():
    """R-SPONTANEOUS, 05/022 §4: who declared is not asked."""
    async with the_doors() as doors:
        await doors.client(FIRM).declare(an_unasked_one())
        await doors.settled()
        case = (await doors.client().start(a_request())).head.case
        await doors.answer_all(case, OF_FIRM)
        filed = await doors.house.store.find(case)

    assert filed
    assert [(one.standing, one.sent) for one in of_risk(filed.case).requests] == [
        (b.Standing.ANSWERED, ())
    ]


async def test_a_stranger_s_declaration_answers_for_nobody_and_is_told_to_a_clerk():
    async with the_doors() as doors:
        case, _ = await doors.sent(OF_FIRM)
        await doors.client(STRANGER).declare(an_unasked_one())
        await doors.settled()
        filed = await doors.house.store.find(case)
        told = await doors.client().find(case)

    assert filed
    assert [one.standing for one in of_risk(filed.case).requests] == [b.Standing.SENT]
    assert [one.about for one in told.steps[-1].wants] == ["declaration-unasked"]


async def test_whoever_declares_unasked_hears_the_same_whether_there_is_a_case_or_not():
    other = {"worker": "01010199867"}
    async with the_doors() as doors:
        await doors.sent(OF_FIRM)
        told = [
            await doors.client(FIRM).declare(an_unasked_one(**changes))
            for changes in ({}, other, {"risk": MATERNITY})
        ]

    plain = [msgspec.structs.replace(one, id=told[0].id) for one in told]
    assert plain == [told[0]] * 3


async def test_another_unasked_declaration_under_the_same_id_is_refused_without_a_case_too():
    async with the_doors() as doors:
        first = an_unasked_one(content={"days": 3})
        await doors.client(FIRM).declare(first)
        other = msgspec.structs.replace(first, content={"days": 4})
        with pytest.raises(AskFailed) as wrong:
            await doors.client(FIRM).declare(other)

    assert wrong.value.problem
    assert wrong.value.problem.status == 409


async def test_a_batch_is_answered_line_by_line_and_signed():
    async with the_doors() as doors:
        requests = [(await doors.sent())[1] for _ in range(3)]
        batch = [DeclarationRequest(id=a_message(), request=one) for one in requests]
        batch.insert(1, DeclarationRequest(id=a_message(), request=UUID(int=78)))
        told = [line async for line in doors.client(EMPLOYER).declare_many(batch)]
        again = [line async for line in doors.client(EMPLOYER).declare_many(batch)]

    assert [(one.line, one.status, one.new) for one in told] == [
        (1, 200, True),
        (2, 403, False),
        (3, 200, True),
        (4, 200, True),
    ]
    assert [one.new for one in again] == [False] * 4
    assert {one.ground for one in told if one.status == 200} == {"not_required"}


async def test_a_line_that_is_wrong_stops_no_other():
    async with the_doors() as doors:
        _, request = await doors.sent()
        good = msgspec.json.encode({"id": str(a_message()), "request": str(request)})
        body = b"\n".join((b"{", good, b'{"id":1}', b"x" * 70_000, b""))
        reply = await doors.raw(
            "POST", DECLARATIONS_PATH, body, code=EMPLOYER, tag=DECLARE_TAG, media_type=NDJSON
        )

    lines = [msgspec.json.decode(line) for line in reply.body.splitlines()]
    assert [line["status"] for line in lines[:-1]] == [400, 200, 400, 413]
    assert [issue["name"] for issue in lines[2]["issues"]] == ["id"]
    assert (lines[-1]["lines"], lines[-1]["received"]) == (4, 1)


@pytest.mark.parametrize("body", [b"", b"\n\n"])
async def test_an_empty_batch_is_refused(body: bytes):
    async with the_doors() as doors:
        problem = await doors.problem(
            "POST", DECLARATIONS_PATH, body, code=EMPLOYER, tag=DECLARE_TAG, media_type=NDJSON
        )

    assert problem.status == 400


async def test_one_declaration_is_held_to_its_own_size():
    async with the_doors() as doors:
        large = await doors.problem(
            "POST", DECLARATIONS_PATH, b" " * 70_000, code=EMPLOYER, tag=DECLARE_TAG
        )
        other = await doors.problem(
            "POST",
            DECLARATIONS_PATH,
            b"a,b",
            code=EMPLOYER,
            tag=DECLARE_TAG,
            media_type="text/csv",
        )

    assert (large.status, other.status) == (413, 415)
