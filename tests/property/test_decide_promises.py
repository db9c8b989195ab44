"""What holds for every question and every set of facts under an invented law."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from tests.law.inventing import (
    FIELDS,
    FUND,
    HUB,
    NODE,
    OFFICE,
    OTHER_FUND,
    PURPOSE,
    a_clause,
    a_control,
    a_lawbook,
    a_line,
    a_number,
    a_question,
    settle,
)

from kruispunt.authorisation import decide
from kruispunt.law import Clause, Control, PeriodRule, Side
from kruispunt.vocabulary import (
    Decision,
    DirectoryLine,
    Facts,
    Grant,
    InstitutionCode,
    NumberStatus,
    Period,
    PurposeId,
    Quality,
    Question,
    Reason,
    Refusal,
    Sector,
)

FIRST = date(2031, 1, 1)
CURIOSITY = PurposeId("curiosity")
# The order in which reasons about the person are found (a number in no register apart).
RANKS = (
    (Reason.NO_FILE,),
    (Reason.NUMBER_REPLACED, Reason.NUMBER_CANCELLED, Reason.DECEASED_BEFORE),
    (Reason.NO_FILE_AT_SUPPLIER,),
)

days = st.integers(0, 60).map(lambda count: FIRST + timedelta(days=count))
pairs = st.tuples(st.sampled_from([Sector(5), Sector(9)]), st.sampled_from([Quality(1)]))
consumers = st.sampled_from([NODE, OFFICE, FUND, OTHER_FUND])
seats = st.sampled_from([HUB, NODE])


@st.composite
def periods(draw: st.DrawFn) -> Period:
    begin = draw(days)
    length = draw(st.none() | st.integers(1, 30))
    return Period(begin, None if length is None else begin + timedelta(days=length))


@st.composite
def controls(draw: st.DrawFn) -> Control:
    return a_control(
        draw(st.sampled_from(Side)), of=draw(pairs), rule=draw(st.sampled_from(PeriodRule))
    )


@st.composite
def clauses(draw: st.DrawFn) -> Clause:
    fields = draw(st.lists(st.sampled_from(FIELDS), unique=True, min_size=1))
    length = draw(st.none() | st.integers(1, 40))
    begin = draw(days)
    return a_clause(
        consumer=draw(st.sampled_from([NODE, OFFICE])),
        fields=fields,
        withheld=[one for one in FIELDS if one not in fields],
        controls=draw(st.lists(controls(), max_size=3)),
        begin=begin,
        end=None if length is None else begin + timedelta(days=length),
    )


@st.composite
def lines(draw: st.DrawFn) -> DirectoryLine:
    member: InstitutionCode | None = draw(st.sampled_from([None, FUND, OTHER_FUND]))
    return a_line(draw(pairs), draw(periods()), member=member)


@st.composite
def facts(draw: st.DrawFn) -> Facts:
    number = a_number(draw(st.sampled_from(NumberStatus)), deceased_on=draw(st.none() | days))
    return Facts(number=number, lines=tuple(draw(st.lists(lines(), max_size=4))))


questions = st.builds(
    a_question,
    consumer=consumers,
    purpose=st.sampled_from([PURPOSE, PURPOSE, PURPOSE, CURIOSITY]),
    asked_on=days,
    about=periods(),
)


@given(clause=clauses(), question=questions, known=facts(), seat=seats)
@settings(max_examples=150)
def test_nothing_leaves_without_a_clause_for_exactly_this_use(
    clause: Clause, question: Question, known: Facts, seat: InstitutionCode
) -> None:
    jurisdiction = a_lawbook(clause).jurisdiction(seat)

    decision = decide(settle(question, known), known, jurisdiction)

    if isinstance(decision, Grant):
        assert question.purpose == clause.purpose
        assert question.asked_on in clause.period
        askers = {clause.consumer} if seat == HUB else {FUND, OTHER_FUND}
        assert question.consumer in askers


@given(clause=clauses(), question=questions, known=facts(), seat=seats)
@settings(max_examples=150)
def test_no_field_leaves_that_the_clause_does_not_name_and_every_other_is_told_withheld(
    clause: Clause, question: Question, known: Facts, seat: InstitutionCode
) -> None:
    jurisdiction = a_lawbook(clause).jurisdiction(seat)

    decision = decide(settle(question, known), known, jurisdiction)

    if isinstance(decision, Grant):
        assert set(decision.fields) == set(clause.ground.fields)
        assert {one.field for one in decision.withheld} == set(FIELDS) - set(decision.fields)


@given(question=questions, known=facts(), seat=seats)
@settings(max_examples=150)
def test_a_law_without_clauses_gives_nothing(
    question: Question, known: Facts, seat: InstitutionCode
) -> None:
    empty = replace(a_lawbook(), clauses=())

    decision = decide(settle(question, known), known, empty.jurisdiction(seat))

    assert decision == Refusal(reason=Reason.NO_CLAUSE)


@given(clause=clauses(), question=questions, known=facts(), seat=seats)
@settings(max_examples=150)
def test_the_same_question_facts_and_law_give_the_same_decision(
    clause: Clause, question: Question, known: Facts, seat: InstitutionCode
) -> None:
    settled = settle(question, known)

    first = decide(settled, known, a_lawbook(clause).jurisdiction(seat))
    again = decide(settled, known, a_lawbook(clause).jurisdiction(seat))

    assert first == again


@given(clause=clauses(), question=questions, known=facts(), more=lines(), seat=seats)
@settings(max_examples=150)
def test_one_more_file_never_takes_leave_away_and_never_turns_back_to_an_earlier_control(
    clause: Clause, question: Question, known: Facts, more: DirectoryLine, seat: InstitutionCode
) -> None:
    jurisdiction = a_lawbook(clause).jurisdiction(seat)
    richer = structs.replace(known, lines=(*known.lines, more))

    before = decide(settle(question, known), known, jurisdiction)
    after = decide(settle(question, richer), richer, jurisdiction)

    assert rank(after) >= rank(before)


@given(clause=clauses(), question=questions, known=facts())
@settings(max_examples=150)
def test_who_has_no_file_hears_the_same_whatever_became_of_the_number(
    clause: Clause, question: Question, known: Facts
) -> None:
    hub = a_lawbook(clause).jurisdiction(HUB)

    told: set[Reason | None] = set()
    for status in NumberStatus:
        other = structs.replace(known, number=a_number(status, deceased_on=FIRST))
        told.add(_told(decide(settle(question, other), other, hub)))

    plain = structs.replace(known, number=a_number())
    if _told(decide(settle(question, plain), plain, hub)) is Reason.NO_FILE:
        assert told == {Reason.NO_FILE}


def rank(decision: Decision) -> int:
    """How far a question came: the later its refusal, the higher; a grant is highest."""
    if isinstance(decision, Grant):
        return len(RANKS)
    found = [place for place, reasons in enumerate(RANKS) if decision.reason in reasons]
    return found[0] if found else -1


def _told(decision: Decision) -> Reason | None:
    return decision.reason.told if isinstance(decision, Refusal) else None
