"""Persons of whom nothing is told apart: invented by chance, four kinds out of one lot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from bench.asks import Person
from bench.house import Running
from bench.legs import Crossing
from bench.many_lines import numbers
from kruispunt.directory import UNSEEN, Lines
from kruispunt.directory.loading import load_frame
from kruispunt.identity import CODES, Registers
from kruispunt.law import Control, Side
from kruispunt.postgres import Query
from kruispunt.vocabulary import InstitutionCode, NumberStatus, Ssin

BEGIN: Final = date(2005, 1, 1)
LOT: Final = 60_000
"""Numbers next to each other, of which the persons are drawn."""

STARTS: Final = 30_000_000
TAKEN: Final = Query(
    name="taken", sql="select ssin from identity.number where ssin = any($1::bigint[])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Persons of each kind, as the `member` asks about them; all of one insurer at the node.

    `unknown`: in no register, and nobody has a file. `others`: members of another insurer.
    `strangers`: the hub knows the number and the supplier's file, and no insurer's.
    `nothing`: members of whom the supplier has no file. `empty`: members of whom it has a file,
    in which nothing stands.
    """

    unknown: Sequence[Person]
    others: Sequence[Person]
    strangers: Sequence[Person]
    nothing: Sequence[Person]
    empty: Sequence[Person]


async def invent(crossing: Crossing, *, each: int) -> Whom:
    """Invent so many persons of each kind, and tell registers and directories of them."""
    member, other = sorted({one.member for one in crossing.people})[:2]
    lot = await _free(crossing, 5 * each)
    kinds = [lot[place * each : (place + 1) * each] for place in range(5)]
    unknown, others, strangers, nothing, empty = kinds
    ours = next(c for c in crossing.clause.controls if c.side is Side.CONSUMER)
    theirs = next(c for c in crossing.clause.controls if c.side is Side.SUPPLIER)
    place = crossing.running
    async with place.house.place.home(place.hub).database() as hub:
        known = CODES[NumberStatus.KNOWN]
        await Registers(hub).load((n, known, None, None) for kind in kinds[1:] for n in kind)
        files = [_lines([*others, *nothing, *empty], ours), _lines([*strangers, *empty], theirs)]
        await load_frame(Lines(hub, UNSEEN), pl.concat(files))
    async with place.house.place.home(place.node).database() as node:
        files = [
            _lines(others, ours, member=other),
            _lines([*nothing, *empty], ours, member=member),
        ]
        await load_frame(Lines(node, UNSEEN), pl.concat(files))
    return Whom(
        unknown=_persons(unknown, member),
        others=_persons(others, member),
        strangers=_persons(strangers, member),
        nothing=_persons(nothing, member),
        empty=_persons(empty, member),
    )


async def _free(crossing: Crossing, size: int) -> list[int]:
    """So many numbers that stand in no register, in an order by chance."""
    start = int.from_bytes(crossing.chance.random_bytes(8)) % STARTS
    seed = int.from_bytes(crossing.chance.random_bytes(4))
    lot = numbers(LOT, first=start).shuffle(seed=seed).to_list()
    taken = await _taken(crossing.running, lot)
    return [number for number in lot if number not in taken][:size]


async def _taken(place: Running, lot: Sequence[int]) -> set[int]:
    async with place.house.place.home(place.hub).database() as database:
        return {int(row["ssin"]) for row in await database.fetch(TAKEN, lot)}


def _lines(
    ssins: Sequence[int], control: Control, *, member: InstitutionCode | None = None
) -> pl.DataFrame:
    """A line for each, open, of the kind that a control looks for."""
    size = len(ssins)
    return pl.DataFrame(
        {
            "ssin": pl.Series(ssins, dtype=pl.Int64),
            "sector": pl.repeat(control.sector, size, dtype=pl.Int64, eager=True),
            "quality": pl.repeat(min(control.qualities), size, dtype=pl.Int64, eager=True),
            "phase": pl.zeros(size, dtype=pl.Int64, eager=True),
            "begin": pl.repeat(BEGIN, size, dtype=pl.Date, eager=True),
            "end": pl.repeat(None, size, dtype=pl.Date, eager=True),
            "member": pl.repeat(member, size, dtype=pl.String, eager=True),
        }
    )


def _persons(ssins: Sequence[int], member: InstitutionCode) -> list[Person]:
    return [Person(ssin=Ssin.of(ssin), member=member) for ssin in ssins]
