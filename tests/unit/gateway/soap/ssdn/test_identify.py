"""IdentifyPerson: by number, verified or not, and by name."""

import pytest
from tests.law.inventing import PERSON, SUCCESSOR
from tests.unit.gateway.soap.ssdn.givens import (
    FLOWS,
    KNOWN,
    SaidWaist,
    Told,
    a_service,
    answered,
    asking,
    assert_fits,
    codes,
    envelope,
    fields,
    refused,
    reply_to,
    said,
    texts,
)

from kruispunt.gateway.soap.ssdn.names import IDENTIFY_PERSON
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import NOBODY, Answer, IncompleteDate, Reason, SourceSilent, Ssin

ABROAD = {
    **{name: KNOWN[name] for name in ("ssin", "last_name", "birth_date", "sex")},
    "origin": "BCSS_KSZ",
    "country": "136",
    "diplomatic_post": "1418",
    "address_abroad": "Wilhelm-Busch-Str. 15, Berlin",
}


def a_request(criteria: str, verification: str = "") -> str:
    inside = f"<SearchCriteria>{criteria}</SearchCriteria>"
    if verification:
        inside += f"<VerificationData>{verification}</VerificationData>"
    body = f"<IdentifyPersonRequest xmlns='{IDENTIFY_PERSON}'>{inside}</IdentifyPersonRequest>"
    return envelope(asking("OCMWCPASIdentifyPerson", "20050930", body))


def data(last: str, born: str, first: str = "", card: str = "") -> str:
    """Verification data as clients write them, empty values too."""
    return (
        f"{card}<PersonData><LastName>{last}</LastName><FirstName>{first}</FirstName>"
        f"<BirthDate>{born}</BirthDate></PersonData>"
    )


NUMBER = f"<SSIN>{PERSON.digits}</SSIN>"
PHONETIC = (
    "<PhoneticCriteria><LastName>Dot</LastName><FirstName/><MiddleName/>"
    "<BirthDate>2001-01-00</BirthDate><Tolerance>2</Tolerance><Maximum>5</Maximum>"
    "</PhoneticCriteria>"
)


def found(*persons: Ssin) -> Told:
    """What a search is told."""
    return answered(*({"found_ssin": one.digits} for one in persons))


def a_register(*told: Told, search: Told | None = None) -> SaidWaist:
    searched = [] if search is None else [search]
    return SaidWaist(said={"person.identify": list(told), "person.search": searched})


async def identified(text: str, *told: Told, search: Told | None = None) -> Element:
    return await identified_by(a_register(*told, search=search), text)


async def identified_by(waist: SaidWaist, text: str) -> Element:
    root = await reply_to(a_service(waist), text)
    if not any(code.startswith("31") for code in codes(root)):
        assert_fits(root, "IdentifyPerson")
    return root


async def test_a_number_alone_gives_what_is_always_told() -> None:
    root = await identified(a_request(NUMBER), answered(KNOWN))

    assert codes(root) == []
    assert texts(root, "Gender") == ["2"]
    assert texts(root, "Municipality") == ["Eupen", "Eupen"]
    assert texts(root, "Street") == ["Gospertstraße"]
    assert texts(root, "Extended") == []


async def test_who_is_proven_gets_the_extended_data_too() -> None:
    said = data("dHOTE  FILS", "2001-01-01", "ZOE")

    root = await identified(a_request(NUMBER, said), answered(KNOWN))

    assert codes(root) == ["12007001"]
    assert texts(root, "CivilState") == ["10"]
    assert texts(root, "BirthLocation") == ["Eupen"]
    assert texts(root, "ReturnCode") == ["0", "0"]


@pytest.mark.parametrize(
    "said",
    [
        data("Other", "2001-01-01"),
        data("D'Hôte & Fils".replace("&", "&amp;"), "2001-01-02"),
        data("D'Hôte &amp; Fils", "2001-01-01", "Marie"),
        data(
            "D'Hôte &amp; Fils",
            "2001-01-01",
            card="<IdentityCardNumber>590000000999</IdentityCardNumber>",
        ),
        "<SISCardNumber>0123456789</SISCardNumber>",
    ],
    ids=["name", "date", "first name", "identity card", "SIS card"],
)
async def test_whatever_does_not_fit_leaves_the_extended_data_out(said: str) -> None:
    root = await identified(a_request(NUMBER, said), answered(KNOWN))

    assert codes(root) == ["20000001", "22007007"]
    assert texts(root, "ReturnCode") == ["1", "1"]
    assert len(texts(root, "LastName")) == 1
    assert texts(root, "Extended") == []


@pytest.mark.parametrize(
    ("said", "last", "code"),
    [
        ("IVANOVA", "Иванова", "12007001"),
        ("Иванова", "Иванова", "12007001"),
        ("Петрова", "Иванова", "22007007"),
        ("SORENSEN", "Sørensen", "12007001"),
        ("Srensen", "Sørensen", "22007007"),
        ("WISNIEWSKA", "Wiśniewska", "12007001"),
        ("STRASSER", "Straßer", "12007001"),
        ("-", "'", "22007007"),
        ("-", "Иванова", "22007007"),
    ],
)
async def test_names_fit_by_their_letters_and_one_without_letters_is_nobodys(
    said: str, last: str, code: str
) -> None:
    root = await identified(
        a_request(NUMBER, data(said, "2001-01-01")), answered({**KNOWN, "last_name": last})
    )

    assert codes(root)[-1] == code
    assert bool(texts(root, "Extended")) == (code == "12007001")


@pytest.mark.parametrize("first", ["-", "'", "Петр"])
async def test_a_first_name_that_is_given_is_compared_though_it_has_no_letters(first: str) -> None:
    nameless = {**KNOWN, "first_name": "", "middle_name": ""}

    for known in (KNOWN, nameless):
        root = await identified(
            a_request(NUMBER, data("DHOTE FILS", "2001-01-01", first)), answered(known)
        )

        assert codes(root) == ["20000001", "22007007"]


async def test_the_number_of_the_card_itself_is_never_told() -> None:
    card = "<IdentityCardNumber>590000000101</IdentityCardNumber>"

    root = await identified(
        a_request(NUMBER, card), answered({**KNOWN, "identity_card_number": "590000000101"})
    )

    assert codes(root) == ["12007001"]
    assert "590000000101" not in said(root)


async def test_a_card_whose_number_no_clause_gives_proves_nothing() -> None:
    card = "<IdentityCardNumber>590000000101</IdentityCardNumber>"
    named = data("D'Hôte &amp; Fils", "2001-01-01", card=card)

    alone = await identified(a_request(NUMBER, card), answered(KNOWN))
    with_name = await identified(a_request(NUMBER, named), answered(KNOWN))

    for root in (alone, with_name):
        assert codes(root) == ["20000001", "22007007"]
        assert texts(root, "Extended") == []


async def test_an_address_abroad_is_that_of_the_post() -> None:
    root = await identified(a_request(NUMBER), answered(ABROAD))

    assert texts(root, "AddressPlainText") == ["Wilhelm-Busch-Str. 15, Berlin"]
    assert texts(root, "Address") == []
    assert [one.get("origin") for one in root.iter("{*}LimitedLegalData")] == ["BCSS_KSZ"]


async def test_a_number_and_a_name_together_is_the_number_with_a_warning() -> None:
    waist = a_register(answered(KNOWN), search=found(SUCCESSOR))

    root = await identified_by(waist, a_request(NUMBER + PHONETIC))

    assert codes(root) == ["20000001", "21007001"]
    assert [one.flow for one in waist.asked] == ["person.identify"]


async def test_a_number_without_data_is_an_empty_answer() -> None:
    root = await identified(a_request(NUMBER), answered())

    assert texts(root, "ReturnCode") == ["0", "0"]
    assert codes(root) == ["12000100"]
    assert len(texts(root, "IdentifyPersonReply")) == 1
    assert texts(root, "SearchResults") == []


@pytest.mark.parametrize("digits", ["12345678901", "00000000000", "99999999999"])
async def test_no_number_of_a_person_is_told_without_repeating_it(digits: str) -> None:
    root = await identified(a_request(f"<SSIN>{digits}</SSIN>"))

    assert codes(root) == ["30000001", "31000050"]
    assert fields(root) == ["SSIN"]
    assert digits not in said(root)


async def test_each_empty_mandatory_value_has_a_detail_of_its_own() -> None:
    criteria = (
        "<PhoneticCriteria><LastName/><FirstName/><BirthDate> </BirthDate></PhoneticCriteria>"
    )

    root = await identified(a_request(criteria))

    assert codes(root) == ["30000001", "31000007", "31000007"]
    assert fields(root) == ["LastName", "BirthDate"]


@pytest.mark.parametrize(
    ("criteria", "code", "named"),
    [
        ("", "31000007", "SSIN"),
        ("<SSIN/>", "31000007", "SSIN"),
        (
            "<PhoneticCriteria><FirstName>A</FirstName></PhoneticCriteria>",
            "31000007",
            "LastName",
        ),
        (
            "<PhoneticCriteria><LastName>A</LastName></PhoneticCriteria>",
            "31000007",
            "BirthDate",
        ),
        (
            "<PhoneticCriteria><LastName>A</LastName><BirthDate>2001-00-00</BirthDate></PhoneticCriteria>",
            "31009001",
            "Tolerance",
        ),
        (
            "<PhoneticCriteria><LastName>A</LastName><BirthDate>2001-02-30</BirthDate></PhoneticCriteria>",
            "31000050",
            "BirthDate",
        ),
        (PHONETIC.replace("<Maximum>5", "<Maximum>81"), "31000050", "Maximum"),
        ("<SSIN>123</SSIN>", "31000050", "SSIN"),
    ],
)
async def test_criteria_that_are_not_as_agreed_name_the_field(
    criteria: str, code: str, named: str
) -> None:
    waist = a_register(search=found())

    root = await identified_by(waist, a_request(criteria))

    assert codes(root) == ["30000001", code]
    assert fields(root) == [named]
    assert waist.asked == []


async def test_who_is_found_by_name_is_shown_by_a_look_of_its_own() -> None:
    searched = found(PERSON, SUCCESSOR)
    other = {**KNOWN, "ssin": SUCCESSOR.digits}
    waist = a_register(answered(KNOWN), answered(other), search=searched)

    root = await identified_by(waist, a_request(PHONETIC))

    assert [(one.flow, one.ssin) for one in waist.asked] == [
        ("person.search", NOBODY),
        ("person.identify", PERSON),
        ("person.identify", SUCCESSOR),
    ]
    assert dict(waist.asked[0].details) == {
        "last_name": "Dot",
        "birth_date": str(IncompleteDate(2001, 1)),
        "tolerance": "2",
        "maximum": "5",
    }
    assert isinstance(searched, Answer)
    assert texts(root, "Ticket") == [str(searched.ticket)]
    assert texts(root, "SocialSecurityUser") == [PERSON.digits, SUCCESSOR.digits]
    assert texts(root, "Extended") == []


async def test_who_may_not_be_shown_is_left_out_as_if_not_found() -> None:
    hidden = await identified(
        a_request(PHONETIC),
        refused(Reason.NO_CLAUSE),
        refused(Reason.NUMBER_CANCELLED),
        search=found(PERSON, SUCCESSOR),
    )
    nobody = await identified(a_request(PHONETIC), search=found())

    assert codes(hidden) == codes(nobody) == ["12000100"]
    assert texts(hidden, "IdentifyPersonReply") == texts(nobody, "IdentifyPersonReply")


async def test_a_search_that_fails_is_never_one_that_finds_nobody() -> None:
    silent = await identified(
        a_request(PHONETIC),
        answered(KNOWN),
        SourceSilent("silent"),
        search=found(PERSON, SUCCESSOR),
    )
    forbidden = await identified(a_request(PHONETIC), search=refused(Reason.NO_CLAUSE))
    here = [flow for flow in FLOWS if flow != "person.search"]
    nowhere = await reply_to(a_service(a_register(), offered=here), a_request(PHONETIC))

    assert [codes(root)[1] for root in (silent, forbidden, nowhere)] == [
        "31100004",
        "31300010",
        "31300000",
    ]
