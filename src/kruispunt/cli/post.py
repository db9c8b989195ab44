"""The post of a seat, opened: what its mail is sealed with, and what it says when time is over."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hmac import digest
from typing import Final, Protocol
from zoneinfo import ZoneInfo

import structlog

from kruispunt.audit import MasterKey, Trail
from kruispunt.cli.network import Network
from kruispunt.cli.settings import MailSettings, Settings
from kruispunt.exchange import (
    Batches,
    Claims,
    Desk,
    Directory,
    Fan,
    Identity,
    KeptLaws,
    Outgoing,
    Post,
    PostgresRequests,
    PostgresSpent,
    Relay,
    Waits,
)
from kruispunt.law import Flow, Supply
from kruispunt.mailbox import Mailboxes
from kruispunt.postgres import Commit, Database, StoreClock
from kruispunt.vocabulary import InstitutionCode, KeyId, Ssin, Unavailable, person_hash
from kruispunt.web import KeyWrong, NotOpened, Opener, Ring, open_sealed, seal_for, sealing_key

_log: Final = structlog.stdlib.get_logger(__name__)

SWEEP_EVERY_S: Final = 5.0
FORGET_EVERY: Final = 720
"""Sweeps between two times of forgetting: an hour."""

SAID_FOR: Final = timedelta(days=120)
"""How long it is remembered that something was said: longer than mail waits and is still taken."""


class Seat(Protocol):
    """The keys and the chance of the institution whose post it is."""

    @property
    def ring(self) -> Ring: ...

    @property
    def now(self) -> Callable[[], datetime]: ...

    @property
    def random_bytes(self) -> Callable[[int], bytes]: ...

    @property
    def settings(self) -> Settings: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Seals:
    """Seals to the newest key of the recipient, and knows the mail of one person by a hash.

    The key of that hash is derived from the master key, which stands in no database.
    """

    ring: Ring
    now: Callable[[], datetime]
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, seat: Seat, master: MasterKey) -> "Seals":
        """The seals of a seat."""
        secret = digest(master.secret, b"kruispunt/mail/person", "sha256")
        return cls(ring=seat.ring, now=seat.now, secret=secret)

    def seal(self, recipient: InstitutionCode, content: bytes) -> tuple[KeyId, bytes]:
        """The key that opens it, and the content sealed to it.

        Raises:
            Unavailable: no key of the recipient counts now.
        """
        try:
            key = sealing_key(self.ring, recipient, now=int(self.now().timestamp()))
            return key.key_id, seal_for(key, content)
        except KeyWrong as wrong:
            raise Unavailable("no key to seal this mail with", retry_after_s=60) from wrong

    def person(self, ssin: Ssin) -> bytes:
        """A hash that says nothing to who has not the key of this seat."""
        return person_hash(ssin, secret=self.secret)


def _waits(mail: MailSettings) -> Waits:
    return Waits(answers=timedelta(days=mail.answer_days), late=timedelta(days=mail.late_days))


def is_offered(flow: Flow, network: Network, seat: InstitutionCode) -> bool:
    """A flow answered by mail is asked where its supplier sits in this network, but not of it.

    The supplier hears of it by mail of the hub alone. A file is sent, never asked for; an
    integration is no question.
    """
    if flow.supply in (Supply.FILE, Supply.INTEGRATION):
        return False
    if flow.supply is not Supply.BY_DIRECTORY:
        return True
    seated = {node.institution for node in network.nodes}
    return flow.supplier in seated and flow.supplier != seat


def opening(opener: Opener) -> Callable[[bytes, KeyId], bytes | None]:
    """Opens what was sealed to a key that this seat has or had."""

    def open_it(sealed: bytes, key: KeyId, /) -> bytes | None:
        try:
            return open_sealed(opener, sealed, key_id=key)
        except NotOpened:
            return None

    return open_it


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What the desk and the post of a seat share."""

    seat: Seat
    laws: KeptLaws
    requests: PostgresRequests
    outgoing: Outgoing
    clock: StoreClock
    waits: Waits

    @classmethod
    def over(
        cls,
        database: Database,
        *,
        seat: Seat,
        laws: KeptLaws,
        boxes: Mailboxes,
        master: MasterKey,
    ) -> "Counter":
        """The requests of this database, and the mail to its mailboxes."""
        outgoing = Outgoing(
            mailboxes=boxes,
            envelopes=Seals.of(seat, master),
            now=seat.now,
            random_bytes=seat.random_bytes,
        )
        return cls(
            seat=seat,
            laws=laws,
            requests=PostgresRequests(database=database),
            outgoing=outgoing,
            clock=Claims(database=database).clock(),
            waits=_waits(seat.settings.mail),
        )

    @property
    def desk(self) -> Desk:
        """What stands beside an entry whose answers come by mail."""
        return Desk(
            laws=self.laws, requests=self.requests, outgoing=self.outgoing, waits=self.waits
        )

    def post(
        self,
        *,
        identity: Identity,
        directory: Directory,
        trail: Trail,
        commit: Commit,
        zone: ZoneInfo,
    ) -> Post:
        """What takes mail."""
        relay = Relay(
            laws=self.laws,
            trail=trail,
            requests=self.requests,
            outgoing=self.outgoing,
            waits=self.waits,
            now=self.seat.now,
            random_bytes=self.seat.random_bytes,
        )
        fan = Fan(
            identity=identity,
            directory=directory,
            laws=self.laws,
            trail=trail,
            requests=self.requests,
            outgoing=self.outgoing,
            waits=self.waits,
            zone=zone,
            now=self.seat.now,
            random_bytes=self.seat.random_bytes,
        )
        batches = Batches(
            identity=identity,
            directory=directory,
            laws=self.laws,
            trail=trail,
            spent=PostgresSpent(database=self.requests.database),
            outgoing=self.outgoing,
            zone=zone,
            now=self.seat.now,
            random_bytes=self.seat.random_bytes,
        )
        return Post(
            fan=fan,
            relay=relay,
            batches=batches,
            requests=self.requests,
            commit=commit,
            now=self.seat.now,
        )

    @asynccontextmanager
    async def sweeping(self, post: Post) -> AsyncGenerator[None]:
        """Say now and then which requests are late, while the seat is open."""
        task = asyncio.create_task(self._forever(post), name="sweep requests")
        try:
            yield
        finally:
            task.cancel()

    async def forget(self) -> None:
        """Forget what is old by the store's clock: a wall clock may jump.

        Raises:
            Unavailable: the database can't be reached; the next time makes up for it.
        """
        before = await self.clock.tick(now=self.seat.now()) - SAID_FOR
        await self.requests.forget(due_before=before, said_before=before)

    async def _forever(self, post: Post) -> None:
        turn = 0
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            turn += 1
            try:
                await post.sweep()
                if turn % FORGET_EVERY == 0:
                    await self.forget()
            except Exception:  # noqa: BLE001 - told, and tried again: an ended sweep would be worse
                _log.exception("post.sweep.failed")
