"""Rows as the rooms make them, beside the types in the database that take them."""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import cast

import pytest
from tests.contract.cases_house import CaseHouse, a_declaration
from tests.contract.mailbox_house import a_mail
from tests.contract.trail_house import a_trail
from tests.unit.audit.entries import ANNA, PROOF, QUESTION, RECORDED_AT, an_entry, an_outcome

from kruispunt.audit import Reading
from kruispunt.circuits import ORDER, Change, FiledCases, MemoryFiledCases, Ticket
from kruispunt.exchange import (
    Claims,
    PostgresRequests,
    Request,
    commit_order,
    post_order,
)
from kruispunt.exchange.request import Said, Saying
from kruispunt.exchange.spent import Passed, PostgresSpent, Spending
from kruispunt.law import Reads
from kruispunt.mailbox import Mailboxes
from kruispunt.postgres import Bundle, Commit, Committed, Connection, Database, Group, Write
from kruispunt.postgres.driver import connect
from kruispunt.station.log import STATEMENTS, Log, Look
from kruispunt.vocabulary import ClauseId, FlowId, InstitutionCode, LawDigest

TYPE = re.compile(r"\$1::(\w+\.\w+)\[\]")
TABLE = re.compile(r"(?:insert into|update) (\w+\.\w+)")
GIVEN_BACK = re.compile(
    r"(?:\breturning|\nselect|\nunion all\nselect) ((?:\w+\.)?\w+(?:, (?:\w+\.)?\w+)*)"
)
NO_COLUMN = {"abandoned_before", "at", "next", "done", "mail", "batches"}
"""What a row says beside the values that are kept: when, which version or mail, of how many, what
with it."""

SHAPE = """
select attname as name, format_type(atttypid, atttypmod) as type
from pg_attribute
where attrelid = $1::text::regclass and attnum > 0 and not attisdropped
order by attnum
"""


class Kept:
    """A committer that keeps what it is given."""

    def __init__(self) -> None:
        self.writes: list[Write] = []

    async def run(self, bundle: Bundle) -> Committed:
        self.writes += bundle.writes
        return Committed(Group(()), -1)


@dataclass(slots=True, kw_only=True)
class KeptCases(MemoryFiledCases):
    """A store that keeps what it is given."""

    changes: list[Change] = field(default_factory=list[Change])

    async def write(self, change: Change) -> bool:
        self.changes.append(change)
        return await MemoryFiledCases.write(self, change)


@pytest.fixture
async def connection(empty_database: str) -> AsyncIterator[Connection]:
    opened = await connect(empty_database, name="test", timeout_s=10)
    yield opened
    await opened.close()


async def rows_of_every_statement(dsn: str) -> list[Write]:
    """One row for each statement that any process commits, made by the room that it is of."""
    database = await Database.open(dsn, size=1)
    found = [
        *await rows_of_a_seat(database),
        *await rows_of_requests(database),
        *await rows_of_a_station(database),
        *await rows_of_a_circuit(database),
    ]
    await database.close()
    return found


async def rows_of_a_seat(database: Database) -> list[Write]:
    trail, claims = a_trail(database), Claims(database=database)
    entry, later = an_entry(), RECORDED_AT + timedelta(seconds=1)
    await trail.start(RECORDED_AT)
    writes = [
        claims.nonce(QUESTION),
        claims.message(QUESTION, entry),
        claims.reopen(QUESTION, later, timedelta(seconds=30)),
        *(await trail.prepare(entry)).writes,
        *trail.prepare_outcome(an_outcome(entry)),
        await trail.prepare_reading(a_reading()),
        claims.close(entry, later),
    ]
    assert [one.statement for one in writes] == list(commit_order(trail))
    return writes


async def rows_of_requests(database: Database) -> list[Write]:
    trail, boxes = a_trail(database), Mailboxes(database=database)
    requests, ticket = PostgresRequests(database=database), QUESTION.message_id
    request = Request(
        ticket=ticket,
        recorded_at=RECORDED_AT,
        consumer=InstitutionCode("FUND"),
        told="told",
        flow=FlowId("some.flow"),
        supplier=None,
        due_at=RECORDED_AT,
    )
    said = Said(ticket="told", saying=Saying.LATE, place=0, sender=request.consumer, mail=ticket)
    writes = [
        requests.say(said, RECORDED_AT),
        requests.settle(ticket, RECORDED_AT),
        requests.open(request),
        requests.part(ticket, 1, request.consumer),
        requests.count(ticket, 1),
        requests.withdraw(ticket, RECORDED_AT),
        *boxes.put(a_mail(1)),
        *rows_of_a_file(database),
    ]
    own = {one.statement for one in writes}
    assert own == {*post_order(trail, boxes)} - {*commit_order(trail)}
    return writes


def rows_of_a_file(database: Database) -> list[Write]:
    spent, mail = PostgresSpent(database=database), QUESTION.message_id
    spending = Spending(flow=FlowId("some.file"), sender=InstitutionCode(""), file=mail, batches=2)
    passed = Passed(
        mail=mail,
        flow=spending.flow,
        file=mail,
        sender=InstitutionCode(""),
        persons=3,
        passed=2,
        recorded_at=RECORDED_AT,
        digest=b"1",
        batches=2,
    )
    return [spent.spend(spending, mail=mail, now=RECORDED_AT), spent.add(passed)]


async def rows_of_a_station(database: Database) -> list[Write]:
    kept = Kept()
    log = Log(database=database, commit=cast("Commit", kept))
    await log.write([a_look()], PROOF)
    await log.write_mail(QUESTION.message_id, a_look())
    assert {one.statement for one in kept.writes} == set(STATEMENTS)
    return kept.writes


async def rows_of_a_circuit(database: Database) -> list[Write]:
    kept = Kept()
    store = FiledCases(database=database, commit=cast("Commit", kept))
    opened = await opening()
    task = opened.tasks[0]
    ticket = Ticket(ticket="word", case=opened.filed.case.id, action=task.id)
    await store.write(replace(opened, tickets=(ticket,)))
    await store.finish(task.id, RECORDED_AT, (a_mail(1),))
    assert {one.statement for one in kept.writes} == set(ORDER)
    return kept.writes


async def opening() -> Change:
    """What opens a case, as its room makes it."""
    store = KeptCases()
    await CaseHouse(store=store).cases.start(a_declaration())
    (change,) = store.changes
    return change


def a_look() -> Look:
    return Look(
        at=RECORDED_AT,
        entry=QUESTION.message_id,
        flow=FlowId("employment.consult"),
        ssin=ANNA,
        clause=ClauseId("31-007-4-a"),
        rows=1,
    )


def a_reading() -> Reading:
    return Reading(
        id=QUESTION.message_id,
        recorded_at=RECORDED_AT,
        lawbook=LawDigest("ab"),
        institution=InstitutionCode("FUND"),
        role="officer",
        user="jan",
        reads=Reads.PERSON,
        ssin=ANNA,
        begin=None,
        end=None,
        consumer=None,
        after="",
        limit=100,
        why="because",
        received_at=RECORDED_AT,
        proof=PROOF,
    )


async def shape(connection: Connection, name: str) -> Sequence[tuple[str, str]]:
    return [(row["name"], row["type"]) for row in await connection.fetch(SHAPE, name)]


async def test_every_row_has_the_width_of_its_statement_and_of_the_type_that_takes_it(
    empty_database: str, connection: Connection
):
    for write in await rows_of_every_statement(empty_database):
        (name,) = set(TYPE.findall(write.statement.query.sql))

        attributes = await shape(connection, name)

        assert len(write.row) == write.statement.width == len(attributes), name


async def test_every_value_of_a_row_is_of_the_type_of_the_column_that_keeps_it(
    empty_database: str, connection: Connection
):
    for write in await rows_of_every_statement(empty_database):
        sql = write.statement.query.sql
        attributes = dict(await shape(connection, TYPE.findall(sql)[0]))
        tables = [dict(await shape(connection, name)) for name in TABLE.findall(sql)]

        kept = {name: kind for table in tables for name, kind in table.items()}

        own = attributes.keys() & kept.keys()
        assert {name: attributes[name] for name in own} == {name: kept[name] for name in own}
        assert attributes.keys() - own <= NO_COLUMN, "expected a column for each"


async def test_what_a_claim_gives_back_are_the_values_at_the_places_of_its_key(
    empty_database: str, connection: Connection
):
    claims = [w for w in await rows_of_every_statement(empty_database) if w.statement.key]
    assert len({one.statement for one in claims}) == 11

    for write in claims:
        sql = write.statement.query.sql
        names = [name for name, _type in await shape(connection, TYPE.findall(sql)[0])]
        last = GIVEN_BACK.findall(sql)[-1]
        returned = [one.rpartition(".")[2] for one in last.split(", ")]

        assert returned == [names[at] for at in write.statement.key]
