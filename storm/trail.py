"""What stands in the databases afterwards, read by SQL and not by the house's own readers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from kruispunt.cli.place import Home
from kruispunt.postgres import Query
from kruispunt.vocabulary import leaf_hash
from storm.places import Places
from storm.proxy import AskedLine

GRANTED: Final = 0
NO_FILE_AT_SUPPLIER: Final = 9
ENDINGS: Final = {1: "given", 2: "empty", 3: "failed", 4: "cancelled", 5: "refused-upstream"}

ENTRIES: Final = Query(
    name="entries",
    sql="select d.id, d.message_id, d.repeats, t.content as consumer, d.nonce, d.ssin, d.reason, "
    "d.recorded_at, f.content as flow from audit.decision as d "
    "join audit.term as t on t.id = d.consumer join audit.term as f on f.id = d.flow",
)
OUTCOMES: Final = Query(
    name="outcomes",
    sql="select o.entry, o.ending, o.shown, coalesce(o.cause, '') as cause "
    "from audit.outcome as o",
)
LEAVES: Final = Query(
    name="leaves",
    sql="select s.first + i as seq, get_byte(s.places, 17 * i) as kind,"
    " encode(substring(s.places from 17 * i + 2 for 16), 'hex')::uuid as entry,"
    " substring(f.blinded from 32 * i + 1 for 32) as blinded"
    " from audit.sealed as s join audit.fresh as f on f.first = s.first"
    " cross join lateral generate_series(0, s.size - 1) as i"
    " union all"
    " select 1000000000000 + p.seq, p.kind, p.entry, p.blinded from audit.pending as p",
)
"""What has its place in the tree, and after it what waits for one."""
LOOKS: Final = Query(name="looks", sql="select l.entry, l.ssin from station.look as l")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A decision as it stands in a table."""

    id: UUID
    message: UUID
    consumer: str
    nonce: bytes
    ssin: int
    reason: int
    recorded_at: datetime
    flow: str = ""
    repeats: UUID | None = None

    @property
    def looks(self) -> bool:
        """True where a source is asked: about someone, or about nobody where that is hidden."""
        return self.reason in (GRANTED, NO_FILE_AT_SUPPLIER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a look, as it stands in a table."""

    entry: UUID
    ending: str
    shown: int = 0
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A place in the tree to come: 1 for a decision, 2 for an outcome."""

    seq: int
    kind: int
    entry: UUID
    leaf: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatTrail:
    """The trail of a hub or node."""

    seat: str
    entries: Sequence[Entry] = ()
    outcomes: Sequence[Outcome] = ()
    leaves: Sequence[Leaf] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A line of a station's log; without a person, nobody was looked at."""

    entry: UUID
    ssin: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What passed the proxy before the station."""

    entries: Sequence[UUID] = ()
    twice: Sequence[int] = field(default_factory=list[int])
    """What the station said to requests that came a second time."""


async def read_trail(seat: str, home: Home) -> SeatTrail:
    """Everything that a hub or node wrote down."""
    async with home.database() as database:
        entries = [
            Entry(
                id=row["id"],
                message=row["message_id"],
                consumer=row["consumer"],
                nonce=row["nonce"],
                ssin=row["ssin"],
                reason=row["reason"],
                recorded_at=row["recorded_at"],
                flow=row["flow"],
                repeats=row["repeats"],
            )
            for row in await database.fetch(ENTRIES)
        ]
        outcomes = [
            Outcome(
                entry=row["entry"],
                ending=ENDINGS[row["ending"]],
                shown=row["shown"],
                cause=row["cause"],
            )
            for row in await database.fetch(OUTCOMES)
        ]
        leaves = [
            Leaf(
                seq=row["seq"],
                kind=row["kind"],
                entry=row["entry"],
                leaf=leaf_hash(row["blinded"]),
            )
            for row in await database.fetch(LEAVES)
        ]
    return SeatTrail(seat=seat, entries=entries, outcomes=outcomes, leaves=leaves)


async def read_looks(home: Home) -> list[Look]:
    """Everything that a station wrote down."""
    async with home.database() as database:
        return [Look(entry=row["entry"], ssin=row["ssin"]) for row in await database.fetch(LOOKS)]


def read_asked(places: Places) -> Asked:
    """Everything that passed the proxy."""
    if not places.asked.exists():
        return Asked()
    lines = [
        msgspec.json.decode(line, type=AskedLine)
        for line in places.asked.read_bytes().splitlines()
    ]
    entries = [UUID(entry) for line in lines for entry in line.entries]
    return Asked(entries=entries, twice=[one.status for one in lines if one.kind == "twice"])
