"""One person's page out of many entries: ten years of them, in a partition for each month."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from struct import pack
from time import perf_counter, process_time
from typing import Any, Final
from uuid import UUID

from bench.figures import Figure, percentile
from bench.page import tell
from bench.trail_entries import Entries, noon, ssin
from bench.trail_record import MASTER, Bench
from kruispunt.audit import Hidden, Look, MonthKey, Pages, Reader, open_months
from kruispunt.audit.terms import TermKind
from kruispunt.postgres import Query
from kruispunt.vocabulary import InstitutionCode, Ssin

MONTHS: Final = 120
EACH: Final = 15
"""Looks at one person, eight months apart: everyone's page spans all ten years."""

APART: Final = MONTHS // EACH
FIRST: Final = date(2021, 1, 1)
PAGE: Final = 100
PAGES: Final = 2_000
WARM: Final = 200
CHUNK: Final = 2_000
SMALL: Final = 0.1
"""The share that is loaded and asked first: three of thirty million."""

HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TAIL: Final = b"\xff\xff"
EVER: Final = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))
LAST: Final = UUID(int=(1 << 128) - 1)
SEEN: Final = Hidden(consumers=frozenset({InstitutionCode("nobody")}))
"""Looks of an institution that asked nothing: nothing is kept back, but it is looked for."""

BEGIN: Final = datetime(2000, 1, 1, tzinfo=UTC)
FIELDS: Final = "tttqqiiiiiiiidddhhuuubbbbssss"
"""Kinds of the columns of a decision, in the order of `add_decisions`."""

NAMES: Final = (
    "recorded_at", "received_at", "sent_at", "ssin", "successor", "lawbook", "consumer", "flow",
    "purpose", "ground", "key", "proof_created", "proof_life", "asked_on", "about_begin",
    "about_end", "form", "reason", "id", "message_id", "repeats", "nonce", "signature", "digest",
    "facts", "ticket", "file_reference", "asked_by", "role",
)  # fmt: skip
ENDED: Final = ("recorded_at", "ended_at", "shown", "form", "ending", "entry", "cause")

_WRITE: Final[dict[str, Callable[[Any], bytes]]] = {
    "t": lambda at: pack(">q", _microseconds(at)),
    "q": lambda number: pack(">q", number),
    "i": lambda number: pack(">i", number),
    "d": lambda day: pack(">i", (day - BEGIN.date()).days),
    "h": lambda number: pack(">h", number),
    "u": lambda entry: entry.bytes,
    "b": lambda data: data,
    "s": lambda text: text.encode(),
}


async def pages(bench: Bench, entries: int) -> dict[str, Figure]:
    """Milliseconds of one person's page out of a tenth of the entries, and out of all of them."""
    template = await _template(bench)
    persons = entries // EACH
    few = max(PAGES, int(persons * SMALL))
    keys = await _keys(bench)
    await bench.trail().reader.terms.number_of(TermKind.CONSUMER, "nobody")
    took = perf_counter()
    await _load(bench, template, keys, persons=range(few))
    figures = await _asked(bench, few, name="small")
    await _load(bench, template, keys, persons=range(few, persons))
    took = perf_counter() - took
    figures |= await _asked(bench, persons, name="page")
    ratio = float(figures["page_p99_ms"] or 0) / float(figures["small_p99_ms"] or 1)
    told: dict[str, Figure] = {"page_entries": persons * EACH, "small_entries": few * EACH}
    return {**figures, **told, "ratio_page_p99": round(ratio, 2), "page_load_s": round(took)}


def month_at(place: int) -> date:
    """The first day of the month at this place, from the first on."""
    return date(FIRST.year + place // 12, place % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Template:
    """A real row in the binary form of COPY, cut where rows differ, and its facts."""

    pieces: tuple[bytes, ...]
    facts: bytes

    def row(self, at: bytes, *, about: bytes, entry: bytes, message: bytes, facts: bytes) -> bytes:
        """A row of other values; those of fixed length are given without their length."""
        a, b, c, d, e, f, g, h = self.pieces
        size = pack(">i", len(facts))
        return b"".join((a, at, b, at, c, at, d, about, e, entry, f, message, g, size, facts, h))


async def _template(bench: Bench) -> Template:
    entries, trail = Entries.of(bench.lawbook), bench.trail()
    model = entries.one(ssin(0), at=noon(entries.first_day))
    prepared = await trail.prepare(model)
    (write,) = prepared.writes
    row = write.row[: len(NAMES)]
    key = await trail.reader.keys.find(model.recorded_at.date().replace(day=1))
    facts = key.unseal(bytes(_of(row, "facts")), entry=model.id)
    return Template(_cut(row), facts)


def _of(row: tuple[Any, ...], name: str) -> Any:
    return row[NAMES.index(name)]


def _cut(row: tuple[Any, ...]) -> tuple[bytes, ...]:
    pieces, now = list[bytes](), pack(">h", len(row))
    for name, kind, value in zip(NAMES, FIELDS, row, strict=True):
        if name == "facts":
            pieces, now = [*pieces, now], b""
            continue
        data = None if value is None else _WRITE[kind](value)
        now += pack(">i", -1 if data is None else len(data))
        if name in ("recorded_at", "received_at", "sent_at", "ssin", "id", "message_id"):
            pieces, now = [*pieces, now], b""
        else:
            now += data or b""
    return (*pieces, now)


async def _keys(bench: Bench) -> list[MonthKey]:
    trail = bench.trail()
    for place in range(0, MONTHS, 12):
        await open_months(bench.database, month_at(place), ahead=12)
    found: list[MonthKey] = []
    for place in range(MONTHS):
        month = month_at(place)
        found.append(await trail.reader.keys.make(month, random_bytes=trail.random_bytes))
    return found


async def _load(bench: Bench, template: Template, keys: list[MonthKey], *, persons: range) -> None:
    """COPY the looks at these persons into the partitions, month after month."""
    for place, key in enumerate(keys):
        looked = [person for person in persons if person % APART == place % APART]
        seed = place + MONTHS * persons.start
        Random(seed).shuffle(looked)
        if place % 12 == 0:
            tell(f"{month_at(place):%Y}: {len(looked)} looks a month")

        def decisions(
            looked: list[int] = looked, place: int = place, seed: int = seed, key: MonthKey = key
        ) -> Iterator[bytes]:
            for at, person, entry in _looks(looked, place=place, seed=seed):
                facts = key.seal(template.facts, entry=UUID(bytes=entry))
                about = pack(">q", ssin(person).number)
                yield template.row(at, about=about, entry=entry, message=entry, facts=facts)

        def outcomes(
            looked: list[int] = looked, place: int = place, seed: int = seed
        ) -> Iterator[bytes]:
            for at, _, entry in _looks(looked, place=place, seed=seed):
                yield b"".join((
                    b"\0\7\0\0\0\10", at, b"\0\0\0\10", at, b"\0\0\0\4\0\0\0\1\0\0\0\2\0\1",
                    b"\0\0\0\2\0\1\0\0\0\20", entry, b"\xff\xff\xff\xff",
                ))  # fmt: skip

        await _copy(bench, "decision", NAMES, decisions())
        await _copy(bench, "outcome", ENDED, outcomes())
    async with bench.database.connected() as connection:
        await connection.execute("vacuum (analyze) audit.decision, audit.outcome")


def _looks(looked: list[int], *, place: int, seed: int) -> Iterator[tuple[bytes, int, bytes]]:
    """When, about whom and under what id, in order of time: the same each time it is asked."""
    month, chance = month_at(place), Random(seed)
    begin = datetime(month.year, month.month, 1, tzinfo=UTC)
    step = timedelta(days=28) / max(1, len(looked))
    for number, person in enumerate(looked):
        at = begin + number * step
        name = int(at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | chance.getrandbits(62)
        yield pack(">q", _microseconds(at)), person, name.to_bytes(16)


async def _copy(bench: Bench, table: str, columns: tuple[str, ...], rows: Iterator[bytes]) -> None:
    async def source() -> AsyncIterator[bytes]:
        yield HEAD
        chunk: list[bytes] = []
        for row in rows:
            chunk.append(row)
            if len(chunk) == CHUNK:
                yield b"".join(chunk)
                chunk.clear()
        yield b"".join((*chunk, TAIL))

    await bench.database.copy(
        schema="audit", table=table, columns=columns, source=source(), form="binary"
    )


async def _asked(bench: Bench, persons: int, *, name: str) -> dict[str, Figure]:
    """The pages of persons by chance, one after the other, each with all its looks opened.

    First as the trail's own commands read them, then with all that a person is shown at the door.
    """
    reader, chance = Reader.over(bench.database, master=MASTER), Random(persons)
    shown = Pages(reader=reader)
    asked = [ssin(chance.randrange(persons)) for _ in range(WARM + PAGES)]
    tell(f"{PAGES} pages out of {persons * EACH} entries")
    plain = await _timed(bench, asked, lambda about: reader.looks(about, limit=PAGE))
    door = await _timed(bench, asked, lambda about: _shown(shown, about))
    return {
        f"{name}_p50_ms": round(percentile(plain.ms, 0.5), 2),
        f"{name}_p99_ms": round(percentile(plain.ms, 0.99), 2),
        f"{name}_cpu_ms": round(plain.cpu_ms, 2),
        f"{name}_server_cpu_ms": round(plain.server_cpu_ms, 2),
        f"{name}_door_p50_ms": round(percentile(door.ms, 0.5), 2),
        f"{name}_door_p99_ms": round(percentile(door.ms, 0.99), 2),
        f"{name}_door_server_cpu_ms": round(door.server_cpu_ms, 2),
    }


@dataclass(frozen=True, slots=True)
class Timed:
    """How long each page took, and the CPU of ours and of the server for one."""

    ms: list[float]
    cpu_ms: float
    server_cpu_ms: float


async def _timed(
    bench: Bench, asked: list[Ssin], page: Callable[[Ssin], Awaitable[list[Look]]]
) -> Timed:
    for one in asked[:WARM]:
        await _page(page, one)
    server, cpu = await _server_cpu_ms(bench), process_time()
    ms = [await _page(page, one) for one in asked[WARM:]]
    cpu_ms = (process_time() - cpu) * 1000 / len(ms)
    return Timed(ms, cpu_ms, (await _server_cpu_ms(bench) - server) / len(ms))


async def _shown(pages: Pages, about: Ssin) -> list[Look]:
    """What the door asks the database for a person's first page."""
    begin, before = EVER[0], (EVER[1], LAST)
    looks = await pages.about(about, begin=begin, before=before, hidden=SEEN, limit=PAGE)
    await pages.readings_about(about, begin=begin, before=before, hidden=SEEN, limit=PAGE)
    await pages.changes_about(about, begin=begin, before=before, limit=PAGE)
    await pages.unseen(about, hidden=SEEN)
    return looks


async def _server_cpu_ms(bench: Bench) -> float:
    """CPU of the one connection that pages asked one by one are read on."""
    (row,) = await bench.database.fetch(PID)
    return _cpu_ms(row["pid"])


def _cpu_ms(pid: int) -> float:
    told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) * 1000 / os.sysconf("SC_CLK_TCK")


async def _page(page: Callable[[Ssin], Awaitable[list[Look]]], about: Ssin) -> float:
    began = perf_counter()
    looks = await page(about)
    took = (perf_counter() - began) * 1000
    assert len(looks) == EACH, len(looks)
    assert all(look.outcome for look in looks)
    return took


def _microseconds(at: datetime) -> int:
    return (at - BEGIN) // timedelta(microseconds=1)


VERSION: Final = Query("version", "select current_setting('server_version') as version")
PID: Final = Query("pid", "select pg_backend_pid() as pid")
