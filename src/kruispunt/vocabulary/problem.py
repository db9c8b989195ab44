"""What the caller may be told when something is wrong (RFC 9457, Belgif problem types)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import UUID

BELGIF: Final = "urn:problem-type:belgif:"
OWN: Final = "urn:problem-type:kruispunt:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing wrong with one input: where, which rule. The value itself is never repeated."""

    type: str
    where: str
    """`body`, `header`, `path` or `query`."""

    name: str
    """Path of the field, e.g. `period.endDate`."""

    detail: str


class Problem(Exception):
    """Something the caller may be told. `detail` never holds a person's number."""

    status: ClassVar[int] = 500
    type: ClassVar[str] = BELGIF + "internalServerError"
    title: ClassVar[str] = "internal server error"

    def __init__(
        self,
        detail: str = "",
        *,
        issues: Sequence[Issue] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.issues = tuple(issues)
        self.retry_after_s = retry_after_s
        self.ticket: UUID | None = None
        """The entry of the look that failed, once there is one."""


class Malformed(Problem):
    """The request can't be read: one issue per field that is wrong. Mend it and ask again."""

    status = 400
    type = BELGIF + "badRequest"
    title = "bad request"


class NotAuthenticated(Problem):
    """No signature came with the request. Sign it (RFC 9421) and ask again."""

    status = 401
    type = BELGIF + "noAccessToken"
    title = "no signature"


class WrongSignature(NotAuthenticated):
    """The signature is wrong, expired, already used, or its key is unknown, expired or revoked."""

    type = BELGIF + "invalidAccessToken"
    title = "invalid signature"


class Forbidden(Problem):
    """The law gives no leave, or it is not for this caller; the refusal stands in the trail."""

    status = 403
    type = BELGIF + "missingPermission"
    title = "missing permission"


class NotFound(Problem):
    """No such flow or document. Never said of a person."""

    status = 404
    type = BELGIF + "resourceNotFound"
    title = "resource not found"


class SameMessageOtherContent(Problem):
    """This message id was used before for another content. Nothing was done."""

    status = 409
    type = OWN + "sameMessageOtherContent"
    title = "message id used for another content"


class MessageInFlight(Problem):
    """The same message is being answered now. Wait for `Retry-After` and ask again."""

    status = 409
    type = OWN + "messageInFlight"
    title = "message in flight"


class AnsweredBefore(Problem):
    """Another mail said this before, so this one is not wanted. It stays so: do not send again."""

    status = 409
    type = OWN + "answeredBefore"
    title = "answered before"


class FileSentBefore(Problem):
    """Another one-time file was sent before, and the leave to send one is used up.

    It stays so: do not send again.
    """

    status = 409
    type = OWN + "fileSentBefore"
    title = "file sent before"


class TooLate(Problem):
    """Nobody waits for this answer any more. It stays so: do not send again."""

    status = 410
    type = OWN + "tooLate"
    title = "too late"


class WrongMode(Problem):
    """A mailbox is emptied in one way: its owner asks for its mail, or its mail is brought."""

    status = 409
    type = OWN + "wrongMailboxMode"
    title = "mailbox emptied in another way"


class TooLarge(Problem):
    """The body is larger than the limit. Nothing was read beyond it."""

    status = 413
    type = BELGIF + "payloadTooLarge"
    title = "payload too large"


class TooMany(Problem):
    """More requests than the limit. Wait for `Retry-After`."""

    status = 429
    type = BELGIF + "tooManyRequests"
    title = "too many requests"


class SourceWrong(Problem):
    """The source answered, but not as agreed: wrong shape, another person, or not signed."""

    status = 502
    type = BELGIF + "badGateway"
    title = "bad gateway"


class Unavailable(Problem):
    """Something needed is not there now: the trail, the database, or room in a queue."""

    status = 503
    type = BELGIF + "serviceUnavailable"
    title = "service unavailable"


class SourceSilent(Unavailable):
    """The source did not answer in time. Asking again with the same message id is safe."""
