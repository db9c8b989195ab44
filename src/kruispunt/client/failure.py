"""How asking can end without an answer: refused by law, or failed on the way."""

from enum import StrEnum

from kruispunt.client.wire import ProblemBody


class Fault(StrEnum):
    """Why asking failed."""

    SILENT = "silent"
    """No whole answer in time. Asking again with the same message id is safe."""

    NOT_HTTP = "not-http"
    """An answer too large, cut short, or not HTTP."""

    NOT_PROVEN = "not-proven"
    """The answer is not signed by whom was asked, or not over this question."""

    UNREADABLE = "unreadable"
    """The answer is signed but not of the agreed shape."""

    RECEIPT_WRONG = "receipt-wrong"
    """The receipt does not prove that the look stands in the trail."""

    PROBLEM = "problem"
    """A problem other than a refusal: see `AskFailed.problem`."""


class AskRefused(Exception):
    """The law gives no leave: `reason` is from the closed list, the rest stands in `problem`."""

    def __init__(self, problem: ProblemBody) -> None:
        super().__init__(problem.reason or problem.title)
        self.reason = problem.reason or ""
        self.problem = problem


class AskFailed(Exception):
    """No answer and no refusal. The look may have been recorded; the same id may be sent again."""

    def __init__(
        self, fault: Fault, detail: str = "", *, problem: ProblemBody | None = None
    ) -> None:
        super().__init__(f"{fault}: {detail}" if detail else fault.value)
        self.fault = fault
        self.problem = problem
