"""Fetching answers that an institution keeps for whoever asked without a case."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kruispunt.client.answer_wire import ANSWERS_PATH, TAKE_PATH, AnswersReply
from kruispunt.client.case_wire import CASE_TAG
from kruispunt.client.mailbox import Correspondent, read_reply
from kruispunt.client.mailbox_wire import AcknowledgeReply, AcknowledgeRequest
from kruispunt.client.wire import canonical
from kruispunt.vocabulary import InstitutionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerClient:
    """The answers of one institution that runs cases, at its own door."""

    url: str
    seat: InstitutionCode
    by: Correspondent

    async def list(self, *, after: int = 0, limit: int = 100) -> AnswersReply:
        """Answers after a position, in the order in which they came.

        Raises:
            AskFailed: no reply, or none that can be believed.
        """
        url = f"{self.url.rstrip('/')}{ANSWERS_PATH}?after={after}&limit={limit}"
        return read_reply(await self.by.call("GET", url, self.seat, tag=CASE_TAG), AnswersReply)

    async def take(self, ids: Sequence[UUID]) -> int:
        """We have these: they go. How many were there still; saying it again is safe.

        Raises:
            AskFailed: as `list`.
        """
        body = canonical(AcknowledgeRequest(ids=tuple(ids)))
        url = self.url.rstrip("/") + TAKE_PATH
        reply = await self.by.call("POST", url, self.seat, tag=CASE_TAG, body=body)
        return read_reply(reply, AcknowledgeReply).gone
