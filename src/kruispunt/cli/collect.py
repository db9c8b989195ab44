"""`kruispunt station collect`: answer a node's requests by mail, from the institution's tables."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import structlog
from cyclopts import Parameter

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.collector import leave_the_start_alone
from kruispunt.cli.lasting import until_told
from kruispunt.cli.meters import Meters
from kruispunt.cli.place import Place
from kruispunt.cli.station import LogLevel, read_file, run
from kruispunt.cli.watch import watch_address, watching
from kruispunt.client import Mailbox
from kruispunt.station import Collector, StationSettings, collect_on, open_collector, read_keys
from kruispunt.vocabulary import InstitutionCode, Problem
from kruispunt.web import (
    Address,
    App,
    Component,
    Health,
    HealthReport,
    Http,
    configure_log,
)


def collect(
    *,
    at: Annotated[str, Parameter(help="The institution whose mailbox it is.")],
    state: Annotated[Path, Parameter(help="State folder of the network.")],
    watch_fd: Annotated[
        int | None, Parameter(help="A listening socket for metrics that we inherited.")
    ] = None,
    watch_host: Annotated[str, Parameter(help="Private address for metrics.")] = "127.0.0.1",
    watch_port: Annotated[int | None, Parameter(help="Port for metrics there.")] = None,
    worker: Annotated[str, Parameter(help="Name of this process in metrics.")] = "",
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
    meters = Meters(code, worker=worker or code.lower(), now=now)
    watch = watch_address(watch_host, fd=watch_fd, port=watch_port)
    run(_collect(settings, place, meters, watch))


async def _collect(
    settings: StationSettings, place: Place, meters: Meters, watch: Address | None
) -> None:
    async with _opened(settings, place, meters) as collector:
        private = App([], random_bytes=random_bytes, health=partial(_feel, collector))
        async with watching(private, meters, watch, random_bytes=random_bytes):
            log = structlog.get_logger(__name__)
            log.info("collector.ready", flows=list(settings.flows))
            leave_the_start_alone()
            await until_told(collect_on(collector))


async def _feel(collector: Collector) -> HealthReport:
    """A node that is away is no fault of ours: its mail waits there."""
    try:
        await collector.log.touch()
    except Problem:
        down = Component(status=Health.DOWN, why="the database does not answer")
        return HealthReport(components={"database": down})
    return HealthReport(components={"database": Component()})


@asynccontextmanager
async def _opened(
    settings: StationSettings, place: Place, meters: Meters
) -> AsyncGenerator[Collector]:
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
        async with open_collector(
            settings, keys=keys, mailbox=mailbox, now=now, meters=meters
        ) as collector:
            yield collector
