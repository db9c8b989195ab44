"""Cases over HTTP: opened, listed, told, followed, and declared for, by whom they are for."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.contract.case_door_house import (
    EMPLOYER,
    OTHER,
    STRANGER,
    a_body,
    a_message,
    a_request,
    the_doors,
)
from tests.contract.cases_house import PERSON

from kruispunt.client import (
    CASES_PATH,
    DECLARATIONS_PATH,
    DECLARE_TAG,
    NDJSON,
    AskFailed,
    CaseClient,
    DeclarationRequest,
    Fault,
    NewsRequest,
    RiskBody,
    StepBody,
)
from kruispunt.gateway import following


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


async def test_the_same_declaration_again_is_the_same_case():
    request = a_request()

    async with the_doors() as doors:
        first = await doors.client().start(request)
        again = await doors.client().start(request)
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


async def test_a_follower_is_told_every_step_once_as_it_happens_until_the_end():
    async with the_doors() as doors:
        client = doors.client()
        case = (await client.start(a_request())).head.case
        told: list[StepBody] = []

        async def follow() -> None:
            told.extend([step async for step in client.follow(case)])

        async with asyncio.timeout(10), asyncio.TaskGroup() as group:
            group.create_task(follow())
            await doors.answer_all(case)
            await client.hear(case, NewsRequest(id=a_message(), what="case-withdrawn"))
        whole = await client.find(case)

    assert tuple(told) == whole.steps
    assert told[-1].ending == "withdrawn"
    assert doors.followers.taken == 0


async def test_a_follower_that_lost_its_connection_goes_on_where_it_was():
    async with the_doors() as doors:
        client = doors.client()
        case, _ = await doors.sent()
        steps = client.follow(case)
        first = [await anext(steps) for _ in range(3)]
        await steps.aclose()
        await client.hear(case, NewsRequest(id=a_message(), what="case-withdrawn"))
        rest = [step async for step in client.follow(case, after=first[-1].n)]
        whole = await client.find(case)

    assert (*first, *rest) == whole.steps


async def test_a_follower_hears_that_the_line_is_open(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.05)

    async with the_doors() as doors:
        case = (await doors.client().start(a_request())).head.case
        got = b""
        async with doors.stream(case) as lines, asyncio.timeout(5):
            async for line in lines:
                got += line + b"\n"
                if got.endswith(following.HEARTBEAT):
                    break

    assert got.startswith(following.RETRY + b"id: 1\nevent: step\ndata: {")


async def test_a_follower_is_let_go_after_a_while_and_comes_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "HEARTBEAT_S", 0.05)
    monkeypatch.setattr(following, "LIFE_S", 0.0)

    async with the_doors() as doors:
        client = doors.client()
        case = (await client.start(a_request())).head.case
        steps = client.follow(case)
        first = await anext(steps)
        coming = asyncio.create_task(anext(steps))
        await asyncio.sleep(0.3)
        await client.hear(case, NewsRequest(id=a_message(), what="case-withdrawn"))
        async with asyncio.timeout(5):
            second = await coming
        await steps.aclose()

    assert (first.n, second.n) == (1, 2)


async def test_beyond_so_many_followers_one_is_told_to_come_back():
    async with the_doors(most=2) as doors:
        client = doors.client()
        case = (await client.start(a_request())).head.case
        following_ = [client.follow(case) for _ in range(3)]
        for one in following_[:2]:
            await anext(one)
        with pytest.raises(AskFailed) as full:
            await anext(following_[2])
        await following_[0].aclose()
        await asyncio.sleep(0.2)
        again = client.follow(case)
        step = await anext(again)
        for one in (following_[1], again):
            await one.aclose()

    assert full.value.problem
    assert full.value.problem.status == 503
    assert step.n == 1


@pytest.mark.parametrize("text", ["x", "-1", "99999999999"])
async def test_a_last_event_id_that_no_event_had_is_named(text: str):
    async with the_doors() as doors:
        case = (await doors.client().start(a_request())).head.case
        path = f"{CASES_PATH}/{case}/events"
        reply = await doors.raw("GET", path, more={"last-event-id": text})

    assert reply.status == 400
    assert b"Last-Event-ID" in reply.body


async def test_steps_that_another_signed_are_not_believed():
    async with the_doors() as doors:
        client = doors.client()
        case = (await client.start(a_request())).head.case
        lied = CaseClient(url=client.url, seat=OTHER, by=client.by)
        with pytest.raises(AskFailed) as wrong:
            await anext(lied.follow(case))

    assert wrong.value.fault is Fault.NOT_PROVEN


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
    assert [issue["name"] for issue in lines[2]["issues"]] == ["id", "request"]
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
