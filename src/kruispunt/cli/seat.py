"""One seat, opened: the rooms of a hub or node wired together behind its door."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from kruispunt.audit import MasterKey, Pages, Trail, read_master_key
from kruispunt.cli.bringing import bringing, catching_up
from kruispunt.cli.chair import Chair
from kruispunt.cli.mailboxes import MembersBoxes, Opened, open_mailboxes
from kruispunt.cli.meters import (
    CountedLedger,
    TimedDirectory,
    TimedIdentity,
    TimedSources,
)
from kruispunt.cli.post import Counter, is_offered, opening
from kruispunt.cli.pulse import Pulse
from kruispunt.cli.soap import open_soap
from kruispunt.cli.sweep import sweeping
from kruispunt.client import ASK_PATH, Client, Patience
from kruispunt.directory import Directory
from kruispunt.exchange import (
    Above,
    Claims,
    Hub,
    Identity,
    KeptLaws,
    Once,
    Post,
    PostgresLedger,
    Sources,
    Suppliers,
    TrailReading,
    post_order,
)
from kruispunt.gateway import Door, Entrance, MailboxDoor, MailDoor, Room, openapi
from kruispunt.identity import LeftToHub, Persons, Registers
from kruispunt.law import Supply, keep_lawbook
from kruispunt.mailbox import Mailboxes
from kruispunt.postgres import Commit, Database, Statement
from kruispunt.sources import StationRoute, Stations, Upstream, UpstreamLines
from kruispunt.vocabulary import FlowId
from kruispunt.web import (
    App,
    CertificatesFile,
    Feel,
    Front,
    Http,
    KeyRingFile,
    Limits,
    warning_of_expiry,
)

QUESTIONS = ASK_PATH + "{flow}"
UPSTREAM_CONNECTIONS = 256
"""All flows of a node go to one hub: a slow one must leave room for the others."""


@asynccontextmanager
async def open_seat(chair: Chair) -> AsyncGenerator[App]:
    """The door of a hub or node, ready to be served.

    Raises:
        Unavailable: the database is not there now.
    """
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(_warning(chair))
        database = await _database(chair, stack)
        trail = await _trail(chair, database)
        commit = _commit(chair, database, post_order(trail, Mailboxes(database=database)))
        await commit.start()
        stack.push_async_callback(commit.stop)
        claims = Claims(database=database)
        keep = timedelta(days=chair.settings.messages.keep_days)
        await stack.enter_async_context(sweeping(claims, trail, keep=keep, now=chair.now))
        mail = await stack.enter_async_context(_mailboxes(chair, database))
        laws = _laws(chair)
        counter = Counter.over(
            database, seat=chair, laws=laws, boxes=mail.boxes, master=_master(chair)
        )
        ledger = _ledger(chair, trail, claims, commit, counter)
        sources = await _sources(chair, laws, database, stack)
        hub = _hub(chair, laws, database, ledger, sources.of)
        post = counter.post(
            identity=hub.identity,
            directory=hub.directory,
            trail=trail,
            commit=commit,
            zone=chair.network.zone,
        )
        await stack.enter_async_context(counter.sweeping(post))
        pulse = _pulse(chair, trail, commit, sources)
        entrance, shelf = _entrance(chair), _shelf(chair, trail, commit)
        box = _mailbox(chair, mail, entrance, commit, post)
        door = _door(chair, hub, entrance, shelf, box, health=pulse.health)
        lines = bringing(chair, hub, trail, sources.above)
        await stack.enter_async_context(catching_up(chair, lines, trail))
        yield replace(
            door,
            mail=MailDoor(entrance=entrance, post=post, open=opening(chair.key)),
            soap=open_soap(chair, entrance, Once(commit=commit), waist=hub, integration=lines),
            integration=lines,
        ).app()


def _ledger(
    chair: Chair, trail: Trail, claims: Claims, commit: Commit, counter: Counter
) -> PostgresLedger:
    return PostgresLedger(
        trail=trail,
        claims=claims,
        commit=commit,
        now=chair.now,
        random_bytes=chair.random_bytes,
        lease=timedelta(seconds=chair.settings.messages.lease_s),
        desk=counter.desk,
    )


def _hub(
    chair: Chair, laws: KeptLaws, database: Database, ledger: PostgresLedger, sources: Sources
) -> Hub:
    """The waist of this seat, every stage of it timed."""
    meters, directory = chair.meters, Directory(database, jurisdiction=laws.now)
    return Hub(
        identity=TimedIdentity(inner=_identity(laws, database), stage=meters.stage("settle")),
        directory=TimedDirectory(inner=directory, stage=meters.stage("facts")),
        laws=laws,
        ledger=CountedLedger.of(ledger, meters),
        sources=TimedSources(inner=sources, stage=meters.stage("source")),
        by_mail=True,
    )


def _shelf(chair: Chair, trail: Trail, commit: Commit) -> TrailReading:
    return TrailReading.over(
        Pages(reader=trail.reader),
        lawbook=chair.network.lawbook,
        trail=trail,
        commit=commit,
        now=chair.now,
        random_bytes=chair.random_bytes,
    )


def _pulse(chair: Chair, trail: Trail, commit: Commit, sources: "Asked") -> Pulse:
    """How this seat is, and what of it is measured."""
    meters, database = chair.meters, trail.reader.database
    meters.read_commit(commit)
    meters.read_pool(database)
    meters.read_keys(chair.ring)
    meters.read_sources(sources.resting)
    published = chair.place.published(chair.code)
    meters.read_checkpoint(published.signed_at)
    return Pulse(
        database=database,
        trail=trail,
        commit=commit,
        ring=chair.ring,
        resting=sources.resting,
        published=published,
        state=chair.place.state,
        watch=chair.settings.watch,
        now=chair.now,
    )


def _warning(chair: Chair) -> AbstractAsyncContextManager[None]:
    public = chair.place.home(chair.code).public
    own = [KeyRingFile.open(public)] if public.exists() else []
    return warning_of_expiry(chair.ring, *own, now=chair.now)


async def _database(chair: Chair, stack: AsyncExitStack) -> Database:
    dsn = chair.place.home(chair.code).dsn.read_text("utf-8").strip()
    database = await Database.open(
        dsn,
        size=chair.settings.database.pool,
        name=f"kruispunt {chair.code}",
        timeout_s=chair.settings.database.timeout_s,
    )
    stack.push_async_callback(database.close)
    return database


def _master(chair: Chair) -> MasterKey:
    return read_master_key(chair.place.home(chair.code).master)


def _commit(chair: Chair, database: Database, order: Sequence[Statement]) -> Commit:
    own = chair.settings.commit
    return Commit(
        database,
        order=order,
        max_group=own.max_group,
        linger_s=own.linger_s,
        max_waiting=own.max_waiting,
        timeout_s=own.timeout_s,
        observe=chair.meters.group,
    )


async def _trail(chair: Chair, database: Database) -> Trail:
    trail = Trail.over(
        database,
        master=_master(chair),
        signer=chair.key,
        origin=chair.code,
        now=chair.now,
        random_bytes=chair.random_bytes,
    )
    await trail.start(chair.now())
    return trail


def _laws(chair: Chair) -> KeptLaws:
    lawbook = chair.network.lawbook
    keep_lawbook(lawbook, chair.place.lawbooks)
    return KeptLaws(now=lawbook.jurisdiction(chair.code), folder=chair.place.lawbooks)


def _identity(laws: KeptLaws, database: Database) -> Identity:
    return LeftToHub() if laws.now.is_node else Registers(database)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom a seat asks, and which of them it leaves alone now."""

    of: Sources
    resting: Callable[[], tuple[str, ...]]
    above: Above | None = None
    """The hub above a node, for lines."""


async def _sources(
    chair: Chair, laws: KeptLaws, database: Database, stack: AsyncExitStack
) -> Asked:
    """Whom this seat asks: a node its hub, a hub its stations and its own directory."""
    if laws.now.is_node:
        http = await stack.enter_async_context(await Http.open(per_host=UPSTREAM_CONNECTIONS))
        client = Client(
            chair.place.addresses()[chair.network.hub],
            http,
            hub=chair.network.hub,
            key=chair.key,
            ring=chair.ring,
            now=chair.now,
            random_bytes=chair.random_bytes,
            # Each look is an entry of its own: a node does not ask again by itself.
            patience=Patience(attempts=1),
        )
        upstream = Upstream(client=client)
        above = UpstreamLines(client)
        return Asked(
            of=upstream,
            resting=lambda: (*upstream.resting, *above.resting),
            above=above,
        )
    http = await stack.enter_async_context(await Http.open())
    stations = Stations(
        http=http,
        key=chair.key,
        ring=chair.ring,
        routes=_routes(chair),
        now=chair.now,
        random_bytes=chair.random_bytes,
    )
    suppliers = Suppliers(laws=laws, stations=stations, persons=Persons(database))
    return Asked(of=suppliers, resting=lambda: stations.resting)


def _routes(chair: Chair) -> dict[FlowId, StationRoute]:
    addresses = chair.place.addresses()
    routes: dict[FlowId, StationRoute] = {}
    for flow in chair.network.lawbook.flows.values():
        url = addresses.get(flow.supplier)
        if flow.supply is Supply.STATION and url is not None:
            routes[flow.id] = StationRoute(
                supplier=flow.supplier, url=url, max_rows=flow.limits.max_rows
            )
    return routes


def _mailboxes(chair: Chair, database: Database) -> AbstractAsyncContextManager[Opened]:
    return open_mailboxes(
        database,
        network=chair.network,
        seat=chair.code,
        keep=timedelta(days=chair.settings.mail.keep_days),
        now=chair.now,
        meters=chair.meters,
    )


def _mailbox(
    chair: Chair, mail: Opened, entrance: Entrance, commit: Commit, post: Post
) -> MailboxDoor:
    return MailboxDoor(
        proven=entrance,
        boxes=MembersBoxes(boxes=mail.boxes, post=post),
        arrivals=mail.arrivals,
        nonces=Once(commit=commit),
        now=chair.now,
    )


def _entrance(chair: Chair) -> Entrance:
    lawbook = chair.network.lawbook
    flows = lawbook.flows.values()
    return Entrance(
        base_url=chair.url,
        ring=chair.ring,
        lawbook=lawbook,
        offered=frozenset(f.id for f in flows if is_offered(f, chair.network, chair.code)),
        zone=chair.network.zone,
        now=chair.now,
        front=_front(chair),
        max_life_s=chair.settings.messages.signature_life_s,
        skew_s=chair.settings.messages.skew_s,
    )


def _door(
    chair: Chair,
    hub: Hub,
    entrance: Entrance,
    shelf: TrailReading,
    mailbox: MailboxDoor,
    *,
    health: Feel,
) -> Door:
    door = chair.settings.door
    return Door(
        entrance=entrance,
        waist=hub,
        key=chair.key,
        openapi=msgspec.json.encode(openapi(chair.network.lawbook, base_url=chair.url)),
        now=chair.now,
        random_bytes=chair.random_bytes,
        health=health,
        limits=Limits(at_once=door.at_once, body_s=door.body_s, connections=door.connections),
        watched=chair.meters.watched(chair.settings.watch.trace_rate, route=QUESTIONS),
        max_body=door.max_body,
        published=chair.place.published(chair.code).find,
        shelf=shelf,
        mailbox=mailbox,
        max_many_body=door.max_many_body,
        room=Room(most=door.many_at_once),
    )


def _front(chair: Chair) -> Front | None:
    """The proxy in front of this seat, where the settings name one."""
    url = chair.settings.front.urls.get(chair.code)
    if url is None:
        return None
    held = CertificatesFile.open(chair.place.home(chair.code).certificates)
    return Front(url=url.rstrip("/"), certificates=held)
