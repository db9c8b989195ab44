"""A station that collects from a mailbox in memory: its file, the requests, the mailbox."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

import msgspec

from kruispunt.client import AskFailed, GroundBody, PeriodBody, RequestContent, canonical
from kruispunt.vocabulary import FlowId, KeyId, Mail, MailKind

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ANN, BOB, NOBODY = "85073003328", "17073003384", "00000000000"
ENTRY = UUID(int=77)
FLOW = FlowId("cow.sheet")
FIELDS = ("ssin", "cows", "cows.name", "cows.weight")
FILE = """
hub = "HUB"
key_file = "farm.key"
ring_file = "keys.toml"

[database]
reader_dsn_file = "reader.dsn"
log_dsn_file = "log.dsn"

[flows."cow.sheet"]
max_rows = 1
sql = '''
select
    :ssin as ssin,
    jsonb_agg(
        jsonb_build_object('name', cow.name, 'weight', cow.weight::text, 'legs', cow.legs)
        order by cow.name
    ) as cows
from farm.cow
where cow.ssin = :ssin::bigint
having count(*) > 0
'''
[flows."cow.day"]
begin_detail = "risk"
sql = "select :begin as day where :ssin <> ''"

[flows."cow.odd"]
sql = "select cow.odd::integer as odd from farm.cow where cow.ssin = :ssin::bigint"
"""
ASK = RequestContent(
    purpose="milk",
    consumer="HUB",
    period=PeriodBody(begin_date=date(2026, 1, 1)),
    fields=FIELDS,
    ground=GroundBody(clause="31-007.cow", deliberation="31/007", paragraph="§4"),
    number=2,
    due_at=NOW,
    ssin=ANN,
)
BEGINS = FlowId("cow.day")
BEGUN = msgspec.structs.replace(ASK, fields=("day",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    mail: Mail
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    letters: Sequence[Letter]


@dataclass(slots=True, kw_only=True)
class Box:
    """A mailbox at a node, in memory: mail comes until it is acknowledged or dead."""

    letters: list[Letter] = field(default_factory=list[Letter])
    sent: dict[UUID, Mail] = field(default_factory=dict[UUID, Mail])
    sendings: int = 0
    buried: dict[UUID, str] = field(default_factory=dict[UUID, str])
    refuses: AskFailed | None = None
    forgets: bool = False
    """Does not hear acknowledgements."""

    async def poll(self, *, limit: int, wait_s: int) -> Polled:
        assert wait_s == 0
        gone = {letter.mail.person for letter in self.letters if letter.mail.id in self.buried}
        return Polled(letters=[x for x in self.letters[:limit] if x.mail.person not in gone])

    async def acknowledge(self, ids: Sequence[UUID]) -> int:
        if not self.forgets:
            self.letters = [letter for letter in self.letters if letter.mail.id not in ids]
        return len(ids)

    async def dead(self, mail: UUID, reason: str) -> bool:
        self.buried[mail] = reason
        return True

    async def send(self, mail: Mail) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.sendings += 1
        self.sent[mail.id] = mail

    def put(
        self, number: int, content: RequestContent | bytes | None = ASK, **words: object
    ) -> UUID:
        """One more request, by default about Ann."""
        mail = Mail(
            id=UUID(int=number),
            recipient="FARM",
            kind=MailKind.REQUEST,
            flow=FLOW,
            ticket=str(ENTRY),
            person=b"ann",
            sealed=b"sealed",
            sealed_for=KeyId("FARM-1"),
            sent_at=NOW,
        )
        told = canonical(content) if isinstance(content, RequestContent) else content
        self.letters.append(Letter(mail=msgspec.structs.replace(mail, **words), content=told))
        return mail.id
