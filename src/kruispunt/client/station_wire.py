"""What travels between a hub and the station of a source, as JSON. Values travel as in `wire`.

Looks that are under way at the same moment travel in one request, signed once; a lone one is a
request of one. Each keeps its own entry, person and rows.
"""

from enum import StrEnum
from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from kruispunt.client.wire import Body, Digits, Name, PeriodBody, WireRow

ANSWER_PATH: Final = "/v1/answer/"
ANSWER_TAG: Final = "kruispunt-answer"
"""Tag of the signature under a hub's question to a station: no other question can pass for it."""

MAX_LOOKS: Final = 64


class LookBody(Body, frozen=True, omit_defaults=True):
    """A granted look: which fields of which person, under which entry and clause.

    Without a person it is a blank look: answered like any other, and about nobody.
    """

    entry: UUID
    period: PeriodBody
    fields: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=1000)]
    clause: Name
    ssin: Digits | None = None


class StationRequest(Body, frozen=True):
    """Looks at one flow. `deadline_ms` is how long the hub waits from sending on.

    An answer that comes after it is thrown away.
    """

    flow: Name
    deadline_ms: Annotated[int, Meta(gt=0, le=600_000)]
    looks: Annotated[tuple[LookBody, ...], Meta(min_length=1, max_length=MAX_LOOKS)]


class LookFault(StrEnum):
    """Why one look found nothing that could be given, where the others beside it did."""

    TOO_MANY_ROWS = "too-many-rows"
    """More rows than one answer may hold; none is given. A shorter period may do."""

    SELECT_FAILED = "select-failed"
    """A row of this person does not fit the station's own select; its operator sees which."""

    NO_SUCH_FIELD = "no-such-field"
    """The select does not give a field that was asked for."""


class FoundBody(Body, frozen=True, omit_defaults=True):
    """Rows of one person, whom it names again; the hub keeps only what was granted."""

    ssin: Digits | None = None
    rows: tuple[WireRow, ...] = ()
    fault: LookFault | None = None


class StationReply(Body, frozen=True):
    """What was found for each look, in their order."""

    found: list[FoundBody]
