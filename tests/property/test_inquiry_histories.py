"""Inquiries in any history: no field is asked or kept that no rule needs, and each one ends."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.circuits.reimbursement.inquiring import (
    OTHER,
    Played,
    Row,
    a_begin,
    a_row,
    played,
)
from tests.unit.circuits.reimbursement.reimbursing import CEILING, TODAY, a_notice, an_application

from kruispunt.circuits import CIRCUITS, replay
from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import Reason

CIRCUIT = CIRCUITS["reimbursement"]
FULLY = "VW"
NOTHING, ALL = a_row("0.00"), a_row("999.00")

days = st.dates(TODAY - timedelta(days=400), TODAY)
amounts = st.one_of(st.integers(0, 3_000_000), st.sampled_from([CEILING - 1, CEILING]))
incomes = st.lists(amounts, max_size=2).map(tuple)
applications = st.builds(an_application, incomes=incomes, has_unemployment=st.booleans())
notices = st.builds(
    a_notice,
    single_since=st.none() | days,
    replaced_by=st.sampled_from([None, *r.Replacement]),
    replaced_since=st.none() | days,
    has_company_supplement=st.none() | st.booleans(),
    is_fully_unemployed=st.none() | st.booleans(),
    has_right=st.booleans(),
    incomes=incomes,
)
rows = st.builds(
    a_row,
    st.sampled_from([None, "0.00", "50.00", "88.30", "88.31", "200.00"]),
    full=st.sampled_from([None, FULLY, "DW", "SWT"]),
    scale=st.sampled_from([None, "N11", "Z11"]),
)
"""What an institution may say: anything, or nothing."""

said = st.tuples(st.integers(0, 3), st.lists(rows, max_size=2), st.sampled_from(["", "failed"]))
"""An answer: its place, its rows, or why there is none."""

Move = tuple[str, Any]
moves: st.SearchStrategy[list[Move]] = st.lists(
    st.one_of(
        st.tuples(st.just("accepted"), st.none()),
        st.tuples(st.just("refused"), st.sampled_from([None, OTHER])),
        st.tuples(st.just("counted"), st.integers(-1, 3)),
        st.tuples(st.just("answered"), said),
        st.tuples(st.just("failed"), st.none()),
        st.tuples(st.just("deadline"), st.none()),
        st.tuples(st.just("number"), st.sampled_from([OTHER])),
        st.tuples(st.just("proved"), amounts),
        st.tuples(st.just("again"), st.integers(0, 20)),
    ),
    max_size=12,
)


def move(inquiry: Played, what: str, said: Any) -> None:
    """Let something happen to an inquiry, whether it waits for it or not."""
    state = inquiry.state
    action = {"action": state.asked[-1] if state.asked else UUID(int=5)}
    match what:
        case "accepted":
            inquiry.take(b.UnemploymentAccepted, **action, ticket="T")
        case "refused":
            reason = Reason.NO_FILE if said else Reason.NO_CLAUSE
            inquiry.take(b.UnemploymentRefused, **action, reason=reason, successor=said)
        case "counted":
            inquiry.take(b.UnemploymentCounted, **action, count=said)
        case "answered":
            place, found, not_given = cast("tuple[int, list[Row], str]", said)
            rows = () if not_given else tuple(found)
            inquiry.take(
                b.UnemploymentAnswered, **action, place=place, rows=rows, refused=not_given
            )
        case "failed":
            inquiry.take(b.UnemploymentFailed, **action, cause="away")
        case "number":
            inquiry.take(b.NumberReplaced, successor=said)
        case "proved":
            income = r.Income(taxed_cents=said)
            inquiry.take(r.IncomeProved, action=state.proof or UUID(int=6), unemployment=income)
        case "again":
            inquiry.add(inquiry.events[int(said) % len(inquiry.events)])
        case _:
            if state.deadlines:
                inquiry.pass_deadline()


@settings(max_examples=300, deadline=None)
@given(begun=applications | notices)
def test_nothing_is_asked_of_which_the_answer_could_not_decide(begun: r.Applied | r.Noticed):
    """§40: of two answers that differ, one has to give the right and the other not."""
    endings: set[r.Ending | None] = set()
    for answer in (NOTHING, ALL):
        inquiry = played(a_begin(begun))
        while inquiry.state.deadlines and not inquiry.questions:
            inquiry.pass_deadline()
        if not inquiry.questions:
            assert inquiry.state.ending is not None
            return
        inquiry.answered(answer)
        endings.add(inquiry.state.ending)

    assert endings == {r.Ending.GRANTED, r.Ending.NOT_GRANTED}


def test_no_field_is_kept_without_which_everything_would_be_decided_alike():
    """P-L500-FIELDS (§40): of each of them two values differ in what is decided, or how much."""
    values: dict[str, tuple[str, str]] = {
        "full_unemployment_code": (FULLY, "DW"),
        "scale_code": ("N11", "Z11"),
        "daily_amount": ("10.00", "90.00"),
        "amount_incl_seniority": ("10.00", "90.00"),
        "igu_gross_previous_month": ("10.00", "9000.00"),
        "unemployment_previous_month": ("10.00", "9000.00"),
    }
    assert {*values} == {*r.NEEDED}
    for name, both in values.items():
        decided: set[object] = set()
        for value in both:
            inquiry = played(a_begin(a_notice()))
            inquiry.answered(a_row("10.00") | {name: value})
            decided.add((inquiry.state.ending, inquiry.decisions[-1].why))
        assert len(decided) == 2, name


def test_every_field_that_is_kept_is_one_that_the_clauses_give():
    granted = [
        {*clause.ground.fields}
        for clause in read_lawbook().clauses
        if clause.purpose in {r.ON_REQUEST, r.EX_OFFICIO}
    ]

    assert granted
    assert all({*r.NEEDED} <= fields for fields in granted)


@settings(max_examples=400, deadline=None)
@given(begun=applications | notices, history=moves)
def test_no_inquiry_is_stuck_and_none_says_two_things(
    begun: r.Applied | r.Noticed, history: list[Move]
):
    inquiry = played(a_begin(begun))
    for what, said in history:
        move(inquiry, what, said)
        waiting = CIRCUIT.waiting(inquiry.state)
        assert bool(waiting) is (inquiry.state.stage is b.Stage.OPEN)
        assert all(one.paragraph for one in waiting)

    # Each question went out under one id for each number of the person, and for one purpose.
    assert len({one.message_id for one in inquiry.questions}) <= 1 + sum(
        isinstance(one, b.NumberReplaced | b.UnemploymentRefused) for one in inquiry.events
    )
    assert len({one.purpose for one in inquiry.questions}) <= 1
    while inquiry.state.deadlines:
        assert inquiry.pass_deadline()
    if inquiry.state.stage is b.Stage.OPEN:
        assert CIRCUIT.waiting(inquiry.state)[0].party is b.Party.INSURED_PERSON
        move(inquiry, "proved", 0)
    assert inquiry.state.stage is b.Stage.CLOSED
    assert len(inquiry.decisions) == 1
    kept = [r.keep_needed(one) for one in inquiry.events]
    assert replay(CIRCUIT, inquiry.state.id, kept) == inquiry.state
