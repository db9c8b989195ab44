"""Cases of increased reimbursement under the law as given: tests name only what matters."""

from datetime import date
from typing import Final

from kruispunt.circuits.reimbursement import (
    Answered,
    Applied,
    AskUnemployment,
    Award,
    Counted,
    Decline,
    Income,
    Noticed,
    Reimbursement,
    ReimbursementAction,
    ReimbursementEvent,
    ReimbursementRules,
    Replacement,
    Unemployment,
    Why,
    advance,
    begin,
)
from kruispunt.law import read_lawbook

RULES: Final = ReimbursementRules.of(read_lawbook())
TODAY: Final = date(2024, 11, 15)
LONG_AGO: Final = date(2023, 5, 1)
CEILING: Final = 27_550_86
LOW_DAILY: Final = 50_00
FULLY: Final = Unemployment(full_code="VW", scale_code="N11", daily_cents=LOW_DAILY)
SUPPLIED: Final = Unemployment(full_code="SWT", scale_code="Z11", daily_cents=LOW_DAILY)
PART_TIMER: Final = Unemployment(full_code="DW", scale_code="N11", monthly_cents=400_00)


def an_application(
    *, on: date = TODAY, incomes: tuple[int, ...] = (), has_unemployment: bool = True
) -> Applied:
    taxed = tuple(Income(taxed_cents=one) for one in incomes)
    return Applied(on=on, incomes=taxed, has_unemployment=has_unemployment)


def a_notice(
    *,
    on: date = TODAY,
    single_since: date | None = LONG_AGO,
    replaced_by: Replacement | None = Replacement.UNEMPLOYMENT,
    replaced_since: date | None = LONG_AGO,
    has_company_supplement: bool | None = None,
    is_fully_unemployed: bool | None = None,
    has_right: bool = False,
    incomes: tuple[int, ...] = (),
) -> Noticed:
    return Noticed(
        on=on,
        single_since=single_since,
        replaced_by=replaced_by,
        replaced_since=replaced_since,
        has_company_supplement=has_company_supplement,
        is_fully_unemployed=is_fully_unemployed,
        has_right=has_right,
        incomes=tuple(Income(taxed_cents=one) for one in incomes),
    )


def run(
    *events: ReimbursementEvent,
) -> tuple[Reimbursement, list[ReimbursementAction]]:
    """The case after these events, and everything that it asked for."""
    first, *others = events
    assert isinstance(first, Applied | Noticed)
    case, actions = begin(first, RULES)
    done = list(actions)
    for event in others:
        case, actions = advance(case, event, RULES)
        done += actions
    return case, done


def answers(*rows: Unemployment, on: date = TODAY) -> tuple[ReimbursementEvent, ...]:
    """As many answers as rows, announced by their count."""
    return (
        Counted(on=on, expected=len(rows)),
        *(Answered(on=on, part=part, rows=(row,)) for part, row in enumerate(rows, 1)),
    )


def asked(actions: list[ReimbursementAction]) -> list[AskUnemployment]:
    return [action for action in actions if isinstance(action, AskUnemployment)]


def awards(actions: list[ReimbursementAction]) -> list[Award]:
    return [action for action in actions if isinstance(action, Award)]


def declines(actions: list[ReimbursementAction]) -> list[Why]:
    return [action.why for action in actions if isinstance(action, Decline)]
