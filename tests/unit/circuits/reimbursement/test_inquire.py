"""An inquiry that runs: what is asked, once, and what is decided (05/022 §6, §7.5-7.6)."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from tests.unit.circuits.reimbursement.inquiring import (
    CASE,
    MOMENT,
    OTHER,
    PERSON,
    RULES,
    a_begin,
    a_row,
    another_law,
    own_initiative,
    played,
)
from tests.unit.circuits.reimbursement.reimbursing import (
    CEILING,
    LONG_AGO,
    TODAY,
    a_notice,
    an_application,
)

from kruispunt.circuits import CIRCUITS, RulesOn, told
from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.law import NoValue, read_lawbook
from kruispunt.vocabulary import Period, Reason

CIRCUIT = CIRCUITS["reimbursement"]


def test_vt_1_vt_5_an_application_asks_once_and_only_for_its_purpose():
    """§2.2, §6(1), §7.6."""
    inquiry = played()

    (question,) = inquiry.questions
    assert (question.flow, question.purpose) == ("L500", r.ON_REQUEST)
    assert (question.person, question.message_id) == (PERSON, question.id)
    assert (question.about.begin, question.about.last_day) == (TODAY, TODAY)


def test_vt_2_an_income_under_the_ceiling_of_the_day_gives_the_right():
    """§2.2: the decision says with which amount of which day."""
    inquiry = played(a_begin(an_application(incomes=(10_000_00,))))

    inquiry.answered(a_row("50.00"))

    (decision,) = inquiry.decisions
    assert (decision.ending, decision.on) == (r.Ending.GRANTED, TODAY)
    assert decision.ceiling_cents == CEILING
    assert decision.income_cents == 10_000_00 + 312 * 50_00
    assert (inquiry.state.stage, inquiry.state.ending) == (b.Stage.CLOSED, r.Ending.GRANTED)


def test_vt_2_an_income_at_the_ceiling_gives_none_and_asks_nothing():
    """§2.2, §40: what is known already decides."""
    inquiry = played(a_begin(an_application(incomes=(CEILING,))))

    (decision,) = inquiry.decisions
    assert (decision.ending, decision.why) == (r.Ending.NOT_GRANTED, r.Why.INCOME_NOT_LOWER)
    assert (decision.on, decision.ceiling_cents) == (TODAY, CEILING)
    assert inquiry.questions == []


@pytest.mark.parametrize("how", ["nobody", "failed", "refused", "no-amount", "late"])
def test_vt_4_who_is_not_answered_for_proves_it_on_paper(how: str):
    """§6: an amount that nobody tells is not an amount of nothing."""
    inquiry = played()
    match how:
        case "nobody":
            inquiry.answered()
        case "failed":
            for _ in range(RULES.delays.attempts):
                inquiry.reply(b.UnemploymentFailed, cause="away")
                if inquiry.state.failed:
                    inquiry.pass_deadline()
        case "refused":
            inquiry.reply(b.UnemploymentAccepted, ticket="T")
            inquiry.reply(b.UnemploymentCounted, count=1)
            inquiry.reply(b.UnemploymentAnswered, place=1, refused="failed")
        case "no-amount":
            inquiry.answered(a_row(None))
        case _:
            inquiry.reply(b.UnemploymentAccepted, ticket="T")
            inquiry.pass_deadline()

    (waiting,) = CIRCUIT.waiting(inquiry.state)
    assert (waiting.party, waiting.paragraph) == (b.Party.INSURED_PERSON, "05/022 §6")
    assert not inquiry.take(
        r.IncomeProved, action=UUID(int=9), unemployment=r.Income(taxed_cents=0)
    )
    inquiry.take(
        r.IncomeProved,
        action=inquiry.state.proof,
        unemployment=r.Income(taxed_cents=20_000_00, deducted_cents=7_550_85),
    )
    (decision,) = inquiry.decisions
    assert (decision.ending, decision.income_cents) == (r.Ending.GRANTED, CEILING - 1)


def test_vt_4_an_answer_that_comes_late_saves_the_applicant_the_proof():
    """§6, §7.6."""
    inquiry = played()
    inquiry.reply(b.UnemploymentAccepted, ticket="T")
    inquiry.pass_deadline()

    inquiry.reply(b.UnemploymentCounted, count=1)
    inquiry.reply(b.UnemploymentAnswered, place=1, rows=(a_row(),))

    assert inquiry.state.ending is r.Ending.GRANTED


@pytest.mark.parametrize(
    "excluded",
    [
        {"has_right": True},
        {"single_since": None},
        {"replaced_by": None},
        {"has_company_supplement": True},
        {"is_fully_unemployed": False},
        {"incomes": (CEILING,)},
        {"on": date(2024, 9, 30)},
        {"replaced_by": r.Replacement.INCAPACITY},
    ],
)
def test_vt_6_on_own_initiative_nobody_is_asked_about_whom_the_own_files_tell_enough(
    excluded: dict[str, Any],
):
    """§6(2), §7.6, fn 1-2, §40."""
    inquiry = played(own_initiative(**excluded))

    assert inquiry.questions == []
    assert len(inquiry.decisions) == 1
    assert CIRCUIT.waiting(inquiry.state) == ()


@pytest.mark.parametrize("replaced_by", r.Replacement)
def test_vt_8_whose_months_are_not_full_is_left_to_the_look_of_a_later_day(
    replaced_by: r.Replacement,
):
    """§2.2, fn 2: the data of the day count, and those of today are not."""
    inquiry = played(own_initiative(replaced_by=replaced_by, replaced_since=date(2024, 9, 20)))

    (decision,) = inquiry.decisions
    assert (decision.ending, decision.why) == (r.Ending.NOT_GRANTED, r.Why.MONTHS_NOT_FULL)
    assert decision.on == date(2024, 12, 20)
    assert inquiry.state.deadlines == {}
    assert inquiry.questions == []
    assert CIRCUIT.waiting(inquiry.state) == ()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (a_row(full="DW"), r.Why.NOT_FULLY_UNEMPLOYED),
        (a_row(full="SWT"), r.Why.COMPANY_SUPPLEMENT),
        (a_row(scale="Z11"), r.Why.COMPANY_SUPPLEMENT),
        (a_row("99.00"), r.Why.INCOME_NOT_LOWER),
        (a_row("50.00"), r.Why.INCOME_LOWER),
    ],
)
def test_vt_9_vt_10_vt_11_vt_12_the_answer_settles_nature_and_amount(row: Any, why: r.Why):
    """§7.6, fn 1-2."""
    inquiry = played(own_initiative())

    inquiry.answered(row)

    (decision,) = inquiry.decisions
    assert decision.why is why
    granted = why is r.Why.INCOME_LOWER
    assert (inquiry.state.ending is r.Ending.GRANTED) is granted


def test_vt_6_without_answers_late_ones_still_count_and_then_it_ends():
    """§6(2): nothing is granted, and nothing is asked of the person."""
    inquiry = played(own_initiative())
    inquiry.reply(b.UnemploymentAccepted, ticket="T")
    inquiry.reply(b.UnemploymentCounted, count=2)
    inquiry.pass_deadline()

    (waiting,) = CIRCUIT.waiting(inquiry.state)
    assert waiting.party is b.Party.PAYMENT_INSTITUTIONS
    inquiry.pass_deadline()

    assert inquiry.state.ending is r.Ending.UNANSWERED
    assert not any(isinstance(one, r.WantProof) for one in inquiry.wanted)


def test_a_question_that_was_not_taken_is_asked_again_as_the_same_question():
    inquiry = played()

    inquiry.reply(b.UnemploymentFailed, cause="away")
    (waiting,) = CIRCUIT.waiting(inquiry.state)
    inquiry.pass_deadline()

    first, again = inquiry.questions
    assert waiting.party is b.Party.CIRCUIT
    assert first.message_id == again.message_id
    assert first.id != again.id
    assert CIRCUIT.wants(inquiry.state, again)
    assert not CIRCUIT.wants(inquiry.state, first)


def test_who_has_another_number_now_is_asked_about_under_that_one():
    inquiry = played()

    inquiry.reply(b.UnemploymentRefused, reason=Reason.NO_FILE, successor=OTHER)

    _, again = inquiry.questions
    assert (again.person, again.message_id) == (OTHER, again.id)


def test_who_is_not_our_member_is_not_looked_into():
    """§11: an inquiry ends where the node has no file."""
    inquiry = played()

    inquiry.reply(b.UnemploymentRefused, reason=Reason.NO_FILE)

    assert inquiry.state.ending is r.Ending.REFUSED


def test_what_comes_twice_too_late_or_about_nothing_changes_nothing():
    inquiry = played()
    assert not inquiry.add(a_begin())
    assert not inquiry.take(b.DeadlinePassed, deadline=next(iter(inquiry.state.deadlines)))
    assert not inquiry.take(b.UnemploymentAccepted, action=UUID(int=3), ticket="T")
    inquiry.reply(b.UnemploymentCounted, count=1)
    assert not inquiry.reply(b.UnemploymentCounted, count=2)
    assert not inquiry.reply(b.UnemploymentAnswered, place=2, rows=(a_row(),))
    inquiry.take(b.CaseWithdrawn)

    assert inquiry.state.ending is r.Ending.WITHDRAWN
    assert not inquiry.reply(b.UnemploymentAnswered, place=1, rows=(a_row(),))
    assert len(inquiry.decisions) == 1


def test_p_l500_fields_of_an_answer_only_what_rules_look_at_is_kept():
    """§40: the rest was given, and is not needed."""
    event = b.UnemploymentAnswered(
        id=UUID(int=1), at=MOMENT, action=UUID(int=2), place=1, rows=(a_row(),)
    )

    kept = r.keep_needed(event)

    assert isinstance(kept, b.UnemploymentAnswered)
    assert {*kept.rows[0]} == {"daily_amount", "full_unemployment_code", "scale_code"}


def test_an_inquiry_is_told_step_by_step_without_an_amount_of_the_person():
    inquiry = played(a_begin(an_application(incomes=(10_000_00,))))
    inquiry.later(hours=2)
    inquiry.answered(a_row("49.99"))

    steps = told(CASE, inquiry.events)

    assert [one.party.value for one in steps] == [
        "insured-person",
        "network",
        "network",
        "payment-institutions",
    ]
    assert all(step.paragraph.startswith("05/022 §") for step in steps)
    assert steps[-1].ending == "granted"
    (decided,) = steps[-1].wishes
    assert (decided.what, decided.about) == ("decide", "granted, income-lower")
    assert (decided.cents, decided.on) == (CEILING, TODAY)
    assert str(inquiry.decisions[0].income_cents) not in repr(steps)
    assert "49.99" not in repr(steps)


@pytest.mark.parametrize("begun", [an_application(), a_notice()])
def test_an_amount_of_the_day_that_is_set_afterwards_is_the_one_that_counts(
    begun: r.Applied | r.Noticed,
):
    """§2.2, fn 2: what was asked stands, and incomes are compared with what the law sets now."""
    inquiry, lower = played(a_begin(begun)), another_law(ceiling=10_000_00)
    asked = inquiry.questions

    assert inquiry.take(r.InquiryRulesChanged, rules=lower)
    assert not inquiry.take(r.InquiryRulesChanged, rules=lower)
    inquiry.answered(a_row("50.00"))

    (decision,) = inquiry.decisions
    assert (decision.why, decision.ceiling_cents) == (r.Why.INCOME_NOT_LOWER, 10_000_00)
    assert inquiry.questions == asked
    assert not inquiry.take(r.InquiryRulesChanged, rules=RULES)
    assert [step.party for step in told(CASE, inquiry.events)][1] is b.Party.CIRCUIT


@pytest.mark.parametrize("begun", [an_application(), a_notice()])
def test_a_law_that_sets_no_amounts_of_the_day_is_not_met(begun: r.Applied | r.Noticed):
    """What a case may still need, it keeps."""
    inquiry = played(a_begin(begun))

    def met(rules: r.InquiryRules) -> object:
        law = RulesOn(risk=no_rules, inquiry=lambda _today: rules)
        return CIRCUIT.meet(inquiry.state, law, UUID(int=9), inquiry.at)

    assert met(RULES) is None
    assert isinstance(met(another_law()), r.InquiryRulesChanged)
    for name in ("ceiling.current.first-person", "days-per-year"):
        later = tuple(replace(one, period=Period(date(2030, 1, 1))) for one in RULES.values[name])
        assert met(another_law(values=RULES.values | {name: later})) is None


def no_rules(_risk_on: date, _today: date) -> b.Rules:
    raise LookupError


def test_the_law_travels_in_the_first_event():
    lawbook = r.ReimbursementRules.of(read_lawbook())

    lawful = RULES.lawful()

    assert lawful.ceiling_cents(household=1, basis=r.Basis.CURRENT, on=TODAY) == CEILING
    assert lawful.ex_officio_since == lawbook.ex_officio_since
    on = TODAY
    for name in ("fully-unemployed.codes", "company-supplement.scale-letters"):
        assert lawful.parameters[name].codes_on(on) == lawbook.parameters[name].codes_on(on)


def test_a_day_of_which_the_law_sets_no_amounts_is_no_inquiry():
    with pytest.raises(NoValue):
        r.check_begun(an_application(on=date(2023, 12, 31)), RULES)
    with pytest.raises(NoValue):
        r.check_begun(an_application(on=date(2024, 2, 1)), RULES)
    r.check_begun(an_application(on=date(2024, 2, 1), has_unemployment=False), RULES)
    r.check_begun(a_notice(on=LONG_AGO), RULES)
