"""What a kind of case is to whoever runs cases: how it moves, whom it waits for, how it is told.

Cases of all kinds are filed, moved, executed, followed and listed alike; what differs between
kinds stands in their circuits, and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from kruispunt.circuits import benefits as b
from kruispunt.circuits.reimbursement import (
    InquireUnemployment,
    Inquiry,
    InquiryAction,
    InquiryBegun,
    InquiryEvent,
    InquiryRules,
)

State = b.Case | Inquiry
Event = b.Event | InquiryEvent
Action = b.Action | InquiryAction

Opening = b.RiskDeclared | InquiryBegun
"""Events that open a case, each of one kind."""

Question = b.Consult | b.AskUnemployment | InquireUnemployment
"""What is asked through the network."""

Request = b.AskUnemployment | InquireUnemployment
"""What is answered by mail."""

Task = Question | b.SendHolderSheet | b.SendRequest
"""Actions that somebody has to do; the others are the case's own and stand in its state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a step made the case want done. `about`: consultation, medium, delay, matter."""

    id: UUID
    what: str
    paragraph: str
    about: str = ""
    flow: str = ""
    rule: str = ""
    to: str = ""
    """Number of the enterprise to which it goes."""

    request: UUID | None = None
    due_at: datetime | None = None
    sensitivity: str = ""
    """R-ART9 (05/022 §32-33): what kind of data goes out with it, where that needs a mark."""

    cents: int | None = None
    """An amount that the law sets and that decided, as it is on `on`; never one of the person."""

    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A case in one line: what it is about, from when to when, where its question stands."""

    about: str
    begin: date
    last_day: date | None = None
    unemployment: str = ""
    notices: tuple[tuple[UUID, b.Notice], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesOn:
    """The law that runs, as each kind of case meets it.

    Both raise `LookupError` where the law has none for these days.
    """

    risk: Callable[[date, date], b.Rules]
    """Of a declared risk: the day on which it began, and the day of asking."""

    inquiry: Callable[[date], InquiryRules]
    """Of an inquiry into incomes: the day of asking."""


class Circuit(Protocol):
    """One kind of case. All is pure, and a state is one of this kind."""

    @property
    def kind(self) -> str:
        """Its name in the file."""
        ...

    def new(self, case: UUID) -> State:
        """A case of this kind before anything happened."""
        ...

    def opens(self, event: Event) -> bool:
        """True for what opens a case of this kind."""
        ...

    def advance(self, state: State, event: Event) -> tuple[State, tuple[Action, ...]]:
        """The case after an event, and what it wants; what means nothing to it changes nothing."""
        ...

    def meet(self, state: State, law: RulesOn, told: UUID, at: datetime, /) -> Event | None:
        """The event, with this id, that tells a case of the law that runs now; None: no need.

        Each question by the law of its own moment; what was decided stands (05/022, closing part).
        """
        ...

    def keep(self, event: Event) -> Event:
        """What of an event is stored."""
        ...

    def wants(self, state: State, task: Task) -> bool:
        """False where the case went on without it: asked again since, answered, or over."""
        ...

    def waiting(self, state: State) -> tuple[b.Waiting, ...]:
        """Who must act now."""
        ...

    def heading(self, state: State) -> Heading:
        """A case that was opened, in one line."""
        ...

    def acted(self, state: State, event: Event) -> tuple[b.Party, str]:
        """Who acted in an event of a case that stood so, and which paragraph speaks of it."""
        ...

    def wish(self, action: Action) -> Wish:
        """An action without what it says of anyone."""
        ...

    def decode(self, state: bytes) -> State:
        """The state of a case as it was stored.

        Raises:
            DecodeError, ValueError: it has another form by now.
        """
        ...
