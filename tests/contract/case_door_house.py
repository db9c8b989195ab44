"""The doors of cases on real sockets, with the cases in memory, and clients that sign."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from tests.contract.cases_house import (
    ACME,
    CONTACT,
    MOMENT,
    PERSON,
    RULES,
    CaseHouse,
    of_risk,
)
from tests.house import a_key
from tests.unit.circuits.benefits.played import OFFICE, ORDINARY

from kruispunt.circuits import Initiatives, Looks, MemoryFiledCases, MemoryUnasked, RulesOn
from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.client import (
    CASE_TAG,
    CASES_PATH,
    AnswerClient,
    CaseClient,
    CaseRequest,
    Correspondent,
    PeriodBody,
    ProblemBody,
    RiskBody,
)
from kruispunt.gateway import AnswerDoor, CaseDoor, KeyHolders
from kruispunt.gateway.places import Places
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import (
    Address,
    App,
    Http,
    HttpReply,
    KeyRing,
    Server,
    SigningKey,
    sign_request,
    signed_replies,
)

FUND: Final = InstitutionCode("fund")
OTHER: Final = InstitutionCode("other-fund")
EMPLOYER: Final = InstitutionCode(ACME)
FIRM: Final = InstitutionCode("0400000185")
"""An employer whose number fits its check digits, as numbers in a body must."""

STRANGER: Final = InstitutionCode("0400000202")
CLIENTS: Final = (FUND, OTHER, EMPLOYER, FIRM, STRANGER, InstitutionCode(OFFICE))
IDS: Final = count(1)


def a_message() -> UUID:
    return UUID(int=next(IDS), version=4)


def a_request(**changes: Any) -> CaseRequest:
    known: dict[str, Any] = {
        "id": a_message(),
        "ssin": PERSON.digits,
        "risk": RiskBody(type="incapacity", period=PeriodBody(begin_date=date(2031, 3, 3))),
    }
    return CaseRequest(**{**known, **changes})


def a_body(**changes: object) -> dict[str, Any]:
    """A request as JSON; a name may hold dots, and a change to ... leaves the field out."""
    body: dict[str, Any] = {
        "id": str(a_message()),
        "ssin": PERSON.digits,
        "risk": {"type": "incapacity", "period": {"beginDate": "2031-03-03"}},
    }
    for path, value in changes.items():
        *above, name = path.split("__")
        place = body
        for step in above:
            place = place[step]
        if value is ...:
            del place[name]
        else:
            place[name] = value
    return body


def rules(risk_on: date, _today: date) -> b.Rules:
    if risk_on.year < 1945:
        raise LookupError
    return RULES


def inquiry(today: date) -> r.InquiryRules:
    return r.inquiry_rules(read_lawbook(), asked_on=today, zone="Europe/Brussels")


@dataclass(kw_only=True)
class Doors:
    """One process with the cases of one institution, and who calls there."""

    house: CaseHouse
    http: Http
    ring: KeyRing
    followers: Places
    initiatives: Initiatives
    url: str
    dice: Random = field(default_factory=lambda: Random(5))

    def client(self, code: InstitutionCode = FUND) -> CaseClient:
        return CaseClient(url=self.url, seat=FUND, by=self.caller(code))

    def answers(self, code: InstitutionCode = FUND) -> AnswerClient:
        return AnswerClient(url=self.url, seat=FUND, by=self.caller(code))

    def caller(self, code: InstitutionCode) -> Correspondent:
        return Correspondent(
            http=self.http,
            key=a_key(code),
            ring=self.ring,
            now=self.house.clock,
            random_bytes=self.dice.randbytes,
        )

    def signed(self, method: str, path: str, body: bytes = b"", **who: str) -> dict[str, str]:
        """The headers that sign a request in the name of an institution."""
        now = int(self.house.clock().timestamp())
        return sign_request(
            a_key(InstitutionCode(who.get("code", FUND))),
            method=method,
            target_uri=self.url + path,
            body=body,
            created=now,
            expires=now + 60,
            nonce=self.dice.randbytes(16),
            tag=who.get("tag", CASE_TAG),
        )

    async def raw(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        media_type: str = "application/json",
        more: Mapping[str, str] | None = None,
        **who: str,
    ) -> HttpReply:
        """A signed request with whatever stands in it."""
        url = self.url + path
        headers = self.signed(method, path, body, **who) | dict(more or {})
        if method == "GET":
            return await self.http.get(url, headers=headers, timeout_s=5, max_bytes=10**6)
        headers["content-type"] = media_type
        return await self.http.post(url, body=body, headers=headers, timeout_s=5, max_bytes=10**6)

    @asynccontextmanager
    async def stream(self, case: UUID) -> AsyncGenerator[AsyncGenerator[bytes]]:
        """The lines of a stream as they come."""
        path = f"{CASES_PATH}/{case}/events"
        headers = self.signed("GET", path)
        async with self.http.lines(
            "GET", self.url + path, headers=headers, silence_s=5, max_line=10**6
        ) as streamed:
            yield streamed.lines

    async def problem(self, method: str, path: str, body: object = b"", **how: Any) -> ProblemBody:
        """The problem that a request meets."""
        sent = body if isinstance(body, bytes) else msgspec.json.encode(body)
        reply = await self.raw(method, path, sent, **how)
        assert reply.headers["content-type"] == "application/problem+json", reply.body
        return msgspec.json.decode(reply.body, type=ProblemBody)

    async def sent(self, sources: Mapping[b.Role, b.Rows] = ORDINARY) -> tuple[UUID, UUID]:
        """A case of which every consultation was answered: its id and that of its request."""
        case = (await self.client().start(a_request())).head.case
        await self.answer_all(case, sources)
        filed = await self.house.store.find(case)
        assert filed
        (request,) = of_risk(filed.case).requests
        return case, request.id

    async def answer_all(self, case: UUID, sources: Mapping[b.Role, b.Rows] = ORDINARY) -> None:
        while open_ := await self._open(case):
            for role in open_:
                rows = sources.get(role, ORDINARY[role])
                await self.house.answer(case, *rows, role=role)

    async def settled(self) -> None:
        """All that was left for after a reply is done."""
        await asyncio.gather(*self.initiatives.under_way)

    async def _open(self, case: UUID) -> list[b.Role]:
        filed = await self.house.store.find(case)
        assert filed
        made = of_risk(filed.case).consultations
        return [role for role, one in made.items() if one.progress is b.Progress.ASKED]


def an_app(doors: Doors, key: SigningKey) -> App:
    proven = KeyHolders(base_url=doors.url, ring=doors.ring, now=doors.house.clock)
    cases = CaseDoor(
        seat=FUND,
        proven=proven,
        cases=doors.house.cases,
        looks=Looks(cases=doors.house.cases),
        initiatives=doors.initiatives,
        rules=RulesOn(risk=rules, inquiry=inquiry),
        key=key,
        zone=ZoneInfo("Europe/Brussels"),
        now=doors.house.clock,
        contact=CONTACT,
        places=doors.followers,
    )
    asked = AnswerDoor(seat=FUND, proven=proven, answers=doors.house.answers)
    return App(
        [*cases.routes, *asked.routes],
        random_bytes=doors.dice.randbytes,
        seal=signed_replies(key, now=doors.house.clock),
    )


@asynccontextmanager
async def the_doors(*, most: int = 8) -> AsyncGenerator[Doors]:
    begin, end = MOMENT - timedelta(days=1), MOMENT + timedelta(days=90)
    keys = (a_key(code).public(not_before=begin, not_after=end) for code in CLIENTS)
    door = socket.create_server(("127.0.0.1", 0))
    async with await Http.open() as http:
        house = CaseHouse(store=MemoryFiledCases())
        doors = Doors(
            house=house,
            initiatives=Initiatives(cases=house.cases, store=MemoryUnasked(), now=house.clock),
            http=http,
            ring=KeyRing.holding(keys),
            followers=Places(most=most, words="too many follow cases now"),
            url=f"http://127.0.0.1:{door.getsockname()[1]}",
        )
        server = Server(an_app(doors, a_key(FUND)), Address(fd=door.detach()))
        running = asyncio.create_task(server.run(signals=False))
        await asyncio.sleep(0.02)
        try:
            yield doors
        finally:
            server.stop()
            await running
