"""What a mailbox holds and tells: mail at its position, dead letters, and how it is emptied."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from kruispunt.vocabulary import FlowId, Mail, MailKind

MOST_MAILS: Final = 1000
"""Mails that are read at once."""

MOST_REASON: Final = 200
EXPIRED: Final = "nobody took it in time"


class Mode(StrEnum):
    """How a mailbox is emptied; each in one way only."""

    POLL = "poll"
    """Its owner asks for its mail."""

    PUSH = "push"
    """Its mail is brought to its owner's own door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail, and its position in its mailbox: what comes later has a higher one."""

    position: int
    mail: Mail


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Mail that may be delivered now, in order, and how much waits behind dead letters."""

    letters: tuple[Letter, ...] = ()
    held: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A mail that its recipient could not take. `whole`: it can be delivered again."""

    recipient: str
    id: UUID
    kind: MailKind
    flow: FlowId
    ticket: str
    sent_at: datetime
    died_at: datetime
    reason: str
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A mailbox as an operator sees it: whose, and how much of what; nothing of anyone."""

    recipient: str
    mode: Mode
    last: int
    """The last position that was given."""

    waiting: int
    held: int
    """Those of the waiting that are behind a dead letter about the same person."""

    dead: int
    oldest: datetime | None
    """When the first of the waiting was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a sweep ended: days, mail that nobody took, persons whose mail was let go."""

    days: tuple[date, ...] = ()
    lost: int = 0
    let_go: int = 0
