"""Cases over HTTP: opened, listed, told, and moved on by a clerk, by whom they are."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.contract.case_door_house import (
    EMPLOYER,
    OTHER,
    a_body,
    a_message,
    a_request,
    the_doors,
)
from tests.contract.cases_house import PERSON

from kruispunt.client import (
    CASES_PATH,
    DECLARE_TAG,
    AskFailed,
    NewsRequest,
    RiskBody,
)


async def test_a_declared_risk_opens_a_case_that_says_who_must_act_now():
    async with the_doors() as doors:
        told = await doors.client().start(a_request())

    assert (told.head.stage, told.head.risk, told.head.begin_date) == (
        "open",
        "incapacity",
        date(2031, 3, 3),
    )
    (first,) = told.steps
    assert (first.n, first.party, first.what) == (1, "insured-person", "risk-declared")
    assert first.paragraph == "05/022 §5(1)"
    assert {one.about for one in first.wants} >= {"reference", "holder-sheet"}
    assert {one.party for one in told.head.waiting_for} == {"network", "insured-person"}
    assert all(one.due_at for one in told.head.waiting_for)


async def test_an_opened_case_says_where_it_stands_also_when_it_is_opened_again():
    body = msgspec.json.encode(a_body())

    async with the_doors() as doors:
        first = await doors.raw("POST", CASES_PATH, body)
        again = await doors.raw("POST", CASES_PATH, body)
        case = msgspec.json.decode(first.body)["head"]["case"]
        there = await doors.raw("GET", first.headers["location"])

    assert (first.status, again.status, there.status) == (201, 201, 200)
    assert first.headers["location"] == again.headers["location"] == f"{CASES_PATH}/{case}"
    assert msgspec.json.decode(there.body)["head"]["case"] == case


async def test_the_same_declaration_again_is_the_same_case():
    request = a_request()

    async with the_doors() as doors:
        first = await doors.client().start(request)
        again = await doors.client().start(request)
        assert request.risk
        other = msgspec.structs.replace(
            request, risk=RiskBody(type="adoption-leave", period=request.risk.period)
        )
        with pytest.raises(AskFailed) as wrong:
            await doors.client().start(other)

    assert again.head == first.head
    assert wrong.value.problem
    assert wrong.value.problem.status == 409


async def test_a_case_is_told_step_by_step_with_how_long_each_took():
    async with the_doors() as doors:
        case = (await doors.client().start(a_request())).head.case
        doors.house.clock.put_on(seconds=2)
        await doors.answer_all(case)
        told = await doors.client().find(case)
        rest = await doors.client().find(case, after=2)

    answered = told.steps[1]
    assert (answered.about, answered.detail, answered.took_ms) == ("reference", "1 row", 2000.0)
    assert [step.n for step in told.steps] == list(range(1, len(told.steps) + 1))
    assert rest.steps == told.steps[2:]
    sent = [want for step in told.steps for want in step.wants if want.what == "send-request"]
    assert [(one.about, one.to) for one in sent] == [("electronic", EMPLOYER)]
    assert all(step.paragraph and step.party for step in told.steps)


async def test_cases_are_listed_the_latest_first_page_by_page():
    async with the_doors() as doors:
        client = doors.client()
        opened: list[UUID] = []
        for _ in range(3):
            opened.append((await client.start(a_request())).head.case)
            doors.house.clock.put_on(seconds=1)
        await client.hear(opened[1], NewsRequest(id=a_message(), what="case-withdrawn"))
        first = await client.list(limit=2)
        rest = await client.list(limit=2, after=first.next)
        still = await client.list(open_only=True)

    assert [one.case for one in (*first.cases, *rest.cases)] == opened[::-1]
    assert rest.next is None
    assert [one.case for one in still.cases] == [opened[2], opened[0]]


async def test_no_number_of_the_person_stands_in_what_is_told():
    async with the_doors() as doors:
        case, _ = await doors.sent()
        whole = await doors.raw("GET", f"{CASES_PATH}/{case}")
        listed = await doors.raw("GET", CASES_PATH)

    assert PERSON.digits.encode() not in whole.body + listed.body


async def test_only_the_institution_itself_may_ask_about_its_cases():
    async with the_doors() as doors:
        case, _ = await doors.sent()
        for code in (OTHER, EMPLOYER):
            for method, path, body in (
                ("POST", CASES_PATH, a_body()),
                ("GET", CASES_PATH, b""),
                ("GET", f"{CASES_PATH}/{case}", b""),
                ("GET", f"{CASES_PATH}/{case}/events", b""),
                ("POST", f"{CASES_PATH}/{case}/events", {"id": str(a_message())}),
            ):
                problem = await doors.problem(method, path, body, code=code)
                assert problem.status == 403, (code, method, path)


async def test_a_request_under_another_tag_or_without_signature_is_not_believed():
    async with the_doors() as doors:
        other = await doors.problem("GET", CASES_PATH, tag=DECLARE_TAG)
        none = await doors.http.get(
            doors.url + CASES_PATH, headers={}, timeout_s=5, max_bytes=10_000
        )

    assert (other.status, none.status) == (401, 401)


VALID = "0400000185"

WRONG_BODIES: list[tuple[dict[str, Any], str]] = [
    ({"id": "seven"}, "id"),
    ({"id": ...}, "id"),
    ({"ssin": "01010199700"}, "ssin"),
    ({"ssin": "0101019970"}, "ssin"),
    ({"ssin": ...}, "ssin"),
    ({"risk": ...}, "risk"),
    ({"risk": "incapacity"}, "risk"),
    ({"risk__type": "boredom"}, "risk.type"),
    ({"risk__type": ...}, "risk.type"),
    ({"risk__period": ...}, "risk.period"),
    ({"risk__period__beginDate": "2031-02-30"}, "risk.period.beginDate"),
    ({"risk__period__beginDate": "1900-01-01"}, "risk.period.beginDate"),
    ({"risk__period__endDate": "2031-03-02"}, "risk.period.endDate"),
    ({"risk__employer": {}}, "risk.employer"),
    ({"risk__employer": {"cbe": "0400000102"}}, "risk.employer.cbe"),
    ({"risk__employer": {"cbe": "400000101"}}, "risk.employer.cbe"),
    ({"risk__employer": {"nsso": "x"}}, "risk.employer.nsso"),
    ({"risk__accident": "light"}, "risk.accident"),
    ({"risk__miniDmfa": 1}, "risk.miniDmfa"),
    ({"risk__direct": "yes"}, "risk.direct"),
    ({"risk__insurabilityOnly": None}, "risk.insurabilityOnly"),
    ({"risk__cardNumber": "12"}, "risk.cardNumber"),
    ({"risk__language": "en"}, "risk.language"),
    ({"risk__mood": "bad"}, "risk.mood"),
    ({"contact": {"lastName": "", "firstName": "An"}}, "contact.lastName"),
    ({"contact": {"lastName": "Peeters"}}, "contact.firstName"),
    ({"contact": {"lastName": "P", "firstName": "A", "email": 3}}, "contact.email"),
    ({"contact": {"lastName": "P", "firstName": "A", "phone": ""}}, "contact.phone"),
    ({"contact": {"lastName": "P", "firstName": "A", "mobile": "\x00"}}, "contact.mobile"),
    ({"contact": {"lastName": "P", "firstName": "A", "fax": "9" * 300}}, "contact.fax"),
    ({"contact": {"lastName": "P", "firstName": "A", "address": []}}, "contact.address"),
    ({"contact": {"lastName": "P", "firstName": "A", "iban": "x"}}, "contact.iban"),
    ({"colour": "red"}, "colour"),
]


@pytest.mark.parametrize(("changes", "name"), WRONG_BODIES, ids=str)
async def test_what_is_wrong_with_a_case_is_named(changes: dict[str, Any], name: str):
    async with the_doors() as doors:
        problem = await doors.problem("POST", CASES_PATH, a_body(**changes))
        cases = await doors.client().list()

    assert (problem.status, [issue.name for issue in problem.issues]) == (400, [name])
    assert PERSON.digits not in str(problem)
    assert cases.cases == ()


WRONG_NEWS: list[tuple[dict[str, Any], str]] = [
    ({"id": ""}, "id"),
    ({"what": "rain"}, "what"),
    ({"what": ...}, "what"),
    ({"action": ...}, "action"),
    ({"action": "x"}, "action"),
    ({"action": str(UUID(int=99))}, "action"),
    ({"notice": str(UUID(int=99))}, "notice"),
    ({"answer": "retry"}, "answer"),
    ({"what": "clerk-answered", "action": ..., "notice": str(UUID(int=9))}, "answer"),
    (
        {
            "what": "clerk-answered",
            "action": ...,
            "notice": str(UUID(int=9)),
            "answer": "perhaps",
        },
        "answer",
    ),
    (
        {"what": "clerk-answered", "action": ..., "notice": str(UUID(int=9)), "answer": "retry"},
        "notice",
    ),
    ({"what": "number-replaced", "action": ..., "successor": "01010199700"}, "successor"),
    ({"what": "number-replaced", "action": ...}, "successor"),
    ({"what": "person-moved"}, "action"),
    ({"what": "declaration-received", "action": ...}, "employer"),
    (
        {
            "what": "declaration-received",
            "action": ...,
            "employer": {"cbe": VALID},
            "request": str(UUID(int=9)),
        },
        "request",
    ),
    (
        {
            "what": "declaration-received",
            "action": ...,
            "employer": {"cbe": VALID},
            "content": {"a b": 1},
        },
        "content",
    ),
]


@pytest.mark.parametrize(("changes", "name"), WRONG_NEWS, ids=str)
async def test_what_is_wrong_with_news_is_named(changes: dict[str, Any], name: str):
    async with the_doors() as doors:
        told = await doors.client().start(a_request())
        sheet = next(one.id for one in told.steps[0].wants if one.what == "send-holder-sheet")
        body = {"id": str(a_message()), "what": "holder-sheet-returned", "action": str(sheet)}
        body = {k: v for k, v in (body | changes).items() if v is not ...}
        path = f"{CASES_PATH}/{told.head.case}/events"
        problem = await doors.problem("POST", path, body)
        after = await doors.client().find(told.head.case)

    assert (problem.status, [issue.name for issue in problem.issues]) == (400, [name])
    assert after.head == told.head


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("after=x", "after"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=x", "limit"),
        ("limit=1&limit=2", "limit"),
        ("open=1", "open"),
        ("ssin=01010199700", "?"),
    ],
)
async def test_what_is_wrong_with_a_query_is_named(query: str, name: str):
    async with the_doors() as doors:
        problem = await doors.problem("GET", f"{CASES_PATH}?{query}")

    assert (problem.status, [issue.name for issue in problem.issues]) == (400, [name])


async def test_what_is_wrong_with_a_path_is_named():
    async with the_doors() as doors:
        case = (await doors.client().start(a_request())).head.case
        wrong = await doors.problem("GET", f"{CASES_PATH}/seven")
        none = await doors.problem("GET", f"{CASES_PATH}/{UUID(int=5)}")
        unheard = await doors.problem("GET", f"{CASES_PATH}/{UUID(int=5)}/events")
        after = await doors.problem("GET", f"{CASES_PATH}/{case}?after=-1")

    assert [issue.name for issue in wrong.issues] == ["case"]
    assert (none.status, unheard.status) == (404, 404)
    assert [issue.name for issue in after.issues] == ["after"]


async def test_a_clerk_says_what_came_back_once():
    async with the_doors() as doors:
        client = doors.client()
        told = await client.start(a_request())
        sheet = next(one.id for one in told.steps[0].wants if one.what == "send-holder-sheet")
        news = NewsRequest(id=a_message(), what="holder-sheet-undeliverable", action=sheet)
        heard = await client.hear(told.head.case, news)
        again = await client.hear(told.head.case, news)
        (notice,) = heard.notices
        go_on = NewsRequest(
            id=a_message(), what="clerk-answered", notice=notice.id, answer="go-on"
        )
        settled = await client.hear(told.head.case, go_on)
        other = msgspec.structs.replace(go_on, id=news.id)
        with pytest.raises(AskFailed) as wrong:
            await client.hear(told.head.case, other)

    (step,) = heard.steps
    assert (step.what, step.party) == ("holder-sheet-undeliverable", "post")
    assert again.steps == ()
    assert notice.matter == "holder-sheet-undeliverable"
    assert settled.notices == ()
    assert wrong.value.problem
    assert wrong.value.problem.status == 409
