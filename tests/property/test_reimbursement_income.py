"""More income never gives a right, and every history of a case ends or waits for somebody."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.circuits.reimbursement.reimbursing import (
    CEILING,
    FULLY,
    PART_TIMER,
    RULES,
    SUPPLIED,
    TODAY,
    a_notice,
    an_application,
    answers,
    awards,
    run,
)

from kruispunt.circuits.reimbursement import (
    Answered,
    AskUnemployment,
    Award,
    Counted,
    Decline,
    Income,
    Phase,
    Proved,
    Reimbursement,
    ReimbursementEvent,
    Unanswered,
    Unemployment,
    advance,
)
from kruispunt.circuits.reimbursement.rules import read_unemployment
from kruispunt.vocabulary import FieldName, Row

WRITTEN: Final = st.from_regex(r"-?[0-9]{1,6}(\.[0-9]{1,3})?", fullmatch=True)
DAILY: Final = st.integers(0, 120_00)
OTHER: Final = st.integers(0, 30_000_00)


def given_right(daily: int, other: int, *, own: bool) -> bool:
    row = Unemployment(full_code="VW", scale_code="N11", daily_cents=daily)
    begun = a_notice(incomes=(other,)) if own else an_application(incomes=(other,))
    _, actions = run(begun, *answers(row))
    return bool(awards(actions))


@given(text=WRITTEN)
def test_an_amount_is_the_same_in_cents_however_a_supplier_writes_it(text: str) -> None:
    """All that `keep` lets through for digits = [9, 3]: with a point, without, of one digit."""
    row: Row = {FieldName("daily_amount"): text}

    (read,) = read_unemployment([row])

    cents = Fraction(text) * 100
    fits = cents >= 0 and cents.denominator == 1
    assert read.daily_cents == (cents if fits else None)


@given(daily=DAILY, other=OTHER, more=st.integers(0, 60_00), own=st.booleans())
def test_more_income_never_gives_a_right(daily: int, other: int, more: int, own: bool) -> None:
    if given_right(daily + more, other, own=own):
        assert given_right(daily, other, own=own)
    if given_right(daily, other + more, own=own):
        assert given_right(daily, other, own=own)


@given(daily=st.integers(0, 88_30), own=st.booleans())
def test_the_boundary_is_the_ceiling_to_the_cent(daily: int, own: bool) -> None:
    other = CEILING - 312 * daily

    assert given_right(daily, other - 1, own=own)
    assert not given_right(daily, other, own=own)


def events() -> st.SearchStrategy[ReimbursementEvent]:
    rows = st.lists(st.sampled_from([FULLY, SUPPLIED, PART_TIMER]), max_size=2).map(tuple)
    days = st.integers(0, 200).map(lambda days: TODAY + timedelta(days=days))
    return st.one_of(
        st.builds(Counted, on=days, expected=st.integers(0, 3)),
        st.builds(Answered, on=days, part=st.integers(1, 3), rows=rows),
        st.builds(Unanswered, on=days),
        st.builds(Proved, on=days, unemployment=st.builds(Income, taxed_cents=OTHER)),
    )


@given(
    own=st.booleans(),
    since=st.dates(date(2024, 1, 1), TODAY),
    history=st.lists(events(), max_size=12),
)
def test_every_history_asks_once_at_most_decides_once_and_waits_for_somebody(
    own: bool, since: date, history: list[ReimbursementEvent]
) -> None:
    begun = a_notice(replaced_since=since) if own else an_application()

    case, actions = run(begun, *history)

    kinds = [type(action) for action in actions]
    assert kinds.count(AskUnemployment) <= 1
    assert kinds.count(Award) <= 1
    over = case.phase in {Phase.DECIDED, Phase.UNANSWERED}
    assert over is any(kind in {Award, Decline} for kind in kinds)
    stored = msgspec.json.encode(case)
    assert msgspec.json.decode(stored, type=Reimbursement) == case
    for event in history:
        again, _ = advance(case, event, RULES)
        assert advance(again, event, RULES) == (again, ())
