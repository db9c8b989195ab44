"""Asked together or one by one: the same answers, and the same entries in the trail."""

import asyncio
from datetime import date, timedelta
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.house import a_question
from tests.law.inventing import (
    ABOUT,
    ASKED_ON,
    FIELDS,
    FILE,
    FLOW,
    HUB,
    NODE,
    OFFICE,
    SUPPLIED,
    a_lawbook,
    a_line,
)
from tests.together import PEOPLE, World, heard, kept, looks_of, one_by_one, together

from kruispunt.authorisation import decide, decide_many
from kruispunt.exchange import PART
from kruispunt.sources import Cause
from kruispunt.vocabulary import (
    Answer,
    Facts,
    FlowId,
    InstitutionCode,
    NumberFact,
    NumberStatus,
    Period,
    Problem,
    PurposeId,
    Question,
    Settled,
    Ssin,
)

AT_FAULT: Final = [one for one in Cause if one not in (Cause.NO_ANSWER, Cause.CROWDED)]

days = st.integers(-40, 40).map(lambda many: ABOUT.begin + timedelta(days=many))
people = st.sampled_from(PEOPLE)


@st.composite
def periods(draw: st.DrawFn) -> Period:
    begin = draw(days)
    length = draw(st.none() | st.integers(1, 60))
    return Period(begin, None if length is None else begin + timedelta(days=length))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    numbers: dict[Ssin, NumberFact] = {}
    for person in PEOPLE:
        status = draw(st.sampled_from([NumberStatus.KNOWN, *NumberStatus]))
        if status is not NumberStatus.LEFT_TO_HUB:
            numbers[person] = NumberFact(
                status=status,
                successor=draw(people) if status is NumberStatus.REPLACED else None,
                deceased_on=date(2031, 3, 9) if status is NumberStatus.DECEASED else None,
            )
    lines = [
        structs.replace(a_line(pair, draw(st.just(ABOUT) | periods())), ssin=person)
        for person in PEOPLE
        for pair in draw(st.sampled_from([(), (FILE,), (FILE, SUPPLIED), (FILE, SUPPLIED)]))
    ]
    return World(
        numbers=numbers,
        lines=tuple(lines),
        faults=draw(st.dictionaries(people, st.sampled_from(AT_FAULT), max_size=2)),
        broken=frozenset(draw(st.sets(people, max_size=1))),
    )


@st.composite
def sets(draw: st.DrawFn) -> list[Question]:
    """The questions of one request; message ids come again, with the same content and others."""
    consumer = draw(st.sampled_from([NODE, NODE, NODE, OFFICE]))
    purpose = draw(st.sampled_from([PurposeId("benefit"), PurposeId("curiosity")]))
    asked_on = draw(st.just(ASKED_ON) | st.just(date(2030, 1, 1)))
    return [
        a_question(
            message=message,
            consumer=consumer,
            purpose=purpose,
            ssin=ssin,
            asked_on=asked_on,
            content=content,
        )
        for message, ssin, content in draw(
            st.lists(
                st.tuples(st.integers(1, 12), people, st.sampled_from(["", "", "other"])),
                max_size=14,
            )
        )
    ]


@given(world=worlds(), asked=st.lists(sets(), min_size=1, max_size=3))
@settings(max_examples=120, deadline=None)
def test_questions_asked_together_are_told_and_recorded_as_if_asked_one_by_one(
    world: World, asked: list[list[Question]]
):
    async def both() -> None:
        bulk, alone = world.hub(), world.hub()
        for questions in asked:
            told = await bulk.hub.serve_many(together(questions))
            expected = await one_by_one(alone.hub, questions)

            assert heard(told, looks_of(bulk)) == heard(expected, looks_of(alone))
        assert kept(looks_of(bulk)) == kept(looks_of(alone))
        assert {one.entry.question.message_id for one in bulk.asked} == {
            one.entry.question.message_id for one in alone.asked
        }

    asyncio.run(both())


@given(world=worlds(), questions=sets())
@settings(max_examples=80, deadline=None)
def test_a_message_is_the_same_whether_it_comes_alone_or_in_a_set(
    world: World, questions: list[Question]
):
    async def both() -> None:
        first, second = world.hub(), world.hub()
        await one_by_one(first.hub, questions)
        await second.hub.serve_many(together(questions))

        after = await first.hub.serve_many(together(questions))
        then = await one_by_one(second.hub, questions)

        assert heard(after, looks_of(first)) == heard(then, looks_of(second))
        assert kept(looks_of(first)) == kept(looks_of(second))

    asyncio.run(both())


@given(
    world=worlds(),
    uses=st.lists(
        st.tuples(
            st.sampled_from([NODE, OFFICE]),
            st.sampled_from([FLOW, FlowId("income")]),
            st.sampled_from([PurposeId("benefit"), PurposeId("curiosity")]),
            st.just(ASKED_ON) | days,
            people,
            st.just(ABOUT) | periods(),
        ),
        max_size=20,
    ),
    seat=st.sampled_from([HUB, NODE]),
)
@settings(max_examples=120, deadline=None)
def test_deciding_many_is_deciding_each(
    world: World,
    uses: list[tuple[InstitutionCode, FlowId, PurposeId, date, Ssin, Period]],
    seat: InstitutionCode,
):
    law = a_lawbook().jurisdiction(seat)
    unknown = NumberFact(status=NumberStatus.UNKNOWN)
    settled = [
        Settled(
            question=a_question(
                consumer=consumer, flow=flow, purpose=purpose, asked_on=day, ssin=ssin, about=about
            ),
            number=world.numbers.get(ssin, unknown),
        )
        for consumer, flow, purpose, day, ssin, about in uses
    ]
    facts = [
        Facts(
            number=one.number,
            lines=tuple(line for line in world.lines if line.ssin == one.current),
        )
        for one in settled
    ]

    decided = decide_many(settled, facts, law)

    assert decided == [decide(one, known, law) for one, known in zip(settled, facts, strict=True)]


def test_the_properties_above_see_answers_refusals_failures_and_repeats():
    both = [
        structs.replace(a_line(pair), ssin=person)
        for person in PEOPLE
        for pair in (FILE, SUPPLIED)
    ]
    world = World(
        numbers=dict.fromkeys(PEOPLE[:6], NumberFact(status=NumberStatus.KNOWN)),
        lines=tuple(one for one in both if (one.ssin, one.sector) != (PEOPLE[5], SUPPLIED[0])),
        faults={PEOPLE[3]: Cause.UNSIGNED},
        broken=frozenset({PEOPLE[4]}),
    )
    questions = [a_question(message=n, ssin=person) for n, person in enumerate(PEOPLE)]
    twin = world.hub()

    told = asyncio.run(
        twin.hub.serve_many(together([questions[1], *questions, a_question(message=2)]))
    )

    assert [type(one).__name__ for one in told] == [
        *("Answer", "Answer", "Answer", "Answer", "WrongSource", "Problem", "Answer"),
        *("NoAnswer", "NoAnswer", "SameMessageOtherContent"),
    ]
    assert isinstance(told[0], Answer)
    assert [*told[0].rows[0]] == [*FIELDS[:2]]
    assert isinstance(told[2], Answer)
    assert (told[0].repeated, told[2].repeated) == (False, True)
    assert len(twin.entries) == 9


def test_a_set_larger_than_a_part_comes_back_in_its_order():
    many = 2 * PART + 3
    world = World(
        numbers=dict.fromkeys(PEOPLE, NumberFact(status=NumberStatus.KNOWN)),
        lines=(),
        faults={},
        broken=frozenset(),
    )
    questions = [a_question(message=n, ssin=PEOPLE[n % 8]) for n in range(many)]
    twin = world.hub()

    told = asyncio.run(twin.hub.serve_many(together(questions)))

    tickets = {entry.question.message_id: entry.id for entry in twin.entries}
    found = [None if isinstance(one, Problem) else one.ticket for one in told]
    assert found == [tickets[one.message_id] for one in questions]
