"""Whatever stands in a body or query: it is read, or what is wrong is named."""

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from typing import Final, TypeVar
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.cases_house import CONTACT, MOMENT, RULES
from tests.house import NOON
from tests.law.inventing import PERSON, PURPOSE, a_lawbook
from tests.property.mangling import anything, spoiled
from tests.unit.circuits.reimbursement.inquiring import RULES as INQUIRY
from tests.unit.gateway.givens import (
    a_body,
    a_request,
    a_request_of_many,
    an_entrance,
    questions_of,
)

from kruispunt.circuits import RulesOn
from kruispunt.client import AcknowledgeRequest, DeadRequest, LinesRequest, Reader, StationRequest
from kruispunt.client.mail_wire import (
    AnswerContent,
    BatchContent,
    CountContent,
    FailureContent,
    MailBody,
    RequestContent,
)
from kruispunt.client.reading_wire import ReadRequest
from kruispunt.gateway.case_parse import (
    read_after,
    read_asked,
    read_case_id,
    read_last_event,
    read_news,
    read_opening,
)
from kruispunt.gateway.declared import read_declaration
from kruispunt.gateway.inquiry_parse import Opened
from kruispunt.gateway.lines import read_lines
from kruispunt.gateway.mailbox import read_asked as read_poll
from kruispunt.gateway.reading import read_cursor, write_cursor
from kruispunt.vocabulary import Malformed, NotFound, Problem

Read = Callable[[bytes], object]
T = TypeVar("T", bytes, str)

ENTRANCE: Final = an_entrance(a_lawbook())
OPENED: Final = Opened(
    at=MOMENT,
    today=MOMENT.date(),
    rules=RulesOn(risk=lambda _risk, _today: RULES, inquiry=lambda _today: INQUIRY),
    contact=CONTACT,
)
DAYS: Final = {"beginDate": "2031-03-01", "endDate": "2031-03-31"}
ID: Final = str(UUID(int=7, version=4))
SENT: Final = "2031-06-01T10:00:00Z"
GROUND: Final = {"clause": "c", "deliberation": "d", "paragraph": "p"}
SHEET: Final = {"amount": "1.00", "known": True, "times": 3, "career": [{"quarter": "2025Q4"}]}
CONTENT: Final = {"name": "An", "hours": 38, "group": {"a": None}, "list": [{"b": True}]}


def opening(body: bytes) -> object:
    return read_opening(body, OPENED)


def news(body: bytes) -> object:
    return read_news(body, at=MOMENT)


def lines(body: bytes) -> object:
    return read_lines(Reader(LinesRequest).read(body))


def alone(body: bytes) -> object:
    return ENTRANCE.question(a_request(body))


def many(body: bytes) -> object:
    return ENTRANCE.questions(a_request_of_many(body))


def listed(kind: type[msgspec.Struct]) -> Read:
    return Reader(kind).read


REQUEST: Final = {
    "purpose": PURPOSE,
    "consumer": "NIC",
    "period": DAYS,
    "fields": ["amount"],
    "ground": GROUND,
    "number": 1,
    "dueAt": SENT,
    "ssin": PERSON.digits,
    "details": {"risk": "x"},
}
MAIL: Final = {
    "id": ID,
    "kind": "answer",
    "flow": "L500",
    "ticket": "T",
    "sealed": "AAAA",
    "sealedFor": "NIC/1",
    "sentAt": SENT,
}
BATCH: Final = {
    "file": ID,
    "purpose": PURPOSE,
    "consumer": "NIC",
    "persons": [{"ssin": PERSON.digits, "rows": [SHEET]}],
    "part": ID,
    "batches": 2,
}
LINES: Final = {
    "messageId": ID,
    "purpose": PURPOSE,
    "ssin": PERSON.digits,
    "act": "remove",
    "quality": "001",
    "phase": 1,
    "period": DAYS,
    "lineBegin": "2031-03-01",
    "sector": 17,
}
SAID: Final = ("messageId", "purpose", "ssin", "quality", "period")
LOOKS: Final = {
    "flow": "f",
    "deadlineMs": 100,
    "looks": [
        {"entry": ID, "ssin": PERSON.digits, "period": DAYS, "fields": ["a"], "clause": "c"}
    ],
}
RISK: Final = {
    "id": ID,
    "ssin": PERSON.digits,
    "risk": {"type": "incapacity", "period": DAYS, "employer": {"cbe": "0400000185"}},
    "contact": {"lastName": "Peeters", "firstName": "An"},
}
APPLIED: Final = {
    "id": ID,
    "ssin": PERSON.digits,
    "application": {"on": "2025-01-01", "household": 2, "incomes": [{"taxedCents": 7}]},
}
NOTICED: Final = {
    "id": ID,
    "ssin": PERSON.digits,
    "ownFiles": {"on": "2025-01-01", "singleSince": "2024-01-01", "replacedBy": "incapacity"},
}
ON_PAPER: Final = {
    "id": ID,
    "what": "declaration-received",
    "employer": {"cbe": "0400000185"},
    "content": CONTENT,
}
REPLACED: Final = {"id": ID, "what": "number-replaced", "successor": PERSON.digits}
PROVED: Final = {
    "id": ID,
    "what": "income-proved",
    "action": ID,
    "proved": {"taxedCents": 1, "deductedCents": 2},
}
QUOTING: Final = {"id": ID, "request": ID, "content": CONTENT}
SPONTANEOUS: Final = {
    "id": ID,
    "worker": PERSON.digits,
    "employer": {"cbe": "0400000185"},
    "risk": {"type": "incapacity", "period": DAYS},
    "content": CONTENT,
}
READING: Final = {
    "role": "citizen",
    "user": "u",
    "ssin": PERSON.digits,
    "period": DAYS,
    "limit": 3,
    "cursor": "x",
}

BODIES: Final[Mapping[str, tuple[Read, tuple[object, ...]]]] = {
    "a question": (alone, (a_body(sentAt=SENT, ticket="T", details={}),)),
    "many questions": (many, (questions_of(a_body(), a_body(), sentAt=SENT),)),
    "lines": (lines, (LINES, {"act": "integrate"} | {name: LINES[name] for name in SAID})),
    "mail": (listed(MailBody), (MAIL,)),
    "a request by mail": (listed(RequestContent), (REQUEST,)),
    "a count": (listed(CountContent), ({"expected": 3},)),
    "an answer by mail": (listed(AnswerContent), ({"number": 1, "rows": [SHEET]},)),
    "a failure": (listed(FailureContent), ({"missing": 1, "cause": "late"},)),
    "a batch": (listed(BatchContent), (BATCH,)),
    "an acknowledgement": (listed(AcknowledgeRequest), ({"ids": [ID]},)),
    "a dead letter": (listed(DeadRequest), ({"id": ID, "reason": "no"},)),
    "a request to read": (listed(ReadRequest), (READING,)),
    "looks at a station": (listed(StationRequest), (LOOKS,)),
    "a case": (opening, (RISK, APPLIED, NOTICED)),
    "news of a case": (news, (ON_PAPER, REPLACED, PROVED)),
    "a declaration": (read_declaration, (QUOTING, SPONTANEOUS)),
}


@pytest.mark.parametrize("kind", BODIES)
@given(data=st.data())
def test_any_body_is_read_or_what_is_wrong_is_named(kind: str, data: st.DataObject):
    read, seeds = BODIES[kind]
    body = data.draw(anything(*map(encoded_one, seeds)))

    wrong = fault_of(read, body)

    assert wrong is None or (wrong.detail and PERSON.digits not in f"{wrong.detail}{wrong.issues}")


def fault_of(read: Callable[[T], object], sent: T) -> Problem | None:
    """The problem that is told; anything else that breaks is ours."""
    try:
        read(sent)
    except (Malformed, NotFound) as wrong:
        return wrong
    return None


@pytest.mark.parametrize("kind", BODIES)
def test_what_is_spoiled_there_was_in_order(kind: str):
    read, seeds = BODIES[kind]

    for seed in seeds:
        assert read(encoded_one(seed))


def encoded_one(body: object) -> bytes:
    return msgspec.json.encode(body)


QUERIES: Final[Mapping[str, Callable[[str], object]]] = {
    "a poll": read_poll,
    "a list of cases": read_asked,
    "steps of a case": read_after,
    "a follower": read_last_event,
    "a case": read_case_id,
    "a page of the trail": read_cursor,
}
WORDS: Final = (
    b"after=1&limit=20&wait=3",
    f"after={ID}&limit=20&open=true".encode(),
    b"after=%30%FF&after=2&=&&x=%",
    ID.encode(),
    b"12",
    (write_cursor((NOON, UUID(ID))) or "").encode(),
)


@pytest.mark.parametrize("kind", QUERIES)
@given(sent=st.binary(max_size=200) | spoiled(*WORDS))
def test_any_query_is_read_or_what_is_wrong_is_named(kind: str, sent: bytes):
    wrong = fault_of(QUERIES[kind], sent.decode("latin-1"))

    assert wrong is None or all(issue.where and issue.name for issue in wrong.issues)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_page_begins_at_a_moment_that_there_is(moment: str):
    cursor = urlsafe_b64encode(f"{moment}~{ID}".encode()).decode().rstrip("=")

    with pytest.raises(Malformed, match="not valid"):
        read_cursor(cursor)
