"""Whose member somebody is on the day of sending (05/022 §7.4, OS-8, R-ONCE)."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest
from msgspec import structs
from tests.law.inventing import (
    ASKED_ON,
    FLOW,
    FUND,
    NODE,
    OTHER_FUND,
    a_clause,
    a_control,
    a_flow,
    a_lawbook,
    a_line,
    a_question,
    facts_of,
)

from kruispunt.authorisation import present
from kruispunt.law import Control, PeriodRule, Supply
from kruispunt.vocabulary import DirectoryLine, Facts, InstitutionCode, Period, Quality, Sector

RISK: Final = (Sector(5), Quality(2))
OPEN: Final = Period(date(2031, 1, 1))
TODAY: Final = a_control(rule=PeriodRule.NOW)


def whose(
    *lines: DirectoryLine, controls: tuple[Control, ...] = (TODAY, a_control(of=RISK))
) -> tuple[InstitutionCode | None, Facts]:
    flow = replace(a_flow(), supply=Supply.FILE, about=date(2031, 3, 15))
    law = a_lawbook(a_clause(controls=controls), flows=[flow])
    return present(a_question(consumer=NODE), facts_of(*lines), law.jurisdiction(NODE))


def test_os_8_it_is_the_member_whose_line_covers_the_day_of_asking():
    before = Period(date(2020, 1, 1), ASKED_ON)

    member, facts = whose(
        a_line(period=before, member=OTHER_FUND), a_line(period=OPEN, member=FUND)
    )

    assert member == FUND
    assert [line.member for line in facts.lines] == [FUND]


def test_os_3_what_was_so_on_another_day_decides_at_whichever_member_and_names_none():
    own, risk = a_line(period=OPEN, member=FUND), a_line(RISK, OPEN, member=OTHER_FUND)

    member, facts = whose(own, risk, a_line(RISK, OPEN, member=FUND))

    assert member == FUND
    assert facts.lines == (own, structs.replace(risk, member=None))


def test_os_8_of_nobody_and_of_two_it_is_none_and_the_facts_stay():
    risk = a_line(RISK, OPEN, member=FUND)
    both = (a_line(period=OPEN, member=FUND), a_line(period=OPEN, member=OTHER_FUND))

    assert whose(risk) == (None, facts_of(risk))
    assert whose(*both) == (None, facts_of(*both))


@pytest.mark.parametrize("controls", [(TODAY,), (a_control(of=RISK),)])
def test_lines_that_name_no_member_give_nobody_leave(controls: tuple[Control, ...]):
    """05/022 §7.4: it goes to who knows the person now, never to the node itself."""
    nameless = (a_line(period=OPEN), a_line(RISK, OPEN))

    assert whose(*nameless, controls=controls) == (None, facts_of())


def test_where_no_control_asks_about_the_day_or_no_clause_stands_it_is_none():
    own = a_line(period=OPEN, member=FUND)
    other_flow = a_lawbook(flows=[replace(a_flow(), id=FLOW)])

    assert whose(own, controls=(a_control(of=RISK),)) == (None, facts_of(own))
    law = other_flow.jurisdiction(NODE)
    assert present(a_question(consumer=NODE), facts_of(own), law) == (None, facts_of(own))
