"""Opening a station: everything its file names is tried before the first question comes in."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from kruispunt.postgres import Commit, Database, migrate, migrations_folder
from kruispunt.station.answer import Station
from kruispunt.station.columns import WrongColumns
from kruispunt.station.health import Pulse
from kruispunt.station.log import STATEMENTS, Log
from kruispunt.station.queries import QUERIES
from kruispunt.station.settings import StationFileWrong, StationSettings, Tables
from kruispunt.station.source import Source, describe
from kruispunt.vocabulary import FlowId, Unavailable
from kruispunt.web import (
    App,
    KeyRingFile,
    KeyWrong,
    SigningKeyFile,
    Watched,
    public_keys,
    signed_replies,
    warning_of_expiry,
)

ROOM: Final = "station"
FORGET_EVERY_S: Final = 60.0
PLANNED_ONCE: Final[Mapping[str, str]] = MappingProxyType(
    {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
)
"""A select is planned once for a connection, and finds a person by an index where there is one.

Left to itself the server plans it anew for every question, since it expects ten keys where it is
told one: 4.3 ms of the 5.4 that the select of L500 took. A plan that was made while the tables
were empty would read all of them, so those that read whole tables come last.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Our own key, and the ring in which the hub's keys are found; both follow their files."""

    own: SigningKeyFile
    ring: KeyRingFile


class Meters(Protocol):
    """Who counts what a station does."""

    def watched(self, trace_rate: float, *, route: str) -> Watched: ...

    def group(self, size: int, seconds: float, /) -> None: ...

    def read_commit(self, commit: Commit, /) -> None: ...

    def read_pool(self, database: Database, /) -> None: ...

    def read_keys(self, ring: KeyRingFile, /) -> None: ...


@asynccontextmanager
async def open_station(
    settings: StationSettings,
    *,
    url: str,
    now: Callable[[], datetime],
    random_bytes: Callable[[int], bytes],
    meters: Meters | None = None,
    trace_rate: float = 0.0,
) -> AsyncGenerator[App]:
    """The station of a file as an application, ready to be served under `url`.

    `meters` count what it does; `trace_rate` is the share of traces that are told in the log.

    Raises:
        StationFileWrong: a key, a select or the reader's role is not as it should be.
        Unavailable: the database is not there now.
    """
    keys = read_keys(settings, now=now)
    log_dsn = read_address(settings, settings.tables.log_dsn_file)
    await migrate(log_dsn, folder=migrations_folder(), rooms=[ROOM])
    async with (
        open_database(log_dsn, size=2) as own,
        _open_rows(settings) as sources,
        _warning(settings, keys, now=now),
    ):
        commit = committer(own, meters)
        await commit.start()
        log = Log(database=own, commit=commit)
        station = Station(
            hub=settings.hub, url=url, ring=keys.ring, sources=sources, log=log, now=now
        )
        forgetting = asyncio.create_task(_forget(log, now))
        watched = Watched(trace_rate=trace_rate)
        if meters is not None:
            meters.read_commit(commit)
            meters.read_pool(own)
            meters.read_keys(keys.ring)
            watched = meters.watched(trace_rate, route=station.route.template)
        pulse = Pulse(sources=tuple(sources.values()), log=log, ring=keys.ring, now=now)
        try:
            yield App(
                [station.route],
                random_bytes=random_bytes,
                health=pulse.health,
                seal=signed_replies(keys.own, now=now),
                watched=watched,
            )
        finally:
            forgetting.cancel()
            await commit.stop()


@asynccontextmanager
async def open_sources(
    settings: StationSettings,
) -> AsyncGenerator[Mapping[FlowId, Source]]:
    """Every select of the file, described by PostgreSQL, on connections that can only read.

    Raises:
        StationFileWrong: a select does not stand, or the reader's role may change tables.
        Unavailable: the database is not there now.
    """
    async with open_reader(settings, size=settings.tables.connections) as reader:
        yield await _described(settings, reader)


@asynccontextmanager
async def open_reader(settings: StationSettings, *, size: int) -> AsyncGenerator[Database]:
    """The institution's own tables, on connections that can only read.

    Raises:
        StationFileWrong: the reader's role may change tables.
        Unavailable: the database is not there now.
    """
    tables = settings.tables
    dsn = reading_dsn(read_address(settings, tables.reader_dsn_file), tables)
    async with open_database(dsn, size=size) as reader:
        await _refuse_writer(settings, reader)
        yield reader


def read_keys(settings: StationSettings, *, now: Callable[[], datetime]) -> Keys:
    """The keys that the file names.

    Raises:
        StationFileWrong: a key file is missing, wrong, or of another institution.
    """
    try:
        keys = Keys(
            own=SigningKeyFile.open(settings.key_file, now=now),
            ring=KeyRingFile.open(settings.ring_file),
        )
    except (OSError, KeyWrong) as wrong:
        raise _wrong(settings, [str(wrong)]) from None
    if keys.own.institution != settings.institution:
        fault = f"$.key_file: expected a key of {settings.institution}"
        raise _wrong(settings, [f"{fault}, found one of {keys.own.institution}"])
    return keys


def committer(own: Database, meters: Meters | None) -> Commit:
    """Who writes looks down, and counts that where somebody counts."""
    if meters is None:
        return Commit(own, order=STATEMENTS)
    return Commit(own, order=STATEMENTS, observe=meters.group)


def _warning(
    settings: StationSettings, keys: Keys, *, now: Callable[[], datetime]
) -> AbstractAsyncContextManager[None]:
    public = public_keys(settings.key_file)
    own = [KeyRingFile.open(public)] if public.exists() else []
    return warning_of_expiry(keys.ring, *own, now=now)


def reading_dsn(dsn: str, tables: Tables) -> str:
    """The address with what every reading connection has: it only reads, and ends in time.

    What the address itself says of plans stands.
    """
    limits = {
        "default_transaction_read_only": "on",
        "statement_timeout": str(tables.statement_timeout_ms),
    }
    own = dict(parse_qsl(urlsplit(dsn).query))
    kept = {name: value for name, value in PLANNED_ONCE.items() if name not in own}
    return f"{dsn}{'&' if '?' in dsn else '?'}{urlencode({**limits, **kept})}"


async def _described(settings: StationSettings, reader: Database) -> Mapping[FlowId, Source]:
    sources: dict[FlowId, Source] = {}
    faults: list[str] = []
    for flow, asked in settings.flows.items():
        try:
            offer = await describe(asked, reader)
        except WrongColumns as wrong:
            faults.append(f'$.flows."{flow}".sql: {wrong}')
        else:
            sources[flow] = Source(asked=asked, offer=offer, database=reader)
    if faults:
        raise _wrong(settings, faults)
    return sources


@asynccontextmanager
async def _open_rows(settings: StationSettings) -> AsyncGenerator[Mapping[FlowId, Source]]:
    """The selects of a station that is asked and answers in one breath: rows without groups."""
    async with open_sources(settings) as sources:
        faults = [
            f'$.flows."{flow}".sql: column {name!r} is a group, which travels by mail only'
            for flow, source in sources.items()
            for name in source.offer.groups
        ]
        if faults:
            raise _wrong(settings, faults)
        yield sources


async def _refuse_writer(settings: StationSettings, reader: Database) -> None:
    writable = [record["name"] for record in await reader.fetch(QUERIES["find_writable"])]
    if writable:
        fault = "$.database.reader_dsn_file: expected a role that can only read"
        raise _wrong(settings, [f"{fault}, it may change {', '.join(writable)}"])


def read_address(settings: StationSettings, file: Path) -> str:
    """The address that a file of the settings holds.

    Raises:
        StationFileWrong: the file can't be read.
    """
    try:
        return file.read_text("utf-8").strip()
    except OSError as wrong:
        raise _wrong(settings, [str(wrong)]) from None


def _wrong(settings: StationSettings, faults: Iterable[str]) -> StationFileWrong:
    return StationFileWrong(f"{settings.file}: {fault}" for fault in faults)


@asynccontextmanager
async def open_database(dsn: str, *, size: int) -> AsyncGenerator[Database]:
    """A database of the institution, closed in the end."""
    database = await Database.open(dsn, size=size, name=f"kruispunt {ROOM}")
    try:
        yield database
    finally:
        await database.close()


async def _forget(log: Log, now: Callable[[], datetime]) -> None:
    """Drop old nonces for as long as the station is open; what fails now succeeds in a minute."""
    while True:
        with suppress(Unavailable):
            await log.forget_nonces(now=now())
        await asyncio.sleep(FORGET_EVERY_S)
