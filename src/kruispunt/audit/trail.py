"""The trail: every decision durable before anyone is asked, every look to be found again."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Self
from uuid import UUID

from kruispunt.audit.blinding import MonthKey, blind, leaf_of, month_of
from kruispunt.audit.encoding import encode_facts, entry_form, outcome_form, read_entry
from kruispunt.audit.form import DECISION, NO_GROUND, OUTCOME, VERSION, encode
from kruispunt.audit.heads import Heads, Signer
from kruispunt.audit.keys import MasterKey
from kruispunt.audit.look import Look
from kruispunt.audit.queries import QUERIES
from kruispunt.audit.reader import Before, Reader
from kruispunt.audit.reading import ADD_READINGS, Reading, reading_write
from kruispunt.audit.row import check_texts, decision_row, outcome_row
from kruispunt.audit.terms import Numbers
from kruispunt.postgres import Committed, Database, Statement, Write
from kruispunt.vocabulary import Decision, Entry, Outcome, PastGrant, Recorded, Ssin

ADD_DECISIONS: Final = Statement(QUERIES["add_decisions"], width=30)
ADD_OUTCOMES: Final = Statement(QUERIES["add_outcomes"], width=8)
STATEMENTS: Final = (ADD_DECISIONS, ADD_OUTCOMES, ADD_READINGS)

MONTHS_AHEAD: Final = 3
LONGEST_MONTH: Final = timedelta(days=31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An entry ready to be committed: what to write, and the leaf that marks its bundle."""

    writes: tuple[Write, ...]
    leaf: bytes
    entry: Entry
    decision: Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """The trail of one institution, on PostgreSQL.

    Trust: who writes to this store can hide or change looks until they are sealed; receipts and
    checkpoints show it. Nothing that stands here makes a source give anything.
    """

    reader: Reader
    heads: Heads
    random_bytes: Callable[[int], bytes]

    @classmethod
    def over(
        cls,
        database: Database,
        *,
        master: MasterKey,
        signer: Signer,
        origin: str,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
    ) -> Self:
        """The trail in this database; `origin` is the name under which its heads are signed."""
        return cls(
            reader=Reader.over(database, master=master),
            heads=Heads(signer=signer, origin=origin, now=now),
            random_bytes=random_bytes,
        )

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What the committer writes for this room, in this order."""
        return STATEMENTS

    async def start(self, now: datetime) -> None:
        """Make the partitions of this month and the next ones, and this month's key."""
        await self._open(month_of(now))

    async def has_months(self, now: datetime) -> bool:
        """True where this month and the next have partitions of their own."""
        first = month_of(now)
        months = [first, month_of(now + LONGEST_MONTH)]
        rows = await self.reader.database.fetch(QUERIES["has_months"], months)
        return bool(rows[0]["found"])

    async def prepare(self, entry: Entry) -> Prepared:
        """Encode, seal and blind an entry. Nothing is written of it before the commit.

        Raises:
            Malformed: a text holds a character that can't be stored.
            Unavailable: a value is new to the dictionary, and the database is away.
            TypeError: the entry was read back from the trail.
        """
        decision = entry.decision
        if isinstance(decision, PastGrant):
            raise TypeError("expected a decision of now, found one read back from the trail")
        check_texts(entry)
        month, terms = month_of(entry.recorded_at), self.reader.terms
        key = self.reader.keys.known.get(month) or await self._open(month)
        numbers = terms.known(entry) or await terms.learn(entry)
        write, leaf = _write(entry, key=key, numbers=numbers)
        return Prepared(writes=(write,), leaf=leaf, entry=entry, decision=decision)

    def recorded(self, prepared: Prepared, committed: Committed) -> Recorded[Decision]:
        """Vouch for an entry that is durable: from now on its source may be asked."""
        receipt = self.heads.receipt(prepared.entry.id, committed)
        return Recorded(decision=prepared.decision, entry=prepared.entry, receipt=receipt)

    def prepare_outcome(self, outcome: Outcome) -> tuple[Write, ...]:
        """Encode and blind what came of an entry that this process prepared.

        Raises:
            KeyError: this process never prepared an entry of that month.
        """
        key = self.reader.keys.known[month_of(outcome.recorded_at)]
        salt = key.salt(outcome.entry, kind=OUTCOME)
        blinded = blind(encode(outcome_form(outcome)), salt=salt)
        return (Write(ADD_OUTCOMES, outcome_row(outcome, version=VERSION, blinded=blinded)),)

    async def prepare_reading(self, reading: Reading) -> Write:
        """Encode and blind that someone reads the trail. Nothing is shown before the commit."""
        month = month_of(reading.recorded_at)
        key = self.reader.keys.known.get(month) or await self._open(month)
        return reading_write(reading, key)

    async def key_of(self, at: datetime) -> MonthKey:
        """The key of a month, whose tables stand from then on.

        Raises:
            Unavailable: the database is away.
        """
        month = month_of(at)
        return self.reader.keys.known.get(month) or await self._open(month)

    async def find(self, entry_id: UUID, *, recorded_at: datetime | None = None) -> Entry | None:
        """An entry with its facts, None where there is none of that id."""
        form = await self.reader.form(entry_id, recorded_at=recorded_at)
        return None if form is None else read_entry(form)

    async def list(
        self, ssin: Ssin, *, limit: int = 100, before: Before | None = None
    ) -> list[Look]:
        """The latest looks at a person, latest first. Page on before the last one."""
        return await self.reader.looks(ssin, limit=limit, before=before)

    async def _open(self, month: date) -> MonthKey:
        await open_months(self.reader.database, month)
        return await self.reader.keys.make(month, random_bytes=self.random_bytes)


def _write(entry: Entry, *, key: MonthKey, numbers: Numbers) -> tuple[Write, bytes]:
    facts = encode_facts(entry.facts, of=entry.question)
    ground = NO_GROUND if numbers.ground is None else numbers.ground.encoding
    encoding = encode(entry_form(entry, facts=facts, ground=ground))
    blinded = blind(encoding, salt=key.salt(entry.id, kind=DECISION))
    row = decision_row(
        entry,
        numbers=numbers,
        version=VERSION,
        facts=key.seal(facts, entry=entry.id),
        blinded=blinded,
    )
    return Write(ADD_DECISIONS, row), leaf_of(blinded)


async def open_months(database: Database, first: date, *, ahead: int = MONTHS_AHEAD) -> None:
    """Make the partitions of a month and of some after it; those that stand are left alone."""
    for month in range(first.month - 1, first.month + ahead):
        year, place = divmod(first.year * 12 + month, 12)
        await database.execute(QUERIES["open_month"], date(year, place + 1, 1))
