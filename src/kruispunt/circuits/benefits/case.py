"""The state of a case. P-CASE (05/022 §4, §36): it lives at the insurer, not at the hub."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid5

from msgspec import Struct

from kruispunt.circuits.benefits.action import Delay, Ending, Matter, Medium
from kruispunt.circuits.benefits.destination import NonGeneric
from kruispunt.circuits.benefits.facts import Facts
from kruispunt.circuits.benefits.risk import Contact, Enterprise, Risk
from kruispunt.circuits.benefits.rules import Role, Rules
from kruispunt.vocabulary import Period, Ssin


class Stage(StrEnum):
    """Where a case stands."""

    NEW = "new"
    OPEN = "open"
    CLOSED = "closed"


class Progress(StrEnum):
    """Where one consultation stands."""

    ASKED = "asked"
    ANSWERED = "answered"
    REFUSED = "refused"
    FAILED = "failed"
    """To be asked again at its deadline."""

    STUCK = "stuck"
    """Tried often enough: a clerk says what to do."""

    SKIPPED = "skipped"
    """A clerk went on without it."""


class Consultation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One consultation. `asked`: ids under which its present question was asked, oldest first."""

    progress: Progress
    about: Period
    asked: tuple[UUID, ...]
    since: datetime

    @property
    def settled(self) -> bool:
        """True where nothing more is to come of it."""
        return self.progress in {Progress.ANSWERED, Progress.REFUSED, Progress.SKIPPED}


class Sheet(StrEnum):
    """Where the holder sheet stands."""

    UNSENT = "unsent"
    SENT = "sent"
    UNDELIVERABLE = "undeliverable"
    RETURNED = "returned"
    GIVEN_UP = "given-up"


class Holder(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The holder part of the information sheet, which is sent once (§5(2))."""

    sheet: Sheet = Sheet.UNSENT
    action: UUID | None = None
    since: datetime | None = None
    posted: bool = False

    @property
    def settled(self) -> bool:
        """True where the case no longer waits for it."""
        return self.sheet in {Sheet.RETURNED, Sheet.GIVEN_UP}


class Standing(StrEnum):
    """Where one request for a declaration stands."""

    PLANNED = "planned"
    SUPPRESSED = "suppressed"
    """R-GENERIC (§23): not sent, the mandatary declares by itself."""

    SENT = "sent"
    STUCK = "stuck"
    ANSWERED = "answered"
    GIVEN_UP = "given-up"


class Sending(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One time that a request was sent, and whether it arrived; None: not known."""

    action: UUID
    medium: Medium
    to: Enterprise | None
    at: datetime
    arrived: bool | None = None
    reminder: bool = False


class Request(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """R-REQUEST-FIRST (§4): the declaration of one employer, asked by the insurer in advance.

    `failed`: ways that did not arrive. `again`: the next sending is a reminder.
    """

    id: UUID
    employer: Enterprise
    destination: Enterprise
    standing: Standing
    since: datetime
    why: frozenset[NonGeneric] = frozenset()
    sent: tuple[Sending, ...] = ()
    failed: frozenset[Medium] = frozenset()
    reminders: int = 0
    again: bool = False
    deadline: UUID | None = None
    digest: str = ""

    @property
    def settled(self) -> bool:
        """True where the case no longer waits for it."""
        return self.standing in {Standing.ANSWERED, Standing.GIVEN_UP}


class Declared(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """R-SPONTANEOUS (§4): a declaration that nobody had asked for, and who made it."""

    employer: Enterprise
    declarant: Enterprise | None = None
    digest: str = ""


class Part(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer of one payment institution: which one is not known (P-WHO)."""

    place: int
    digest: str
    refused: bool = False


class Replies(StrEnum):
    """Where an L500 stands, by its replies."""

    NOT_ASKED = "not-asked"
    NOT_NEEDED = "not-needed"
    CREATED = "created"
    FAILED = "failed"
    ACCEPTED = "accepted"
    INTERMEDIATE = "intermediate"
    PARTIAL = "partial"
    COMPLETE = "complete"
    CLOSED_NO_PAYMENT_INSTITUTION = "closed-no-payment-institution"
    REFUSED = "refused"
    TIMED_OUT = "timed-out"
    GIVEN_UP = "given-up"


class Unemployment(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The L500 of a case: `expected` answers (R-COUNT), and those that came."""

    asked: tuple[UUID, ...] = ()
    since: datetime | None = None
    ticket: str | None = None
    expected: int | None = None
    parts: tuple[Part, ...] = ()
    deadline: UUID | None = None
    verdict: str = ""
    ended: Replies | None = None
    """Not needed, refused, failed, timed out or given up; else it follows from the rest."""

    @property
    def state(self) -> Replies:
        """Created, accepted, counted, partial, complete …, from what came."""
        complete = self.expected is not None and len(self.parts) >= self.expected
        if complete and self.ended in {None, Replies.TIMED_OUT}:
            return Replies.COMPLETE if self.parts else Replies.CLOSED_NO_PAYMENT_INSTITUTION
        if self.ended is not None:
            return self.ended
        if self.expected is not None:
            return Replies.PARTIAL if self.parts else Replies.INTERMEDIATE
        if not self.asked:
            return Replies.NOT_ASKED
        return Replies.CREATED if self.ticket is None else Replies.ACCEPTED

    @property
    def settled(self) -> bool:
        """True where the case no longer waits for it."""
        return self.state in {
            Replies.NOT_NEEDED,
            Replies.COMPLETE,
            Replies.CLOSED_NO_PAYMENT_INSTITUTION,
            Replies.REFUSED,
            Replies.GIVEN_UP,
        }


class Deadline(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A deadline that has not passed yet, and the ids that it is about."""

    delay: Delay
    due_at: datetime
    about: tuple[UUID, ...]


class Notice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that a clerk has to answer."""

    matter: Matter
    about: UUID
    since: datetime
    paragraph: str


class Case(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is known of one case; it follows from its events and from nothing else."""

    id: UUID
    stage: Stage = Stage.NEW
    person: Ssin | None = None
    risk: Risk | None = None
    contact: Contact | None = None
    rules: Rules | None = None
    actions: int = 0
    """How many actions it has wanted: their ids follow from it."""

    seen: frozenset[UUID] = frozenset()
    facts: Facts = Facts()
    consultations: dict[Role, Consultation] = {}
    holder: Holder = Holder()
    planned: bool = False
    requests: tuple[Request, ...] = ()
    declared: tuple[Declared, ...] = ()
    """R-SPONTANEOUS: what was declared before anyone asked."""

    unemployment: Unemployment = Unemployment()
    deadlines: dict[UUID, Deadline] = {}
    notices: dict[UUID, Notice] = {}
    left_on: date | None = None
    """The last day of service of who had left: employers are those of that day (NG2)."""

    ending: Ending | None = None

    def action_id(self, number: int) -> UUID:
        """The id of the action with this number: the same at every replay."""
        return uuid5(self.id, str(number))
