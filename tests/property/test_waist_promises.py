"""The promises of the waist, for questions, people and sources that nobody thought of."""

import asyncio
from collections.abc import Awaitable
from datetime import date, timedelta
from typing import TypeVar

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests.house import ROW, Talker, Twin, a_hub, a_question, a_simulator, again
from tests.law.inventing import (
    ABOUT,
    ASKED_ON,
    BOTH_FILES,
    FIELDS,
    FILE,
    NODE,
    OFFICE,
    PERSON,
    SUCCESSOR,
    SUPPLIED,
    a_clause,
    a_lawbook,
    a_line,
    a_number,
)
from tests.unit.gateway.givens import Heard, a_body, a_door, a_request, call, without

from kruispunt.sources import Cause, Simulator
from kruispunt.vocabulary import (
    Accepted,
    Answer,
    DirectoryLine,
    NoAnswer,
    NumberStatus,
    PastGrant,
    Period,
    Problem,
    PurposeId,
    Question,
    Reason,
    Refusal,
    SameMessageOtherContent,
    Ssin,
    Unavailable,
    WrongSignature,
)

T = TypeVar("T")
NEVER_THE_SAME = ("ticket", "receipt", "instance")

days = st.integers(-40, 40).map(lambda count: ASKED_ON + timedelta(days=count))
persons = st.sampled_from([PERSON, SUCCESSOR])
statuses = st.sampled_from([one for one in NumberStatus if one is not NumberStatus.LEFT_TO_HUB])
faults = st.sampled_from([None, None, *(one for one in Cause if one is not Cause.NO_ANSWER)])
values = st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.floats()
names = st.sampled_from([*FIELDS, "ssin", "wage", "diagnosis"]) | st.text(max_size=9)
rows = st.dictionaries(names, values | st.lists(values, max_size=2), max_size=7)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    begin = draw(days)
    length = draw(st.none() | st.integers(1, 60))
    return Period(begin, None if length is None else begin + timedelta(days=length))


@st.composite
def lines(draw: st.DrawFn) -> DirectoryLine:
    line = a_line(draw(st.sampled_from([FILE, SUPPLIED])), draw(periods()))
    return DirectoryLine(
        ssin=draw(persons), sector=line.sector, quality=line.quality, period=line.period
    )


def run(work: Awaitable[T]) -> T:
    async def waits() -> T:
        return await work

    return asyncio.run(waits())


@st.composite
def questions(draw: st.DrawFn) -> Question:
    return a_question(
        message=draw(st.integers(1, 3)),
        nonce=draw(st.none() | st.integers(0, 2)),
        consumer=draw(st.sampled_from([NODE, NODE, OFFICE])),
        purpose=draw(st.sampled_from([PurposeId("benefit"), PurposeId("curiosity")])),
        ssin=draw(persons),
        about=draw(st.just(ABOUT) | periods()),
        asked_on=draw(days),
    )


@st.composite
def twins(draw: st.DrawFn) -> Twin:
    source = a_simulator()
    source.fault, source.talkative = draw(faults), draw(st.booleans())
    known = draw(st.just(list(BOTH_FILES)) | st.lists(lines(), max_size=5))
    clause = a_clause(begin=draw(days), end=draw(st.none() | st.just(date(2031, 8, 1))))
    return a_hub(
        lawbook=a_lawbook(clause),
        lines=known,
        number=a_number(draw(statuses), deceased_on=draw(days)),
        source=source,
    )


async def asked(twin: Twin, question: Question) -> Answer | Accepted | NoAnswer | Problem:
    try:
        return await twin.hub.serve(question)
    except Problem as problem:
        return problem


@given(twin=twins(), many=st.lists(questions(), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_no_source_is_asked_without_an_entry_in_the_trail_that_grants_it(
    twin: Twin, many: list[Question]
):
    for question in many:
        run(asked(twin, question))

    granted = {entry.id: entry for entry in twin.entries if isinstance(entry.decision, PastGrant)}
    for look in twin.asked:
        entry = granted[look.entry.id]
        assert entry.question == look.entry.question
        assert isinstance(entry.decision, PastGrant)
        assert entry.decision.ground == look.decision.ground
    assert len({look.entry.id for look in twin.asked}) == len(twin.asked)
    hidden = {
        entry.id
        for entry in twin.entries
        if isinstance(entry.decision, Refusal) and entry.decision.reason.told is None
    }
    assert twin.trail.outcomes.keys() == granted.keys() | hidden


@given(twin=twins(), question=questions())
@settings(max_examples=100, deadline=None)
def test_nobody_is_asked_and_nobody_answered_while_the_trail_can_not_be_written(
    twin: Twin, question: Question
):
    twin.ledger.away = True

    told = run(asked(twin, question))

    assert isinstance(told, Unavailable)
    assert twin.asked == []
    assert twin.entries == []


@given(
    sent=st.lists(rows, max_size=3),
    granted=st.lists(st.sampled_from(FIELDS), unique=True, min_size=1),
    about=persons,
)
@settings(max_examples=200, deadline=None)
def test_no_field_outside_the_ground_ever_leaves_whatever_the_source_sends(
    sent: list[dict[str, object]], granted: list[str], about: Ssin
):
    fields = [one for one in FIELDS if one in granted]
    clause = a_clause(fields=fields, withheld=[one for one in FIELDS if one not in fields])
    twin = a_hub(lawbook=a_lawbook(clause), source=Talker(*sent, about=about))

    told = run(asked(twin, a_question()))

    if isinstance(told, Answer):
        assert about == PERSON
        for row in told.rows:
            assert tuple(row) == tuple(fields)
            assert all(value is None or isinstance(value, bool) for value in row.values())
        assert len(told.rows) == len(sent)
    else:
        assert isinstance(told, Problem)
        assert told.status == 502


def test_the_property_above_sees_answers_and_failures():
    good, bad = Talker({**ROW, "diagnosis": "x"}), Talker({FIELDS[0]: "yes"})

    answer = run(asked(a_hub(source=good), a_question()))
    failure = run(asked(a_hub(source=bad), a_question()))

    assert isinstance(answer, Answer)
    assert [*answer.rows[0]] == [*FIELDS[:2]]
    assert isinstance(failure, Problem)


async def heard(twin: Twin, ssin: Ssin) -> Heard:
    body = a_body(ssin=ssin.digits, messageId="00000000-0000-4000-8000-000000000001")
    return await call(a_door(twin).app(), a_request(body))


ABOUT_PERSONS = st.tuples(
    statuses,
    st.lists(lines().filter(lambda line: (line.sector, line.quality) == SUPPLIED), max_size=4),
)


@given(one=ABOUT_PERSONS, other=ABOUT_PERSONS)
@settings(max_examples=100, deadline=None)
def test_whoever_is_not_in_your_files_reads_the_same_whatever_else_is_known_of_them(
    one: tuple[NumberStatus, list[DirectoryLine]], other: tuple[NumberStatus, list[DirectoryLine]]
):
    replies: list[Heard] = []
    for status, kept in (one, other):
        twin = a_hub(number=a_number(status, deceased_on=date(2031, 1, 1)), lines=kept)
        replies.append(run(heard(twin, PERSON)))

    assert {reply.status for reply in replies} == {403}
    bodies = [without(reply.body, *NEVER_THE_SAME) for reply in replies]
    assert bodies[0] == bodies[1]
    assert bodies[0]["reason"] == "no-file"
    assert len(replies[0].body) == len(replies[1].body)
    assert replies[0].headers.keys() == replies[1].headers.keys()


@given(elsewhere=st.lists(lines().filter(lambda line: line.ssin == SUCCESSOR), max_size=3))
@settings(max_examples=50, deadline=None)
def test_a_failed_control_of_the_supplier_reads_like_no_data(elsewhere: list[DirectoryLine]):
    no_file = a_hub(lines=[a_line(), *elsewhere])
    no_data = a_hub(source=Simulator())

    first, second = run(heard(no_file, PERSON)), run(heard(no_data, PERSON))

    assert (first.status, second.status) == (200, 200)
    assert without(first.body, *NEVER_THE_SAME) == without(second.body, *NEVER_THE_SAME)
    assert len(first.body) == len(second.body)
    assert first.headers.keys() == second.headers.keys()
    assert isinstance(no_file.entries[0].decision, Refusal)
    assert no_file.entries[0].decision.reason is Reason.NO_FILE_AT_SUPPLIER


@given(twin=twins(), question=questions(), times=st.integers(2, 4))
@settings(max_examples=100, deadline=None)
def test_a_message_that_comes_again_gets_one_decision_and_its_first_ticket_and_is_marked(
    twin: Twin, question: Question, times: int
):
    told = [run(asked(twin, again(question))) for _ in range(times)]

    entries = twin.entries
    assert [entry.repeats for entry in entries] == [None] + [entries[0].id] * (times - 1)
    assert len({msgspec.json.encode(_decided(twin, n)) for n in range(times)}) == 1
    for turn, one in enumerate(told):
        if isinstance(one, Problem):
            assert one.ticket == entries[0].id
        else:
            assert one.ticket == entries[0].id
            assert one.repeated is (turn > 0)
            assert one.receipt.entry == entries[turn].id


def _decided(twin: Twin, place: int) -> list[str]:
    entry = twin.entries[place]
    decision = entry.decision
    ground = "" if decision.ground is None else decision.ground.clause
    reason = decision.reason.value if isinstance(decision, Refusal) else ""
    return [ground, reason, entry.lawbook, repr(entry.facts), entry.question.asked_on.isoformat()]


class Conversation(RuleBasedStateMachine):
    """Anyone sends any message at any time: a model of what must be answered, and how."""

    @initialize(twin=twins())
    def open(self, twin: Twin) -> None:
        self.twin = twin
        self.first: dict[tuple[str, int], tuple[bytes, str]] = {}
        self.nonces: set[tuple[str, bytes]] = set()

    @rule(question=questions())
    def ask(self, question: Question) -> None:
        before = len(self.twin.entries)
        told = run(asked(self.twin, question))
        recorded = len(self.twin.entries) - before
        nonce = (question.consumer, question.proof.nonce)
        if nonce in self.nonces:
            assert isinstance(told, WrongSignature)
            assert recorded == 0
            return
        self.nonces.add(nonce)
        key = (question.consumer, question.message_id.int)
        content = question.proof.digest
        known = self.first.setdefault(key, (content, str(self._last())))
        if known[0] != content:
            assert isinstance(told, SameMessageOtherContent)
            assert recorded == 0
            return
        assert recorded == 1
        assert str(self.twin.entries[-1].ticket) == known[1]
        if isinstance(told, Answer | NoAnswer):
            assert str(told.ticket) == known[1]
            assert told.repeated is (str(self._last()) != known[1])

    def _last(self) -> object:
        return self.twin.entries[-1].id if self.twin.entries else None

    @rule(days=st.integers(1, 40))
    def pass_by(self, days: int) -> None:
        self.twin.clock.pass_by(timedelta(days=days))

    @rule(kept=st.lists(lines(), max_size=4))
    def change_files(self, kept: list[DirectoryLine]) -> None:
        self.twin.directory.lines.kept = frozenset(kept)

    @invariant()
    def every_entry_but_repetitions_is_the_first_of_its_message(self) -> None:
        firsts = [one for one in self.twin.entries if one.repeats is None]
        keys = {(one.question.consumer, one.question.message_id) for one in firsts}
        assert len(keys) == len(firsts)


def test_each_message_is_decided_once_and_each_nonce_counts_once():
    run_state_machine_as_test(
        Conversation,
        settings=settings(max_examples=60, stateful_step_count=15, deadline=None),
    )
