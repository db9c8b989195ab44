"""Mailboxes of a running network: an insurer at its node, and an operator with dead letters."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast
from uuid import UUID, uuid4

from tests.acceptance.standing import House, kruispunt, now

from kruispunt.cli.clock import random_bytes
from kruispunt.client import Mailbox
from kruispunt.mailbox import Mailboxes, put_mail
from kruispunt.postgres import Bundle, Commit
from kruispunt.vocabulary import FlowId, InstitutionCode, Mail, MailKind
from kruispunt.web import Http, KeyRingFile, read_ring, seal_for, sealing_key


def insurer(house: House) -> InstitutionCode:
    """One of which no circuit empties the mailbox."""
    circuits = {one.institution for one in house.network.circuits}
    members = house.network.members(house.network.nodes[0])
    return next(code for code in members if code not in circuits)


def a_letter(house: House, content: bytes, *, person: bytes = b"") -> Mail:
    own = insurer(house)
    ring = read_ring(house.place.home(house.node).ring)
    key = sealing_key(ring, own, now=int(now().timestamp()))
    mail = uuid4()
    return Mail(
        id=mail,
        recipient=own,
        kind=MailKind.ANSWER,
        flow=FlowId("L500"),
        ticket="a ticket",
        person=person or mail.bytes,
        sealed=seal_for(key, content),
        sealed_for=key.key_id,
        sent_at=now(),
    )


async def put(house: House, *mails: Mail) -> None:
    """Put mail at the node, in one commit, as the node itself does."""
    async with house.place.home(house.node).database() as database:
        commit = Commit(database, order=Mailboxes(database=database).statements)
        await commit.start()
        writes = tuple(write for mail in mails for write in put_mail(mail))
        await commit.run(Bundle(writes=writes))
        await commit.stop()


@asynccontextmanager
async def mailbox_of(house: House) -> AsyncGenerator[Mailbox]:
    own = insurer(house)
    async with await Http.open() as http:
        yield Mailbox(
            url=house.url(house.node),
            seat=house.node,
            http=http,
            key=house.key(own),
            ring=KeyRingFile.open(house.place.home(own).ring),
            now=now,
            random_bytes=random_bytes,
        )


def told(*words: str) -> list[dict[str, object]]:
    done = kruispunt(*words)
    assert done.returncode == 0, done.stderr
    return cast("list[dict[str, object]]", json.loads(done.stdout))


async def test_an_insurer_that_waits_at_its_node_gets_its_mail_opens_and_acknowledges_it(
    house: House,
):
    mail = a_letter(house, b"three rows")
    async with mailbox_of(house) as mailbox:
        while left := (await mailbox.poll()).letters:
            await mailbox.acknowledge([one.mail.id for one in left])
        asked = asyncio.create_task(mailbox.poll(wait_s=20))
        await asyncio.sleep(0.5)
        await put(house, mail)

        polled = await asked
        gone = await mailbox.acknowledge([mail.id])
        after = await mailbox.poll()

    assert [(one.mail.id, one.content) for one in polled.letters] == [(mail.id, b"three rows")]
    assert gone == 1
    assert after.letters == ()


async def test_an_operator_sees_a_dead_letter_and_releases_or_drops_it(house: House):
    state, seat, own = str(house.place.state), house.node, insurer(house)
    first, second, third = (a_letter(house, b"%d" % n, person=bytes(16)) for n in (1, 2, 3))
    await put(house, first, second, third)
    async with mailbox_of(house) as mailbox:
        await mailbox.dead(first.id, "a field that nobody knows")
        held = await mailbox.poll()

    (box,) = (
        b
        for b in told("mail", "list", "--at", seat, "--json", "--state", state)
        if b["recipient"] == own
    )
    letters = told("mail", "dead", "--at", seat, "--of", own, "--json", "--state", state)
    table = kruispunt("mail", "dead", "--at", seat, "--state", state)
    done = kruispunt("mail", "release", str(first.id), "--at", seat, "--of", own, "--state", state)
    again = kruispunt("mail", "drop", str(first.id), "--at", seat, "--of", own, "--state", state)
    async with mailbox_of(house) as mailbox:
        polled = await mailbox.poll()
        await mailbox.acknowledge([one.mail.id for one in polled.letters])

    assert (held.letters, held.held) == ((), 2)
    assert (box["waiting"], box["held"], box["dead"], box["mode"]) == (2, 2, 1, "poll")
    assert [(UUID(str(one["id"])), one["reason"]) for one in letters] == [
        (first.id, "a field that nobody knows")
    ]
    assert "nobody" in table.stdout
    assert (done.returncode, again.returncode) == (0, 2)
    assert [one.mail.id for one in polled.letters] == [first.id, second.id, third.id]


def test_a_seat_that_is_not_here_has_no_mail(house: House):
    done = kruispunt("mail", "list", "--at", "NOBODY", "--state", str(house.place.state))

    assert done.returncode == 2
    assert "expected a hub or node here" in done.stderr
