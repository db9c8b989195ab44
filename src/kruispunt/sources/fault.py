"""What can go wrong with a source, as a closed list: the trail keeps which one it was."""

from enum import StrEnum
from typing import Final

from kruispunt.vocabulary import Forbidden, Refusal, SourceSilent, SourceWrong


class Cause(StrEnum):
    """Why a granted look failed. Kept with the outcome."""

    NO_ANSWER = "no-answer"
    """Nothing came within the time limit, or the connection was refused or broken."""

    BUSY = "busy"
    """The source said that it can't answer now."""

    CROWDED = "crowded"
    """As many questions as we allow are already waiting for this source: it was not asked."""

    RESTING = "resting"
    """The source was silent too often lately and is left alone for a moment: it was not asked."""

    NO_ROUTE = "no-route"
    """No address is known for a source of this flow: it was not asked."""

    UNSIGNED = "unsigned"
    """The reply has no signature."""

    WRONGLY_BOUND = "wrongly-bound"
    """The signature is not that of this source, or not over this reply to this request."""

    WRONG_STATUS = "wrong-status"
    """The source answered something else than an answer."""

    SOURCE_FAULT = "source-fault"
    """The source says that it can't answer this look: its own tables or select do not fit."""

    UNREADABLE = "unreadable"
    """What came back is not HTTP."""

    TOO_LARGE = "too-large"
    """What came back is larger than we read."""

    NOT_JSON = "not-json"
    WRONG_SHAPE = "wrong-shape"
    """JSON, but not a reply as agreed: something is missing, or more than agreed."""

    TOO_MANY_ROWS = "too-many-rows"
    """More rows than the flow allows, or than the source itself gives."""

    OTHER_PERSON = "other-person"
    """The reply, or a row of it, is about someone else than was asked."""

    WRONG_TYPE = "wrong-type"
    """A value is not of its field's type. Found where the answer is minimised."""

    MISSING_FIELD = "missing-field"
    """A required field is missing or null. Found where the answer is minimised."""

    RECEIPT_WRONG = "receipt-wrong"
    """The hub above can't prove that the look stands in its trail."""

    UPSTREAM = "upstream"
    """The hub above says that the source failed there."""


NOT_ANSWERED: Final = frozenset(
    (Cause.NO_ANSWER, Cause.BUSY, Cause.CROWDED, Cause.RESTING, Cause.NO_ROUTE)
)
"""Causes by which a source was silent; by every other one it was wrong."""

BUSY: Final = (429, 503, 504)
"""Statuses by which a server says that it can't answer now."""

TOLD: Final = "the source did not answer as agreed"
TOLD_SILENT: Final = "the source did not answer in time"


class WrongSource(SourceWrong):
    """The source answered, but not as agreed. The cause stands in the trail, not in the reply."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(TOLD)
        self.cause = cause


class SilentSource(SourceSilent):
    """The source did not answer in time. Asking again with the same message id is safe."""

    def __init__(self, cause: Cause, *, retry_after_s: int = 1) -> None:
        super().__init__(TOLD_SILENT, retry_after_s=retry_after_s)
        self.cause = cause


class RefusedUpstream(Forbidden):
    """The hub above gives no leave. The refusal is what it tells; the exact one it keeps."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__("the hub gives no leave")
        self.refusal = refusal


def failure(cause: Cause) -> SilentSource | WrongSource:
    """The problem of a look that failed for this cause: each look raises one of its own."""
    return SilentSource(cause) if cause in NOT_ANSWERED else WrongSource(cause)
