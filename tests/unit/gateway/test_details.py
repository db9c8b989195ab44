"""Details of a question: only those of its flow, with values that fit."""

from dataclasses import replace
from datetime import date

import pytest
from tests.law.inventing import FUND, NODE, a_flow, a_lawbook
from tests.unit.gateway.givens import a_body, a_request, an_entrance

from kruispunt.gateway.details import read_details
from kruispunt.law import Detail, ValueType, read_lawbook
from kruispunt.vocabulary import FlowId, Malformed, Period, PurposeId

KIND = Detail(
    name="kind",
    type=ValueType.CODE,
    values=("birth", "adoption"),
    required=True,
    paragraph="31/007 §2",
)
URGENT = replace(KIND, name="urgent", type=ValueType.BOOL, values=(), required=False)
CARD = replace(URGENT, name="card", type=ValueType.STR)
DAY = replace(URGENT, name="day", type=ValueType.DATE, required_for=(PurposeId("leave"),))
FLOW = replace(a_flow(), details=(CARD, KIND, URGENT))
MARCH = Period(date(2031, 3, 1), date(2031, 4, 1))
DATED = replace(a_flow(), details=(DAY,))


def wrong(**said: str) -> list[tuple[str, str]]:
    with pytest.raises(Malformed) as found:
        read_details(FLOW, said, about=MARCH)
    return [(issue.name, issue.detail) for issue in found.value.issues]


def test_details_come_in_the_order_of_their_names_whatever_order_they_were_said_in():
    said = {"urgent": "true", "kind": "birth", "card": "592-1"}

    assert read_details(FLOW, said, about=MARCH) == (
        ("card", "592-1"),
        ("kind", "birth"),
        ("urgent", "true"),
    )


def test_a_value_that_does_not_fit_is_told_by_name_and_rule_and_never_said_again():
    assert wrong(kind="wedding", urgent="yes", card="") == [
        ("details.card", "expected a text (31/007 §2)"),
        ("details.kind", "expected one of birth, adoption (31/007 §2)"),
        ("details.urgent", "expected true or false (31/007 §2)"),
    ]


def test_a_required_detail_is_missed_and_an_unknown_one_is_not_passed_over():
    assert wrong(wage="3000") == [
        ("details", "expected only card, kind, urgent"),
        ("details.kind", "the detail is missing: expected one of birth, adoption (31/007 §2)"),
    ]


def test_a_detail_that_a_purpose_must_tell_is_missed_for_that_purpose_alone():
    """05/022 §37: there is no risk where L500 is asked for increased reimbursement."""
    assert read_details(DATED, {}, about=MARCH, purpose=PurposeId("milk")) == ()
    assert read_details(DATED, {}, about=MARCH) == ()
    with pytest.raises(Malformed) as found:
        read_details(DATED, {}, about=MARCH, purpose=PurposeId("leave"))
    assert [issue.name for issue in found.value.issues] == ["details.day"]


@pytest.mark.parametrize("day", ["2026-02-30", "2026-W05-1", "20260201", "01/02/2026", ""])
def test_a_day_that_is_none_is_no_detail(day: str):
    assert read_details(DATED, {"day": "2026-02-01"}, about=MARCH) == (("day", "2026-02-01"),)
    with pytest.raises(Malformed):
        read_details(DATED, {"day": day}, about=MARCH)


def test_the_law_wants_the_risk_of_an_l500_for_benefits_and_for_nothing_else():
    """05/022 §37: signaletiek van het risico."""
    flow = read_lawbook().flows[FlowId("L500")]
    with pytest.raises(Malformed) as found:
        read_details(flow, {}, about=MARCH, purpose=PurposeId("asr-benefits"))
    assert [issue.name for issue in found.value.issues] == [
        "details.risk_begin_date",
        "details.risk_type",
    ]
    assert (
        read_details(flow, {}, about=MARCH, purpose=PurposeId("increased-reimbursement-request"))
        == ()
    )


def test_a_flow_without_details_takes_none_at_the_door():
    with pytest.raises(Malformed) as found:
        an_entrance(a_lawbook()).question(a_request(a_body(details={"kind": "birth"})))

    assert [issue.detail for issue in found.value.issues] == ["the flow has no details"]


def test_what_is_told_at_the_door_stands_in_the_question():
    entrance = an_entrance(replace(a_lawbook(), flows={FLOW.id: FLOW}))

    asked = entrance.question(a_request(a_body(details={"kind": "adoption"})))

    assert asked.details == (("kind", "adoption"),)


RISK = replace(DAY, begins=True, required_for=())
RISKY = replace(a_flow(), details=(RISK,))


@pytest.mark.parametrize("day", ["2031-02-28", "2031-03-02", "2012-05-01"])
def test_a_day_that_begins_the_period_is_no_other_than_the_first_one_asked_about(day: str):
    """What is told depends on it: the controls of days have not seen another."""
    entrance = an_entrance(replace(a_lawbook(), flows={RISKY.id: RISKY}))

    asked = entrance.question(a_request(a_body(details={"day": "2031-03-01"}), by=FUND))
    with pytest.raises(Malformed) as found:
        entrance.question(a_request(a_body(details={"day": day}), by=FUND))

    assert asked.details == (("day", "2031-03-01"),)
    assert [(one.name, one.detail) for one in found.value.issues] == [
        ("details.day", "expected the first day asked about (31/007 §2)")
    ]


def test_of_a_period_that_a_node_shortened_the_first_day_may_lie_before_and_never_after():
    entrance = an_entrance(replace(a_lawbook(), flows={RISKY.id: RISKY}))

    before = entrance.question(a_request(a_body(details={"day": "2031-02-28"}), by=NODE))
    with pytest.raises(Malformed):
        entrance.question(a_request(a_body(details={"day": "2031-03-02"}), by=NODE))

    assert before.details == (("day", "2031-02-28"),)


def test_a_detail_of_some_purposes_is_taken_for_no_other():
    """05/022 §2.2, §37: who asks for increased reimbursement moves nothing by a risk."""
    with pytest.raises(Malformed) as found:
        read_details(DATED, {"day": "2031-03-01"}, about=MARCH, purpose=PurposeId("milk"))

    assert [issue.name for issue in found.value.issues] == ["details.day"]


def test_an_l500_is_asked_from_the_day_of_its_risk():
    flow = read_lawbook().flows[FlowId("L500")]
    risk = {"risk_type": "incapacity", "risk_begin_date": "2012-05-01"}

    with pytest.raises(Malformed) as found:
        read_details(flow, risk, about=MARCH, purpose=PurposeId("asr-benefits"))

    assert [issue.name for issue in found.value.issues] == ["details.risk_begin_date"]
