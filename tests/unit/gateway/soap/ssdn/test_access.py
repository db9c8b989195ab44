"""ManageAccess: who proves to know a person registers a file, or takes it back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import pytest
from tests.law.inventing import PERSON
from tests.unit.gateway.soap.ssdn.givens import (
    CENTRE,
    KNOWN,
    SaidWaist,
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
)

from kruispunt.gateway.soap.ssdn.names import COMMON, MANAGE_ACCESS
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import (
    Act,
    Answer,
    DirectoryLine,
    LinesAsked,
    NoAnswer,
    Period,
    Quality,
    Question,
    Reason,
    Sector,
    Unavailable,
)

ANSWER = answered()
LINES = (
    DirectoryLine(
        ssin=PERSON,
        sector=Sector(17),
        quality=Quality(1),
        period=Period(date(2031, 6, 1), date(2031, 8, 1)),
        member=CENTRE,
    ),
    DirectoryLine(
        ssin=PERSON, sector=Sector(17), quality=Quality(1), period=Period(date(2031, 6, 1))
    ),
)


@dataclass(frozen=True)
class Done:
    answer: Answer
    lines: Sequence[DirectoryLine]


@dataclass
class SaidIntegration:
    told: Sequence[DirectoryLine] | NoAnswer | Exception = LINES
    asked: list[tuple[Question, LinesAsked]] = field(
        default_factory=list[tuple[Question, LinesAsked]]
    )

    async def do(self, question: Question, asked: LinesAsked) -> Done | NoAnswer:
        self.asked.append((question, asked))
        match self.told:
            case Exception() as wrong:
                raise wrong
            case NoAnswer() as refusal:
                return refusal
            case lines:
                return Done(ANSWER, lines)


PROOF = (
    "<m:ProofOfAuthentication><m:PersonData><m:LastName>DHOTE FILS</m:LastName>"
    "<m:BirthDate>2001-01-01</m:BirthDate></m:PersonData></m:ProofOfAuthentication>"
)

CARDS = (
    "<m:SISCardNumber>0123456789</m:SISCardNumber>"
    "<m:IdentityCardNumber>590000000101</m:IdentityCardNumber>"
)


def a_request(
    action: str, *, proof: str = PROOF, register: str = "SECONDARY", purpose: str = "1"
) -> str:
    """As a client writes it, with a prefix of its own for each day."""
    body = (
        f"<m:ManageAccessRequest xmlns:m='{MANAGE_ACCESS}'><m:SSIN>{PERSON.digits}</m:SSIN>"
        + (f"<m:Purpose>{purpose}</m:Purpose>" if purpose else "")
        + f"<m:Period><n:StartDate xmlns:n='{COMMON}'>2031-06-01</n:StartDate>"
        f"<o:EndDate xmlns:o='{COMMON}'>2031-07-31+02:00</o:EndDate></m:Period>"
        f"<m:Action>{action}</m:Action><m:Sector>17</m:Sector>"
        + (f"<m:QueryRegister>{register}</m:QueryRegister>" if register else "")
        + f"{proof}</m:ManageAccessRequest>"
    )
    return envelope(asking("OCMWCPASManageAccess", "20050930", body))


def a_waist() -> SaidWaist:
    return SaidWaist(said={"person.identify": [answered(KNOWN)]})


async def managed(
    text: str, integration: SaidIntegration, waist: SaidWaist | None = None
) -> Element:
    root = await reply_to(a_service(waist or a_waist(), integration=integration), text)
    if texts(root, "OriginalRequest"):
        assert_fits(root, "ManageAccess")
    return root


@pytest.mark.parametrize(
    ("action", "act"), [("REGISTER", Act.INTEGRATE), ("UNREGISTER", Act.REMOVE)]
)
async def test_a_file_is_brought_or_taken_by_who_proves_to_know_the_person(
    action: str, act: Act
) -> None:
    waist, integration = a_waist(), SaidIntegration()

    root = await managed(a_request(action), integration, waist)

    ((question, asked),) = integration.asked
    assert asked == LinesAsked(act=act, quality=Quality(1))
    assert question.flow == "repertory.integrate"
    assert question.about == Period(date(2031, 6, 1), date(2031, 8, 1))
    assert [one.flow for one in waist.asked] == ["person.identify"]
    assert texts(root, "OrgUnit")[1:] == ["63023"]
    assert texts(root, "Register") == ["SECONDARY"]
    assert texts(root, "Ticket") == [str(ANSWER.ticket)]


@pytest.mark.parametrize("register", ["PRIMARY", "SECONDARY", "ALL", ""])
async def test_lines_are_listed_of_the_register_that_is_asked(register: str) -> None:
    integration = SaidIntegration()

    root = await managed(a_request("LIST", register=register, proof=""), integration)

    ((_, asked),) = integration.asked
    assert asked == LinesAsked(act=Act.LIST, sector=Sector(17), quality=Quality(1))
    found = texts(root, "Register")
    assert found == (
        [register] if register in ("PRIMARY", "SECONDARY") else ["SECONDARY", "PRIMARY"]
    )


async def test_each_day_has_a_prefix_of_its_own_as_the_network_writes_it() -> None:
    service = a_service(a_waist(), integration=SaidIntegration())

    reply = await service.reply_to(a_request("LIST", register="ALL"), a_caller())

    assert "<ns4:StartDate" in reply
    assert "<ns5:EndDate" in reply
    assert "<ns6:StartDate" in reply
    assert "<ns7:EndDate" in reply
    assert "<ns8:StartDate" in reply


async def test_what_does_not_prove_brings_no_line() -> None:
    waist = SaidWaist(
        said={"person.identify": [answered({**KNOWN, "last_name": "Other"}), answered()]}
    )
    integration = SaidIntegration()

    other = await managed(a_request("REGISTER"), integration, waist)
    nobody = await managed(a_request("REGISTER"), integration, waist)

    assert codes(other) == codes(nobody) == ["20000001", "22007007"]
    assert texts(other, "Registrations") == texts(nobody, "Registrations") == []
    assert integration.asked == []


async def test_one_thing_that_fits_is_proof_enough() -> None:
    proof = PROOF.replace("<m:PersonData>", CARDS + "<m:PersonData>")
    integration = SaidIntegration()

    await managed(a_request("REGISTER", proof=proof), integration)

    assert len(integration.asked) == 1


async def test_cards_whose_numbers_no_clause_gives_bring_no_line() -> None:
    proof = f"<m:ProofOfAuthentication>{CARDS}</m:ProofOfAuthentication>"
    integration = SaidIntegration()

    root = await managed(a_request("REGISTER", proof=proof), integration)

    assert codes(root) == ["20000001", "22007007"]
    assert integration.asked == []


async def test_who_brings_a_line_says_its_quality_and_proves_to_know_the_person() -> None:
    integration = SaidIntegration()

    root = await managed(a_request("REGISTER", proof="", purpose=""), integration)

    assert codes(root) == ["30000001", "31000007", "31000007"]
    assert fields(root) == ["Purpose", "ProofOfAuthentication"]
    assert integration.asked == []


async def test_a_refusal_is_told_as_any_other() -> None:
    looked = SaidWaist(said={"person.identify": [refused(Reason.NUMBER_UNKNOWN)]})

    unknown = await managed(a_request("REGISTER"), SaidIntegration(), looked)
    no_leave = await managed(a_request("LIST"), SaidIntegration(refused(Reason.NO_CLAUSE)))
    fault = await managed(a_request("LIST"), SaidIntegration(Unavailable("later")))
    nowhere = await reply_to(a_service(a_waist()), a_request("LIST"))

    assert [codes(root)[1] for root in (unknown, no_leave, fault, nowhere)] == [
        "31300020",
        "31300010",
        "31100000",
        "31300000",
    ]


async def test_a_period_that_is_none_is_told_so() -> None:
    root = await managed(a_request("LIST").replace("2031-06-01", "2031-09-01"), SaidIntegration())

    assert codes(root) == ["30000001", "31000050"]
    assert fields(root) == ["Period"]
