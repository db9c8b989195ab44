"""Who answers a flow: its own supplier, or whoever the person's lines point to."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from msgspec import structs
from tests.law.inventing import (
    ABOUT,
    FILE,
    OFFICE,
    SUPPLIED,
    a_clause,
    a_control,
    a_flow,
    a_lawbook,
    a_line,
    a_question,
    facts_of,
)

from kruispunt.authorisation import decide, suppliers
from kruispunt.law import Lawbook, PeriodRule, Side, Supply, read_lawbook
from kruispunt.vocabulary import (
    DirectoryLine,
    FlowId,
    Grant,
    InstitutionCode,
    NumberFact,
    NumberStatus,
    Period,
    PurposeId,
    Quality,
    Question,
    Reason,
    Refusal,
    Sector,
    Settled,
)

LAW = read_lawbook()
DAY = timedelta(days=1)
NEIGHBOUR = (SUPPLIED[0], Quality(31))
BEFORE = Period(date(2030, 1, 1), ABOUT.begin)
ONE, OTHER = InstitutionCode("one"), InstitutionCode("other")


def a_law(rule: PeriodRule = PeriodRule.OVERLAP) -> Lawbook:
    """A flow that is answered by whoever knows the person; the office stands for its sector."""
    controls = (a_control(), a_control(Side.SUPPLIER, of=SUPPLIED, rule=rule))
    flow = replace(a_flow(), supply=Supply.BY_DIRECTORY)
    law = a_lawbook(a_clause(controls=controls), flows=[flow])
    office = replace(law.institutions[OFFICE], sectors=(SUPPLIED[0],))
    return replace(law, institutions={**law.institutions, OFFICE: office})


def asked(
    *lines: DirectoryLine, law: Lawbook | None = None, question: Question | None = None
) -> tuple[str, ...]:
    law, question = law or a_law(), question or a_question()
    flow = law.flows[question.flow]
    return suppliers(flow, question, facts_of(*lines), law.jurisdiction(law.hub))


@pytest.mark.parametrize("supply", [Supply.STATION, Supply.DIRECTORY])
def test_a_flow_of_one_supplier_is_answered_by_it_whatever_the_lines(supply: Supply):
    law = a_lawbook(flows=[replace(a_flow(), supply=supply)])

    assert asked(law=law) == (OFFICE,)
    assert asked(a_line(SUPPLIED), law=law) == (OFFICE,)


def test_a_line_without_a_member_points_to_the_institution_of_its_sector():
    assert asked(a_line(SUPPLIED)) == (OFFICE,)


def test_lines_with_members_point_to_each_of_them_once_in_order_of_code():
    lines = (
        a_line(SUPPLIED, member=OTHER),
        a_line(SUPPLIED, member=ONE),
        a_line(SUPPLIED, member=OTHER),
    )

    assert asked(*lines) == (ONE, OTHER)


@pytest.mark.parametrize(
    "line",
    [a_line(FILE), a_line(NEIGHBOUR), a_line(SUPPLIED, BEFORE)],
    ids=["the consumer's file", "another quality", "another period"],
)
def test_a_line_that_meets_no_control_of_the_supplier_points_nowhere(line: DirectoryLine):
    assert asked(line) == ()


def test_a_node_that_supplies_decides_by_its_own_lines_whichever_member_they_point_to():
    law = a_law()
    lines = (a_line(SUPPLIED, member=OTHER), a_line(SUPPLIED, member=ONE))
    question, at_office = a_question(), law.jurisdiction(OFFICE)
    left = structs.replace(facts_of(*lines), number=NumberFact(status=NumberStatus.LEFT_TO_HUB))

    decision = decide(Settled(question=question, number=left.number), left, at_office)

    assert isinstance(decision, Grant)
    assert suppliers(law.flows[question.flow], question, left, at_office) == (ONE, OTHER)


def test_a_node_that_supplies_refuses_without_a_line_as_the_supplier_it_is():
    law, question = a_law(), a_question()
    left = structs.replace(
        facts_of(a_line(SUPPLIED, BEFORE, member=ONE)),
        number=NumberFact(status=NumberStatus.LEFT_TO_HUB),
    )

    decision = decide(
        Settled(question=question, number=left.number), left, law.jurisdiction(OFFICE)
    )

    assert isinstance(decision, Refusal)
    assert decision.reason is Reason.NO_FILE_AT_SUPPLIER


def test_a_line_without_a_member_at_the_node_itself_points_nowhere():
    law = a_law()

    found = suppliers(
        law.flows[a_question().flow],
        a_question(),
        facts_of(a_line(SUPPLIED)),
        law.jurisdiction(OFFICE),
    )

    assert found == ()


def test_the_rule_of_the_control_chooses_the_lines():
    old = a_line(SUPPLIED, BEFORE, member=ONE)

    assert asked(old, law=a_law(PeriodRule.EVER)) == (ONE,)
    assert asked(old, law=a_law(PeriodRule.NOW)) == ()


def test_without_a_clause_in_force_nobody_is_asked():
    early = a_question(asked_on=date(2030, 12, 31))

    assert asked(a_line(SUPPLIED), question=early) == ()
    assert asked(a_line(SUPPLIED), question=a_question(purpose=PurposeId("curiosity"))) == ()


def test_an_institution_that_closed_or_stands_behind_a_node_does_not_answer_for_its_sector():
    law = a_law()
    office = law.institutions[OFFICE]
    closed = {**law.institutions, OFFICE: replace(office, active=False)}

    assert asked(a_line(SUPPLIED), law=replace(law, institutions=closed)) == ()


# ── The law as it is ─────────────────────────────────────────────────────────────────────────────


def a_sheet(purpose: str) -> Question:
    return a_question(
        consumer=InstitutionCode("NIC"),
        flow=FlowId("L500"),
        purpose=PurposeId(purpose),
        asked_on=date(2026, 3, 2),
        about=Period(date(2026, 2, 1), date(2026, 3, 1)),
    )


@pytest.mark.parametrize(
    "purpose",
    ["asr-benefits", "increased-reimbursement-request", "increased-reimbursement-ex-officio"],
)
@pytest.mark.parametrize(("until", "told"), [(date(2026, 2, 2), ("RVA",)), (date(2026, 2, 1), ())])
def test_l500_goes_to_the_office_that_knows_the_person_in_the_period_of_the_risk(
    purpose: str, until: date, told: tuple[str, ...]
):
    unemployed = (Sector(18), Quality(1))
    insured = a_line((Sector(11), Quality(1)), Period(date(2010, 1, 1)))
    line = a_line(unemployed, Period(date(2025, 9, 1), until))

    assert asked(insured, line, law=LAW, question=a_sheet(purpose)) == told


def test_the_office_fans_out_to_the_payment_institutions_and_counts_them():
    lines = [
        a_line((Sector(18), Quality(1)), Period(begin, end), member=InstitutionCode(member))
        for member, begin, end in (
            ("HVW", date(2025, 9, 1), date(2026, 2, 10)),
            ("ACV", date(2026, 2, 10), None),
            ("ABVV", date(2024, 1, 1), date(2025, 9, 1)),
        )
    ]

    assert asked(*lines, law=LAW, question=a_sheet("asr-benefits")) == ("ACV", "HVW")


@pytest.mark.parametrize("flow", sorted(set(LAW.flows) - {FlowId("L500")}))
def test_no_other_flow_needs_a_line_to_find_its_supplier(flow: FlowId):
    question = structs.replace(a_sheet("asr-benefits"), flow=flow)

    assert len(asked(law=LAW, question=question)) == 1


@pytest.mark.parametrize("days", range(-3, 4))
def test_somebody_is_asked_exactly_when_the_supplier_s_control_stands(days: int):
    law = a_law()
    line = a_line(SUPPLIED, Period(BEFORE.begin, ABOUT.begin + days * DAY))
    facts = facts_of(a_line(), line)
    question = a_question()
    hub = law.jurisdiction(law.hub)

    decision = decide(Settled(question=question, number=facts.number), facts, hub)

    refused = isinstance(decision, Refusal) and decision.reason is Reason.NO_FILE_AT_SUPPLIER
    assert refused == (asked(a_line(), line) == ())
