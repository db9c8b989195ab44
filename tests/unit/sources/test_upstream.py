from datetime import date
from uuid import UUID

import pytest
from tests.unit.sources.wire_station import ANN, BOB, a_recorded_grant

from kruispunt.client import (
    AcceptedReply,
    AskFailed,
    AskRefused,
    AskReply,
    AskRequest,
    Fault,
    GroundBody,
    PeriodBody,
    ProblemBody,
    ReceiptBody,
    WireRow,
)
from kruispunt.sources import Cause, RefusedUpstream, SilentSource, Upstream, WrongSource
from kruispunt.vocabulary import Reason


class Hub:
    """In place of `client.Client`."""

    def __init__(self, *, rows: list[WireRow] | None = None, fail: Exception | None = None):
        self.rows = rows or []
        self.fail = fail
        self.asked: list[tuple[str, AskRequest]] = []

    async def send(
        self, flow: str, question: AskRequest, /, *, traceparent: str | None = None
    ) -> AskReply:
        self.asked.append((flow, question))
        if self.fail is not None:
            raise self.fail
        receipt = ReceiptBody.of(a_recorded_grant().receipt)
        return AskReply(
            ticket=UUID(int=9),
            outcome="given",
            rows=self.rows,
            fields=["a"],
            withheld=[],
            ground=GroundBody(clause="c", deliberation="d", paragraph="p"),
            receipt=receipt,
            repeated=False,
        )

    async def request_written(
        self, flow: str, question: AskRequest, /, *, traceparent: str | None = None
    ) -> AcceptedReply:
        raise AssertionError(f"expected no {flow} that is answered by mail")


async def the_fault(fail: Exception) -> Exception:
    with pytest.raises((SilentSource, WrongSource, RefusedUpstream)) as fault:
        await Upstream(client=Hub(fail=fail)).fetch(a_recorded_grant(), timeout_s=1.0)
    return fault.value


async def test_the_hub_hears_the_question_and_an_opaque_ticket_and_not_who_asks():
    hub = Hub(rows=[{"ssin": ANN.digits, "a": "1"}])

    reply = await Upstream(client=hub).fetch(a_recorded_grant(), timeout_s=1.0)

    assert [dict(row) for row in reply.rows] == [{"ssin": ANN.digits, "a": "1"}]
    assert hub.asked == [
        (
            "test.consult",
            AskRequest(
                message_id=UUID(int=7),
                purpose="test-purpose",
                ssin=ANN.digits,
                period=PeriodBody(begin_date=date(2025, 1, 1), end_date=date(2025, 3, 31)),
                ticket=str(UUID(int=7)),
            ),
        )
    ]


async def test_a_refusal_above_is_a_refusal_with_its_reason():
    problem = ProblemBody(reason="number-replaced", replaced_by=BOB.digits)

    fault = await the_fault(AskRefused(problem))

    assert isinstance(fault, RefusedUpstream)
    assert fault.refusal.reason is Reason.NUMBER_REPLACED
    assert fault.refusal.successor == BOB


@pytest.mark.parametrize(
    "problem",
    [
        ProblemBody(reason="no-such-reason"),
        ProblemBody(),
        ProblemBody(reason="number-replaced", replaced_by="00000000000"),
    ],
)
async def test_a_refusal_that_can_not_be_read_is_no_refusal(problem: ProblemBody):
    fault = await the_fault(AskRefused(problem))

    assert isinstance(fault, WrongSource)
    assert fault.cause is Cause.WRONG_SHAPE


@pytest.mark.parametrize(
    ("failed", "cause"),
    [
        (AskFailed(Fault.SILENT), Cause.NO_ANSWER),
        (AskFailed(Fault.NOT_HTTP), Cause.UNREADABLE),
        (AskFailed(Fault.NOT_PROVEN), Cause.WRONGLY_BOUND),
        (AskFailed(Fault.UNREADABLE), Cause.WRONG_SHAPE),
        (AskFailed(Fault.RECEIPT_WRONG), Cause.RECEIPT_WRONG),
        (AskFailed(Fault.PROBLEM, problem=ProblemBody(status=503)), Cause.BUSY),
        (AskFailed(Fault.PROBLEM, problem=ProblemBody(status=502)), Cause.UPSTREAM),
        (AskFailed(Fault.PROBLEM, problem=ProblemBody(status=400)), Cause.WRONG_STATUS),
    ],
)
async def test_each_failure_above_has_its_cause(failed: AskFailed, cause: Cause):
    fault = await the_fault(failed)

    assert isinstance(fault, SilentSource | WrongSource)
    assert fault.cause is cause


def test_every_fault_of_the_client_is_foreseen():
    tested = {Fault.SILENT, Fault.NOT_HTTP, Fault.NOT_PROVEN, Fault.UNREADABLE}

    assert set(Fault) == tested | {Fault.RECEIPT_WRONG, Fault.PROBLEM}


async def test_a_row_about_another_person_is_refused():
    hub = Hub(rows=[{"ssin": BOB.digits}])

    with pytest.raises(WrongSource) as wrong:
        await Upstream(client=hub).fetch(a_recorded_grant(), timeout_s=1.0)

    assert wrong.value.cause is Cause.OTHER_PERSON
