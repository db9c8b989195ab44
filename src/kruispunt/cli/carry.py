"""`kruispunt mail carry`: the process that brings the mail of a seat to other seats."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import structlog
import uvloop
from cyclopts import Parameter

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.collector import leave_the_start_alone
from kruispunt.cli.lasting import until_told
from kruispunt.cli.mailboxes import brought_from
from kruispunt.cli.network import read_network
from kruispunt.cli.place import Place
from kruispunt.cli.settings import read_settings
from kruispunt.client import Correspondent
from kruispunt.exchange import Carrier
from kruispunt.law import read_lawbook
from kruispunt.mailbox import Arrivals, Mailboxes, Mode, carry_alone
from kruispunt.postgres import Database
from kruispunt.vocabulary import InstitutionCode, Mail, Problem
from kruispunt.web import Http, KeyRingFile, SigningKeyFile, configure_log

AGAIN_S: Final = 1.0

_log: Final = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Whose mail is brought, from where to where."""

    seat: InstitutionCode
    place: Place
    addresses: dict[InstitutionCode, str]


def carry(
    *,
    at: Annotated[str, Parameter(help="The seat that brings its mail: the hub or a node.")],
    state: Path,
    network: Annotated[
        Path | None, Parameter(help="The network file; else the country's.")
    ] = None,
) -> None:
    """Bring mail from the mailboxes of a seat to the seats it is for, until SIGTERM or SIGINT.

    Any number may be started for one seat: one brings, the others wait. Mail that was on its way
    when this ended is brought again, under its old id.

    Exit codes: 1, the law, the network or a key is wrong; the log says which.
    """
    configure_log(now=now, level=read_settings(state).processes.log_level)
    place, seat = Place(state=state.absolute()), InstitutionCode(at)
    recipients = brought_from(read_network(read_lawbook(), network), seat)
    doors = place.addresses()
    route = Route(seat=seat, place=place, addresses={one: doors[one] for one in recipients})
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(until_told(carry_on(route)))


async def carry_on(route: Route) -> None:
    """Carry for ever; when the database went away, begin again."""
    while True:
        try:
            await _carry(route)
        except (Problem, OSError) as away:
            _log.warning("carry.away", seat=route.seat, why=str(away))
        await asyncio.sleep(AGAIN_S)


async def _carry(route: Route) -> None:
    home = route.place.home(route.seat)
    async with AsyncExitStack() as stack:
        dsn = home.dsn.read_text("utf-8").strip()
        database = await Database.open(dsn, size=2, name=f"kruispunt carry {route.seat}")
        stack.push_async_callback(database.close)
        boxes, arrivals = Mailboxes(database=database), Arrivals()
        await boxes.set_modes(route.addresses, Mode.PUSH)
        await stack.enter_async_context(arrivals.listening(database))
        calls = Correspondent(
            http=await stack.enter_async_context(await Http.open()),
            key=SigningKeyFile.open(home.key, now=now),
            ring=KeyRingFile.open(home.ring),
            now=now,
            random_bytes=random_bytes,
        )

        async def send(mail: Mail) -> None:
            seat = InstitutionCode(mail.recipient)
            await calls.send(route.addresses[seat], seat, mail)

        carrier = Carrier(
            boxes=boxes, arrivals=arrivals, send=send, now=now, recipients=[*route.addresses]
        )
        _log.info("carry.ready", seat=route.seat, recipients=sorted(route.addresses))
        leave_the_start_alone()
        await carry_alone(database, carrier.run)
