"""What is sealed in mail reads back as it was written, and what it may not say is refused."""

from datetime import UTC, date, datetime
from uuid import UUID

import msgspec
import pytest

from kruispunt.client import (
    MOST_ANSWERS,
    AnswerContent,
    CountContent,
    FailureContent,
    GroundBody,
    MailBody,
    PeriodBody,
    RequestContent,
    canonical,
)
from kruispunt.vocabulary import MailKind

MOMENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
PERIOD = PeriodBody(begin_date=date(2026, 2, 1), end_date=date(2026, 2, 28))
REQUEST = RequestContent(
    purpose="asr-benefits",
    consumer="NIC",
    period=PERIOD,
    fields=("daily_amount",),
    ground=GroundBody(clause="one.clause", deliberation="05/022", paragraph="§38"),
    number=1,
    due_at=MOMENT,
    ssin="85073003328",
    details={"risk_type": "maternity-rest"},
)
CONTENTS: list[msgspec.Struct] = [
    REQUEST,
    CountContent(expected=0),
    AnswerContent(number=2, rows=({"daily_amount": "51.07", "scale_code": None},), period=PERIOD),
    FailureContent(missing=1, cause="late"),
    MailBody(
        id=UUID(int=7),
        kind=MailKind.ANSWER,
        flow="L500",
        ticket="0195",
        sealed=b"\x00\xff",
        sealed_for="NIC-1",
        sent_at=MOMENT,
    ),
]


@pytest.mark.parametrize("content", CONTENTS, ids=lambda one: type(one).__name__)
def test_what_is_sent_reads_back_and_is_written_in_one_way(content: msgspec.Struct) -> None:
    sent = canonical(content)

    again = msgspec.json.decode(sent, type=type(content))

    assert again == content
    assert canonical(again) == sent


def test_a_blank_request_names_nobody_and_says_so() -> None:
    blank = msgspec.structs.replace(REQUEST, ssin=None, blank=True)

    assert b"ssin" not in canonical(blank)
    assert msgspec.json.decode(canonical(blank), type=RequestContent).blank


@pytest.mark.parametrize(
    ("shape", "wrong"),
    [
        (AnswerContent, b'{"number":0}'),
        (AnswerContent, b'{"number":1,"insurer":"MLOZ"}'),
        (CountContent, b'{"expected":%d}' % (MOST_ANSWERS + 1)),
        (CountContent, b'{"expected":-1}'),
        (FailureContent, b'{"missing":1,"cause":"HVW is on strike"}'),
    ],
)
def test_a_content_that_says_what_it_may_not_is_not_read(
    shape: type[msgspec.Struct], wrong: bytes
) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(wrong, type=shape)
