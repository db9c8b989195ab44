"""Questions as institutions sign them, and how much of the reply can be believed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from time import monotonic
from typing import Final
from uuid import UUID

import msgspec

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House
from kruispunt.client import (
    ASK_PATH,
    ASK_TAG,
    AskReply,
    AskRequest,
    PeriodBody,
    ProblemBody,
    ReceiptCheck,
    ReceiptWrong,
    canonical,
)
from kruispunt.vocabulary import InstitutionCode, Ssin
from kruispunt.web import (
    Http,
    HttpReply,
    HttpSilent,
    HttpWrong,
    KeyRingFile,
    ReplyNotProven,
    SigningKey,
    read_key,
    sign_request,
    verify_reply,
)
from storm.kept import ANSWERED, LOST, REFUSED, Kept
from storm.lies import EXTRA

LIFE_S: Final = 290
PATIENCE_S: Final = 15.0
MAX_BYTES: Final = 2**20

_read_answer: Final = msgspec.json.Decoder(AskReply).decode
_read_problem: Final = msgspec.json.Decoder(ProblemBody).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who is asked what about whom."""

    seat: InstitutionCode
    consumer: InstitutionCode
    flow: str
    ssin: Ssin
    begin: date
    until: date
    purpose: str
    has_data: bool = False


@dataclass(slots=True, kw_only=True)
class Sent:
    """A signed question: its bytes, and what is remembered of it."""

    wish: Wish
    url: str
    body: bytes
    headers: dict[str, str]
    kept: Kept


@dataclass(slots=True, kw_only=True)
class Asker:
    """Asks in the name of everyone. `off_s`: how far the clock is off that it signs by."""

    house: House
    http: Http
    kept: list[Kept]
    off_s: int = 0
    keys: dict[InstitutionCode, SigningKey] = field(
        default_factory=dict[InstitutionCode, SigningKey]
    )
    rings: dict[InstitutionCode, KeyRingFile] = field(
        default_factory=dict[InstitutionCode, KeyRingFile]
    )
    receipts: dict[tuple[str, str], ReceiptCheck] = field(
        default_factory=dict[tuple[str, str], ReceiptCheck]
    )
    granted: Callable[[Wish], frozenset[str]] = lambda _wish: frozenset()
    """The fields that the law gives for a wish: no other may stand in an answer."""

    def new(
        self,
        wish: Wish,
        *,
        message: UUID | None = None,
        ticket: str = "",
        off_s: int | None = None,
        kind: str = "load",
    ) -> Sent:
        """A question, signed now; with the message id of an earlier one it is a repeat."""
        used = message or UUID(bytes=random_bytes(16), version=4)
        body = canonical(
            AskRequest(
                message_id=used,
                purpose=wish.purpose,
                ssin=wish.ssin.digits,
                period=PeriodBody(begin_date=wish.begin, end_date=wish.until),
                ticket=ticket,
            )
        )
        return self.signed(wish, body, message=used, kind=kind, off_s=off_s)

    def signed(
        self, wish: Wish, body: bytes, *, message: UUID, kind: str, off_s: int | None = None
    ) -> Sent:
        """Any body, signed in the name of the consumer."""
        nonce = random_bytes(16)
        url = self.address(wish, ASK_PATH)
        headers = self.signature(wish, url, body, nonce=nonce, off_s=off_s)
        kept = Kept(
            seat=wish.seat,
            flow=wish.flow,
            consumer=wish.consumer,
            message=message,
            nonce=nonce,
            kind=kind,
            asked_data=wish.has_data,
        )
        return Sent(wish=wish, url=url, body=body, headers=headers, kept=kept)

    def address(self, wish: Wish, path: str) -> str:
        """Where a flow is asked for."""
        return self.house.place.addresses()[wish.seat] + path + wish.flow

    def signature(
        self, wish: Wish, url: str, body: bytes, *, nonce: bytes, off_s: int | None = None
    ) -> dict[str, str]:
        """The headers of a body, signed now in the name of the consumer."""
        created = int(self.moment(off_s).timestamp())
        headers = sign_request(
            self._key(wish.consumer),
            method="POST",
            target_uri=url,
            body=body,
            created=created,
            expires=created + LIFE_S,
            nonce=nonce,
            tag=ASK_TAG,
        )
        return headers | {"content-type": "application/json"}

    def moment(self, off_s: int | None = None) -> datetime:
        """What the clock says by which is signed."""
        return now() + timedelta(seconds=self.off_s if off_s is None else off_s)

    async def send(self, sent: Sent) -> Kept:
        """Send it, keep what came of it, and believe nothing that is not proven."""
        kept = sent.kept
        kept.began = monotonic()
        self.kept.append(kept)
        try:
            reply = await self.http.post(
                sent.url,
                body=sent.body,
                headers=sent.headers,
                timeout_s=PATIENCE_S,
                max_bytes=MAX_BYTES,
            )
        except (HttpSilent, HttpWrong) as lost:
            kept.status, kept.detail = LOST, str(lost)[:80]
        else:
            self.read(sent, reply)
        kept.ended = monotonic()
        return kept

    def read(self, sent: Sent, reply: HttpReply) -> None:
        """What a reply says, and what of it can't be believed."""
        kept = sent.kept
        kept.status = reply.status
        try:
            if reply.status == ANSWERED:
                self.answered(sent, _read_answer(reply.body), reply.body)
            else:
                not_answered(kept, _read_problem(reply.body))
        except (msgspec.DecodeError, UnicodeDecodeError):
            kept.faults.append(f"a reply {reply.status} that can't be read")
        if reply.status in (ANSWERED, REFUSED):
            self.prove(sent, reply)

    def answered(self, sent: Sent, answer: AskReply, body: bytes) -> None:
        """What an answer says, and what of it can't be believed. `body`: as it came."""
        kept = sent.kept
        kept.given, kept.rows = answer.outcome == "given", len(answer.rows)
        kept.entry, kept.leaf = answer.receipt.entry, answer.receipt.leaf
        kept.repeated = answer.repeated
        allowed = self.granted(sent.wish)
        if set(answer.fields) - allowed:
            kept.faults.append("fields that the ground does not give")
        if any(set(row) != set(answer.fields) for row in answer.rows):
            kept.faults.append("a row with other fields than granted")
        if any(
            row.get("ssin", sent.wish.ssin.digits) != sent.wish.ssin.digits for row in answer.rows
        ):
            kept.faults.append("a row about someone else")
        if EXTRA.encode() in body:
            kept.faults.append("a field that nobody granted has left")
        self._receipt(kept, answer.receipt)

    def _receipt(self, kept: Kept, receipt: msgspec.Struct) -> None:
        check = self.receipts.get((kept.consumer, kept.seat))
        if check is None:
            ring = self._ring(InstitutionCode(kept.consumer))
            check = ReceiptCheck(ring=ring, signer=InstitutionCode(kept.seat))
            self.receipts[kept.consumer, kept.seat] = check
        try:
            ahead = max(0, self.off_s)
            check.check(receipt, now=int(now().timestamp()) + ahead)  # pyright: ignore[reportArgumentType] - it is a receipt's body
        except ReceiptWrong as wrong:
            kept.faults.append(f"receipt: {wrong}")

    def prove(self, sent: Sent, reply: HttpReply) -> None:
        """By the right clock or, while clocks jump, by the one that is off."""
        told = ""
        for off_s in {0, self.off_s}:
            try:
                verify_reply(
                    status=reply.status,
                    headers=reply.headers,
                    body=reply.body,
                    request_signature=sent.headers["signature"],
                    ring=self._ring(sent.wish.consumer),
                    now=int(self.moment(off_s).timestamp()),
                    signer=sent.wish.seat,
                )
            except ReplyNotProven as wrong:
                told = str(wrong)
            else:
                return
        # Who was asked may have changed its clock while this was under way.
        if not told.startswith("created"):
            sent.kept.faults.append(f"reply not proven: {told}")

    def _key(self, code: InstitutionCode) -> SigningKey:
        if code not in self.keys:
            self.keys[code] = read_key(self.house.place.home(code).key)
        return self.keys[code]

    def _ring(self, code: InstitutionCode) -> KeyRingFile:
        if code not in self.rings:
            self.rings[code] = KeyRingFile.open(self.house.place.home(code).ring)
        return self.rings[code]


def not_answered(kept: Kept, problem: ProblemBody) -> None:
    """What a problem says."""
    kept.detail = f"{problem.title}: {problem.detail}"
    kept.repeated = problem.repeated
    if isinstance(problem.receipt, msgspec.UnsetType):
        kept.entry = problem.ticket
    else:
        kept.entry, kept.leaf = problem.receipt.entry, problem.receipt.leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What may be asked, by kind of person. Chance is seeded: the same seed asks the same."""

    kinds: Mapping[str, tuple[Wish, ...]]
    chance: Random

    def one(self, *kinds: str) -> Wish:
        """One of these kinds, or of all."""
        names = kinds or tuple(self.kinds)
        return self.chance.choice(self.kinds[self.chance.choice(names)])

    def alike(self, size: int, *, one_consumer: bool) -> list[Wish]:
        """So many of all kinds, for one flow at one seat: what may travel together."""
        first = self.one()
        found = [
            wish
            for wishes in self.kinds.values()
            for wish in wishes
            if (wish.seat, wish.flow) == (first.seat, first.flow)
            and (wish.consumer == first.consumer or not one_consumer)
        ]
        return self.chance.choices(found, k=size)
