"""What is believed of a reply: only what is signed over our question, and stands in a trail."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from kruispunt.client.failure import AskFailed, AskRefused, Fault
from kruispunt.client.proof import ReceiptCheck, ReceiptWrong
from kruispunt.client.reading import Reader
from kruispunt.client.sending import Heard
from kruispunt.client.wire import AcceptedReply, AskReply, ProblemBody
from kruispunt.vocabulary import InstitutionCode, Malformed
from kruispunt.web import HttpReply, ReplyNotProven, Ring, verify_reply

_read_answer: Final = Reader(AskReply).read
_read_accepted: Final = Reader(AcceptedReply).read
_read_problem: Final = msgspec.json.Decoder(ProblemBody).decode

Signed = TypeVar("Signed", AskReply, AcceptedReply)


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """Whose signature makes a reply and a receipt true."""

    ring: Ring
    hub: InstitutionCode
    now: Callable[[], datetime]
    receipts: ReceiptCheck

    def answer(self, heard: Heard) -> AskReply:
        """The answer to one question.

        Raises:
            AskRefused: the law gives no leave.
            AskFailed: a problem, or nothing that can be believed.
        """
        if heard.reply.status not in (200, 403):
            raise failure_of(problem_of(heard.reply))
        self.check(heard)
        if heard.reply.status == 403:
            raise self.refused(problem_of(heard.reply))
        try:
            return self.given(_read_answer(heard.reply.body))
        except Malformed as error:
            raise AskFailed(Fault.UNREADABLE, error.detail) from error

    def accepted(self, heard: Heard) -> AcceptedReply:
        """That a question was accepted, whose answers come by mail.

        Raises:
            AskRefused: the law gives no leave.
            AskFailed: a problem, or nothing that can be believed.
        """
        if heard.reply.status not in (202, 403):
            raise failure_of(problem_of(heard.reply))
        self.check(heard)
        if heard.reply.status == 403:
            raise self.refused(problem_of(heard.reply))
        try:
            return self.given(_read_accepted(heard.reply.body))
        except Malformed as error:
            raise AskFailed(Fault.UNREADABLE, error.detail) from error

    def check(self, heard: Heard) -> None:
        """Nothing, where the reply is signed by whom was asked, over what was asked.

        Raises:
            AskFailed: it is not.
        """
        reply = heard.reply
        try:
            verify_reply(
                status=reply.status,
                headers=reply.headers,
                body=reply.body,
                request_signature=heard.signature,
                ring=self.ring,
                now=self._now,
                signer=self.hub,
            )
        except ReplyNotProven as error:
            raise AskFailed(Fault.NOT_PROVEN, str(error)) from error

    def given(self, answer: Signed) -> Signed:
        """A signed answer, or that one will come, once its receipt is checked.

        Raises:
            AskFailed: the receipt does not prove that the look stands in the trail.
        """
        try:
            # A repeated answer keeps its first ticket; the look is an entry of its own.
            if not answer.repeated and answer.receipt.entry != answer.ticket:
                raise ReceiptWrong("the receipt is of another entry than the ticket")
            self.receipts.check(answer.receipt, now=self._now)
        except ReceiptWrong as error:
            raise AskFailed(Fault.RECEIPT_WRONG, str(error)) from error
        return answer

    def refused(self, problem: ProblemBody) -> AskRefused:
        """A signed refusal, once its receipt is checked.

        Raises:
            AskFailed: the receipt does not prove that the refusal stands in the trail.
        """
        if isinstance(problem.receipt, msgspec.UnsetType):
            return AskRefused(problem)
        try:
            if not problem.repeated and problem.receipt.entry != problem.ticket:
                raise ReceiptWrong("the receipt is of another entry than the ticket")
            self.receipts.check(problem.receipt, now=self._now)
        except ReceiptWrong as error:
            raise AskFailed(Fault.RECEIPT_WRONG, str(error)) from error
        return AskRefused(problem)

    @property
    def _now(self) -> int:
        return int(self.now().timestamp())


def failure_of(problem: ProblemBody) -> AskFailed:
    """A problem other than a refusal, as the caller hears it."""
    detail = f"{problem.status} {problem.title}"
    return AskFailed(Fault.PROBLEM, detail, problem=problem)


def problem_of(reply: HttpReply) -> ProblemBody:
    """The problem as told; a bare one with the status where it can't be read."""
    try:
        problem = _read_problem(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ProblemBody(status=reply.status, title="a problem that can't be read")
    return problem if problem.status else msgspec.structs.replace(problem, status=reply.status)
