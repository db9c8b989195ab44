"""What the descriptions of the REST doors allow and forbid, sent to a real network.

All of it is signed by someone who may come there; most of what is allowed is about people who are
known. No reply is a fault of ours, each is as described, and what is not allowed is refused.
"""
# schemathesis and requests type what they give in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

import os
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests.auth import AuthBase
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.acceptance.standing import House, a_message, a_standing_house, encoded, holds_a_number
from tests.acceptance.test_bad_input import TRACES

from kruispunt.client import ASK_TAG, CASE_TAG, DECLARE_TAG, MAIL_TAG, MAILBOX_TAG, READ_TAG
from kruispunt.people import Example
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import sign_request

Json = dict[str, Any]

AS_DESCRIBED: Final = [
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
TAGS: Final[Mapping[str, str]] = {
    "/v1/ask": ASK_TAG,
    "/v1/lines": ASK_TAG,
    "/v1/mail": MAIL_TAG,
    "/v1/mailbox": MAILBOX_TAG,
    "/v1/trail": READ_TAG,
    "/v1/cases": CASE_TAG,
    "/v1/answers": CASE_TAG,
    "/v1/declarations": DECLARE_TAG,
}
CENTRES: Final = InstitutionCode("PODMI")
CENTRE: Final = InstitutionCode("OCMW-63023")
READERS: Final = {
    "/v1/trail/person": (InstitutionCode("BOSA"), "citizen"),
    "/v1/trail/institution": (None, "security-officer"),
    "/v1/trail/all": (InstitutionCode("GBA"), "auditor"),
}
OF_CENTRES: Final = ("/v1/ask/person.search", "/v1/lines/")
ALIKE: Final = ("POST /v1/ask/", "POST /v1/ask-many/")
"""Operations of each flow, made by one text: a few examples of each are many of all."""

BOTH: Final = ("L500", "L609", "dimona.consult", "person.search", "household.consult")
"""Flows of which a node is asked too, which asks the hub in its turn."""

SLOW: Final = (
    HealthCheck.too_slow,
    HealthCheck.filter_too_much,
    HealthCheck.data_too_large,
)
SEATS: Final = schemathesis.openapi.from_path("generated/openapi.json")
CASES: Final = schemathesis.openapi.from_path("generated/openapi-cases.json")


@dataclass(frozen=True, kw_only=True)
class Place:
    """An operation at one of our doors."""

    seat: str
    label: str
    operation: Any

    def __str__(self) -> str:
        return f"{self.seat} {self.label}"

    @property
    def examples(self) -> int:
        return 3 if self.label.startswith(ALIKE) else 8

    @property
    def forbids(self) -> bool:
        """There is something to say there that is not allowed."""
        path = self.label.rpartition(" ")[2]
        asks = bool(self.operation.definition.raw.get("parameters")) or "{case}" in path
        return self.label.startswith("POST") or asks


def places(schema: BaseSchema, *seats: str) -> Iterator[Place]:
    for one in schema.get_all_operations():
        found: Any = one
        operation: Any = found.ok()
        label = str(operation.label)
        for seat in seats:
            if seat != "node" or label.endswith(BOTH) or not label.startswith(ALIKE):
                yield Place(seat=seat, label=label, operation=operation)


PLACES: Final = [*places(SEATS, "hub", "node"), *places(CASES, "cases")]


@dataclass(frozen=True, kw_only=True)
class Signs(AuthBase):
    """Signs what is about to be sent, as it will be."""

    house: House
    by: InstitutionCode
    tag: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body, created = request.body or b"", int(time.time())
        assert isinstance(body, bytes | str), "expected a body that is whole"
        signed = sign_request(
            self.house.key(self.by),
            method=request.method or "",
            target_uri=request.url or "",
            body=body.encode() if isinstance(body, str) else body,
            created=created,
            expires=created + 60,
            nonce=os.urandom(16),
            tag=self.tag,
        )
        request.headers.update(signed)
        return request


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who comes to a door, and how."""

    house: House
    session: requests.Session
    case: str
    """One that is open."""

    def send(self, place: Place, case: Case[Any]) -> Any:
        to, by = self.who(place.seat, case.path)
        return case.call(
            base_url=self.house.url(to),
            session=self.session,
            auth=Signs(house=self.house, by=by, tag=tag_of(case.path)),
            timeout=20,
        )

    def who(self, seat: str, path: str) -> tuple[InstitutionCode, InstitutionCode]:
        house = self.house
        centres = path.startswith(OF_CENTRES)
        reader, _ = READERS.get(path, (None, ""))
        match seat:
            case "hub":
                return house.hub, reader or (CENTRES if centres else house.node)
            case "node" if centres:
                return CENTRES, CENTRE
            case "node":
                return house.node, reader or house.insurer
            case _:
                return house.insurer, house.insurer

    def mend(self, case: Case[Any], person: Example) -> None:
        """What was allowed by its form, said of someone who is known, by who may say it."""
        if "case" in case.path_parameters and case.method == "POST":
            case.path_parameters = {"case": self.case}
        if isinstance(case.body, dict):
            case.body = mended(case.path, case.body, person)


def mended(path: str, body: Json, person: Example) -> Json:
    days = {"beginDate": f"{person.begin}", "endDate": f"{person.until}"}
    today = f"{datetime.now(UTC).date()}"
    own = {"ssin": person.ssin.digits, "purpose": "asr-benefits", "period": days}
    if path in READERS:
        _, role = READERS[path]
        own |= {"role": role, "cursor": "", "period": {"beginDate": today, "endDate": today}}
        body = {name: body[name] for name in body if name != "consumer"}
    if path.startswith(OF_CENTRES):
        own |= {"purpose": "pcsa-social-inquiry"}
    if path.startswith("/v1/lines/"):
        own |= {"act": "integrate", "quality": "009", "sector": 17}
        body = {name: body[name] for name in body if name not in ("phase", "lineBegin")}
    if path.endswith("person.search"):
        own |= {"details": {"last_name": "Peeters", "birth_date": "1970-00-00"}}
    if path.endswith("L500"):
        own |= {"details": {"risk_type": "incapacity", "risk_begin_date": f"{person.begin}"}}
    if path.startswith("/v1/ask-many/"):
        del own["period"]
        about = {"ssin": own.pop("ssin"), "period": days}
        own |= {"questions": [one | about for one in body["questions"]]}
    if path == "/v1/cases":
        risk = {"type": "incapacity", "period": {"beginDate": f"{person.begin}"}}
        contact = {"lastName": "Peeters", "firstName": "An"}
        return {"id": body["id"], "ssin": own["ssin"], "risk": risk, "contact": contact}
    return body | own if "purpose" in body or path in READERS else body


def tag_of(path: str) -> str:
    """The tag of a signature there, by the longest path that is known."""
    found = [one for one in TAGS if path.startswith(one)]
    return TAGS[max(found, key=len)] if found else ASK_TAG


@pytest.fixture(scope="module")
def house() -> Generator[House]:
    """A house of its own: cases are opened in it, and lines brought."""
    with a_standing_house(workers=1) as house:
        yield house
        assert house.numbers_in_logs() == []
        assert [name for name, text in house.logs().items() if "http.fault" in text] == []


@pytest.fixture(scope="module")
def caller(house: House) -> Generator[Caller]:
    with requests.Session() as session:
        session.trust_env = False
        caller = Caller(house=house, session=session, case="")
        yield Caller(house=house, session=session, case=a_case(caller))


def a_case(caller: Caller) -> str:
    """One that is open, so that there is something to tell."""
    house = caller.house
    person = house.persons["full-time"]
    body = mended("/v1/cases", {"id": str(a_message())}, person)
    told = caller.session.post(
        house.url(house.insurer) + "/v1/cases",
        data=encoded(body),
        headers={"content-type": "application/json"},
        auth=Signs(house=house, by=house.insurer, tag=CASE_TAG),
        timeout=20,
    )
    assert told.status_code == 201, told.content
    return str(msgspec.json.decode(told.content)["head"]["case"])


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_what_is_allowed_is_answered_as_described(caller: Caller, place: Place):
    @settings(max_examples=place.examples, suppress_health_check=SLOW)
    @given(
        case=place.operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        person=st.sampled_from([None, *caller.house.persons.values()]),
    )
    def ask(case: Case[Any], person: Example | None) -> None:
        if person is not None:
            caller.mend(case, person)
        if "wait" in case.query:
            case.query = {**case.query, "wait": 0}  # Nothing comes.
        answered_as_described(case, caller.send(place, case))

    ask()


@pytest.mark.parametrize("place", [one for one in PLACES if one.forbids], ids=str)
def test_what_is_not_allowed_is_refused_as_described(caller: Caller, place: Place):
    @settings(max_examples=place.examples, suppress_health_check=SLOW)
    @given(case=place.operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def ask(case: Case[Any]) -> None:
        told = caller.send(place, case)
        answered_as_described(case, told)
        assert 400 <= told.status_code < 500, told.content

    ask()


def answered_as_described(case: Case[Any], told: Any) -> None:
    assert told.status_code != 500
    assert not TRACES.search(told.content)
    if told.status_code >= 400:
        body: Json = {**msgspec.json.decode(told.content), "replacedBy": None}
        assert not holds_a_number(f"{body}"), "but the number that came in the place of one"
    case.validate_response(told, checks=AS_DESCRIBED)
