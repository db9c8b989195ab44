"""Increased reimbursement as a state machine: a case and what happens give a case and what to do.

Nothing more than needed is asked: who is excluded, or over the ceiling, by what the insurer knows
already is never asked about (§40, minimal processing). An event that a case does not wait for
changes nothing, so that what is delivered twice is done once.
"""

from datetime import timedelta
from typing import Final

from msgspec.structs import replace

from kruispunt.circuits.reimbursement.case import (
    EX_OFFICIO,
    ON_REQUEST,
    Answered,
    Applied,
    AskProof,
    AskUnemployment,
    Award,
    Basis,
    Counted,
    Decline,
    Noticed,
    Phase,
    Proved,
    Reimbursement,
    ReimbursementAction,
    ReimbursementEvent,
    Replacement,
    Unanswered,
    Why,
)
from kruispunt.circuits.reimbursement.rules import (
    ReimbursementRules,
    gross_cents,
    is_lower,
)
from kruispunt.vocabulary import Period

Step = tuple[Reimbursement, tuple[ReimbursementAction, ...]]

REQUEST: Final = "05/022 §2.2, §6(1), §7.6"
OWN_INITIATIVE: Final = "05/022 §2.2, §6(2), §7.6, fn 1-2"
DAY: Final = timedelta(days=1)


def begin(event: Applied | Noticed, rules: ReimbursementRules) -> Step:
    """Open a case: on request, or on the insurer's own initiative.

    Raises:
        NoValue: the law sets no ceiling for the day that counts.
    """
    match event:
        case Applied():
            return _apply(event, rules)
        case Noticed():
            return _notice(event, rules)


def advance(case: Reimbursement, event: ReimbursementEvent, rules: ReimbursementRules) -> Step:
    """Take a case one event further. Pure: the same case, event and law give the same step.

    Raises:
        NoValue: the law sets no ceiling for the day that counts.
    """
    match event, case.phase:
        case Counted(), Phase.ASKED | Phase.UNANSWERED | Phase.PROOF_ASKED:
            if case.expected is not None:
                return case, ()
            return _answered(replace(case, expected=event.expected), rules)
        case Answered(), Phase.ASKED | Phase.UNANSWERED | Phase.PROOF_ASKED:
            if any(event.part == known.part for known in case.answers):
                return case, ()
            return _answered(replace(case, answers=(*case.answers, event)), rules)
        case Unanswered(), Phase.ASKED:
            return _unanswered(case)
        case Proved(), Phase.PROOF_ASKED if isinstance(case.begun, Applied):
            return _compare(case, event.unemployment.gross_cents, rules)
        case _:
            return case, ()


def _apply(event: Applied, rules: ReimbursementRules) -> Step:
    """VT-1, VT-5: ask only where unemployment benefits count, and could still decide."""
    case = Reimbursement(begun=event, met_on=event.on, phase=Phase.DECIDED)
    ceiling = _ceiling(case, rules)
    if not event.has_unemployment or not is_lower(gross_cents(event.incomes), ceiling):
        return _compare(case, 0, rules)
    about = Period(event.on, event.on + DAY)
    ask = AskUnemployment(paragraph=REQUEST, purpose=ON_REQUEST, about=about)
    return replace(case, phase=Phase.ASKED), (ask,)


def _notice(event: Noticed, rules: ReimbursementRules) -> Step:
    """VT-6 to VT-8, VT-10: what the insurer's own files exclude ends here, before any question.

    So do months that are not full: a later day is decided by what the files say on that day
    (§2.2, fn 2), which the insurer's next look tells; nothing of today is kept for it.
    """
    case = Reimbursement(begun=event, met_on=event.on, phase=Phase.DECIDED)
    if not rules.is_ex_officio(event.on):
        return _declined(case, Why.NOT_YET_IN_FORCE)
    if (why := _excluded(event)) is not None:
        return _declined(case, why)
    assert event.single_since is not None
    assert event.replaced_since is not None
    full = rules.months_full_on(event.replaced_since, on=event.on)
    met_on = max(full, event.single_since, rules.ex_officio_since)
    case = replace(case, met_on=met_on)
    if met_on > event.on:
        return _declined(case, Why.MONTHS_NOT_FULL)
    return _target(case, event, rules)


def _excluded(known: Noticed) -> Why | None:
    if known.has_right:
        return Why.HAS_RIGHT
    if known.single_since is None:
        return Why.NOT_SINGLE
    if known.replaced_by is None or known.replaced_since is None:
        return Why.NO_REPLACEMENT_INCOME
    if known.has_company_supplement:
        return Why.COMPANY_SUPPLEMENT
    if known.replaced_by is Replacement.UNEMPLOYMENT and known.is_fully_unemployed is False:
        return Why.NOT_FULLY_UNEMPLOYED
    return None


def _target(case: Reimbursement, known: Noticed, rules: ReimbursementRules) -> Step:
    """VT-11: ask the nature and amount of an unemployment; an incapacity is the insurer's own.

    §39: benefits are residual, so that who is fully incapacitated has none of unemployment.
    """
    incomes = gross_cents(known.incomes)
    if known.replaced_by is Replacement.INCAPACITY or not is_lower(incomes, _ceiling(case, rules)):
        return _compare(case, 0, rules)
    # fn 2: incomes of the day on which the conditions are met; the supplier goes by :begin.
    about = Period(case.met_on, case.met_on + DAY)
    ask = AskUnemployment(paragraph=OWN_INITIATIVE, purpose=EX_OFFICIO, about=about)
    return replace(case, phase=Phase.ASKED), (ask,)


def _answered(case: Reimbursement, rules: ReimbursementRules) -> Step:
    if case.expected == 0:
        return _unanswered(case) if case.phase is Phase.ASKED else (case, ())
    if not case.is_complete:
        return case, ()
    if not case.rows and isinstance(case.begun, Applied):  # whoever says nothing says no amount
        return _unanswered(case) if case.phase is Phase.ASKED else (case, ())
    if isinstance(case.begun, Noticed) and (why := _wrong_nature(case, rules)) is not None:
        return _declined(case, why)
    if not all(one.has_amount for one in case.rows):
        return _unanswered(case) if case.phase is Phase.ASKED else (case, ())
    return _compare(case, rules.yearly_cents(case.rows, on=case.met_on), rules)


def _wrong_nature(case: Reimbursement, rules: ReimbursementRules) -> Why | None:
    """VT-9 to VT-11; assumption: there are rows, and every one of them says fully unemployed."""
    on = case.met_on
    if any(rules.has_company_supplement(row, on=on) for row in case.rows):
        return Why.COMPANY_SUPPLEMENT
    if not case.rows or not all(rules.is_fully_unemployed(row, on=on) for row in case.rows):
        return Why.NOT_FULLY_UNEMPLOYED
    return None


def _unanswered(case: Reimbursement) -> Step:
    """Without answers a request goes on as before (VT-4), and an own initiative ends for now."""
    if isinstance(case.begun, Applied):
        return replace(case, phase=Phase.PROOF_ASKED), (AskProof(paragraph="05/022 §6"),)
    decline = Decline(paragraph=OWN_INITIATIVE, why=Why.UNANSWERED)
    return replace(case, phase=Phase.UNANSWERED), (decline,)


def _compare(case: Reimbursement, unemployment_cents: int, rules: ReimbursementRules) -> Step:
    """VT-2, VT-12: the sum of the incomes has to be lower than the ceiling of the day."""
    income = gross_cents(case.begun.incomes) + unemployment_cents
    ceiling = _ceiling(case, rules)
    if not is_lower(income, ceiling):
        decline = Decline(
            paragraph=_paragraph(case),
            why=Why.INCOME_NOT_LOWER,
            income_cents=income,
            ceiling_cents=ceiling,
        )
        return replace(case, phase=Phase.DECIDED), (decline,)
    award = Award(
        paragraph=_paragraph(case),
        since=case.met_on,
        income_cents=income,
        ceiling_cents=ceiling,
    )
    return replace(case, phase=Phase.DECIDED), (award,)


def _ceiling(case: Reimbursement, rules: ReimbursementRules) -> int:
    begun = case.begun
    if isinstance(begun, Applied):
        basis, household = begun.basis, begun.household
    else:
        basis, household = Basis.CURRENT, 1
    return rules.ceiling_cents(household=household, basis=basis, on=case.met_on)


def _declined(case: Reimbursement, why: Why) -> Step:
    decline = Decline(paragraph=_paragraph(case), why=why)
    return replace(case, phase=Phase.DECIDED), (decline,)


def _paragraph(case: Reimbursement) -> str:
    return REQUEST if isinstance(case.begun, Applied) else OWN_INITIATIVE
