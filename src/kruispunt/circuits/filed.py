"""Cases as they are filed: with their events, what they want done, and what became of that."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from kruispunt.circuits.benefits import Medium, SendHolderSheet, SendRequest
from kruispunt.circuits.circuit import Action, Event, State, Task
from kruispunt.vocabulary import Mail, Ssin

MOST_CASES: Final = 100
"""Cases that are listed at once."""

MOST_EVENTS: Final = 500
"""Events that are read at once."""


class Lane(StrEnum):
    """Who does a task: a letter takes longer to make than a question to ask."""

    NETWORK = "network"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A case as it is now. `version`: how many events it has; `next_due`: its first deadline."""

    case: State
    kind: str
    version: int
    opened_at: datetime
    closed_at: datetime | None = None
    next_due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """The event of a case with this number, from 1."""

    n: int
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a case wants done. `attempts`: how often somebody took it, this time too."""

    case: UUID
    task: Task
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What became of what a case wanted. `done_at` None: not done yet, due at `due_at`."""

    case: UUID
    task: Task
    due_at: datetime
    attempts: int
    done_at: datetime | None
    cause: str
    """Why it was put off last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """How much there is: open cases, and what they want done by lane. `put_off`: tried in vain."""

    open: int
    undone: Mapping[Lane, int]
    put_off: Mapping[Lane, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A word from outside, and the case and action that it is about."""

    ticket: str
    case: UUID
    action: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Events that happened to one case together, and all that follows: one commit or nothing.

    `before`: the version that it changes; 0 opens the case. `due_at`: when its tasks for the
    network may be taken by whoever runs; letters may be at once. `done`: actions that are done
    with it. `persons`: the numbers of whom the case is about from now on, each that came up.
    """

    filed: Filed
    before: int
    at: datetime
    due_at: datetime
    events: tuple[Happened, ...] = ()
    tasks: tuple[Task, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    done: tuple[UUID, ...] = ()
    persons: tuple[Ssin, ...] = ()

    def due(self, task: Task) -> datetime:
        """When this task may be taken by whoever runs."""
        return self.at if lane_of(task) is Lane.PAPER else self.due_at


class CaseStore(Protocol):
    """Where cases are kept. All raise `Unavailable` while it is away; asking again is safe."""

    async def find(self, case: UUID) -> Filed | None:
        """The case as it is now."""
        ...

    async def page(self, after: UUID | None, limit: int, *, open_only: bool) -> list[Filed]:
        """Cases opened before `after`, the latest first."""
        ...

    async def events(self, case: UUID, after_n: int, limit: int) -> list[Happened]:
        """What happened in a case after its event with this number, in order."""
        ...

    async def knows(self, case: UUID, event: UUID) -> bool:
        """True where this event stands in the case."""
        ...

    async def write(self, change: Change) -> bool:
        """Make a change durable; False: the case is at another version, and nothing was done."""
        ...

    async def finish(self, action: UUID, at: datetime, mails: tuple[Mail, ...] = ()) -> None:
        """An action is done, with the mail that it put in mailboxes: one commit."""
        ...

    async def about(self, person: Ssin) -> list[Filed]:
        """The open cases about a person, the latest opened first; at most `MOST_CASES`."""
        ...

    async def ticket(self, ticket: str) -> Ticket | None:
        """The case and action that a word is about."""
        ...

    async def action(self, action: UUID) -> Doing | None:
        """What became of an action."""
        ...

    async def take(self, lane: Lane, now: datetime, until: datetime, limit: int) -> list[Wanted]:
        """Tasks of a lane that are due: ours until `until`, and nobody else gets them before."""
        ...

    async def put_off(self, wanted: Wanted, until: datetime, cause: str) -> None:
        """What was not done is due again then."""
        ...

    async def take_due(self, now: datetime, until: datetime, limit: int) -> list[UUID]:
        """Cases of which a deadline came: ours until `until`, and nobody else gets them before."""
        ...

    async def settle_due(self, filed: Filed) -> None:
        """Nothing of this case was due after all."""
        ...


def tasks_of(actions: tuple[Action, ...]) -> tuple[Task, ...]:
    """What of these somebody has to do."""
    return tuple(one for one in actions if isinstance(one, Task))


def lane_of(task: Task) -> Lane:
    """Who does this task."""
    if isinstance(task, SendHolderSheet):
        return Lane.PAPER
    paper = isinstance(task, SendRequest) and task.medium is not Medium.ELECTRONIC
    return Lane.PAPER if paper else Lane.NETWORK


def first_due(case: State) -> datetime | None:
    """When the first of its deadlines comes."""
    return min((one.due_at for one in case.deadlines.values()), default=None)
