"""The post on PostgreSQL: a request, its row and its mail in one commit, each thing said once."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec import structs
from tests.contract.trail_house import a_trail
from tests.house import NOON, Clock, a_question
from tests.law.inventing import FIELDS, HUB, NODE, OFFICE, PERSON, SUPPLIED, a_line, a_number
from tests.post_house import LAW, RING, WAITS, Nowhere, Wax, a_post

from kruispunt.audit import Look, MasterKey, Replay
from kruispunt.authorisation import decide_many
from kruispunt.cli.post import Counter
from kruispunt.cli.settings import MailSettings, Settings
from kruispunt.directory import MemoryDirectory
from kruispunt.exchange import (
    Answered,
    Arrived,
    Claims,
    Content,
    Counted,
    Desk,
    Hub,
    KeptLaws,
    Outgoing,
    Post,
    PostgresLedger,
    PostgresRequests,
    Waits,
    post_order,
)
from kruispunt.identity import MemoryRegisters
from kruispunt.mailbox import Mailboxes
from kruispunt.postgres import Commit, Database
from kruispunt.vocabulary import (
    Accepted,
    Entry,
    FlowId,
    MailKind,
    Malformed,
    Problem,
    Unavailable,
)
from kruispunt.web import KeyRing

SETTINGS = Settings(mail=MailSettings(answer_days=3, late_days=4))
ROW: dict[str, object] = dict.fromkeys(FIELDS, True)


@dataclass(frozen=True, kw_only=True)
class House:
    """A hub whose requests, mail and trail stand in a database."""

    clock: Clock
    hub: Hub
    post: Post
    commit: Commit
    database: Database
    boxes: Mailboxes
    laws: KeptLaws

    async def mail(self, recipient: str) -> list[MailKind]:
        batch = await self.boxes.read(recipient)
        return [letter.mail.kind for letter in batch.letters]

    async def looks(self) -> list[Look]:
        found = await a_trail(self.database).list(PERSON)
        # The clock stands still, so ids tell no order: the first entry, then those of answers.
        return sorted(found, key=lambda look: (look.entry.repeats is not None, look.entry.id))

    async def first(self) -> Entry:
        return (await self.looks())[0].entry


def arrived(entry: Entry, content: Content, *, mail: int, nonce: int | None = None) -> Arrived:
    said = a_question(message=mail, nonce=nonce)
    return Arrived(
        id=said.message_id,
        sender=OFFICE,
        flow=entry.question.flow,
        ticket=str(entry.id),
        content=content,
        sent_at=NOON,
        received_at=NOON,
        proof=said.proof,
    )


def waist_and_post(
    laws: KeptLaws,
    directory: MemoryDirectory,
    ledger: PostgresLedger,
    outgoing: Outgoing,
    commit: Commit,
) -> tuple[Hub, Post]:
    clock, desk = ledger.now, ledger.desk
    assert desk is not None
    trail, requests = ledger.trail, desk.requests
    identity = MemoryRegisters({PERSON: a_number()})
    hub = Hub(
        identity=identity,
        directory=directory,
        laws=laws,
        ledger=ledger,
        sources=Nowhere(lambda: hub),
        by_mail=True,
    )
    post = a_post(
        laws=laws,
        identity=identity,
        directory=directory,
        trail=trail,
        requests=requests,
        outgoing=outgoing,
        commit=commit,
        now=clock,
    )
    return hub, post


@asynccontextmanager
async def a_house(dsn: str, clock: Clock, *, at_hub: bool = True) -> AsyncGenerator[House]:
    database = await Database.open(dsn, size=3)
    trail, boxes = a_trail(database), Mailboxes(database=database)
    await trail.start(NOON)
    await boxes.open_days(NOON)
    laws = KeptLaws(now=LAW.jurisdiction(HUB), folder=Path("/no/lawbooks/here"))
    requests = PostgresRequests(database=database)
    outgoing = Outgoing(mailboxes=boxes, envelopes=Wax(HUB), now=clock, random_bytes=os.urandom)
    directory = MemoryDirectory(jurisdiction=laws.now)
    directory.lines.kept = frozenset([a_line(), *([a_line(SUPPLIED)] if at_hub else [])])
    commit = Commit(database, order=post_order(trail, boxes), linger_s=0.05)
    await commit.start()
    ledger = PostgresLedger(
        trail=trail,
        claims=Claims(database=database),
        commit=commit,
        now=clock,
        random_bytes=os.urandom,
        desk=Desk(laws=laws, requests=requests, outgoing=outgoing, waits=WAITS),
    )
    hub, post = waist_and_post(laws, directory, ledger, outgoing, commit)
    try:
        yield House(
            clock=clock,
            hub=hub,
            post=post,
            commit=commit,
            database=database,
            boxes=boxes,
            laws=laws,
        )
    finally:
        await commit.stop()
        await database.close()


@pytest.mark.parametrize("at_hub", [True, False], ids=["granted", "hidden"])
async def test_a_request_its_row_and_its_mail_stand_in_one_commit(
    empty_database: str, at_hub: bool
):
    async with a_house(empty_database, Clock(), at_hub=at_hub) as house:
        told = await house.hub.serve(a_question(consumer=NODE, ticket="theirs"))
        request = await PostgresRequests(database=house.database).find((await house.first()).id)

        assert isinstance(told, Accepted)
        assert await house.mail(OFFICE) == [MailKind.REQUEST]
        assert request is not None
        assert (request.told, request.supplier, request.expected) == ("theirs", OFFICE, None)


async def test_an_answer_before_the_count_and_both_twice_at_once_are_each_done_once(
    empty_database: str,
):
    async with a_house(empty_database, Clock()) as house:
        await house.hub.serve(a_question(consumer=NODE))
        first = await house.first()
        answer = Answered(number=1, rows=(ROW,))

        for content, mail in ((answer, 2), (Counted(expected=2), 3), (answer, 2)):
            both = [house.post.receive(arrived(first, content, mail=mail)) for _ in range(2)]
            await asyncio.gather(*both)

        assert await house.mail(NODE) == [MailKind.ANSWER, MailKind.COUNT]
        looks = await house.looks()
        assert [look.entry.repeats for look in looks] == [None, first.id]
        endings = [(o.ending.value, o.rows) for look in looks if (o := look.outcome)]
        assert endings == [("forwarded", 2), ("given", 1)]


async def test_what_is_recorded_by_mail_is_decided_again_without_a_difference(
    empty_database: str,
):
    async with a_house(empty_database, Clock()) as house:
        await house.hub.serve(a_question(consumer=NODE))
        first = await house.first()
        for number in (1, 2):
            await house.post.receive(
                arrived(first, Answered(number=number, rows=(ROW,)), mail=10 + number)
            )
        await house.post.receive(arrived(first, Counted(expected=2), mail=20))

        run = Replay(
            reader=a_trail(house.database).reader,
            laws=house.laws.of,
            judge=decide_many,
            zone=house.post.fan.zone,
        )
        found = await run.run()

        assert (found.replayed, list(found.differences)) == (3, [])


async def test_two_processes_say_once_that_the_time_is_over(empty_database: str):
    clock = Clock()
    async with a_house(empty_database, clock) as house:
        for message in range(1, 6):
            await house.hub.serve(a_question(consumer=NODE, message=message))
        clock.pass_by(timedelta(days=11))

        swept = await asyncio.gather(*(house.post.sweep() for _ in range(3)))

        assert sum(swept) == 5
        assert await house.mail(NODE) == [MailKind.FAILURE] * 5
        assert await house.post.sweep() == 0


async def test_a_sweeper_that_died_leaves_what_it_took_to_another(empty_database: str):
    clock = Clock()
    async with a_house(empty_database, clock) as house:
        await house.hub.serve(a_question(consumer=NODE))
        clock.pass_by(timedelta(days=11))
        taken = await house.post.requests.take_due(clock(), lease=timedelta(minutes=1), limit=9)

        assert len(taken) == 1
        assert await house.post.sweep() == 0
        clock.pass_by(timedelta(minutes=2))
        assert await house.post.sweep() == 1


async def test_what_nobody_answers_any_more_is_forgotten(empty_database: str):
    clock = Clock()
    async with a_house(empty_database, clock) as house:
        await house.hub.serve(a_question(consumer=NODE))
        first = await house.first()
        await house.post.receive(arrived(first, Counted(expected=0), mail=3))
        requests = PostgresRequests(database=house.database)

        later = clock() + timedelta(days=90)
        await requests.forget(due_before=later, said_before=later)

        assert await requests.find(first.id) is None
        with pytest.raises(Problem):
            await house.post.receive(arrived(first, Counted(expected=0), mail=3))


async def test_a_request_remembers_which_fields_alone_were_asked(empty_database: str):
    """05/022 §37; the details of a question do not stand in the trail."""
    async with a_house(empty_database, Clock()) as house:
        asked = a_question(consumer=NODE)
        await house.hub.serve(structs.replace(asked, details=(("brief", "true"),)))
        first = await house.first()

        request = await PostgresRequests(database=house.database).find(first.id)

        assert request is not None
        assert request.only == (FIELDS[1],)


@dataclass(frozen=True, kw_only=True)
class Keyless:
    """What a counter needs to know of a seat."""

    ring: KeyRing
    now: Clock
    random_bytes: Callable[[int], bytes] = os.urandom
    settings: Settings = SETTINGS


async def test_a_wall_clock_that_jumps_forgets_nothing_that_counts(empty_database: str):
    clock = Clock()
    async with a_house(empty_database, clock) as house:
        await house.hub.serve(a_question(consumer=NODE))
        first = await house.first()
        await house.post.receive(arrived(first, Counted(expected=0), mail=3))
        counter = Counter.over(
            house.database,
            seat=Keyless(ring=RING, now=clock),
            laws=house.laws,
            boxes=house.boxes,
            master=MasterKey(bytes(32)),
        )
        assert counter.desk.waits == Waits(answers=timedelta(days=3), late=timedelta(days=4))
        await counter.forget()
        clock.pass_by(timedelta(days=200))

        await counter.forget()

        assert await counter.requests.find(first.id) is not None
        clock.pass_by(-timedelta(days=200))
        await house.post.receive(arrived(first, Counted(expected=0), mail=3))


async def test_mail_of_another_flow_than_was_asked_is_not_taken(empty_database: str):
    async with a_house(empty_database, Clock()) as house:
        await house.hub.serve(a_question(consumer=NODE))
        mail = arrived(await house.first(), Counted(expected=1), mail=3)

        with pytest.raises(Malformed, match="flow of the request"):
            await house.post.receive(replace(mail, flow=FlowId("other")))

        assert await house.mail(NODE) == []


async def test_while_the_committer_is_gone_nothing_is_done(empty_database: str):
    async with a_house(empty_database, Clock()) as house:
        await house.hub.serve(a_question(consumer=NODE))
        first = await house.first()
        await house.commit.stop()

        with pytest.raises(Unavailable):
            await house.post.receive(arrived(first, Counted(expected=1), mail=3))

        assert await house.mail(NODE) == []
