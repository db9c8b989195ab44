"""A station that is only a wire: it answers, in memory, what a test wants it to answer."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec

from kruispunt.client import LookBody, StationRequest
from kruispunt.sources import Patience, StationRoute, Stations
from kruispunt.vocabulary import (
    ClauseId,
    Entry,
    Facts,
    FieldName,
    FlowId,
    Grant,
    Ground,
    InstitutionCode,
    KeyId,
    LawDigest,
    NumberFact,
    NumberStatus,
    Period,
    Proof,
    PurposeId,
    Question,
    Receipt,
    Recorded,
    Ssin,
)
from kruispunt.web import HttpReply, KeyRing, SigningKey, key_of, sign_reply

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ANN = Ssin("85073003328")
BOB = Ssin("17073003384")
FLOW = FlowId("test.consult")
SOURCE = InstitutionCode("SOURCE")
HUB = InstitutionCode("HUB")
ENTRY = UUID(int=7)


def a_key(institution: str, seed: int) -> SigningKey:
    return key_of(bytes([seed]) * 32, key_id=f"{institution}-1", institution=institution)


HUB_KEY, SOURCE_KEY, OTHER_KEY = a_key("HUB", 1), a_key("SOURCE", 2), a_key("OTHER", 3)


def a_ring(*keys: SigningKey) -> KeyRing:
    begin, end = datetime(2020, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    return KeyRing.holding(key.public(not_before=begin, not_after=end) for key in keys)


RING = a_ring(HUB_KEY, SOURCE_KEY, OTHER_KEY)


def a_recorded_grant(
    *,
    ssin: Ssin = ANN,
    flow: FlowId = FLOW,
    fields: tuple[str, ...] = ("ssin", "a"),
    entry_id: UUID = ENTRY,
    about: Period | None = None,
) -> Recorded[Grant]:
    proof = Proof(key_id=KeyId("k"), nonce=b"n", created=1, expires=2, signature=b"s", digest=b"d")
    question = Question(
        message_id=UUID(int=1),
        consumer=InstitutionCode("CONSUMER"),
        flow=flow,
        purpose=PurposeId("test-purpose"),
        ssin=ssin,
        about=Period(date(2025, 1, 1), date(2025, 4, 1)),
        received_at=NOW,
        asked_on=NOW.date(),
        proof=proof,
        user="someone",
        file_reference="a file",
    )
    ground = Ground(
        clause=ClauseId("01/001.a"),
        deliberation="01/001",
        paragraph="§1",
        fields=tuple(FieldName(field) for field in fields),
    )
    decision = Grant(ground=ground, about=about)
    entry = Entry(
        id=entry_id,
        recorded_at=NOW,
        question=question,
        facts=Facts(number=NumberFact(status=NumberStatus.KNOWN)),
        decision=decision,
        lawbook=LawDigest("0" * 64),
    )
    receipt = Receipt(
        entry=entry_id,
        recorded_at=NOW,
        leaf=b"",
        index=0,
        size=1,
        path=(),
        root=b"",
        origin="test",
        key_id="k",
        signature=b"",
    )
    return Recorded(decision=decision, entry=entry, receipt=receipt)


class WireStation:
    """In place of `web.Http`: `body` is what comes back, signed by `signer` unless it is None.

    `people` says what is found about some in particular, `ssin` whom every answer names; `before`
    is done with the body of a call first, and what it raises is all that comes of it.
    """

    def __init__(self) -> None:
        self.rows: list[Mapping[str, object]] = [{"ssin": ANN.digits, "a": "1.50"}]
        self.ssin: str | None = None
        self.people: dict[str, Mapping[str, object]] = {}
        self.body: bytes | None = None
        self.status = 200
        self.signer: SigningKey | None = SOURCE_KEY
        self.bound_to: str | None = None
        self.change: Callable[[bytes], bytes] = lambda body: body
        self.fail: Exception | None = None
        self.before: Callable[[bytes], Awaitable[None]] = _nothing
        self.calls: list[tuple[str, bytes, Mapping[str, str], float]] = []

    async def post(
        self,
        url: str,
        *,
        body: bytes,
        headers: Mapping[str, str],
        timeout_s: float,
        max_bytes: int,
    ) -> HttpReply:
        await self.before(body)
        self.calls.append((url, body, headers, timeout_s))
        if self.fail is not None:
            raise self.fail
        given = self.body
        if given is None:
            given = msgspec.json.encode({"found": [self.found(look) for look in _looks(body)]})
        proof: Mapping[str, str] = {}
        if self.signer is not None:
            proof = sign_reply(
                self.signer,
                status=self.status,
                body=given,
                request_signature=self.bound_to or headers["signature"],
                created=int(NOW.timestamp()),
            )
        return HttpReply(status=self.status, headers=proof, body=self.change(given))

    def found(self, look: LookBody) -> Mapping[str, object]:
        if look.ssin is None:
            return {}
        plain = {"ssin": self.ssin or look.ssin, "rows": self.rows}
        return self.people.get(look.ssin, plain)

    def looks(self) -> list[tuple[LookBody, ...]]:
        """The looks of every call, call by call."""
        return [_looks(body) for _url, body, _headers, _timeout in self.calls]


async def _nothing(_body: bytes) -> None:
    """Nothing comes before."""


def _looks(body: bytes) -> tuple[LookBody, ...]:
    return msgspec.json.decode(body, type=StationRequest).looks


def the_stations(
    wire: WireStation, *, patience: Patience | None = None, max_rows: int = 3
) -> Stations:
    return Stations(
        http=wire,
        key=HUB_KEY,
        ring=RING,
        routes={FLOW: StationRoute(supplier=SOURCE, url="http://source", max_rows=max_rows)},
        now=lambda: NOW,
        random_bytes=bytes,
        patience=patience,
    )
