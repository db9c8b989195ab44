"""`kruispunt station`: put a source on the network, or see whether it would work."""

import asyncio
import sys
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NoReturn

import structlog
import uvloop
from cyclopts import App, Parameter

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.collector import leave_the_start_alone
from kruispunt.cli.meters import Meters
from kruispunt.cli.watch import watch_address, watching
from kruispunt.station import (
    StationFileWrong,
    StationSettings,
    open_listing,
    open_sources,
    open_station,
    read_keys,
    read_station,
)
from kruispunt.vocabulary import Unavailable
from kruispunt.web import (
    Address,
    KeyWrong,
    Server,
    configure_log,
    make_key,
    write_key,
    write_ring,
)

WRONG_FILE: Final = 2
DATABASE_AWAY: Final = 75
"""As sysexits.h says it: try again later."""

KEY_FILE: Final = "key.toml"
PUBLIC_FILE: Final = "key.public.toml"
KEY_DAYS: Final = 2 * 365

station: Final = App(name="station", help="Put a source on the network.")

station.command(
    "kruispunt.cli.collect:collect", name="collect", help="Answer a node's requests by mail."
)

LogLevel = Literal["debug", "info", "warning", "error"]
File = Annotated[Path, Parameter(help="The station's TOML file.")]
State = Annotated[
    Path | None,
    Parameter(help="Where relative paths in the file start; without it, beside the file."),
]


@station.command
def serve(
    file: File,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    fd: Annotated[int | None, Parameter(help="A listening socket that we inherited.")] = None,
    url: Annotated[str, Parameter(help="The address that the hub signs its calls for.")] = "",
    state: State = None,
    watch_fd: Annotated[
        int | None, Parameter(help="A listening socket for metrics that we inherited.")
    ] = None,
    watch_host: Annotated[str, Parameter(help="Private address for metrics.")] = "127.0.0.1",
    watch_port: Annotated[int | None, Parameter(help="Port for metrics there.")] = None,
    worker: Annotated[str, Parameter(help="Name of this process in metrics.")] = "",
    log_level: Annotated[LogLevel, Parameter(help="What the log holds.")] = "info",
    trace_rate: Annotated[
        float, Parameter(help="Share of the traces whose spans stand in the log.")
    ] = 0.01,
) -> None:
    """Answer the hub from the institution's own tables until SIGTERM or SIGINT.

    Exit codes: 2, the file is wrong; 75, the database is not there now.
    """
    tell = configure_log(now=now, level=log_level)
    door = Address(host=host, port=port, fd=fd).listen()
    place: tuple[str, int] = door.getsockname()[:2]
    settings = read_file(file, state)
    own = url.rstrip("/") or settings.url or f"http://{place[0]}:{place[1]}"
    seen = Watch(
        meters=Meters(
            settings.institution,
            worker=worker or settings.institution.lower(),
            now=now,
            tell=tell,
        ),
        address=watch_address(watch_host, fd=watch_fd, port=watch_port),
        trace_rate=trace_rate,
    )
    run(_serve(settings, url=own, address=Address(fd=door.detach()), seen=seen))


@station.command
def check(
    file: File,
    *,
    state: State = None,
    institution: Annotated[
        str, Parameter(help="Whose it is, for a file that several have alike.")
    ] = "",
) -> None:
    """Try everything that the file names, and say what each select gives.

    Exit codes: 2, the file is wrong; 75, the database is not there now.
    """
    run(_check(read_file(file, state, institution=institution)))


@station.command
def key(
    *,
    institution: Annotated[str, Parameter(help="Code of the institution that signs with it.")],
    into: Annotated[Path, Parameter(help="The folder for the two files.")] = Path(),
    days: Annotated[int, Parameter(help="How long the key counts.")] = KEY_DAYS,
) -> None:
    """Make a key: `key.toml` for the station, `key.public.toml` for the hub.

    Exit code: 2, there is a key already, or the code is not one.
    """
    begin = now().replace(microsecond=0)
    name = f"{institution}-{begin:%Y%m%d}-{random_bytes(4).hex()}"
    try:
        fresh = make_key(institution, key_id=name, random_bytes=random_bytes)
        write_key(fresh, into / KEY_FILE)
    except (OSError, KeyWrong) as wrong:
        _stop(str(wrong), WRONG_FILE)
    public = fresh.public(not_before=begin, not_after=begin + timedelta(days=days))
    write_ring([public], into / PUBLIC_FILE)
    print(f"{into / KEY_FILE}: keep it to yourself")
    print(f"{into / PUBLIC_FILE}: give it to the hub")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """How a station is watched: who counts, where that is told, and the share of traces told."""

    meters: Meters
    address: Address | None
    trace_rate: float


async def _serve(settings: StationSettings, *, url: str, address: Address, seen: Watch) -> None:
    opening = open_station(
        settings,
        url=url,
        now=now,
        random_bytes=random_bytes,
        meters=seen.meters,
        trace_rate=seen.trace_rate,
    )
    async with (
        opening as app,
        watching(app, seen.meters, seen.address, random_bytes=random_bytes),
    ):
        server = Server(app, address)
        structlog.get_logger(__name__).info("station.ready", url=url, flows=list(settings.flows))
        leave_the_start_alone()
        await server.run()


async def _check(settings: StationSettings) -> None:
    read_keys(settings, now=now)
    async with open_sources(settings) as sources:
        for source in sources.values():
            await source.touch()
            print(f"{source.flow}: {', '.join(source.offer.names)}")
    for flow in settings.files:
        async with open_listing(settings, flow) as listing:
            print(f"{flow}: {', '.join(listing.offer.names)}")


def read_file(file: Path, state: Path | None, *, institution: str = "") -> StationSettings:
    """The settings of a file, or the end of this command with code 2."""
    try:
        return read_station(file, state=state, institution=institution)
    except StationFileWrong as wrong:
        _stop(str(wrong), WRONG_FILE)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Do it; a wrong file ends this command with code 2, a database that is away with 75."""
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(work)
    except StationFileWrong as wrong:
        _stop(str(wrong), WRONG_FILE)
    except Unavailable as away:
        _stop(away.detail, DATABASE_AWAY)


def _stop(told: str, code: int) -> NoReturn:
    print(told, file=sys.stderr)
    raise SystemExit(code)
