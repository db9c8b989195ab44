"""Whatever a source, a seat or a mail says: it is as agreed, or the caller hears a fault."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar, cast
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.property.mangling import anything
from tests.unit.sources.wire_station import ANN, BOB, a_recorded_grant
from tests.unit.web.givens import NOON, NOW, a_key, a_ring

from kruispunt.circuits import one_shot
from kruispunt.circuits.inbox import event_of
from kruispunt.circuits.one_shot.shelf import Shelf
from kruispunt.circuits.store import Ticket
from kruispunt.client import (
    AskFailed,
    CaseClient,
    Correspondent,
    DeclarationRequest,
    LineReply,
    StepBody,
)
from kruispunt.client.belief import problem_of
from kruispunt.sources import Cause, WrongSource
from kruispunt.sources.looks import Look, read_found
from kruispunt.vocabulary import UNREADABLE, FlowId, InstitutionCode, KeyId, Mail, MailKind
from kruispunt.web import (
    Http,
    HttpReply,
    HttpWrong,
    ReplyNotProven,
    Streamed,
    sign_part,
    verify_part,
    verify_reply,
)

encode: Final = msgspec.json.encode
T = TypeVar("T")
SEAT: Final = a_key("FUND")
LOOKS: Final = [
    Look.of(a_recorded_grant(ssin=one), ssin=one, until=0, trace=None) for one in (ANN, BOB)
]
FOUND: Final = encode(
    {"found": [{"ssin": ANN.digits, "rows": [{"a": 1, "b": None}]}, {"ssin": BOB.digits}]}
)
SHEET: Final = {"degressivity": [{"transition_date": "2021-10-01", "daily_amount": "55.00"}]}
BATCH: Final = encode(
    {
        "file": str(UUID(int=1)),
        "purpose": "p",
        "consumer": "c",
        "persons": [{"ssin": ANN.digits, "rows": [SHEET]}],
    }
)
MAILS: Final[Mapping[MailKind, bytes]] = {
    MailKind.COUNT: encode({"expected": 2}),
    MailKind.ANSWER: encode({"number": 1, "rows": [{"amount": "1.00", **SHEET}]}),
    MailKind.FAILURE: encode({"missing": 1, "cause": "late"}),
}
PROBLEM: Final = encode({"type": "urn:x", "status": 403, "issues": [{"type": "y"}]})
STEP: Final = encode(StepBody(n=1, at=NOON, party="p", what="w", paragraph="§"))
LINE: Final = encode(LineReply(line=1, status=200))


@given(body=anything(FOUND))
def test_any_answer_of_a_station_is_rows_of_each_person_or_a_cause(body: bytes):
    try:
        found = read_found(body, LOOKS, max_rows=5)
    except WrongSource:
        return

    assert len(found) == len(LOOKS)
    assert all(isinstance(one, Cause | tuple) for one in found)


def test_an_answer_of_a_station_that_is_in_order_is_read():
    assert [
        len(one) for one in read_found(FOUND, LOOKS, max_rows=5) if isinstance(one, tuple)
    ] == [1, 0]


@given(body=anything(PROBLEM), status=st.integers(400, 599))
def test_any_problem_is_told_with_its_status(body: bytes, status: int):
    assert isinstance(problem_of(HttpReply(status=status, headers={}, body=body)).status, int)


@pytest.mark.parametrize("kind", MAILS)
@given(data=st.data())
def test_any_mail_says_something_to_its_case_or_can_not_be_read(
    kind: MailKind, data: st.DataObject
):
    mail = Mail(
        id=UUID(int=3),
        recipient="FUND",
        kind=kind,
        flow=FlowId("L500"),
        ticket="T",
        person=b"",
        sealed=b"",
        sealed_for=KeyId("k"),
        sent_at=NOON,
    )
    ticket = Ticket(ticket="T", case=UUID(int=1), action=UUID(int=2))

    for content in (MAILS[kind], data.draw(anything(MAILS[kind]))):
        try:
            assert event_of(mail, content, ticket, at=NOON)
        except UNREADABLE:
            assert content != MAILS[kind]


@given(content=anything(BATCH))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_batch_of_a_file_is_kept_whole_or_not_at_all(content: bytes, tmp_path: Path):
    shelf, mail = Shelf(folder=tmp_path), UUID(int=4)
    (tmp_path / f"{mail}.csv").unlink(missing_ok=True)

    try:
        kept = await shelf.keep(mail, content)
    except one_shot.Unreadable:
        assert content != BATCH
        kept = 0

    assert kept == len(on(tmp_path))


def on(folder: Path) -> list[Path]:
    """The files of one person each."""
    return list(folder.iterdir())


@pytest.mark.parametrize(
    "amount", ["NaN", "sNaN", "Infinity", "1e999999999", "1e999990", "-1e-999990", "1.001"]
)
async def test_what_is_no_amount_is_refused_at_once(amount: str, tmp_path: Path):
    content = BATCH.replace(b"55.00", amount.encode())

    with pytest.raises(one_shot.Unreadable):
        await Shelf(folder=tmp_path).keep(UUID(int=4), content)


@given(
    name=st.sampled_from(["signature", "signature-input", "content-digest"]),
    value=st.text(st.characters(max_codepoint=0xFF), max_size=200),
    part=st.text(st.characters(max_codepoint=0xFF), max_size=200),
)
def test_any_signature_of_a_reply_or_a_part_proves_nothing(name: str, value: str, part: str):
    headers = {
        "signature": "x=:AAAA:",
        "signature-input": "x=()",
        "content-digest": "y",
        name: value,
    }
    asked: Any = {
        "request_signature": "z",
        "ring": a_ring(SEAT),
        "now": NOW,
        "signer": SEAT.institution,
    }

    with pytest.raises(ReplyNotProven):
        verify_reply(status=200, headers=headers, body=b"", **asked)
    for proof in (part, f"{SEAT.key_id} {part}"):
        with pytest.raises(ReplyNotProven):
            verify_part(proof, b"", **asked)


class Saying:
    """A seat that says these lines, each event signed as it should be, and then nothing more."""

    def __init__(self, told: list[bytes], *, events: bool) -> None:
        self.told, self.events, self.times = told, events, 0

    @asynccontextmanager
    async def lines(
        self, _method: str, _url: str, *, headers: Mapping[str, str], **_: object
    ) -> AsyncGenerator[Streamed]:
        self.times += 1
        if self.times > 1:
            raise HttpWrong("nothing more")
        yield Streamed(lines=self._lines(headers["signature"]))

    async def _lines(self, bound: str) -> AsyncGenerator[bytes]:
        for data in self.told:
            for line in data.split(b"\n"):
                yield line
            if self.events:
                part = b"id: 1\nevent: step\ndata: %b\n" % data.replace(b"\n", b" ")
                for line in part.splitlines():
                    yield line
                yield b"proof: " + sign_part(SEAT, part, request_signature=bound).encode()
                yield b""


def a_client(saying: Saying) -> CaseClient:
    by = Correspondent(
        http=cast("Http", saying),
        key=a_key("EMPLOYER"),
        ring=a_ring(SEAT),
        now=lambda: NOON,
        random_bytes=bytes,
    )
    return CaseClient(url="https://fund.test", seat=InstitutionCode("FUND"), by=by)


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kruispunt.client.cases.FIRST_WAIT_S", 0.0)


@given(told=st.lists(anything(STEP), max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_stream_of_events_is_steps_or_fails_for_the_caller(told: list[bytes]):
    steps = a_client(Saying(told, events=True)).follow(UUID(int=1))

    assert all([one.n > 0 async for one in until_it_fails(steps)])


@given(told=st.lists(anything(LINE, STEP), max_size=3))
async def test_any_results_of_a_batch_are_lines_or_fail_for_the_caller(told: list[bytes]):
    asked = [DeclarationRequest(id=UUID(int=1))]
    lines = a_client(Saying(told, events=False)).declare_many(asked)

    assert all([isinstance(one, LineReply) async for one in until_it_fails(lines)])


async def until_it_fails(told: AsyncGenerator[T]) -> AsyncGenerator[T]:
    """What is told until the caller hears a fault, which must come."""
    try:
        async for one in told:
            yield one
    except AskFailed:
        return
    raise AssertionError("expected a fault")
