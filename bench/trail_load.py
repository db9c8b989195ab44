"""A trail of ten years in a partition for each month, filled in minutes.

Every row has the columns, lengths and indexes that a trail writes, fifteen looks at each person
lie eight months apart, and months are vacuumed as autovacuum does. The rows of who is asked open:
their facts are sealed under the key of their month, and every page opens all of them. Nobody is
asked about the others, so their facts are bytes of chance of the same length: to a server they are
alike. Who is asked is dealt out by chance over all numbers and all moments of a month: their rows
lie among the others in table and index.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from bench.page import tell
from bench.trail_entries import Entries, noon, outcome_of, ssin
from bench.trail_record import Bench
from bench.trail_rows import (
    EACH,
    ENDED,
    ENDED_FIELDS,
    FIELDS,
    MONTHS,
    NAMES,
    Crowd,
    Month,
    Template,
    month_at,
)
from kruispunt.audit import MonthKey, open_months
from kruispunt.audit.terms import TermKind
from kruispunt.vocabulary import Ssin

LOADERS: Final = 2
USED: Final = """
set enable_seqscan = off; set enable_bitmapscan = off;
select count(*) from (select ssin from audit.decision_{month} where ssin > 0 offset 0) as d;
select sum(o.shown) from (
    select shown from audit.outcome_{month}
    where entry > '00000000-0000-0000-0000-000000000000' offset 0
) as o;
"""
"""By the indexes that pages go by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A trail full of looks, and who can be asked about."""

    bench: Bench
    entries: int
    persons: Sequence[Ssin]


async def loaded(bench: Bench, persons: int, *, opened: int) -> House:
    """Fill a trail with fifteen looks at each of so many persons, of whom so many can be asked."""
    decision, outcome, facts = await _templates(bench)
    await bench.trail().reader.terms.number_of(TermKind.CONSUMER, "nobody")
    tell(f"{persons * EACH} entries")
    crowd, keys = Crowd.of(persons, opened=opened), await _keys(bench)
    months = iter(range(MONTHS))

    async def loader() -> None:
        for place in months:
            month = Month.of(crowd, place, key=keys[place])
            await _copy(
                bench, "decision", NAMES, month.decisions(decision, facts=facts, seed=place)
            )
            await _copy(bench, "outcome", ENDED, month.outcomes(outcome))
            await _vacuum(bench, place)

    async with asyncio.TaskGroup() as group:
        for _ in range(LOADERS):
            group.create_task(loader())
    known = {person.number: person for person in map(ssin, range(persons))}
    return House(
        bench=bench,
        entries=persons * EACH,
        persons=[known[int(crowd.numbers[place])] for place in crowd.opened],
    )


async def used(bench: Bench) -> None:
    """Read what pages of a day bring into memory: indexes and outcomes; decisions are too many."""
    tell("indexes and outcomes are read")
    async with bench.database.connected() as connection:
        for place in range(MONTHS):
            await connection.execute(USED.format(month=f"{month_at(place):%Y_%m}"))


async def _templates(bench: Bench) -> tuple[Template, Template, bytes]:
    """A real decision and outcome as a trail writes them, and the facts of the decision."""
    entries, trail = Entries.of(bench.lawbook), bench.trail()
    model = entries.one(ssin(0), at=noon(entries.first_day))
    (write,) = (await trail.prepare(model)).writes
    row = write.row[: len(NAMES)]
    key = await trail.reader.keys.find(model.recorded_at.date().replace(day=1))
    facts = key.unseal(_bytes(row[NAMES.index("facts")]), entry=model.id)
    (ended,) = trail.prepare_outcome(outcome_of(model))
    *values, cause = ended.row[: len(ENDED)]
    decision = Template.of(row, names=NAMES, fields=FIELDS)
    outcome = Template.of([*values, cause or None], names=ENDED, fields=ENDED_FIELDS)
    return decision, outcome, facts


def _bytes(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


async def _keys(bench: Bench) -> list[MonthKey]:
    trail = bench.trail()
    for place in range(0, MONTHS, 12):
        await open_months(bench.database, month_at(place), ahead=12)
    found: list[MonthKey] = []
    for place in range(MONTHS):
        month = month_at(place)
        found.append(await trail.reader.keys.make(month, random_bytes=trail.random_bytes))
    return found


async def _copy(bench: Bench, table: str, columns: tuple[str, ...], data: Iterator[bytes]) -> None:
    async def source() -> AsyncIterator[bytes]:
        for chunk in data:
            yield chunk

    await bench.database.copy(
        schema="audit", table=table, columns=columns, source=source(), form="binary"
    )


async def _vacuum(bench: Bench, place: int) -> None:
    """What autovacuum does to a month that was written."""
    if place % 12 == 0:
        tell(f"{month_at(place):%Y} stands")
    tables = ", ".join(
        f"audit.{parent}_{month_at(place):%Y_%m}" for parent in ("decision", "outcome")
    )
    async with bench.database.connected() as connection:
        await connection.execute(f"vacuum (analyze) {tables}")
