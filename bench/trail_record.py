"""What recording, sealing, verifying and replaying cost, and how large a row is."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from zoneinfo import ZoneInfo

from bench.figures import Figure
from bench.page import tell
from bench.trail_entries import Entries, noon, outcome_of
from kruispunt.audit import (
    MasterKey,
    Published,
    Reader,
    Replay,
    Trail,
    Verification,
    Verified,
    open_sealer,
)
from kruispunt.authorisation import decide_many
from kruispunt.cli.collector import leave_the_start_alone
from kruispunt.law import Lawbook
from kruispunt.postgres import Bundle, Commit, Database, Query
from kruispunt.vocabulary import Entry
from kruispunt.web import SigningKey

AT_ONCE = 64
MANY = 256
"""Groups as large as they get: what the database takes where many processes record."""

WARM = 2_000
ZONE = ZoneInfo("Europe/Brussels")
MASTER = MasterKey(bytes(range(32)))
BYTES = Query(
    "bytes",
    """
    select
        (select sum(pg_total_relation_size(i.inhrelid)) from pg_inherits as i
            where i.inhparent = 'audit.decision'::regclass) as decisions,
        (select sum(pg_total_relation_size(i.inhrelid)) from pg_inherits as i
            where i.inhparent = 'audit.outcome'::regclass) as outcomes,
        pg_total_relation_size('audit.sealed') as sealed,
        (select sum(size) from audit.sealed) as leaves
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A trail on a database of its own, and where its tree is published."""

    database: Database
    published: Path
    key: SigningKey
    lawbook: Lawbook

    def trail(self) -> Trail:
        return Trail.over(
            self.database,
            master=MASTER,
            signer=self.key,
            origin="HUB/trail",
            now=_now,
            random_bytes=os.urandom,
        )


async def recorded(bench: Bench, number: int) -> dict[str, Figure]:
    """Record so many entries, and their outcomes; then seal, verify and replay them."""
    entries = Entries.of(bench.lawbook)
    begin = noon(entries.first_day)
    tell(f"{number} entries are made")
    made = list(entries.since(begin, number))
    trail = bench.trail()
    await trail.start(begin)
    committer = Commit(bench.database, order=trail.statements)
    await committer.start()
    try:
        await _record(trail, committer, made[:WARM], at_once=AT_ONCE)
        leave_the_start_alone()
        half = (number - WARM) // 2 + WARM
        tell(f"recording, {AT_ONCE} at once")
        cpu_us, per_second = await _record(trail, committer, made[WARM:half], at_once=AT_ONCE)
        tell(f"recording, {MANY} at once")
        many_us, many_per_second = await _record(trail, committer, made[half:], at_once=MANY)
        prepare_us = await _prepare_us(trail, made[:WARM])
        tell("outcomes")
        outcome_us = await _end(trail, committer, made)
    finally:
        await committer.stop()
    figures: dict[str, Figure] = {
        "record_us": round(cpu_us, 1),
        "prepare_us": round(prepare_us, 1),
        "record_per_second": round(per_second),
        f"record_us_{MANY}": round(many_us, 1),
        f"record_per_second_{MANY}": round(many_per_second),
        "outcome_us": round(outcome_us, 1),
    }
    tell("sealing")
    figures |= await _sealed(bench, leaves=2 * number)
    tell("verifying")
    figures |= await _verified(bench, leaves=2 * number)
    tell("replaying")
    return figures | await _replayed(bench, number) | await _bytes(bench, number)


async def _record(
    trail: Trail, committer: Commit, entries: Sequence[Entry], *, at_once: int
) -> tuple[float, float]:
    """Microseconds of our own CPU for each entry, and entries that were durable in a second."""
    waiting = iter(entries)

    async def one_by_one() -> None:
        for entry in waiting:
            prepared = await trail.prepare(entry)
            await committer.run(Bundle(writes=prepared.writes, mark=prepared.leaf))

    return await _timed(committer, [one_by_one] * at_once, number=len(entries))


async def _end(trail: Trail, committer: Commit, entries: Sequence[Entry]) -> float:
    waiting = iter(entries)

    async def one_by_one() -> None:
        for entry in waiting:
            writes = trail.prepare_outcome(outcome_of(entry))
            await committer.run(Bundle(writes=writes))

    cpu_us, _ = await _timed(committer, [one_by_one] * MANY, number=len(entries))
    return cpu_us


async def _prepare_us(trail: Trail, entries: Sequence[Entry]) -> float:
    cpu = process_time()
    for entry in entries:
        await trail.prepare(entry)
    return (process_time() - cpu) * 1e6 / len(entries)


async def _timed(
    committer: Commit, workers: Sequence[Callable[[], Awaitable[None]]], *, number: int
) -> tuple[float, float]:
    assert committer.alive
    began, cpu = perf_counter(), process_time()
    async with asyncio.TaskGroup() as group:
        for work in workers:
            group.create_task(_run(work))
    return (process_time() - cpu) * 1e6 / number, number / (perf_counter() - began)


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def _sealed(bench: Bench, *, leaves: int) -> dict[str, Figure]:
    """Leaves that got their place, and were published, in a second."""
    began, cpu = perf_counter(), process_time()
    async with open_sealer(
        bench.database,
        published=Published(bench.published),
        signer=bench.key,
        origin="HUB/trail",
        now=_now,
    ) as sealer:
        while (await sealer.round()).leaves:
            pass
        size = sealer.edge.size
    assert size == leaves, (size, leaves)
    seconds, cpu_s = perf_counter() - began, process_time() - cpu
    return {"seal_per_second": round(size / seconds), "seal_us": round(cpu_s * 1e6 / size, 1)}


async def _verified(bench: Bench, *, leaves: int) -> dict[str, Figure]:
    """Leaves, of decisions and outcomes alike, that are held against the tree in a second."""
    published = Published(bench.published)
    checkpoint = published.checkpoint()
    assert checkpoint is not None
    reader = Reader.over(bench.database, master=MASTER)
    began, cpu = perf_counter(), process_time()
    found: Verified = await Verification(
        reader=reader, published=published, checkpoint=checkpoint
    ).run()
    seconds, cpu_s = perf_counter() - began, process_time() - cpu
    assert (found.faulty, found.decisions + found.outcomes) == (0, leaves), found
    return {
        "verify_per_second": round(leaves / cpu_s),
        "verify_per_second_of_time": round(leaves / seconds),
    }


async def _replayed(bench: Bench, number: int) -> dict[str, Figure]:
    """Decisions that are decided again in a second of CPU."""
    law = bench.lawbook.jurisdiction(bench.lawbook.hub)
    reader = Reader.over(bench.database, master=MASTER)
    cpu = process_time()
    found = await Replay(
        reader=reader, laws=lambda _digest: law, judge=decide_many, zone=ZONE
    ).run()
    seconds = process_time() - cpu
    assert (found.differing, found.replayed) == (0, number), found
    return {"replay_per_second": round(number / seconds)}


async def _bytes(bench: Bench, number: int) -> dict[str, Figure]:
    """Bytes in tables and indexes for each row, and its share of what says where leaves stand."""
    (row,) = await bench.database.fetch(BYTES)
    place = float(row["sealed"]) / float(row["leaves"])
    return {
        "bytes_per_decision": round(float(row["decisions"]) / number + place, 1),
        "bytes_per_outcome": round(float(row["outcomes"]) / number + place, 1),
        "bytes_per_place": round(place, 1),
    }


def _now() -> datetime:
    return datetime.now(UTC)
