"""What is asked of the directory itself, as JSON: that a line comes, that lines go, or a list."""

from datetime import date
from typing import Annotated, Final, Literal
from uuid import UUID

from msgspec import Meta

from kruispunt.client.wire import Body, Digits, Moment, Name, PeriodBody, Reference

LINES_PATH: Final = "/v1/lines/"

Code = Annotated[str, Meta(pattern="^[0-9]{3}$", max_length=3)]
"""Three digits of a quality."""


class LinesRequest(Body, frozen=True, omit_defaults=True):
    """What is to be done with lines of a person. Again with the same `messageId` is safe.

    `integrate` wants a quality and a period. `remove` takes away the days of the period, or whole
    lines where there is none: of a sector, of one quality, of one quality and phase, or days of
    the one line that begins on `lineBegin`. `list` changes nothing. Without a sector it is the
    one of the asker where the quality stands.
    """

    message_id: UUID
    purpose: Name
    ssin: Digits
    act: Literal["integrate", "remove", "list"]
    period: PeriodBody | None = None
    sector: Annotated[int, Meta(ge=0, le=999)] | None = None
    quality: Code | None = None
    phase: Annotated[int, Meta(ge=0, le=99)] | None = None
    line_begin: date | None = None
    ticket: Reference = ""
    file_reference: Reference = ""
    sent_at: Moment | None = None
    user: Reference = ""
    role: Reference = ""
