"""Mailboxes in memory: the twin of the store, for tests."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from msgspec import structs

from kruispunt.mailbox.letter import (
    EXPIRED,
    MOST_MAILS,
    MOST_REASON,
    Batch,
    Box,
    DeadLetter,
    Ended,
    Letter,
    Mode,
)
from kruispunt.mailbox.store import MOST_BYTES
from kruispunt.vocabulary import Mail, MailKind, WrongMode


@dataclass(slots=True, kw_only=True)
class _Standing:
    """A mail that stands somewhere. `died_at`: it is a dead letter."""

    position: int
    mail: Mail
    day: date
    died_at: datetime | None = None
    reason: str = ""
    whole: bool = True
    held: bool = False

    @property
    def holds(self) -> bool:
        return self.died_at is not None and self.whole


@dataclass(slots=True)
class _Kept:
    """One mailbox."""

    mode: Mode = Mode.POLL
    last: int = 0
    known: dict[UUID, date] = field(default_factory=dict[UUID, date])
    standing: dict[UUID, _Standing] = field(default_factory=dict[UUID, _Standing])

    def next(self) -> int:
        self.last += 1
        return self.last

    def waiting(self) -> list[_Standing]:
        found = (one for one in self.standing.values() if one.died_at is None)
        return sorted(found, key=lambda one: one.position)

    def of(self, person: bytes) -> list[_Standing]:
        found = (one for one in self.standing.values() if one.mail.person == person)
        return sorted(found, key=lambda one: one.position)

    def let_go(self, person: bytes) -> None:
        """What waits about a person and its dead letters move behind all else, in their order."""
        behind = False
        for one in self.of(person):
            if one.held or one.holds:
                one.position = self.next()
                behind = behind or one.holds
                one.held = behind and not one.holds


@dataclass(frozen=True, slots=True)
class MemoryMailboxes:
    """As `Mailboxes`; what a commit would put there, `add` puts."""

    kept: dict[str, _Kept] = field(default_factory=dict[str, _Kept])

    def add(self, *mails: Mail) -> None:
        """Put mails, in this order."""
        for mail in mails:
            box = self.kept.setdefault(mail.recipient, _Kept())
            if mail.id in box.known:
                continue
            day = mail.sent_at.date()
            box.known[mail.id] = day
            held = any(one.holds for one in box.of(mail.person))
            box.standing[mail.id] = _Standing(position=box.next(), mail=mail, day=day, held=held)

    async def read(
        self,
        recipient: str,
        *,
        after: int = 0,
        limit: int = MOST_MAILS,
        max_bytes: int = MOST_BYTES,
        mode: Mode = Mode.POLL,
    ) -> Batch:
        """Mail after a position, in order, within these bounds."""
        box = self.kept.get(recipient)
        if box is None:
            return Batch()
        if box.mode is not mode:
            raise WrongMode(f"expected a mailbox of mode {mode}, found {box.mode}")
        letters: list[Letter] = []
        size = 0
        for one in box.waiting():
            if one.held or one.position <= after:
                continue
            size += len(one.mail.sealed)
            if (letters and size > max_bytes) or len(letters) >= min(limit, MOST_MAILS):
                break
            letters.append(Letter(position=one.position, mail=one.mail))
        return Batch(letters=tuple(letters), held=sum(one.held for one in box.waiting()))

    async def find(self, recipient: str, mail: UUID) -> Mail | None:
        """A mail that waits; None: it is not there (any more)."""
        found = self.kept.get(recipient, _Kept()).standing.get(mail)
        return None if found is None or found.died_at is not None else found.mail

    async def acknowledge(self, recipient: str, ids: Sequence[UUID]) -> int:
        """The recipient has these; how many of them were there still."""
        box = self.kept.get(recipient, _Kept())
        gone = [one for one in set(ids) if one in box.standing and not box.standing[one].died_at]
        for one in gone:
            del box.standing[one]
        return len(gone)

    async def dead(
        self, recipient: str, mail: UUID, reason: str, *, at: datetime, told: bool = False
    ) -> bool:
        """The recipient can't take this one."""
        box = self.kept.get(recipient, _Kept())
        found = box.standing.get(mail)
        if found is None or found.died_at is not None:
            return False
        found.died_at, found.reason, found.held = at, reason[:MOST_REASON], False
        found.whole = not told
        if told:
            found.mail = structs.replace(found.mail, sealed=b"")
            return True
        for one in box.of(found.mail.person):
            if one.died_at is None and one.position > found.position:
                one.held = True
        return True

    async def release(self, recipient: str, mail: UUID, *, at: datetime) -> bool:
        """Deliver a dead letter again, before what waits behind it."""
        box = self.kept.get(recipient, _Kept())
        found = box.standing.get(mail)
        if found is None or not found.holds:
            return False
        found.died_at, found.reason, found.held, found.day = None, "", True, at.date()
        box.known[mail] = at.date()
        box.let_go(found.mail.person)
        return True

    async def drop(self, recipient: str, mail: UUID) -> bool:
        """Give a dead letter up: what waits behind it goes on."""
        box = self.kept.get(recipient, _Kept())
        found = box.standing.get(mail)
        if found is None or found.died_at is None:
            return False
        del box.standing[mail]
        box.let_go(found.mail.person)
        return True

    async def set_modes(self, recipients: Collection[str], mode: Mode) -> None:
        """From now on these mailboxes are emptied so."""
        for name in recipients:
            self.kept.setdefault(name, _Kept()).mode = mode

    async def boxes(self) -> list[Box]:
        """Every mailbox, by recipient."""
        return [
            Box(
                recipient=name,
                mode=box.mode,
                last=box.last,
                waiting=len(box.waiting()),
                held=sum(one.held for one in box.waiting()),
                dead=len(box.standing) - len(box.waiting()),
                oldest=min((one.mail.sent_at for one in box.waiting()), default=None),
            )
            for name, box in sorted(self.kept.items())
        ]

    async def dead_letters(
        self, recipient: str | None = None, *, limit: int = 100
    ) -> list[DeadLetter]:
        """Dead letters, the latest first; of one mailbox where that is given."""
        names = self.kept if recipient is None else [recipient]
        found = [
            _dead(one, one.died_at)
            for name in names
            for one in self.kept.get(name, _Kept()).standing.values()
            if one.died_at is not None
        ]
        by_id = sorted(found, key=lambda one: one.id)
        return sorted(by_id, key=lambda one: one.died_at, reverse=True)[:limit]

    async def dead_requests(
        self, after: DeadLetter | None = None, *, limit: int = 100
    ) -> list[DeadLetter]:
        """As `Mailboxes.dead_requests`."""
        found = await self.dead_letters(limit=sum(len(one.standing) for one in self.kept.values()))
        asked = (one for one in found if one.kind is MailKind.REQUEST)
        ordered = sorted(asked, key=_place)
        return [one for one in ordered if after is None or _place(one) > _place(after)][:limit]

    async def end(self, *, before: datetime, now: datetime) -> Ended:
        """End what was sent before the day of this moment, and the content of dead letters."""
        lost = let_go = 0
        for box in self.kept.values():
            for one in box.waiting():
                if one.day < before.date():
                    one.died_at, one.reason, one.whole, one.held = now, EXPIRED, False, False
                    one.mail = structs.replace(one.mail, sealed=b"")
                    lost += 1
            old = [
                one
                for one in box.standing.values()
                if one.holds and one.died_at and one.died_at < before
            ]
            for one in old:
                one.whole = False
            for person in {one.mail.person for one in old}:
                box.let_go(person)
                let_go += 1
        return Ended(lost=lost, let_go=let_go)


def _dead(one: _Standing, died_at: datetime) -> DeadLetter:
    return DeadLetter(
        recipient=one.mail.recipient,
        id=one.mail.id,
        kind=one.mail.kind,
        flow=one.mail.flow,
        ticket=one.mail.ticket,
        sent_at=one.mail.sent_at,
        died_at=died_at,
        reason=one.reason,
        whole=one.whole,
    )


def _place(one: DeadLetter) -> tuple[datetime, UUID]:
    return one.died_at, one.id
