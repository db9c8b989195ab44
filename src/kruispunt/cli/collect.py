"""`kruispunt station collect`: answer a node's requests by mail, from the institution's tables."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import structlog
from cyclopts import Parameter

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.lasting import until_told
from kruispunt.cli.place import Place
from kruispunt.cli.station import LogLevel, read_file, run
from kruispunt.client import Mailbox
from kruispunt.station import Collector, StationSettings, collect_on, open_collector, read_keys
from kruispunt.vocabulary import InstitutionCode
from kruispunt.web import Http, configure_log


def collect(
    *,
    at: Annotated[str, Parameter(help="The institution whose mailbox it is.")],
    state: Annotated[Path, Parameter(help="State folder of the network.")],
    log_level: Annotated[LogLevel, Parameter(help="What the log holds.")] = "info",
) -> None:
    """Answer each request in the institution's mailbox at its node, until SIGTERM or SIGINT.

    Each look stands in the institution's own log before its answer is sent. A request that can
    never be answered becomes a dead letter, with the reason, for the operator of the node.

    Exit codes: 2, the file is wrong; 75, the database is not there now.
    """
    configure_log(now=now, level=log_level)
    place, code = Place(state=state.absolute()), InstitutionCode(at)
    home = place.home(code)
    settings = read_file(home.station, home.folder, institution=code)
    run(_collect(settings, place))


async def _collect(settings: StationSettings, place: Place) -> None:
    async with _opened(settings, place) as collector:
        structlog.get_logger(__name__).info("collector.ready", flows=list(settings.flows))
        await until_told(collect_on(collector))


@asynccontextmanager
async def _opened(settings: StationSettings, place: Place) -> AsyncGenerator[Collector]:
    keys = read_keys(settings, now=now)
    async with await Http.open() as http:
        mailbox = Mailbox(
            url=place.addresses()[settings.hub],
            seat=settings.hub,
            http=http,
            key=keys.own,
            ring=keys.ring,
            now=now,
            random_bytes=random_bytes,
        )
        async with open_collector(settings, keys=keys, mailbox=mailbox, now=now) as collector:
            yield collector
