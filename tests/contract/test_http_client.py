"""The client at a real door: what it believes, when it asks again, and how it fails."""

import asyncio
import inspect
import random
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from textwrap import dedent
from threading import Thread
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.unit.web.givens import NOON, NOW, a_key, a_ring

from kruispunt.client import (
    ASK_PATH,
    ASK_TAG,
    AskFailed,
    AskRefused,
    AskReply,
    AskRequest,
    Client,
    Fault,
    GroundBody,
    Patience,
    PeriodBody,
    Reader,
    ReceiptBody,
    SyncClient,
    canonical,
)
from kruispunt.vocabulary import (
    Forbidden,
    MessageInFlight,
    SameMessageOtherContent,
    SmallTree,
    Ssin,
    Unavailable,
    check_digits,
    group_head,
    leaf_hash,
)
from kruispunt.web import (
    Address,
    App,
    HttpReply,
    Request,
    Route,
    Server,
    SigningKey,
    json_reply,
    render,
    signed_replies,
    verify_request,
)

ENTRY = UUID("0192f0e0-0000-7000-8000-000000000001")
SSIN = Ssin(f"850730033{check_digits(850730033):02d}")
RING = a_ring(a_key("A"), a_key("H"))
QUICK = Patience(total_s=3, each_s=0.3, attempts=3, wait_s=0.01, longest_wait_s=2)


def a_receipt(*, signer: SigningKey | None = None, entry: UUID = ENTRY) -> ReceiptBody:
    tree = SmallTree.over([leaf_hash(bytes([n])) for n in range(5)])
    key = signer or a_key("H")
    head = group_head(origin="H", size=5, root=tree.root, recorded_at=NOON)
    return ReceiptBody(
        entry=entry,
        recorded_at=NOON,
        leaf=tree.levels[0][3],
        index=3,
        size=5,
        path=tree.path(3),
        root=tree.root,
        origin="H",
        key_id=key.key_id,
        signature=key.sign(head),
    )


def an_answer(receipt: ReceiptBody | None = None) -> AskReply:
    return AskReply(
        ticket=ENTRY,
        outcome="given",
        rows=[{"a": "1.50", "b": None}],
        fields=["a", "b"],
        withheld=[],
        ground=GroundBody(clause="c", deliberation="d", paragraph="§ 1"),
        receipt=receipt or a_receipt(),
        repeated=False,
    )


def good() -> HttpReply:
    return json_reply(canonical(an_answer()))


@dataclass
class TinyHub:
    """A door that proves who asks, and answers as the test wants it to."""

    answers: list[HttpReply | float]
    """Replies in turn, the last one for ever; a number: silence for so many seconds first."""

    seal: bool = True
    key: SigningKey = field(default_factory=lambda: a_key("H"))
    asked: list[AskRequest] = field(default_factory=list[AskRequest])
    nonces: list[bytes] = field(default_factory=list[bytes])
    traces: list[str] = field(default_factory=list[str])
    url: str = ""

    async def answer(self, request: Request) -> HttpReply:
        _, proof = verify_request(
            method=request.method,
            target_uri=self.url + request.target,
            headers=request.headers,
            body=request.body,
            ring=RING,
            now=NOW,
            tag=ASK_TAG,
        )
        question = Reader(AskRequest).read(request.body)
        assert canonical(question) == request.body
        self.asked.append(question)
        self.nonces.append(proof.nonce)
        self.traces.append(request.headers.get("traceparent", ""))
        told = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(told, HttpReply):
            return told
        await asyncio.sleep(told)
        return good()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[str]:
        route = Route(method="POST", template=ASK_PATH + "{flow}", handler=self.answer)
        dice = random.Random(4).randbytes
        seal = signed_replies(self.key, now=lambda: NOON) if self.seal else None
        server = Server(App([route], random_bytes=dice, seal=seal), Address())
        running = asyncio.create_task(server.run(signals=False))
        await asyncio.sleep(0.05)
        self.url = f"http://127.0.0.1:{server.port}"
        try:
            yield self.url
        finally:
            server.stop()
            await running


def settings(**other: Any) -> Any:
    dice = random.Random(5).randbytes
    given = {"hub": "H", "key": a_key("A"), "ring": RING, "now": lambda: NOON}
    return {**given, "random_bytes": dice, "patience": QUICK, **other}


async def ask(hub: TinyHub, **other: Any) -> AskReply:
    async with hub.open() as url, await Client.open(url, **settings(**other)) as client:
        return await client.ask(
            "some.flow", ssin=SSIN, purpose="some-purpose", begin=date(2024, 1, 1)
        )


async def test_a_question_gets_its_proven_answer():
    hub = TinyHub([good()])

    reply = await ask(hub)

    assert reply == an_answer()
    assert hub.asked[0].ssin == SSIN.digits
    assert hub.asked[0].period.end_date is None


@pytest.mark.parametrize(
    "first",
    [
        render(Unavailable(retry_after_s=0)),
        render(Unavailable()),
        render(MessageInFlight(retry_after_s=0)),
        1.0,
    ],
)
async def test_the_same_message_is_asked_again_under_a_new_nonce(first: HttpReply | float):
    hub = TinyHub([first, good()])

    reply = await ask(hub)

    assert reply.ticket == ENTRY
    assert len(hub.asked) == 2
    assert hub.asked[0] == hub.asked[1]
    assert hub.nonces[0] != hub.nonces[1]


async def test_asking_again_waits_as_long_as_it_was_told():
    began = asyncio.get_running_loop().time()

    await ask(TinyHub([render(Unavailable(retry_after_s=1)), good()]))

    assert asyncio.get_running_loop().time() - began >= 1


async def test_asking_again_ends():
    hub = TinyHub([render(Unavailable(retry_after_s=0))])

    with pytest.raises(AskFailed) as caught:
        await ask(hub)

    assert caught.value.fault is Fault.PROBLEM
    assert caught.value.problem is not None
    assert caught.value.problem.status == 503
    assert len(hub.asked) == QUICK.attempts


async def test_a_wait_that_is_too_long_is_left_to_the_caller():
    hub = TinyHub([render(Unavailable(retry_after_s=60)), good()])

    with pytest.raises(AskFailed):
        await ask(hub)

    assert len(hub.asked) == 1


async def test_silence_fails_within_the_time_there_is():
    began = asyncio.get_running_loop().time()

    with pytest.raises(AskFailed) as each:
        await ask(TinyHub([0.6]), patience=replace(QUICK, attempts=2))
    with pytest.raises(AskFailed) as total:
        await ask(TinyHub([0.6]), patience=replace(QUICK, total_s=0.2))

    assert each.value.fault is total.value.fault is Fault.SILENT
    assert asyncio.get_running_loop().time() - began < 4


async def test_nobody_there_is_silence():
    async with await Client.open("http://127.0.0.1:1", **settings()) as client:
        with pytest.raises(AskFailed) as caught:
            await client.ask("some.flow", ssin=SSIN, purpose="p", begin=date(2024, 1, 1))

    assert caught.value.fault is Fault.SILENT
    assert SSIN.digits not in str(caught.value)


@pytest.mark.parametrize(("ticket", "repeated"), [(ENTRY, False), (UUID(int=1), True)])
async def test_a_refusal_brings_its_reason_and_its_receipt(ticket: UUID, repeated: bool):
    told = render(
        Forbidden("not now"),
        reason="no-file",
        ticket=ticket,
        receipt=a_receipt(),
        repeated=repeated,
    )

    with pytest.raises(AskRefused) as caught:
        await ask(TinyHub([told]))

    assert caught.value.reason == "no-file"
    assert caught.value.problem.receipt == a_receipt()


async def test_another_problem_is_a_failure_that_is_not_tried_again():
    hub = TinyHub([render(SameMessageOtherContent("used"))])

    with pytest.raises(AskFailed, match="409") as caught:
        await ask(hub)

    assert caught.value.problem is not None
    assert caught.value.problem.detail == "used"
    assert len(hub.asked) == 1


@pytest.mark.parametrize("told", [good(), render(Forbidden(), reason="no-file")])
async def test_what_the_hub_did_not_sign_is_not_believed(told: HttpReply):
    for hub in (TinyHub([told], seal=False), TinyHub([told], key=a_key("A"))):
        with pytest.raises(AskFailed) as caught:
            await ask(hub)
        assert caught.value.fault is Fault.NOT_PROVEN


@pytest.mark.parametrize(
    "receipt",
    [
        msgspec.structs.replace(a_receipt(), index=2),
        msgspec.structs.replace(a_receipt(), leaf=b"\0" * 32),
        msgspec.structs.replace(a_receipt(), leaf=b"\0" * 31),
        msgspec.structs.replace(a_receipt(), path=a_receipt().path[:-1]),
        msgspec.structs.replace(a_receipt(), size=6),
        msgspec.structs.replace(a_receipt(), root=b"\0" * 32),
        msgspec.structs.replace(a_receipt(), origin="X"),
        msgspec.structs.replace(a_receipt(), recorded_at=datetime(2020, 1, 1, tzinfo=UTC)),
        msgspec.structs.replace(a_receipt(), key_id="A-1"),
        msgspec.structs.replace(a_receipt(), signature=b"\0" * 64),
        a_receipt(signer=a_key("A")),
        a_receipt(entry=UUID(int=2)),
    ],
)
async def test_a_receipt_that_proves_nothing_is_not_accepted(receipt: ReceiptBody):
    given = json_reply(canonical(an_answer(receipt)))
    refused = render(Forbidden(), reason="no-file", ticket=ENTRY, receipt=receipt)

    for told in (given, refused):
        with pytest.raises(AskFailed) as caught:
            await ask(TinyHub([told]))
        assert caught.value.fault is Fault.RECEIPT_WRONG


@pytest.mark.parametrize("body", [b"{}", b"", b"[" * 10_000, b'{"ticket":1}'])
async def test_an_answer_of_another_shape_is_not_read(body: bytes):
    with pytest.raises(AskFailed) as caught:
        await ask(TinyHub([json_reply(body)]))

    assert caught.value.fault is Fault.UNREADABLE


async def test_an_answer_beyond_the_limit_is_not_read():
    with pytest.raises(AskFailed) as caught:
        await ask(TinyHub([good()]), max_bytes=100)

    assert caught.value.fault is Fault.NOT_HTTP


async def test_a_problem_that_can_not_be_read_is_still_a_failure_with_its_status():
    page = HttpReply(status=502, headers={"content-type": "text/html"}, body=b"<html>")

    with pytest.raises(AskFailed, match="502"):
        await ask(TinyHub([page]))


async def test_many_answers_of_one_group_are_all_believed():
    hub = TinyHub([good()])

    async with hub.open() as url, await Client.open(url, **settings()) as client:
        question = AskRequest(
            message_id=UUID(int=7),
            purpose="p",
            ssin=SSIN.digits,
            period=PeriodBody(begin_date=date(2024, 1, 1)),
        )
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
        replies = await asyncio.gather(
            *(client.send("some.flow", question, traceparent=trace) for _ in range(20))
        )

    assert all(reply == an_answer() for reply in replies)
    assert set(hub.traces) == {trace}
    assert len(set(hub.nonces)) == 20


def example(of: type) -> str:
    """The example in a docstring, without what leads to it."""
    return dedent((inspect.getdoc(of) or "").split("Example::")[1])


async def test_the_example_of_the_client_runs():
    hub = TinyHub([good()])
    names = settings() | {"ssin": SSIN, "begin": date(2024, 1, 1)}
    lines = "".join(f"    {line}\n" for line in example(Client).strip().splitlines())

    async with hub.open() as url:
        names |= {"url": url, "dice": names["random_bytes"]}
        exec(f"async def run():\n{lines}    await client.close()\n    return reply", names)
        reply = await names["run"]()

    assert reply == an_answer()


@contextmanager
def a_hub_elsewhere(hub: TinyHub) -> Generator[str]:
    """The hub on a thread of its own, for a caller that has no event loop."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever)
    thread.start()
    opened = hub.open()
    try:
        yield asyncio.run_coroutine_threadsafe(opened.__aenter__(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(opened.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_the_client_without_an_event_loop_answers_and_refuses_alike():
    refused = render(Forbidden(), reason="no-file")
    names = settings() | {"ssin": SSIN, "begin": date(2024, 1, 1)}

    with a_hub_elsewhere(TinyHub([good(), refused])) as url:
        names |= {"url": url, "dice": names["random_bytes"]}
        exec(example(SyncClient), names)
        client = SyncClient(url, **settings())
        with pytest.raises(AskRefused, match="no-file"):
            client.ask("some.flow", ssin=SSIN, purpose="p", begin=date(2024, 1, 1))
        client.close()
        client.close()

    assert names["reply"] == an_answer()
