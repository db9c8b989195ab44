"""Cases at the door of the institution whose they are: opened, listed, told, followed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from kruispunt.circuits import (
    Cases,
    Event,
    Filed,
    Happened,
    Initiatives,
    Looks,
    RulesOn,
    Telling,
    Told,
    quoted,
)
from kruispunt.circuits import benefits as b
from kruispunt.client import CASE_TAG, CASES_PATH, EVENT_STREAM, MOST_STEPS, CasesReply
from kruispunt.gateway.case_body import case_body, head_body
from kruispunt.gateway.case_parse import (
    read_after,
    read_asked,
    read_case_id,
    read_last_event,
    read_news,
    read_opening,
)
from kruispunt.gateway.declarations import DeclarationDoor
from kruispunt.gateway.following import RETRY, Following
from kruispunt.gateway.inquiry_parse import Opened
from kruispunt.gateway.openapi_cases import openapi_cases
from kruispunt.gateway.parse import NOT_REFERENCED
from kruispunt.gateway.places import Places
from kruispunt.gateway.proven import Proven
from kruispunt.vocabulary import (
    Forbidden,
    InstitutionCode,
    Issue,
    Malformed,
    NotFound,
    SameMessageOtherContent,
    day_of_asking,
)
from kruispunt.web import HttpReply, Request, Route, Signer, json_reply, sign_part

FOLLOWERS: Final = 256
"""Followers of one process."""

CASE_PATH: Final = CASES_PATH + "/{case}"
EVENTS_PATH: Final = CASE_PATH + "/events"
MAX_BODY: Final = 64 * 1024
PAGE: Final = 500
NOT_YOURS: Final = "only the institution whose cases these are may ask about them"
NO_CASE: Final = "no case of this id"

OPENAPI_PATH: Final = "/openapi.json"

_encode: Final = msgspec.json.Encoder().encode
_DESCRIBED: Final = _encode(openapi_cases())
_STREAM: Final = {"content-type": EVENT_STREAM, "cache-control": "no-store"}


def _places() -> Places:
    return Places(most=FOLLOWERS, words="too many follow cases now")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDoor:
    """The routes by which an institution works with its own cases, and declarants answer it.

    All that is asked may be asked again with the same effect, so a signature that comes twice is
    no fault. `contact` is the file manager of cases that name none.
    """

    seat: InstitutionCode
    proven: Proven
    cases: Cases
    looks: Looks
    initiatives: Initiatives
    rules: RulesOn
    key: Signer
    zone: ZoneInfo
    now: Callable[[], datetime]
    contact: b.Contact | None = None
    places: Places = field(default_factory=_places)

    @property
    def routes(self) -> list[Route]:
        """What a door adds to its table."""
        return [
            Route(method="POST", template=CASES_PATH, handler=self.start, max_body=MAX_BODY),
            Route(method="GET", template=CASES_PATH, handler=self.list),
            Route(method="GET", template=CASE_PATH, handler=self.show),
            Route(method="GET", template=EVENTS_PATH, handler=self.follow),
            Route(method="POST", template=EVENTS_PATH, handler=self.hear, max_body=MAX_BODY),
            Route(method="GET", template=OPENAPI_PATH, handler=self.describe),
            *DeclarationDoor(
                proven=self.proven,
                cases=self.cases,
                initiatives=self.initiatives,
                key=self.key,
                now=self.now,
            ).routes,
        ]

    async def describe(self, _request: Request) -> HttpReply:
        """The OpenAPI description of this door."""
        return json_reply(_DESCRIBED)

    async def start(self, request: Request) -> HttpReply:
        """Open a case (05/022 §5(1), §6); the same again tells the case that it opened.

        A look at a member of whom one is open opens none, and tells the open one.
        """
        self._own(request)
        at = self.now()
        opened = Opened(
            at=at,
            today=day_of_asking(at, self.zone),
            rules=self.rules,
            contact=self.contact,
        )
        opening = read_opening(request.body, opened)
        case = await self.looks.open(opening)
        await self.initiatives.catch_up(opening.person)
        filed = await self._filed(case)
        steps, more = await self._steps(filed, after=0)
        reply = json_reply(_encode(case_body(filed, steps, more=more)), status=201)
        return replace(reply, headers={**reply.headers, "location": f"{CASES_PATH}/{case}"})

    async def list(self, request: Request) -> HttpReply:
        """Cases, the latest opened first."""
        self._own(request)
        asked = read_asked(_query(request))
        page = await self.cases.list(asked.after, asked.limit, open_only=asked.open_only)
        last = page[-1].case.id if len(page) == asked.limit else None
        return json_reply(_encode(CasesReply(cases=tuple(map(head_body, page)), next=last)))

    async def show(self, request: Request) -> HttpReply:
        """One case, step by step."""
        self._own(request)
        filed = await self._filed(read_case_id(request.argument))
        steps, more = await self._steps(filed, after=read_after(_query(request)))
        return json_reply(_encode(case_body(filed, steps, more=more)))

    async def follow(self, request: Request) -> HttpReply:
        """Every step of a case as it happens, until it is closed."""
        self._own(request)
        case = read_case_id(request.argument)
        after = read_last_event(request.headers.get("last-event-id", ""))
        await self._filed(case)
        following = Following.of(
            case,
            self.cases.follow(case),
            after=after,
            prove=partial(self._prove, request.headers["signature"]),
            place=self.places.take(),
        )
        return HttpReply(status=200, headers=_STREAM, body=RETRY, parts=following)

    async def hear(self, request: Request) -> HttpReply:
        """What a clerk says happened: a letter that came back, an answer to what was asked."""
        self._own(request)
        case = read_case_id(request.argument)
        event = read_news(request.body, at=self.now())
        filed = await self._filed(case)
        telling, known = await self._told_so_far(case, event)
        if known is None:
            _check_quoted(telling, event)
            await self.cases.add(case, event)
            filed = await self._filed(case)
        elif known != msgspec.structs.replace(event, at=known.at):
            raise SameMessageOtherContent("this id was used for other news of this case")
        steps, more = await self._steps(filed, after=0 if known else telling.n)
        return json_reply(_encode(case_body(filed, () if known else steps, more=more)))

    def _own(self, request: Request) -> None:
        """Nothing, where the institution itself asks.

        Raises:
            Forbidden: another one does, whatever it asks about.
        """
        if self.proven.caller(request, tag=CASE_TAG).institution != self.seat:
            raise Forbidden(NOT_YOURS)

    async def _filed(self, case: UUID) -> Filed:
        filed = await self.cases.find(case)
        if filed is None:
            raise NotFound(NO_CASE)
        return filed

    async def _steps(self, filed: Filed, *, after: int) -> tuple[Sequence[Told], bool]:
        """Steps after one, at most `MOST_STEPS`, and whether there are more."""
        telling = Telling.of(filed.case.id)
        found: list[Told] = []
        while telling.n < filed.version and len(found) < MOST_STEPS:
            events = await self.cases.events(filed.case.id, telling.n, PAGE)
            if not events:
                break
            found += [one for one in map(telling.tell, _of(events)) if one.n > after]
        return found[:MOST_STEPS], len(found) > MOST_STEPS or telling.n < filed.version

    async def _told_so_far(self, case: UUID, event: Event) -> tuple[Telling, Event | None]:
        """The case told up to now, and the event of it that has this one's id."""
        telling, known = Telling.of(case), None
        while events := await self.cases.events(case, telling.n, PAGE):
            for one in _of(events):
                known = one if one.id == event.id else known
                telling.tell(one)
        return telling, known

    def _prove(self, request_signature: str, part: bytes) -> str:
        return sign_part(self.key, part, request_signature=request_signature)


def _of(happened: Sequence[Happened]) -> list[Event]:
    return [one.event for one in happened]


def _check_quoted(telling: Telling, event: Event) -> None:
    """What news answers must be something that this case wanted."""
    reference = quoted(event)
    if reference is not None and reference not in telling.wanted:
        name = "notice" if hasattr(event, "notice") else "action"
        name = "request" if hasattr(event, "request") else name
        issue = Issue(
            type=NOT_REFERENCED,
            where="body",
            name=name,
            detail="expected an id that this case told",
        )
        raise Malformed("the news is not valid", issues=(issue,))


def _query(request: Request) -> str:
    return request.target.partition("?")[2]
