"""Cases on PostgreSQL: what happened is durable before anything of it is done."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from kruispunt.circuits.circuit import Event, Task
from kruispunt.circuits.filed import (
    MOST_CASES,
    MOST_EVENTS,
    Change,
    Doing,
    Filed,
    Happened,
    Lane,
    Ticket,
    Wanted,
    Work,
    first_due,
    lane_of,
)
from kruispunt.circuits.kinds import CIRCUITS, replay
from kruispunt.circuits.stored import (
    decode_event,
    decode_state,
    decode_task,
    encode,
    encode_state,
)
from kruispunt.mailbox import PUT, put_mail
from kruispunt.postgres import (
    Bundle,
    Commit,
    Committed,
    Database,
    Record,
    Statement,
    Write,
    read_queries,
)
from kruispunt.vocabulary import Mail, Ssin

QUERIES: Final = read_queries(Path(__file__).with_name("store.sql"))
OPEN: Final = Statement(QUERIES["open_cases"], width=7, key=(0,))
TURN: Final = Statement(QUERIES["turn_cases"], width=8, key=(0, 1))
EVENTS: Final = Statement(QUERIES["add_events"], width=5)
ACTIONS: Final = Statement(QUERIES["add_actions"], width=5)
TICKETS: Final = Statement(QUERIES["add_tickets"], width=3)
PERSONS: Final = Statement(QUERIES["add_persons"], width=2)
ORDER: Final = (OPEN, TURN, EVENTS, ACTIONS, TICKETS, PERSONS, PUT)
LANES: Final = (Lane.NETWORK, Lane.PAPER)
NO_VERSION: Final = -1
"""Of what is done without a turn of its case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledCases:
    """The cases of one institution.

    Trust: who writes here can make a circuit ask anything that its institution may ask, and send
    letters in its name; who reads here learns all that the institution knows of its cases. Only
    its owner can do either.
    """

    database: Database
    commit: Commit

    async def find(self, case: UUID) -> Filed | None:
        rows = await self.database.fetch(QUERIES["find_case"], case)
        return await self._filed(case, rows[0]) if rows else None

    async def page(self, after: UUID | None, limit: int, *, open_only: bool) -> list[Filed]:
        query = QUERIES["list_open_cases" if open_only else "list_cases"]
        rows = await self.database.fetch(query, after, min(limit, MOST_CASES))
        return [await self._filed(row["id"], row) for row in rows]

    async def events(self, case: UUID, after_n: int, limit: int) -> list[Happened]:
        most = min(limit, MOST_EVENTS)
        rows = await self.database.fetch(QUERIES["list_events"], case, after_n, most)
        return [Happened(n=row["n"], event=decode_event(row["body"])) for row in rows]

    async def knows(self, case: UUID, event: UUID) -> bool:
        rows = await self.database.fetch(QUERIES["has_event"], case, event)
        return bool(rows[0]["known"])

    async def write(self, change: Change) -> bool:
        return isinstance(await self.commit.run(Bundle(_writes(change))), Committed)

    async def finish(self, action: UUID, at: datetime, mails: tuple[Mail, ...] = ()) -> None:
        row = (action, NO_VERSION, NO_VERSION, at, None, None, None, [action])
        puts = tuple(write for mail in mails for write in put_mail(mail))
        await self.commit.run(Bundle((Write(TURN, row), *puts)))

    async def about(self, person: Ssin) -> list[Filed]:
        rows = await self.database.fetch(QUERIES["list_about"], int(person.digits), MOST_CASES)
        return [await self._filed(row["id"], row) for row in rows]

    async def ticket(self, ticket: str) -> Ticket | None:
        rows = await self.database.fetch(QUERIES["find_ticket"], ticket)
        if not rows:
            return None
        return Ticket(ticket=ticket, case=rows[0]["case_id"], action=rows[0]["action"])

    async def action(self, action: UUID) -> Doing | None:
        rows = await self.database.fetch(QUERIES["find_action"], action)
        return _doing(rows[0]) if rows else None

    async def take(self, lane: Lane, now: datetime, until: datetime, limit: int) -> list[Wanted]:
        query = QUERIES["take_actions"]
        rows = await self.database.fetch(query, now, until, limit, LANES.index(lane))
        return [
            Wanted(case=row["case_id"], task=decode_task(row["body"]), attempts=row["attempts"])
            for row in rows
        ]

    async def put_off(self, wanted: Wanted, until: datetime, cause: str) -> None:
        query, action = QUERIES["put_off"], wanted.task.id
        await self.database.execute(query, action, until, cause, wanted.attempts)

    async def take_due(self, now: datetime, until: datetime, limit: int) -> list[UUID]:
        rows = await self.database.fetch(QUERIES["take_due"], now, until, limit)
        return [row["id"] for row in rows]

    async def settle_due(self, filed: Filed) -> None:
        due = filed.next_due
        await self.database.execute(QUERIES["settle_due"], filed.case.id, filed.version, due)

    async def release(self, now: datetime) -> None:
        """What those who ran before had taken is due now, and what was put off."""
        await self.database.execute(QUERIES["release_actions"], now)

    async def work(self) -> Work:
        """How much there is, for who watches over it."""
        opened = await self.database.fetch(QUERIES["count_open"])
        rows = await self.database.fetch(QUERIES["count_work"])
        return Work(
            open=opened[0]["open"],
            undone={LANES[row["lane"]]: row["undone"] for row in rows},
            put_off={LANES[row["lane"]]: row["put_off"] for row in rows},
        )

    async def _filed(self, case: UUID, row: Record) -> Filed:
        version: int = row["version"]
        circuit = CIRCUITS[row["kind"]]
        state = decode_state(circuit, row["state"])
        if state is None:
            state = replay(circuit, case, await self._all(case, version))
        return Filed(
            case=state,
            kind=circuit.kind,
            version=version,
            opened_at=row["opened_at"],
            closed_at=row["closed_at"],
            next_due=first_due(state),
        )

    async def _all(self, case: UUID, version: int) -> list[Event]:
        """The events that make a version of a case."""
        found: list[Event] = []
        while len(found) < version:
            page = await self.events(case, len(found), MOST_EVENTS)
            if not page:
                break
            found += [one.event for one in page]
        return found[:version]


def _writes(change: Change) -> tuple[Write, ...]:
    case = change.filed.case.id
    events = ((one.n, one.event) for one in change.events)
    return (
        _open(change.filed) if change.before == 0 else _turn(change),
        *(Write(EVENTS, (case, n, one.at, one.id, encode(one))) for n, one in events),
        *(Write(ACTIONS, _action(change, one)) for one in change.tasks),
        *(Write(TICKETS, (one.ticket, one.case, one.action)) for one in change.tickets),
        *(Write(PERSONS, (int(one.digits), case)) for one in change.persons),
    )


def _action(change: Change, task: Task) -> tuple[object, ...]:
    due_at = change.due(task)
    return (task.id, change.filed.case.id, due_at, LANES.index(lane_of(task)), encode(task))


def _open(filed: Filed) -> Write:
    row = (
        filed.case.id,
        filed.version,
        filed.opened_at,
        filed.closed_at,
        filed.next_due,
        filed.kind,
        encode_state(filed.case),
    )
    return Write(OPEN, row)


def _turn(change: Change) -> Write:
    filed = change.filed
    row = (
        filed.case.id,
        change.before,
        filed.version,
        change.at,
        filed.closed_at,
        filed.next_due,
        encode_state(filed.case),
        list(change.done),
    )
    return Write(TURN, row)


def _doing(row: Record) -> Doing:
    return Doing(
        case=row["case_id"],
        task=decode_task(row["body"]),
        due_at=row["due_at"],
        attempts=row["attempts"],
        done_at=row["done_at"],
        cause=row["cause"],
    )
