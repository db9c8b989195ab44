"""Each seat decides its own: the hub by consumer, a node by member."""

from dataclasses import replace
from datetime import date

import pytest
from tests.law.inventing import (
    BANK,
    CLOSED_FUND,
    FILE,
    FLOW,
    FUND,
    HUB,
    NODE,
    OFFICE,
    OFFICE_FUND,
    OTHER_FUND,
    PURPOSE,
    SUPPLIED,
    a_check,
    a_clause,
    a_flow,
    a_lawbook,
    a_question,
)

from kruispunt.law import LineKind, PeriodRule, Side
from kruispunt.vocabulary import FieldName, InstitutionCode, Quality, Sector


def test_at_the_hub_the_consumer_is_the_one_the_clause_names() -> None:
    hub = a_lawbook().jurisdiction(HUB)

    assert not hub.is_node
    assert hub.clauses(consumer=NODE, flow=FLOW, purpose=PURPOSE)
    assert hub.clauses(consumer=FUND, flow=FLOW, purpose=PURPOSE) == ()


@pytest.mark.parametrize(
    ("member", "may"), [(FUND, True), (OTHER_FUND, True), (CLOSED_FUND, False), (BANK, False)]
)
def test_at_a_node_the_consumer_is_an_active_member_with_the_role(
    member: InstitutionCode, may: bool
) -> None:
    node = a_lawbook().jurisdiction(NODE)

    assert node.is_node
    assert bool(node.clauses(consumer=member, flow=FLOW, purpose=PURPOSE)) is may


def test_a_node_decides_nothing_for_another_node_or_for_itself() -> None:
    lawbook = a_lawbook()

    strangers = ((OFFICE, FUND), (OFFICE, OFFICE_FUND), (NODE, OFFICE_FUND), (NODE, NODE))
    for seat, consumer in strangers:
        found = lawbook.jurisdiction(seat).clauses(consumer=consumer, flow=FLOW, purpose=PURPOSE)
        assert found == ()


def test_a_clause_without_members_is_for_the_consumer_itself_only() -> None:
    node = a_lawbook(a_clause(members=())).jurisdiction(NODE)

    assert node.clauses(consumer=FUND, flow=FLOW, purpose=PURPOSE) == ()


def test_at_a_node_only_the_consumers_controls_remain() -> None:
    node = a_lawbook().jurisdiction(NODE)

    (clause,) = node.clauses(consumer=FUND, flow=FLOW, purpose=PURPOSE)

    assert [one.side for one in clause.controls] == [Side.CONSUMER]


def test_clauses_stand_in_order_of_time_and_one_is_in_force() -> None:
    late = a_clause("late", begin=date(2032, 1, 1))
    early = a_clause("early", end=date(2031, 7, 1))
    hub = a_lawbook(late, early).jurisdiction(HUB)

    clauses = hub.clauses(consumer=NODE, flow=FLOW, purpose=PURPOSE)
    in_force = hub.in_force(consumer=NODE, flow=FLOW, purpose=PURPOSE, asked_on=date(2031, 6, 30))

    assert [one.id for one in clauses] == ["early", "late"]
    assert in_force == early


def test_the_hub_wants_the_lines_of_controls_and_checks_the_node_its_own() -> None:
    other = (Sector(9), Quality(10))
    check = a_check(FieldName("members"), of=other, rule=PeriodRule.EVER)
    lawbook = a_lawbook(a_clause(), flows=[a_flow(checks=[check])])

    at_hub = lawbook.jurisdiction(HUB).wanted(a_question())
    at_node = lawbook.jurisdiction(NODE).wanted(a_question(consumer=FUND))

    assert at_hub == (FILE, other, SUPPLIED)
    assert at_node == (FILE,)


def test_who_brings_lines_wants_those_that_it_may_bring_at_hub_and_node() -> None:
    clause = replace(
        a_clause(controls=()),
        integrates=(LineKind(sector=Sector(9), qualities=frozenset({Quality(10)}), paragraph=""),),
    )
    lawbook = a_lawbook(clause)

    at_hub = lawbook.jurisdiction(HUB).wanted(a_question())
    at_node = lawbook.jurisdiction(NODE).wanted(a_question(consumer=FUND))

    assert at_hub == at_node == ((9, 10),)


def test_without_a_clause_in_force_no_line_is_wanted() -> None:
    hub = a_lawbook().jurisdiction(HUB)

    assert hub.wanted(a_question(asked_on=date(2030, 12, 31))) == ()


def test_a_seat_must_be_an_institution_of_the_lawbook() -> None:
    with pytest.raises(KeyError):
        a_lawbook().jurisdiction(InstitutionCode("nobody"))
