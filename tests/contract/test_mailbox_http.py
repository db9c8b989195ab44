"""A mailbox over HTTP: its owner gets its own mail, opened, and nobody else does."""

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from msgspec import structs
from tests.contract.mailbox_house import DAY, MOMENT, a_mail
from tests.unit.web.givens import a_key

from kruispunt.client import (
    MAIL_PATH,
    MAIL_TAG,
    MAILBOX_PATH,
    MAILBOX_TAG,
    AskFailed,
    Correspondent,
    Fault,
    MailBody,
    Mailbox,
    Reader,
)
from kruispunt.gateway import MailboxDoor, Signed
from kruispunt.mailbox import Arrivals, MemoryMailboxes, Mode
from kruispunt.vocabulary import InstitutionCode, Mail, Proof, WrongSignature
from kruispunt.web import (
    Address,
    App,
    Http,
    HttpReply,
    KeyRing,
    Limits,
    Request,
    Route,
    Server,
    SigningKey,
    json_reply,
    seal_for,
    signed_replies,
    verify_request,
)

SEAT, ANNA, BERT = a_key("SEAT"), a_key("ANNA"), a_key("BERT")
RING = KeyRing.holding(
    key.public(not_before=MOMENT - DAY, not_after=MOMENT + 999 * DAY) for key in (SEAT, ANNA, BERT)
)


@dataclass
class Gate:
    """Proves callers, and remembers what was claimed and what mail came up."""

    url: str = ""
    now: datetime = MOMENT
    claimed: set[bytes] = field(default_factory=set[bytes])
    sent: list[MailBody] = field(default_factory=list[MailBody])

    def caller(self, request: Request, *, tag: str) -> Signed:
        key, proof = verify_request(
            method=request.method,
            target_uri=self.url + request.target,
            headers=request.headers,
            body=request.body,
            ring=RING,
            now=int(self.now.timestamp()),
            tag=tag,
        )
        return Signed(institution=key.institution, proof=proof, received_at=self.now)

    async def claim(self, institution: InstitutionCode, proof: Proof) -> None:
        if proof.nonce in self.claimed:
            raise WrongSignature("used before")
        self.claimed.add(proof.nonce)

    async def take(self, request: Request) -> HttpReply:
        self.caller(request, tag=MAIL_TAG)
        body = Reader(MailBody).read(request.body)
        self.sent.append(body)
        return json_reply(b'{"id":"%s"}' % str(body.id).encode())


@dataclass(kw_only=True)
class Post:
    """A seat with mailboxes behind a door, on a real socket."""

    gate: Gate
    boxes: MemoryMailboxes
    arrivals: Arrivals
    http: Http
    server: Server

    def mailbox(self, key: SigningKey = ANNA) -> Mailbox:
        return Mailbox(
            url=self.gate.url,
            seat=SEAT.institution,
            http=self.http,
            key=key,
            ring=RING,
            now=lambda: self.gate.now,
            random_bytes=os.urandom,
        )

    def put(self, *mails: Mail) -> None:
        self.boxes.add(*mails)
        for mail in mails:
            self.arrivals.came(mail.recipient)


def letter(number: int, *, content: bytes = b"content", key: SigningKey = ANNA) -> Mail:
    public = RING.find(key.key_id)
    assert public is not None
    mail = a_mail(number, to=key.institution)
    return structs.replace(mail, sealed=seal_for(public, content), sealed_for=key.key_id)


async def _said(_request: Request) -> HttpReply:
    return json_reply(b"{}")


@asynccontextmanager
async def opened(*, at_once: int = 64) -> AsyncGenerator[Post]:
    gate, boxes, arrivals = Gate(), MemoryMailboxes(), Arrivals(look_every_s=60)
    door = MailboxDoor(
        proven=gate, boxes=boxes, arrivals=arrivals, nonces=gate, now=lambda: MOMENT
    )
    app = App(
        [
            *door.routes,
            Route(method="POST", template=MAIL_PATH, handler=gate.take),
            Route(method="GET", template="/question", handler=_said),
        ],
        random_bytes=os.urandom,
        seal=signed_replies(SEAT, now=lambda: gate.now),
        limits=Limits(at_once=at_once),
        leave=arrivals.close,
    )
    server = Server(app, Address())
    gate.url = f"http://127.0.0.1:{server.port}"
    running = asyncio.create_task(server.run(signals=False))
    async with await Http.open() as http:
        yield Post(gate=gate, boxes=boxes, arrivals=arrivals, http=http, server=server)
        server.stop()
        await running


@pytest.fixture
async def post() -> AsyncGenerator[Post]:
    async with opened() as found:
        yield found


async def refused(call: Awaitable[object]) -> AskFailed:
    with pytest.raises(AskFailed) as caught:
        await call
    return caught.value


async def test_an_owner_polls_opens_acknowledges_and_reads_on(post: Post):
    mails = [letter(number, content=b"content %d" % number) for number in (1, 2, 3)]
    post.put(*mails, letter(9, key=BERT))
    anna = post.mailbox()

    polled = await anna.poll(limit=2)
    gone = await anna.acknowledge([one.mail.id for one in polled.letters])
    rest = await anna.poll(after=polled.last)

    assert [one.content for one in polled.letters] == [b"content 1", b"content 2"]
    assert [one.mail for one in polled.letters] == mails[:2]
    assert gone == 2
    assert [one.content for one in rest.letters] == [b"content 3"]
    assert (await post.mailbox(BERT).poll()).letters[0].mail.id == UUID(int=9)


async def test_who_polls_while_there_is_nothing_is_answered_when_mail_comes(post: Post):
    asked = asyncio.create_task(post.mailbox().poll(wait_s=30))
    await waiting(post, 1)

    post.put(letter(1))

    async with asyncio.timeout(5):
        polled = await asked
    assert [one.mail.id.int for one in polled.letters] == [1]


async def waiting(post: Post, count: int) -> None:
    for _ in range(500):
        if post.arrivals.waiting == count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("expected more to wait")


async def test_who_waits_takes_no_place_of_those_who_ask():
    async with opened(at_once=2) as post:
        polls = [asyncio.create_task(post.mailbox().poll(wait_s=30)) for _ in range(6)]
        await waiting(post, 6)

        reply = await post.http.get(
            post.gate.url + "/question", headers={}, timeout_s=5, max_bytes=100
        )

        assert reply.status == 200
        post.put(letter(1))
        async with asyncio.timeout(5):
            assert all(polled.letters for polled in await asyncio.gather(*polls))


async def test_many_polls_of_one_owner_are_bounded_and_the_first_are_answered(post: Post):
    polls = [asyncio.create_task(post.mailbox().poll(wait_s=30)) for _ in range(12)]

    async with asyncio.timeout(10):
        done, still = await asyncio.wait(polls, timeout=1)
        assert len(done) == 4
        assert all(task.result().letters == () for task in done)
        post.put(letter(1))
        assert all(polled.letters for polled in await asyncio.gather(*still))


async def test_a_server_that_ends_answers_who_waits_at_once(post: Post):
    asked = asyncio.create_task(post.mailbox().poll(wait_s=30))
    await waiting(post, 1)

    post.server.stop()

    async with asyncio.timeout(5):
        assert (await asked).letters == ()


async def test_a_mail_that_can_t_be_opened_is_said_so_and_made_a_dead_letter_by_its_owner(
    post: Post,
):
    bent = letter(1)
    bent = structs.replace(bent, sealed=bent.sealed[:-1] + bytes([bent.sealed[-1] ^ 1]))
    post.put(bent, structs.replace(letter(2), person=bent.person), letter(3))
    anna = post.mailbox()

    polled = await anna.poll()
    said = [await anna.dead(UUID(int=1), "can't be opened") for _ in range(2)]
    after = await anna.poll()

    assert [one.content for one in polled.letters] == [None, b"content", b"content"]
    assert said == [True, False]
    assert [one.mail.id.int for one in after.letters] == [3]
    assert after.held == 1
    (dead,) = await post.boxes.dead_letters()
    assert dead.reason == "can't be opened"


async def test_nobody_empties_the_mailbox_of_another(post: Post):
    post.put(letter(1))
    bert = post.mailbox(BERT)

    assert (await bert.poll()).letters == ()
    assert await bert.acknowledge([UUID(int=1)]) == 0
    assert not await bert.dead(UUID(int=1), "not mine")

    assert len((await post.mailbox().poll()).letters) == 1


async def test_a_mailbox_whose_mail_is_brought_is_not_polled(post: Post):
    post.put(letter(1))
    await post.boxes.set_modes(["ANNA"], Mode.PUSH)

    failed = await refused(post.mailbox().poll(wait_s=5))

    assert failed.problem is not None
    assert (failed.problem.status, failed.problem.title) == (409, "mailbox emptied in another way")


async def test_mail_is_sent_up_under_the_tag_of_mail(post: Post):
    mail = letter(7)

    await post.mailbox().send(mail)
    await post.mailbox().send(mail)

    assert [body.id for body in post.gate.sent] == [mail.id, mail.id]
    assert post.gate.sent[0].sealed == mail.sealed


async def test_a_reply_that_another_signed_is_not_believed(post: Post):
    impostor = replace(post.mailbox(), seat=BERT.institution)

    failed = await refused(impostor.poll())

    assert failed.fault is Fault.NOT_PROVEN


async def test_a_signature_for_something_else_opens_no_mailbox(post: Post):
    calls = Correspondent(
        http=post.http, key=ANNA, ring=RING, now=lambda: post.gate.now, random_bytes=os.urandom
    )
    url, seat = post.gate.url + MAILBOX_PATH, SEAT.institution

    other = await refused(calls.call("GET", url, seat, tag="kruispunt-ask"))
    post.gate.now = MOMENT + timedelta(seconds=1)
    fine = await calls.call("GET", url, seat, tag=MAILBOX_TAG)

    assert other.problem is not None
    assert other.problem.status == 401
    assert fine.status == 200


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("after=-1", ["after"]),
        ("after=9223372036854775808", ["after"]),
        ("limit=0", ["limit"]),
        ("limit=1001", ["limit"]),
        ("wait=31", ["wait"]),
        ("wait=1.5&after=x&limit=", ["wait", "after", "limit"]),
        ("after=1&after=1", ["after"]),
        ("since=1", ["?"]),
        ("after=%D9%A1", ["after"]),
    ],
)
async def test_each_thing_that_is_wrong_with_a_query_is_named_with_its_rule(
    post: Post, query: str, names: list[str]
):
    calls = Correspondent(
        http=post.http, key=ANNA, ring=RING, now=lambda: MOMENT, random_bytes=os.urandom
    )
    url = f"{post.gate.url}{MAILBOX_PATH}?{query}"

    failed = await refused(calls.call("GET", url, SEAT.institution, tag=MAILBOX_TAG))

    assert failed.problem is not None
    assert failed.problem.status == 400
    assert [issue.name for issue in failed.problem.issues] == names


BODIES: list[tuple[str, bytes, str]] = [
    ("acknowledge", b'{"ids":[]}', "ids"),
    ("acknowledge", b'{"ids":["x"]}', "ids[0]"),
    ("acknowledge", b"{}", "ids"),
    ("dead", b'{"id":"00000000-0000-0000-0000-000000000001","reason":""}', "reason"),
    ("dead", b'{"id":"00000000-0000-0000-0000-000000000001","reason":"a\\nb"}', "reason"),
    ("dead", b'{"id":"00000000-0000-0000-0000-000000000001"}', "reason"),
    ("dead", b'{"id":"00000000-0000-0000-0000-000000000001","reason":"a","why":1}', "why"),
]


@pytest.mark.parametrize(("verb", "body", "name"), BODIES)
async def test_each_thing_that_is_wrong_with_a_body_is_named(
    post: Post, verb: str, body: bytes, name: str
):
    calls = Correspondent(
        http=post.http, key=ANNA, ring=RING, now=lambda: MOMENT, random_bytes=os.urandom
    )
    url = f"{post.gate.url}{MAILBOX_PATH}/{verb}"

    failed = await refused(calls.call("POST", url, SEAT.institution, tag=MAILBOX_TAG, body=body))

    assert failed.problem is not None
    assert [issue.name for issue in failed.problem.issues][:1] == [name]


async def test_that_a_mail_is_dead_is_said_once_under_one_signature(post: Post):
    post.put(letter(1))
    anna = replace(post.mailbox(), random_bytes=bytes)

    first = await anna.dead(UUID(int=1), "poison")
    failed = await refused(anna.dead(UUID(int=1), "poison"))

    assert first
    assert failed.problem is not None
    assert failed.problem.status == 401
