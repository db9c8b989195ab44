"""What a case tells the network when it asks."""

from datetime import date
from uuid import UUID

from kruispunt.circuits.asking import details_of
from kruispunt.circuits.benefits import AskUnemployment, RiskType
from kruispunt.gateway.details import read_details
from kruispunt.law import read_lawbook
from kruispunt.vocabulary import FlowId, Period, PurposeId, Ssin

BENEFITS = PurposeId("asr-benefits")


def test_the_question_tells_the_risk_and_its_begin_and_the_law_takes_it():
    """05/022 §37: the period that travels may be a part, where the insurer's file began later."""
    flow = read_lawbook().flows[FlowId("L500")]
    task = AskUnemployment(
        id=UUID(int=1),
        paragraph="05/022 §5(6)",
        flow=flow.id,
        purpose=BENEFITS,
        person=Ssin("85073003328"),
        about=Period(date(2026, 1, 5), None),
        risk=RiskType.INCAPACITY,
        message_id=UUID(int=1),
    )

    told = dict(read_details(flow, details_of(task), about=task.about, purpose=BENEFITS))

    assert told["risk_begin_date"] == "2026-01-05"
    assert told["risk_type"] == "incapacity"
