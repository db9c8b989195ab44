"""A case asks nothing too much, does nothing twice, and never stands still without a reason."""

import pytest
from tests.unit.circuits.reimbursement.reimbursing import (
    CEILING,
    FULLY,
    RULES,
    SUPPLIED,
    TODAY,
    a_notice,
    an_application,
    answers,
    asked,
    awards,
    declines,
    run,
)

from kruispunt.circuits.reimbursement import (
    Answered,
    Applied,
    Counted,
    Income,
    Noticed,
    Phase,
    Proved,
    Unanswered,
    Why,
    advance,
)


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (a_notice(has_right=True), Why.HAS_RIGHT),
        (a_notice(single_since=None), Why.NOT_SINGLE),
        (a_notice(replaced_by=None), Why.NO_REPLACEMENT_INCOME),
        (a_notice(has_company_supplement=True), Why.COMPANY_SUPPLEMENT),
        (a_notice(is_fully_unemployed=False), Why.NOT_FULLY_UNEMPLOYED),
        (a_notice(incomes=(CEILING,)), Why.INCOME_NOT_LOWER),
        (an_application(incomes=(CEILING,)), Why.INCOME_NOT_LOWER),
    ],
)
def test_who_is_excluded_by_what_is_known_already_is_never_asked_about(
    event: Applied | Noticed, why: Why
) -> None:
    case, actions = run(event)

    assert asked(actions) == []
    assert declines(actions) == [why]
    assert case.phase is Phase.DECIDED


def test_nothing_is_decided_before_every_answer_has_come() -> None:
    count, first, second = answers(FULLY, SUPPLIED)

    waiting, none = run(a_notice(), count, first)
    _, all_came = run(a_notice(), second, first, count)

    assert (waiting.phase, declines(none), awards(none)) == (Phase.ASKED, [], [])
    assert declines(all_came) == [Why.COMPANY_SUPPLEMENT]


def test_an_answer_delivered_twice_counts_once_and_the_first_of_two_contents_stands() -> None:
    count, first, _ = answers(FULLY, FULLY)
    other = Answered(on=TODAY, part=1, rows=(SUPPLIED,))

    once, _ = run(a_notice(), count, first)
    twice, actions = run(a_notice(), count, first, first, other, count)

    assert once == twice
    assert len(actions) == 1


def test_on_its_own_initiative_an_insurer_leaves_it_at_no_answer_and_a_late_one_opens_it() -> None:
    late = Answered(on=TODAY, part=1, rows=(FULLY,))

    left, actions = run(a_notice(), Counted(on=TODAY, expected=1), Unanswered(on=TODAY))
    case, (award,) = advance(left, late, RULES)

    assert declines(actions) == [Why.UNANSWERED]
    assert left.phase is Phase.UNANSWERED
    assert awards([award])
    assert case.phase is Phase.DECIDED


def test_nobody_who_will_answer_is_told_like_no_answer() -> None:
    nobody = Counted(on=TODAY, expected=0)

    own, told = run(a_notice(), nobody)
    requested, _ = run(an_application(), nobody)
    again, _ = run(an_application(), Unanswered(on=TODAY), nobody)

    assert (own.phase, declines(told)) == (Phase.UNANSWERED, [Why.UNANSWERED])
    assert requested.phase is again.phase is Phase.PROOF_ASKED


def test_an_answer_that_comes_before_the_proof_makes_the_proof_needless() -> None:
    count, answer = answers(FULLY)
    proof = Proved(on=TODAY, unemployment=Income(taxed_cents=CEILING))

    _, actions = run(an_application(), Unanswered(on=TODAY), count, answer, proof)

    assert len(awards(actions)) == 1
    assert declines(actions) == []


def test_what_a_case_does_not_wait_for_changes_nothing() -> None:
    decided, _ = run(an_application(has_unemployment=False))
    waiting, _ = run(a_notice())

    for event in (*answers(FULLY), Unanswered(on=TODAY), a_notice()):
        assert advance(decided, event, RULES) == (decided, ())
    assert advance(waiting, an_application(), RULES) == (waiting, ())
