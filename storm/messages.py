"""What is done to messages on their way in: twice at once, reordered, in part, much later."""

import asyncio
from collections.abc import Mapping
from time import monotonic
from typing import Final
from uuid import UUID

from kruispunt.cli.clock import random_bytes
from kruispunt.web import HttpReply
from storm.ask import Sent
from storm.ask_many import send_many
from storm.faults import Fault
from storm.kept import HUNG_UP, TRUNCATED, Kept, Window
from storm.scene import Scene
from storm.wire import request, send, send_part

TIMES: Final = 12
SETS: Final = 2


async def duplicate(scene: Scene, window: Window) -> None:
    """The same bytes twice at once, over two connections: one is answered."""
    for _ in range(TIMES):
        sent = scene.asker.new(scene.wishes.one(), kind="duplicate")
        pair = [await asyncio.gather(_bytes(scene, sent), _bytes(scene, sent))]
        answered = [kept for both in pair for kept in both if kept.status in (200, 403)]
        if len(answered) > 1:
            answered[0].faults.append("the same bytes were answered twice")
    window.recovered_s = await scene.well()


async def reorder(scene: Scene, window: Window) -> None:
    """Signed first, sent last; and a repeat that comes before its message."""
    for _ in range(TIMES // 4):
        early = [scene.asker.new(scene.wishes.one(), kind="reordered") for _ in range(4)]
        again = [scene.asker.new(s.wish, message=s.kept.message, kind="reordered") for s in early]
        for sent in (*reversed(again), *reversed(early)):
            await _bytes(scene, sent)
    window.recovered_s = await scene.well()


async def truncate(scene: Scene, window: Window) -> None:
    """Part of a message, and then the connection ends: nothing comes of it."""
    for n in range(TIMES):
        sent = scene.asker.new(scene.wishes.one(), kind=TRUNCATED)
        data = _encoded(sent)
        scene.asker.kept.append(sent.kept)
        sent.kept.began = monotonic()
        least = len(data) - len(sent.body)
        part = scene.chance.randrange(10, least) if n % 3 == 0 else least + len(sent.body) // 2
        await send_part(sent.url, data[:part], linger_s=0.05)
        sent.kept.ended = monotonic()
    window.recovered_s = await scene.well()


async def hang_up(scene: Scene, window: Window) -> None:
    """A whole message, and then nobody listens: whatever was granted has its outcome."""
    for _ in range(TIMES):
        sent = scene.asker.new(scene.wishes.one("data"), kind=HUNG_UP)
        scene.asker.kept.append(sent.kept)
        sent.kept.began = monotonic()
        await send_part(sent.url, _encoded(sent), linger_s=scene.chance.uniform(0, 0.02))
        sent.kept.ended = monotonic()
    window.recovered_s = await scene.well()


async def replay(scene: Scene, window: Window) -> None:
    """Bytes that were answered a while ago, again; and their id for another content."""
    held = list(scene.load.answered)
    for old in scene.chance.sample(held, min(TIMES, len(held))):
        await replayed(scene, old)
        other = scene.asker.new(
            old.wish, message=old.kept.message, ticket="another", kind="other-content"
        )
        await _bytes(scene, other)
    for many in scene.chance.sample(list(scene.load.sets), min(SETS, len(scene.load.sets))):
        await send_many(scene.asker, many.again())
    window.recovered_s = await scene.well()


async def replayed(scene: Scene, old: Sent) -> Kept:
    """The bytes of an earlier question once more."""
    kept = Kept(
        seat=old.kept.seat,
        flow=old.kept.flow,
        consumer=old.kept.consumer,
        message=old.kept.message,
        nonce=old.kept.nonce,
        kind="replayed",
    )
    again = Sent(wish=old.wish, url=old.url, body=old.body, headers=old.headers, kept=kept)
    return await _bytes(scene, again)


async def garble(scene: Scene, window: Window) -> None:
    """A body that is shorter than was signed, or not JSON though signed: refused at the door."""
    for n in range(TIMES):
        sent = scene.asker.new(scene.wishes.one(), kind="garbled")
        if n % 2:
            sent.body = sent.body[:-3]
        else:
            fresh = UUID(bytes=random_bytes(16), version=4)
            sent = scene.asker.signed(sent.wish, sent.body[:-3], message=fresh, kind="garbled")
        kept = await _bytes(scene, sent)
        wanted = 401 if n % 2 else 400
        if kept.status != wanted:
            kept.faults.append(f"a garbled message: expected {wanted}, found {kept.status}")
    window.recovered_s = await scene.well()


async def _bytes(scene: Scene, sent: Sent) -> Kept:
    """Send a question over a connection of its own, and keep what comes of it.

    The same question may be under way twice: each has what is kept of it for itself.
    """
    kept = Kept(
        seat=sent.kept.seat,
        flow=sent.kept.flow,
        consumer=sent.kept.consumer,
        message=sent.kept.message,
        nonce=sent.kept.nonce,
        kind=sent.kept.kind,
    )
    own = Sent(wish=sent.wish, url=sent.url, body=sent.body, headers=sent.headers, kept=kept)
    scene.asker.kept.append(kept)
    kept.began = monotonic()
    reply = await send(sent.url, _encoded(sent))
    kept.ended = monotonic()
    if reply is not None:
        told = HttpReply(status=reply.status, headers=dict(reply.headers), body=reply.body)
        scene.asker.read(own, told)
    return kept


def _encoded(sent: Sent) -> bytes:
    return request(sent.url, sent.body, sent.headers).encoded()


MESSAGES: Final[Mapping[str, Fault]] = {
    "duplicated": duplicate,
    "reordered": reorder,
    "truncated": truncate,
    "hung-up": hang_up,
    "replayed": replay,
    "garbled": garble,
}
