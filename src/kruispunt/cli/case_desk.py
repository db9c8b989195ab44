"""What commands about cases share: the door of the institution, and how they end."""

import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from rich.console import Console

from kruispunt.cli.ask_told import FAILED, REFUSED, WRONG, tell_failure
from kruispunt.cli.clients import CannotAsk
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.reading import NoSsin
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import AskFailed, CaseClient, Correspondent
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Http, KeyRingFile, KeyWrong, SigningKeyFile

INTERRUPTED: Final = 130
FORBIDDEN: Final = 403


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
    try:
        async with desk_of(code, state=state, json=json) as desk:
            return await work(desk)
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
    home = house.place.home(seat)
    starting = attach_or_start(house.place.state)
    with err.status("reaching the network …"):
        await starting.__aenter__()
    try:
        url = house.place.addresses().get(seat)
        if url is None or not home.key.exists():
            raise CannotAsk(f"{seat} runs no cases in this network")
        async with await Http.open() as http:
            by = Correspondent(
                http=http,
                key=SigningKeyFile.open(home.key, now=now),
                ring=KeyRingFile.open(home.ring),
                now=now,
                random_bytes=random_bytes,
            )
            client = CaseClient(url=url, seat=seat, by=by)
            yield Desk(house=house, cases=client, console=Console(highlight=False), json=json)
    finally:
        await starting.__aexit__(None, None, None)
