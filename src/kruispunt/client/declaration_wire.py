"""What travels of declarations of a social risk, as JSON: one, or a batch of them line by line."""

from hashlib import sha256
from typing import Final, Literal
from uuid import UUID

from msgspec import field

from kruispunt.client.case_wire import Content, EnterpriseBody, RiskName
from kruispunt.client.wire import Body, Digits, Moment, PeriodBody

DECLARATIONS_PATH: Final = "/v1/declarations/asr"
DECLARE_TAG: Final = "kruispunt-declare"
"""Tag of the signature under a declaration of an employer or its mandatary."""

MOST_LINES: Final = 10_000
"""Declarations in one batch."""


class WorkerRiskBody(Body, frozen=True, omit_defaults=True):
    """The risk of a worker, as an employer knows it."""

    type: RiskName
    period: PeriodBody


class DeclarationRequest(Body, frozen=True, omit_defaults=True):
    """A declaration of a social risk. The same `id` again is the same declaration.

    `request` is the reference of the request that it answers. Who was sent none, or declares on
    its own initiative, says `worker`, `employer` and `risk` instead.
    """

    id: UUID
    request: UUID | None = None
    worker: Digits | None = None
    """The number of the worker."""

    employer: EnterpriseBody | None = None
    risk: WorkerRiskBody | None = None
    content: Content = field(default_factory=dict)


class DeclarationReply(Body, frozen=True):
    """The declaration is received for good. It needed no deliberation: `ground` says so.

    Without a reference it is received in the same words, whether there is a case of it or not.
    """

    id: UUID
    request: UUID | None
    received_at: Moment
    ground: Literal["not_required"]
    paragraph: str
    new: bool
    """False: it was received before, or says again what was received."""


class LineReply(Body, frozen=True, omit_defaults=True):
    """What one line of a batch is told: what it would be told alone."""

    line: int
    status: int
    id: UUID | None = None
    new: bool = False
    ground: str = ""
    paragraph: str = ""
    type: str = ""
    detail: str = ""
    issues: tuple[dict[str, str], ...] = ()


class LastLine(Body, frozen=True):
    """Closes the results of a batch: `proof` signs all of them, through `chained`."""

    lines: int
    received: int
    """Lines with status 200."""

    proof: str


def chained(before: bytes, line: bytes) -> bytes:
    """What is signed of results line by line, up to this line, without its line feed."""
    return sha256(before + line).digest()
