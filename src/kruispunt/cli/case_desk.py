"""What commands about cases share: the door of the institution, and how they end."""

import asyncio
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import msgspec
from rich.console import Console

from kruispunt.cli.ask_told import FAILED, REFUSED, WRONG, tell_failure
from kruispunt.cli.case_page import show_case
from kruispunt.cli.clients import CannotAsk
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.reading import NoSsin
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import AskFailed, CaseClient, CaseReply, CaseRequest, Correspondent
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Http, KeyRingFile, KeyWrong, SigningKeyFile

INTERRUPTED: Final = 130
FORBIDDEN: Final = 403
MACHINES: Final = frozenset({"network", "circuit", "payment-institutions"})
"""Parties that need nobody's hand: a case that waits for others only has done what it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who works at the desk of an institution that runs cases."""

    house: House
    cases: CaseClient
    console: Console
    json: bool


Work = Callable[[Desk], Awaitable[int]]


def read_case(text: str) -> UUID:
    """The id of a case, as a command is given it.

    Raises:
        ValueError: it is none.
    """
    try:
        return UUID(text)
    except ValueError:
        raise ValueError("expected the id of a case, as `case list` shows it") from None


async def at_desk(code: str, work: Work, *, state: Path | None, json: bool) -> int:
    """Do this at the desk of an institution, and end with its exit code, or with that of why not.

    Attaches to the network that runs on the state folder, or starts it for the duration.
    """

    async def at() -> int:
        async with desk_of(code, state=state, json=json) as desk:
            return await work(desk)

    return await ended(at(), json=json)


async def ended(work: Awaitable[int], *, json: bool) -> int:
    """The exit code of what was done at a door, or that of why it could not be."""
    try:
        return await work
    except AskFailed as failed:
        if failed.problem is not None and failed.problem.status == FORBIDDEN:
            tell_failure(failed, json=json)
            return REFUSED
        return tell_failure(failed, json=json)
    except StartFailed as failed:
        print(failed, file=sys.stderr)
        return FAILED
    except (NoSsin, CannotAsk, KeyWrong, ValueError) as wrong:
        print(wrong, file=sys.stderr)
        return WRONG


@asynccontextmanager
async def desk_of(code: str, *, state: Path | None, json: bool) -> AsyncGenerator[Desk]:
    """The desk of an institution whose cases run here.

    Raises:
        CannotAsk: it runs no cases in this network, or has no key here.
    """
    house, seat = open_house(state), InstitutionCode(code)
    err = Console(stderr=True)
    starting = attach_or_start(house.place.state)
    with err.status("reaching the network …"):
        await starting.__aenter__()
    try:
        async with await Http.open() as http:
            client = cases_at(house, seat, http=http)
            yield Desk(house=house, cases=client, console=Console(highlight=False), json=json)
    finally:
        await starting.__aexit__(None, None, None)


def cases_at(
    house: House, seat: InstitutionCode, *, http: Http, key: Path | None = None
) -> CaseClient:
    """The cases of an institution; in its own name, or in that of whose `key` it is.

    Raises:
        CannotAsk: it runs no cases in this network, or has no key here.
    """
    home, url = house.place.home(seat), house.place.addresses().get(seat)
    runs = any(one.institution == seat for one in house.network.circuits)
    if not runs or url is None or not home.key.exists():
        raise CannotAsk(f"{seat} runs no cases in this network")
    by = Correspondent(
        http=http,
        key=SigningKeyFile.open(key or home.key, now=now),
        ring=KeyRingFile.open(home.ring),
        now=now,
        random_bytes=random_bytes,
    )
    return CaseClient(url=url, seat=seat, by=by)


async def start_case(desk: Desk, request: CaseRequest, *, wait_s: float) -> int:
    """Open a case, follow it until it waits for people only, and show what it did by itself."""
    told = await desk.cases.start(request)
    with desk.console.status("consulting …") if not desk.json else nullcontext():
        await until_people(desk.cases, told, wait_s=wait_s)
    print_case(desk, await desk.cases.find(told.head.case))
    return 0


def print_case(desk: Desk, told: CaseReply) -> None:
    """A case as it is now, in the form that was asked for."""
    if desk.json:
        print(msgspec.json.encode(told).decode())
    else:
        show_case(desk.console, told, zone=desk.house.network.zone)


async def until_people(cases: CaseClient, told: CaseReply, *, wait_s: float) -> None:
    """Wait until a case waits for people only, but no longer than so many seconds."""
    if wait_s == 0 or not {one.party for one in told.head.waiting_for} & MACHINES:
        return
    try:
        async with asyncio.timeout(wait_s), aclosing(cases.follow(told.head.case)) as steps:
            async for step in steps:
                if not {one.party for one in step.waiting_for} & MACHINES:
                    return
    except TimeoutError:
        return
