"""What travels about cases at the institution that runs them, as JSON: opened, told, followed.

A person's number stands in the signed body that opens a case and nowhere else: what is told of a
case never holds one. Days include the last one; moments are in UTC; what took time says
milliseconds. `paragraph` says what allowed a step, or what a wait rests on.
"""

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta, field

from kruispunt.client.inquiry_wire import ApplicationBody, IncomeBody, OwnFilesBody
from kruispunt.client.wire import Body, Digits, Moment, PeriodBody

CASES_PATH: Final = "/v1/cases"
CASE_TAG: Final = "kruispunt-case"
"""Tag of the signature under all that is asked about cases."""

NDJSON: Final = "application/x-ndjson"
EVENT_STREAM: Final = "text/event-stream"

MOST_LISTED: Final = 100
MOST_STEPS: Final = 500
"""Steps in one reply; the rest follow after the last of them."""

MOST_FIELDS: Final = 200

Text = Annotated[str, Meta(max_length=1000)]
# No pattern: msgspec 0.22 frees a union of one with a dict or tuple wrongly; the process dies.
Said = Annotated[str, Meta(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Ten = Annotated[str, Meta(pattern="^[0-9]{10}$", max_length=10)]
FieldName = Annotated[
    str, Meta(min_length=1, max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9_]*$(?!\n)")
]

Plain = Text | Annotated[int, Meta(ge=-(2**53), le=2**53)] | bool | None
Group = Annotated[dict[FieldName, Plain], Meta(max_length=MOST_FIELDS)]
Content = Annotated[
    dict[FieldName, Plain | Group | Annotated[tuple[Group, ...], Meta(max_length=MOST_FIELDS)]],
    Meta(max_length=MOST_FIELDS),
]
"""The fields of a declaration: values, groups of values, lists of groups."""

RiskName = Literal[
    "incapacity",
    "maternity-rest",
    "maternity-work-removal-full",
    "maternity-work-removal-partial",
    "converted-maternity-leave",
    "paternity-or-birth-leave",
    "adoption-leave",
    "foster-parent-leave",
]


AccidentName = Literal["none", "refused", "under-reservation"]
NewsName = Literal[
    "holder-sheet-returned",
    "holder-sheet-undeliverable",
    "letter-undeliverable",
    "clerk-answered",
    "number-replaced",
    "person-moved",
    "case-withdrawn",
    "declaration-received",
    "income-proved",
]
AnswerName = Literal["retry", "go-on"]


class EnterpriseBody(Body, frozen=True, omit_defaults=True):
    """An employer or mandatary by its enterprise number, registration number, or both."""

    cbe: Ten | None = None
    nsso: Ten | None = None


class ContactBody(Body, frozen=True, omit_defaults=True):
    """The file manager at the insurer: these fields travel to the employer, and no others."""

    last_name: Said
    first_name: Said
    address: Said | None = None
    email: Said | None = None
    phone: Said | None = None
    mobile: Said | None = None
    fax: Said | None = None


class RiskBody(Body, frozen=True, omit_defaults=True):
    """What the insured person declared, and what the insurer knows of it beside."""

    type: RiskName
    period: PeriodBody
    employer: EnterpriseBody | None = None
    """Determined by the insurer: it is not looked up."""

    accident: AccidentName = "none"
    mini_dmfa: bool = False
    direct: bool = False
    """Ask the payment institutions at once, before the consultations tell."""

    insurability_only: bool = False
    card_number: Annotated[str, Meta(pattern="^[0-9]{12}$", max_length=12)] | None = None
    language: Literal["nl", "fr", "de"] | None = None
    """Of the insured person, for its letters."""


class CaseRequest(Body, frozen=True, omit_defaults=True):
    """Open a case. The same `id` again is the same case, which is then told as it is.

    Exactly one of `risk`, `application` and `ownFiles` says what kind of case it is. `ownFiles`
    about whom another such case is open open none: that one is told.
    """

    id: UUID
    ssin: Digits
    risk: RiskBody | None = None
    contact: ContactBody | None = None
    """Of a risk; none: the file manager whom the insurer's network file names."""

    application: ApplicationBody | None = None
    own_files: OwnFilesBody | None = None


class DoneBody(Body, frozen=True, omit_defaults=True):
    """What a step made the case want done: `what` says which kind, the rest as far as it fits.

    `id` is what answers quote: a letter that came back, a word of the clerk.
    """

    id: UUID
    what: str
    paragraph: str
    about: str = ""
    """The consultation, medium, delay or matter."""

    flow: str = ""
    rule: str = ""
    to: str = ""
    """Enterprise to which it goes."""

    request: UUID | None = None
    due_at: Moment | None = None
    cents: int | None = None
    """The amount of the law that decided, in cents, as it is on the day `on`."""

    on: date | None = None
    """The day on which the conditions of a decision are met; a right begins on it."""

    sensitivity: str = ""
    """`belief_art9`: who gets it learns where the worker is insured, which may tell a belief."""


class WaitingBody(Body, frozen=True, omit_defaults=True):
    """Who must act now, for what, since when and until when."""

    party: str
    what: str
    paragraph: str
    since: Moment | None = None
    due_at: Moment | None = None
    number: str = ""


class StepBody(Body, frozen=True, omit_defaults=True):
    """One step of a case: when, who, what happened, what allowed it, what followed.

    `took_ms`: since what it answers was wanted. `changed` false: it came twice, too late, or about
    nothing. `ground`: `not_required` for a declarant's own declaration.
    """

    n: int
    at: Moment
    party: str
    what: str
    paragraph: str
    about: str = ""
    detail: str = ""
    took_ms: float | None = None
    changed: bool = True
    ground: str = ""
    wants: tuple[DoneBody, ...] = ()
    waiting_for: tuple[WaitingBody, ...] = ()
    ending: str = ""


class NoticeBody(Body, frozen=True):
    """What a clerk is asked; `clerk-answered` quotes its id."""

    id: UUID
    matter: str
    since: Moment
    paragraph: str


class CaseHead(Body, frozen=True, omit_defaults=True):
    """A case as it is now. `steps`: how many it has had."""

    case: UUID
    kind: str
    stage: str
    risk: str
    """The risk; of increased reimbursement `on-request` or `ex-officio`."""

    begin_date: date
    """Of the risk; of increased reimbursement the day on which its conditions are met."""

    opened_at: Moment
    steps: int
    end_date: date | None = None
    closed_at: Moment | None = None
    ending: str = ""
    next_due: Moment | None = None
    unemployment: str = ""
    """Where the question to the payment institutions stands."""

    waiting_for: tuple[WaitingBody, ...] = ()


class CaseReply(Body, frozen=True, omit_defaults=True):
    """A case told step by step. `more`: go on after the last step that is here."""

    head: CaseHead
    steps: tuple[StepBody, ...] = ()
    notices: tuple[NoticeBody, ...] = ()
    more: bool = False


class CasesReply(Body, frozen=True, omit_defaults=True):
    """Cases, the latest opened first. `next`: go on after this one; null: there are no more."""

    cases: tuple[CaseHead, ...]
    next: UUID | None = None


class NewsRequest(Body, frozen=True, omit_defaults=True):
    """What a clerk of the insurer says happened in a case. The same `id` again changes nothing.

    `action` is what it answers: a letter or sheet. `notice` and `answer` go with
    `clerk-answered`, `successor` with `number-replaced`, `proved` with `income-proved`.
    """

    id: UUID
    what: NewsName
    action: UUID | None = None
    notice: UUID | None = None
    answer: AnswerName | None = None
    successor: Digits | None = None
    request: UUID | None = None
    employer: EnterpriseBody | None = None
    """A declaration on paper: whose, as the sheet says."""

    content: Content = field(default_factory=dict)
    proved: IncomeBody | None = None
    """Of `income-proved`: the unemployment benefits of a year, gross."""
