"""What travels between a hub and the station of a source, as JSON. Values travel as in `wire`."""

from typing import Annotated, Final
from uuid import UUID

from msgspec import Meta

from kruispunt.client.wire import Body, Digits, Name, PeriodBody, WireRow

ANSWER_PATH: Final = "/v1/answer/"
ANSWER_TAG: Final = "kruispunt-answer"
"""Tag of the signature under a hub's question to a station: no other question can pass for it."""


class StationRequest(Body, frozen=True, omit_defaults=True):
    """A granted look: which fields of which person, under which entry and clause.

    `deadline_ms` is how long the hub waits from sending on; an answer after it is thrown away.
    """

    entry: UUID
    flow: Name
    ssin: Digits
    period: PeriodBody
    fields: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=1000)]
    clause: Name
    deadline_ms: Annotated[int, Meta(gt=0, le=600_000)]


class StationReply(Body, frozen=True):
    """Rows of one person, whom it names again; the hub keeps only what was granted."""

    ssin: Digits
    rows: list[WireRow]
