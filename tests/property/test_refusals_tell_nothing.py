"""A refusal tells nothing: an unknown person reads like one who is not in the consumer's files."""

from datetime import UTC, datetime
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kruispunt.gateway import answer_reply, refusal_reply
from kruispunt.vocabulary import (
    Answer,
    ClauseId,
    FieldName,
    Ground,
    NoAnswer,
    Reason,
    Receipt,
    Refusal,
)

TICKET = UUID("0193a000-0000-7000-8000-000000000000")
GROUND = Ground(
    clause=ClauseId("a"), deliberation="31/007", paragraph="§4", fields=(FieldName("b"),)
)
RECEIPT = Receipt(
    entry=TICKET,
    recorded_at=datetime(2031, 3, 1, tzinfo=UTC),
    leaf=bytes(32),
    index=0,
    size=1,
    path=(),
    root=bytes(32),
    origin="hub",
    key_id="hub-1",
    signature=bytes(64),
)
ABOUT_A_PERSON = [reason for reason in Reason if reason.told is Reason.NO_FILE]
TOLD = sorted({reason.told for reason in Reason if reason.told is not None})


def told(reason: Reason, *, ground: Ground | None, repeated: bool) -> tuple[object, ...]:
    refusal = Refusal(reason=reason, ground=ground)
    refused = NoAnswer(ticket=TICKET, refusal=refusal, receipt=RECEIPT, repeated=repeated)
    reply = refusal_reply(refused, instance="/v1/ask/a")
    return reply.status, dict(reply.headers), reply.body


def test_not_known_and_not_in_your_files_are_two_reasons() -> None:
    assert {Reason.NO_FILE, Reason.NUMBER_UNKNOWN} <= set(ABOUT_A_PERSON)


@given(
    first=st.sampled_from(ABOUT_A_PERSON),
    second=st.sampled_from(ABOUT_A_PERSON),
    grounds=st.tuples(st.sampled_from([None, GROUND]), st.sampled_from([None, GROUND])),
    repeated=st.booleans(),
)
def test_reasons_about_a_person_read_the_same(
    first: Reason, second: Reason, grounds: tuple[Ground | None, Ground | None], repeated: bool
) -> None:
    one = told(first, ground=grounds[0], repeated=repeated)
    other = told(second, ground=grounds[1], repeated=repeated)

    assert one == other


@pytest.mark.parametrize(("one", "other"), list(combinations(TOLD, 2)))
def test_what_may_be_told_is_told_apart(one: Reason, other: Reason) -> None:
    assert told(one, ground=None, repeated=False) != told(other, ground=None, repeated=False)


def test_a_failed_control_at_the_supplier_is_no_refusal_at_the_door() -> None:
    nothing = Answer(ticket=TICKET, ground=GROUND, rows=(), receipt=RECEIPT)

    assert Reason.NO_FILE_AT_SUPPLIER.told is None
    assert answer_reply(nothing).status == 200
