"""Consultations: what the registers, the directory and the insurers have for an inquiry."""

from dataclasses import replace
from datetime import date

import pytest
from tests.law.inventing import PERSON, SUCCESSOR
from tests.unit.gateway.soap.ssdn.givens import (
    KNOWN,
    SaidWaist,
    Told,
    a_caller,
    a_service,
    answered,
    asking,
    assert_fits,
    codes,
    envelope,
    fields,
    refused,
    reply_to,
    texts,
    the_lawbook,
)

from kruispunt.gateway.soap.ssdn.names import (
    COMMON,
    HEALTH_INSURANCE,
    PERFORM_INVESTIGATION,
    REFERENCE_MANAGER,
)
from kruispunt.vocabulary import FlowId, Period, Reason

FAMILY = (
    {
        "ssin": PERSON.digits,
        "origin": "RN_RR",
        "member_ssin": PERSON.digits,
        "relationship": "01",
        "since": "2010-05-01",
    },
    {
        "ssin": PERSON.digits,
        "origin": "RN_RR",
        "member_ssin": SUCCESSOR.digits,
        "relationship": "03",
        "since": None,
    },
)
HISTORY = (
    {**KNOWN, "begin_date": "2001-01-01", "end_date": "2010-04-30"},
    {**KNOWN, "begin_date": "2010-05-01", "end_date": None},
)


def an_inquiry(groups: str = "") -> str:
    body = (
        f"<p:PerformInvestigationRequest xmlns:p='{PERFORM_INVESTIGATION}'>"
        f"<p:SocialSecurityUser>{PERSON.digits}</p:SocialSecurityUser>{groups}"
        "</p:PerformInvestigationRequest>"
    )
    return envelope(asking("OCMWCPASPerformInvestigation", "20080604", body))


def groups(family: str, citizens: str, addresses: str) -> str:
    return (
        f"<p:DataGroups><p:FamilyCompositionGroup>{family}</p:FamilyCompositionGroup>"
        f"<p:CitizenGroup>{citizens}</p:CitizenGroup>"
        f"<p:AddressHistoryGroup>{addresses}</p:AddressHistoryGroup>"
        "<p:WaitRegisterGroup>0</p:WaitRegisterGroup></p:DataGroups>"
    )


async def test_an_inquiry_that_names_no_group_asks_all_and_each_member_by_itself() -> None:
    other = {**KNOWN, "ssin": SUCCESSOR.digits}
    waist = SaidWaist(
        said={
            "household.consult": [answered(*FAMILY)],
            "person.identify": [answered(KNOWN), answered(other)],
            "addresses.consult": [answered(*HISTORY)],
        }
    )

    root = await reply_to(a_service(waist), an_inquiry())

    assert_fits(root, "PerformInvestigation")
    assert codes(root) == []
    assert [(one.flow, one.ssin) for one in waist.asked] == [
        ("household.consult", PERSON),
        ("person.identify", PERSON),
        ("person.identify", SUCCESSOR),
        ("addresses.consult", PERSON),
    ]
    assert waist.asked[-1].about == Period(date(1900, 1, 1), date(2031, 6, 16))
    assert texts(root, "RelationShip") == ["01", "03"]
    assert texts(root, "EntryDate") == ["2010-05-01"]
    assert len(texts(root, "Citizen")) == len(texts(root, "HistoricalAddress")) == 2


async def test_an_inquiry_proves_nobody_and_tells_of_each_what_is_always_told() -> None:
    waist = SaidWaist(
        said={
            "household.consult": [answered(*FAMILY)],
            "person.identify": [answered(KNOWN), answered({**KNOWN, "ssin": SUCCESSOR.digits})],
        }
    )

    root = await reply_to(a_service(waist), an_inquiry(groups("1", "1", "0")))

    assert len(texts(root, "Basic")) == len(texts(root, "Citizen")) == 2
    for tag in ("Extended", "CivilState", "BirthLocation", "NationalityCode"):
        assert texts(root, tag) == []


@pytest.mark.parametrize(
    ("asked", "flows"),
    [
        (groups("1", "0", "0"), ["household.consult"]),
        (groups("false", "true", "false"), ["person.identify"]),
        (groups("0", "0", "1"), ["addresses.consult"]),
        (groups("0", "0", "0"), []),
    ],
)
async def test_only_the_groups_that_are_asked_are_looked_at(asked: str, flows: list[str]) -> None:
    waist = SaidWaist(
        said={
            "household.consult": [answered(*FAMILY)],
            "person.identify": [answered(KNOWN)],
            "addresses.consult": [answered(*HISTORY)],
        }
    )

    root = await reply_to(a_service(waist), an_inquiry(asked))

    assert [one.flow for one in waist.asked] == flows
    assert codes(root) == ([] if flows else ["12000100"])


async def test_a_member_who_may_not_be_shown_is_left_out_and_the_person_refuses_all() -> None:
    def said(*told: Told) -> SaidWaist:
        return SaidWaist(
            said={
                "household.consult": [answered(*FAMILY)],
                "person.identify": list(told),
            }
        )

    hidden = said(answered(KNOWN), refused(Reason.NUMBER_CANCELLED))
    unknown = said(refused(Reason.NUMBER_UNKNOWN), answered(KNOWN))

    without = await reply_to(a_service(hidden), an_inquiry(groups("1", "1", "0")))
    none = await reply_to(a_service(unknown), an_inquiry(groups("1", "1", "0")))

    assert len(texts(without, "Citizen")) == 1
    assert codes(none) == ["30000001", "31300020"]
    assert texts(none, "FamilyMember") == []


LINES = (
    {"sector": "018", "quality": "001", "begin_date": "2030-01-01", "end_date": None},
    {"sector": "012", "quality": "030", "begin_date": "2029-01-01", "end_date": "2029-12-31"},
)


def a_consultation(descriptions: str = "true") -> str:
    """As a client writes it: the body in its own default namespace."""
    begin, end = (f"<common:{name}Date>{{}}</common:{name}Date>" for name in ("Start", "End"))
    days = begin.format("2028-01-01") + end.format("2031-06-15")
    body = (
        f"<ReferenceManagerRequest xmlns='{REFERENCE_MANAGER}' xmlns:common='{COMMON}'"
        " xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'><ConsultOtherSectorsCriteria>"
        "<QualityCodeRequestor>1</QualityCodeRequestor>"
        f"<RequestedSsin>{PERSON.digits}</RequestedSsin>"
        f"<IntegratedPeriod>{days}</IntegratedPeriod><RequestedPeriod>{days}</RequestedPeriod>"
        f"<FetchDescriptions>{descriptions}</FetchDescriptions>"
        "</ConsultOtherSectorsCriteria></ReferenceManagerRequest>"
    )
    return envelope(asking("ReferenceManager.consult", "20050525", body))


async def test_the_lines_of_other_sectors_are_told_with_their_names() -> None:
    waist = SaidWaist(said={"repertory.consult": [answered(*LINES)]})

    root = await reply_to(a_service(waist), a_consultation())

    assert_fits(root, "ReferenceManager")
    (question,) = waist.asked
    assert question.about == Period(date(2028, 1, 1), date(2031, 6, 16))
    assert question.file_reference == "quality 1, 2028-01-01 to 2031-06-15"
    assert texts(root, "Sector") == ["18", "12"]
    assert texts(root, "QualityCode") == ["1", "30"]
    assert texts(root, "StartDate") == ["2030-01-01", "2029-01-01"]
    assert texts(root, "EndDate") == ["2029-12-31"]
    assert texts(root, "QualityCodeDescriptionNl")[1] == "DIMONA"
    assert len(texts(root, "SectorDescriptionFr")) == 2


async def test_names_are_only_told_where_they_are_asked() -> None:
    waist = SaidWaist(said={"repertory.consult": [answered(*LINES)]})

    root = await reply_to(a_service(waist), a_consultation("false"))

    assert texts(root, "SectorDescriptionNl") == []


async def test_a_client_finds_the_days_of_a_period_by_their_prefixes() -> None:
    waist = SaidWaist(said={"repertory.consult": [answered(*LINES)]})

    reply = await a_service(waist).reply_to(a_consultation("0"), a_caller())

    assert "<ns4:StartDate" in reply
    assert "<ns5:StartDate" in reply
    assert "<ns6:EndDate" in reply


INSURED = {
    "ssin": PERSON.digits,
    "insurability_begin": "2031-01-01",
    "insurability_end": "2031-12-31",
    "holder_code_1": "110",
    "holder_code_2": None,
    "increased_reimbursement": True,
    "maximum_billing_year": 2030,
    "third_party_payer": False,
}


def an_insurance(during: str) -> str:
    body = (
        f"<ns1:HealthInsuranceRequest xmlns:ns1='{HEALTH_INSURANCE}'>"
        f"<ns1:SSIN>{PERSON.digits}</ns1:SSIN>{during}</ns1:HealthInsuranceRequest>"
    )
    return envelope(asking("OCMWCPASHealthInsurance", "20070509", body))


def during(kind: str) -> str:
    return (
        f"<ns1:{kind}><ns1:Period><ns1:StartDate>2026-06-15</ns1:StartDate>"
        f"<ns1:EndDate>2031-06-15</ns1:EndDate></ns1:Period></ns1:{kind}>"
    )


async def test_insurability_is_told_without_what_the_law_withholds() -> None:
    waist = SaidWaist(said={"insurability.consult": [answered(INSURED)]})

    root = await reply_to(a_service(waist), an_insurance(during("Assurability")))

    assert_fits(root, "HealthInsurance")
    assert texts(root, "YearApplicationMaximumToBeInvoiced") == ["2030"]
    assert texts(root, "PayingThirdIndicator") == ["0"]
    assert texts(root, "Regime") + texts(root, "SocialStatus") == ["1", "1"]
    assert texts(root, "IncreasedIntervention") == ["1"]
    assert texts(root, "HealthServiceIdentification") == []
    assert (texts(root, "StartDate"), texts(root, "EndDate")) == (["2031-01-01"], ["2031-12-31"])


@pytest.mark.parametrize(
    ("asked", "code", "named"),
    [
        ("", "31000007", ["Assurability"]),
        (during("Indemnity"), "31300000", []),
        (during("Assurability") + during("Indemnity"), "31300000", []),
        (during("Assurability").replace("2031-06-15", "2025-01-01"), "31000050", ["Period"]),
        (during("Assurability").replace("2031-06-15", ""), "31000007", ["EndDate"]),
    ],
)
async def test_what_is_not_asked_as_agreed_is_not_looked_at(
    asked: str, code: str, named: list[str]
) -> None:
    waist = SaidWaist()

    root = await reply_to(a_service(waist), an_insurance(asked))

    assert codes(root) == ["30000001", code]
    assert fields(root) == named
    assert waist.asked == []


@pytest.mark.parametrize(
    ("flow", "text", "body"),
    [
        ("repertory.consult", a_consultation(), "ReferenceManagerReply"),
        ("insurability.consult", an_insurance(during("Assurability")), "HealthInsuranceReply"),
        ("household.consult", an_inquiry(groups("1", "0", "0")), "PerformInvestigationReply"),
    ],
)
async def test_no_data_is_an_empty_answer_and_a_refusal_none(
    flow: str, text: str, body: str
) -> None:
    waist = SaidWaist(said={flow: [answered(), refused(Reason.NO_FILE)]})

    empty = await reply_to(a_service(waist), text)
    no_file = await reply_to(a_service(waist), text)

    assert (codes(empty), len(texts(empty, body))) == (["12000100"], 1)
    assert (codes(no_file), len(texts(no_file, body))) == (["30000001", "31300020"], 0)


async def test_a_flow_that_is_not_offered_here_is_not_given_here() -> None:
    nowhere = a_service(SaidWaist(), offered=())

    for text in (a_consultation(), an_insurance(during("Assurability")), an_inquiry()):
        assert codes(await reply_to(nowhere, text)) == ["30000001", "31300000"]


async def test_a_period_longer_than_its_flow_knows_is_refused_as_at_any_door() -> None:
    law = the_lawbook()
    flow = law.flows[FlowId("repertory.consult")]
    short = replace(flow, limits=replace(flow.limits, max_days=30))
    lawbook = replace(law, flows={**law.flows, flow.id: short})

    root = await reply_to(a_service(SaidWaist(), lawbook=lawbook), a_consultation())

    assert codes(root) == ["30000001", "31000050"]
