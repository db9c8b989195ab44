"""The door of a seat that has mailboxes and nothing else, for the measurement of mail."""

import os
import random
from dataclasses import dataclass
from datetime import timedelta

from kruispunt.cli.clock import now
from kruispunt.gateway import MailboxDoor, Signed
from kruispunt.mailbox import Arrivals, Mailboxes
from kruispunt.postgres import Database
from kruispunt.vocabulary import InstitutionCode, Proof
from kruispunt.web import (
    Address,
    App,
    KeyRing,
    Request,
    Server,
    SigningKey,
    make_key,
    signed_replies,
    verify_request,
)

SEAT = InstitutionCode("SEAT")
LIFE = timedelta(days=1)


def a_key(institution: InstitutionCode) -> SigningKey:
    """The key of an institution: the same in every process of this bench."""
    dice = random.Random(institution).randbytes
    return make_key(institution, key_id=f"{institution}/1", random_bytes=dice)


def ring_of(*institutions: InstitutionCode) -> KeyRing:
    """The keys of these, which count now."""
    moment = now()
    return KeyRing.holding(
        a_key(one).public(not_before=moment - LIFE, not_after=moment + LIFE)
        for one in institutions
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Proves who signed."""

    url: str
    ring: KeyRing

    def caller(self, request: Request, *, tag: str) -> Signed:
        """Who signed a request."""
        received_at = now()
        key, proof = verify_request(
            method=request.method,
            target_uri=self.url + request.target,
            headers=request.headers,
            body=request.body,
            ring=self.ring,
            now=int(received_at.timestamp()),
            tag=tag,
        )
        return Signed(institution=key.institution, proof=proof, received_at=received_at)

    async def claim(self, institution: InstitutionCode, proof: Proof) -> None:
        """Nothing is said to be dead here."""


async def serve(dsn: str, owners: tuple[InstitutionCode, ...]) -> None:
    """Serve the mailboxes of this database until SIGTERM; print the port first."""
    database = await Database.open(dsn, name="kruispunt bench door")
    door = Address().listen()
    port = int(door.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    gate = Gate(url=url, ring=ring_of(*owners))
    arrivals = Arrivals()
    mailbox = MailboxDoor(
        proven=gate,
        boxes=Mailboxes(database=database),
        arrivals=arrivals,
        nonces=gate,
        now=now,
    )
    app = App(
        mailbox.routes,
        random_bytes=os.urandom,
        seal=signed_replies(a_key(SEAT), now=now),
        leave=arrivals.close,
    )
    server = Server(app, Address(fd=door.detach()))
    print(port, flush=True)
    async with arrivals.listening(database):
        await server.run()
    await database.close()
