"""XMLite: a prefix of 146 characters, and the forms L950 and A701."""

from collections.abc import Mapping
from datetime import date

import pytest
from tests.law.inventing import PERSON
from tests.unit.gateway.soap.ssdn.givens import (
    USER,
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

from kruispunt.gateway.soap.ssdn.names import CLASSIC, MESSAGE
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import Period, Reason

SOME = "1990010120310615"


def a_prefix(
    form: str,
    *,
    sender: str = "017001",
    ssin: str = PERSON.digits,
    own: str = "00100" + SOME,
    requested: str = SOME,
) -> str:
    said = f"U62NA1{sender}{'630230001156994'}{USER}O0C{ssin:11}{form}{'':32}3106151200M03S0"
    return f"{said}{own:21}{requested:16}{'':6}"


def relation(n: int, *, end: str | None = None) -> dict[str, object]:
    return {
        "ssin": PERSON.digits,
        "last_name": "Dot",
        "birth_date": "2001-01-01",
        "sex": "M",
        "nationality": "150",
        "service_begin_date": f"20{n:02d}-01-01",
        "service_end_date": end,
        "employer_cbe": "0123456749",
        "nsso_number": "0012345678",
        "dimona_period_id": f"{n:012d}",
        "worker_type": "OTH",
        "joint_committee": "200",
    }


def a_message(form: str, request: str, prefix: str) -> str:
    body = (
        f"<ns1:Message xmlns:ns1='{MESSAGE}'><ns1:Header>"
        f"<ns1:ClassicPrefix>{prefix}</ns1:ClassicPrefix></ns1:Header><ns1:Data><ns1:XML>"
        f"<{form} processType='L' version='001' xmlns='{CLASSIC}'><Request>{request}</Request>"
        f"</{form}></ns1:XML></ns1:Data></ns1:Message>"
    )
    return envelope(asking("XMLite", "20051206", body))


def personnel(
    *, period: str | None = "1995-01-01", most: int = 32, scrolling: str = "", prefix: str = ""
) -> str:
    search = (
        ""
        if period is None
        else f"<SearchPeriod><BeginDate>{period}</BeginDate>"
        "<EndDate>2031-06-15</EndDate></SearchPeriod>"
    )
    request = (
        f"<NaturalPerson><INSS>{PERSON.digits}</INSS></NaturalPerson>{search}"
        "<ActiveWorker>1</ActiveWorker><CanceledContract>0</CanceledContract>"
        f"<NbrOfAnswer>{most}</NbrOfAnswer>{scrolling}"
    )
    return a_message("L950", request, prefix or a_prefix("L950"))


def employer(*, prefix: str = "", number: str = "12345678") -> str:
    firm = f"<FirmID><NLOSSRegistrationNbr>{number}</NLOSSRegistrationNbr></FirmID>"
    request = f"<Employer>{firm}</Employer>"
    return a_message("A701", request, prefix or a_prefix("A701"))


async def told(text: str, waist: SaidWaist) -> Element:
    root = await reply_to(a_service(waist), text)
    if texts(root, "ClassicPrefix"):
        assert_fits(root, "Message")
    return root


def return_code(root: Element) -> str:
    (prefix,) = texts(root, "ClassicPrefix")
    assert len(prefix) == 146
    return prefix[-6:]


def a_waist(*rows: Mapping[str, object], flow: str = "personnel.consult") -> SaidWaist:
    return SaidWaist(said={flow: [answered(*rows)]})


async def test_relations_are_told_under_the_prefix_that_came() -> None:
    waist = a_waist(relation(20), relation(9, end="2012-03-31"))

    root = await told(personnel(), waist)

    (question,) = waist.asked
    assert question.about == Period(date(1995, 1, 1), date(2031, 6, 16))
    assert question.file_reference == "quality 001, 1990-01-01 to 2031-06-15"
    assert codes(root) == []
    assert return_code(root) == "000000"
    assert texts(root, "NbrOfAvailableAnswer") == texts(root, "NbrOfIncludedAnswer") == ["2"]
    assert texts(root, "NextScrolling") == []
    assert texts(root, "EndDate") == ["2012-03-31"]
    assert texts(root, "LastDimonaAction") == ["2", "1"]
    assert texts(root, "Sex") == ["1", "1"]


async def test_clients_find_the_form_by_its_prefix() -> None:
    reply = await a_service(a_waist(relation(1))).reply_to(personnel(), a_caller())

    assert "<ns3:Message xmlns:ns3=" in reply
    assert "<ns3:XML><ns4:L950 xmlns:ns4=" in reply


async def test_pages_follow_each_other_and_each_asks_again() -> None:
    rows = [relation(n) for n in (5, 3, 1, 4, 2)]
    waist = SaidWaist(said={"personnel.consult": [answered(*rows)] * 3})

    first = await told(personnel(most=2), waist)
    pages, root = [first], first
    while texts(root, "NextScrolling"):
        scrolling = (
            f"<Scrolling><FirstLineNbr>{texts(root, 'FirstLineNbr')[0]}</FirstLineNbr>"
            f"<Ticket>{root.findtext('.//{*}NextScrolling/{*}Ticket')}</Ticket></Scrolling>"
        )
        text = personnel(
            period=None, most=2, scrolling=scrolling, prefix=a_prefix("L950", requested="")
        )
        root = await told(text, waist)
        pages.append(root)

    assert [n for page in pages for n in texts(page, "DimonaNbr")] == [
        f"{n:012d}" for n in (1, 2, 3, 4, 5)
    ]
    assert [texts(page, "NbrOfIncludedAnswer") for page in pages] == [["2"], ["2"], ["1"]]
    assert len({question.about for question in waist.asked}) == 1
    assert len({question.message_id for question in waist.asked}) == 3


@pytest.mark.parametrize("ticket", ["1", "20310101" * 3, "2031010120300101", "20319999"])
async def test_a_ticket_of_no_page_is_told_so(ticket: str) -> None:
    scrolling = f"<Scrolling><FirstLineNbr>3</FirstLineNbr><Ticket>{ticket}</Ticket></Scrolling>"

    root = await told(personnel(period=None, scrolling=scrolling), SaidWaist())

    assert (codes(root)[1], fields(root)) == ("31000050", ["Ticket"])


async def test_without_period_and_page_nothing_is_asked() -> None:
    root = await told(personnel(period=None), SaidWaist())

    assert (codes(root)[1], fields(root)) == ("31000007", ["SearchPeriod"])


async def test_a_refusal_is_told_in_both_vocabularies_and_tells_nothing_more() -> None:
    waist = SaidWaist(
        said={
            "personnel.consult": [
                refused(Reason.NO_FILE),
                refused(Reason.NUMBER_UNKNOWN),
                refused(Reason.NO_CLAUSE),
                answered(),
            ]
        }
    )

    no_file, unknown, no_clause, empty = [await told(personnel(), waist) for _ in range(4)]

    assert return_code(no_file) == return_code(unknown) == "300020"
    assert codes(no_file) == codes(unknown) == ["30000001", "31300020"]
    assert return_code(no_clause) == "300010"
    assert (return_code(empty), codes(empty)) == ("000000", ["12000100"])
    assert texts(empty, "Data") == []


@pytest.mark.parametrize(
    ("prefix", "code"),
    [
        (a_prefix("A701"), "31000050"),
        (a_prefix("L950").replace("NA1", "NB1"), "31000050"),
        (a_prefix("L950") + "x", "31000050"),
        ("short", "31000050"),
        (a_prefix("L950", ssin="99999999999"), "31000050"),
        (a_prefix("L950", sender="018001"), "31300010"),
        (a_prefix("L950", sender="017002"), "31300010"),
        (a_prefix("L950", sender="017abc"), "31300010"),
    ],
)
async def test_a_prefix_that_is_not_that_of_the_message_asks_nothing(
    prefix: str, code: str
) -> None:
    waist = SaidWaist()

    root = await told(personnel(prefix=prefix), waist)

    assert codes(root)[1] == code
    assert waist.asked == []


async def test_a_prefix_that_lost_its_last_blanks_is_that_prefix() -> None:
    root = await told(personnel(prefix=a_prefix("L950").rstrip()), a_waist(relation(1)))

    assert return_code(root) == "000000"


EMPLOYER = {"cbe_number": "0123456749", "nsso_number": "0012345678", "denomination": "Dot & Co"}


async def test_an_employer_is_told_as_that_of_the_person_in_the_prefix() -> None:
    waist = a_waist({**EMPLOYER, "nsso_number": "0999999999"}, EMPLOYER, flow="employer.consult")

    root = await told(employer(), waist)

    (question,) = waist.asked
    assert (question.ssin, question.about) == (PERSON, Period(date(1990, 1, 1), date(2031, 6, 16)))
    assert texts(root, "Name") == ["Dot & Co"]
    assert texts(root, "NLOSSRegistrationNbr") == ["0012345678"]


async def test_another_employer_is_no_data() -> None:
    root = await told(employer(number="1"), a_waist(EMPLOYER, flow="employer.consult"))

    assert (codes(root), return_code(root)) == (["12000100"], "000000")


async def test_without_a_person_no_ground_gives_an_employer() -> None:
    waist = SaidWaist()

    root = await told(employer(prefix=a_prefix("A701", ssin="", own="", requested="")), waist)

    assert (codes(root)[1], return_code(root)) == ("31300010", "300010")
    assert waist.asked == []
