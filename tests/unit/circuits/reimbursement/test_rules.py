"""Increased reimbursement keeps deliberation 05/022, rule by rule."""

from datetime import date, timedelta

import pytest
from msgspec.structs import replace
from tests.unit.circuits.reimbursement.reimbursing import (
    CEILING,
    FULLY,
    LONG_AGO,
    LOW_DAILY,
    PART_TIMER,
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
    EX_OFFICIO,
    ON_REQUEST,
    Answered,
    Applied,
    AskProof,
    AskUnemployment,
    Basis,
    Counted,
    Income,
    Phase,
    Proved,
    Replacement,
    Unanswered,
    Unemployment,
    Why,
    read_unemployment,
)
from kruispunt.law import Supply, read_lawbook
from kruispunt.vocabulary import FieldName, FlowId, InstitutionCode, Period


def test_vt_1_anybody_may_apply_whatever_the_insurer_knows() -> None:
    """05/022 §2.2: elkeen kan een dergelijke aanvraag indienen bij zijn verzekeringsinstelling."""
    poor = an_application(has_unemployment=False)

    case, actions = run(poor)

    assert [award.since for award in awards(actions)] == [TODAY]
    assert case.phase is Phase.DECIDED


@pytest.mark.parametrize(("income", "given"), [(CEILING - 1, True), (CEILING, False)])
def test_vt_2_the_income_has_to_be_lower_than_the_ceiling(income: int, given: bool) -> None:
    """05/022 §2.2: enkel als het bruto belastbaar inkomen lager is dan het grensbedrag."""
    _, actions = run(an_application(incomes=(income,), has_unemployment=False))

    assert bool(awards(actions)) is given
    assert declines(actions) == ([] if given else [Why.INCOME_NOT_LOWER])


def test_vt_2_a_larger_household_has_a_higher_ceiling_and_each_basis_its_own() -> None:
    """05/022 §2.2: het toepasselijk grensbedrag."""
    two = RULES.ceiling_cents(household=2, basis=Basis.CURRENT, on=TODAY)
    past = RULES.ceiling_cents(household=3, basis=Basis.PAST_YEAR, on=TODAY)

    assert two == 27_550_86 + 5_100_42
    assert past == 25_630_67 + 2 * 4_744_94


def test_vt_3_income_is_before_any_deduction_and_unemployment_benefits_count() -> None:
    """05/022 §2.2: vóór elke aftrek; ook werkloosheidsuitkeringen zijn in rekening te nemen."""
    taken_off = Income(taxed_cents=CEILING - 100, deducted_cents=100)
    room = CEILING - 312 * LOW_DAILY

    _, off = run(Applied(on=TODAY, incomes=(taken_off,)))
    _, counted = run(an_application(incomes=(room,)), *answers(FULLY))
    _, below = run(an_application(incomes=(room - 1,)), *answers(FULLY))

    assert declines(off) == [Why.INCOME_NOT_LOWER]
    assert declines(counted) == [Why.INCOME_NOT_LOWER]
    assert [award.income_cents for award in awards(below)] == [CEILING - 1]


def test_vt_4_without_answers_the_applicant_proves_the_benefits_as_before() -> None:
    """05/022 §6: moet hij zelf alle nodige bewijsstukken aanbrengen."""
    waiting, actions = run(an_application(), Unanswered(on=TODAY))
    proof = Proved(on=TODAY, unemployment=Income(taxed_cents=CEILING))

    _, proved = run(an_application(), Unanswered(on=TODAY), proof)

    assert isinstance(actions[-1], AskProof)
    assert waiting.phase is Phase.PROOF_ASKED
    assert declines(proved) == [Why.INCOME_NOT_LOWER]


def test_vt_5_on_request_unemployment_is_asked_only_where_it_counts() -> None:
    """05/022 §6(1): indien er met de werkloosheidsuitkeringen rekening moet worden gehouden."""
    counting, actions = run(an_application(has_unemployment=True))
    _, none = run(an_application(has_unemployment=False))

    (ask,) = asked(actions)
    assert (ask.purpose, ask.about) == (ON_REQUEST, Period(TODAY, TODAY + timedelta(days=1)))
    assert counting.phase is Phase.ASKED
    assert asked(none) == []


@pytest.mark.parametrize(
    ("on", "told"),
    [(date(2024, 9, 30), [Why.NOT_YET_IN_FORCE]), (date(2024, 10, 1), [])],
)
def test_vt_6_an_insurer_looks_on_its_own_initiative_since_october_2024(
    on: date, told: list[Why]
) -> None:
    """05/022 §6(2), §2.2, closing part: in werking op 1 oktober 2024."""
    _, actions = run(a_notice(on=on))

    assert declines(actions) == told
    assert len(asked(actions)) == (0 if told else 1)


@pytest.mark.parametrize(
    ("notice", "why"),
    [
        (a_notice(single_since=None), Why.NOT_SINGLE),
        (a_notice(replaced_by=None), Why.NO_REPLACEMENT_INCOME),
        (a_notice(replaced_since=None), Why.NO_REPLACEMENT_INCOME),
    ],
)
def test_vt_7_the_target_is_single_with_replacement_income(notice: Applied, why: Why) -> None:
    """05/022 §2.2: beschouwd als alleenstaande, met een vervangingsinkomen."""
    _, actions = run(notice)

    assert declines(actions) == [why]
    assert asked(actions) == []


def test_vt_7_who_became_single_later_meets_the_conditions_then() -> None:
    """05/022 §2.2, fn 2: de dag waarop aan de voorwaarden is voldaan."""
    lately = date(2024, 11, 2)

    _, actions = run(a_notice(single_since=lately), *answers(FULLY))

    assert [award.since for award in awards(actions)] == [lately]


def test_vt_5_who_is_answered_without_a_row_is_asked_for_proof_and_not_taken_for_poor() -> None:
    """05/022 §6: an answer that tells no amount is no income of nothing."""
    silent, actions = run(
        an_application(), Counted(on=TODAY, expected=1), Answered(on=TODAY, part=1)
    )

    assert awards(actions) == []
    assert [type(one) for one in actions[1:]] == [AskProof]
    assert silent.phase is Phase.PROOF_ASKED


def test_vt_8_three_months_have_to_be_full() -> None:
    """05/022 §2.2: reeds minstens drie maanden als volledig werkloos erkend."""
    early = a_notice(on=date(2025, 2, 27), replaced_since=date(2024, 11, 30))

    case, actions = run(early)
    _, later = run(replace(early, on=date(2025, 2, 28)))

    assert (declines(actions), asked(actions)) == ([Why.MONTHS_NOT_FULL], [])
    assert (case.met_on, case.phase) == (date(2025, 2, 28), Phase.DECIDED)
    assert [ask.about for ask in asked(later)] == [Period(date(2025, 2, 28), date(2025, 3, 1))]


def test_vt_8_who_is_fully_incapacitated_is_decided_without_asking_anybody() -> None:
    """05/022 §2.2, §39: volledig arbeidsongeschikt; benefits are residual to unemployment's."""
    notice = a_notice(replaced_by=Replacement.INCAPACITY, incomes=(CEILING - 1,))

    _, actions = run(notice)

    assert asked(actions) == []
    assert len(awards(actions)) == 1


def test_vt_9_ex_officio_wants_the_fully_unemployed_of_article_27() -> None:
    """05/022 fn 1: vallen onder artikel 27, eerste lid, 1°, a)."""
    _, part = run(a_notice(), *answers(PART_TIMER))
    _, silent = run(a_notice(), Counted(on=TODAY, expected=1), Answered(on=TODAY, part=1))
    _, fully = run(a_notice(), *answers(FULLY))

    assert declines(part) == declines(silent) == [Why.NOT_FULLY_UNEMPLOYED]
    assert len(awards(fully)) == 1


@pytest.mark.parametrize(
    "row",
    [SUPPLIED, Unemployment(full_code="VW", scale_code="Z12"), Unemployment(full_code="SWT")],
)
def test_vt_10_ex_officio_excludes_a_company_supplement(row: Unemployment) -> None:
    """05/022 §6(2), §7.6, fn 1: niet mogelijk voor personen die een bedrijfstoeslag krijgen."""
    _, actions = run(a_notice(), *answers(row))

    assert declines(actions) == [Why.COMPANY_SUPPLEMENT]
    assert awards(actions) == []


def test_vt_11_the_answer_settles_nature_and_amount_by_codes_and_amounts_alone() -> None:
    """05/022 §7.6: ook gebruikt om die elementen vast te stellen (aard van de werkloosheid)."""
    row = {
        FieldName("full_unemployment_code"): "VW",
        FieldName("scale_code"): "N11",
        FieldName("daily_amount"): "49.10",
        FieldName("amount_incl_seniority"): "50.00",
        FieldName("igu_gross_previous_month"): None,
        FieldName("specific_status_code"): "VOCATIONAL_TRAINING",
    }
    part_time = {
        FieldName("igu_gross_previous_month"): "300.00",
        FieldName("unemployment_previous_month"): "100.00",
    }

    assert read_unemployment([row, part_time]) == (
        FULLY,
        Unemployment(monthly_cents=400_00),
    )


def test_vt_12_the_ceiling_is_that_of_one_person_on_the_day_the_conditions_are_met() -> None:
    """05/022 fn 2 (art. 32/4): een gezin van een alleenstaande persoon, zoals van toepassing."""
    since = date(2024, 9, 20)
    _, actions = run(
        a_notice(on=date(2025, 3, 1), replaced_since=since), *answers(FULLY, on=date(2025, 3, 1))
    )
    _, early = run(a_notice(replaced_since=LONG_AGO), *answers(FULLY))

    (award,) = awards(actions)
    assert award.since == date(2024, 12, 20)
    assert award.ceiling_cents == RULES.ceiling_cents(
        household=1, basis=Basis.CURRENT, on=award.since
    )
    assert [one.since for one in awards(early)] == [date(2024, 10, 1)]


def test_vt_13_a_question_names_no_institution_and_travels_through_node_and_hub() -> None:
    """05/022 §6: met de tussenkomst van de RVA, de KSZ en het NIC."""
    lawbook = read_lawbook()
    clauses = [one for one in lawbook.clauses if one.purpose in {ON_REQUEST, EX_OFFICIO}]

    assert set(AskUnemployment.__struct_fields__) == {"paragraph", "purpose", "about"}
    assert {(one.consumer, one.flow) for one in clauses} == {
        (InstitutionCode("NIC"), FlowId("L500"))
    }
    assert lawbook.flows[FlowId("L500")].supply is Supply.BY_DIRECTORY


def test_r_income_a_daily_amount_is_converted_and_lower_is_strict() -> None:
    """05/022 §2.2, §6, fn 2: berekend overeenkomstig artikel 28, § 3; lager dan."""
    other = CEILING - 312 * LOW_DAILY

    _, equal = run(a_notice(incomes=(other,)), *answers(FULLY))
    _, lower = run(a_notice(incomes=(other - 1,)), *answers(FULLY))

    assert RULES.yearly_cents([FULLY], on=TODAY) == 312 * LOW_DAILY
    assert RULES.yearly_cents([PART_TIMER], on=TODAY) == 12 * 400_00
    assert RULES.yearly_cents([], on=TODAY) == 0
    assert declines(equal) == [Why.INCOME_NOT_LOWER]
    assert [one.income_cents for one in awards(lower)] == [CEILING - 1]


def test_r_income_a_company_supplement_excludes_only_the_ex_officio_grant() -> None:
    """05/022 §6: the exclusion stands in §6(2) alone."""
    _, requested = run(an_application(), *answers(SUPPLIED))
    _, own = run(a_notice(), *answers(SUPPLIED))

    assert len(awards(requested)) == 1
    assert declines(own) == [Why.COMPANY_SUPPLEMENT]


def test_r_income_a_day_is_paid_once_so_the_highest_of_several_amounts_counts() -> None:
    """Assumption: who changes institution is paid by one of them for each day."""
    higher = Unemployment(full_code="VW", scale_code="N11", daily_cents=LOW_DAILY + 1)

    assert RULES.yearly_cents([FULLY, higher], on=TODAY) == 312 * (LOW_DAILY + 1)
