"""The envelope: who asks is held against who is proven, and its requests are served in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.law.inventing import PERSON
from tests.unit.gateway.soap.ssdn.givens import (
    CENTRE,
    KNOWN,
    USER,
    SaidWaist,
    Told,
    a_caller,
    a_service,
    answered,
    asking,
    codes,
    context,
    envelope,
    fields,
    refused,
    reply_to,
    texts,
)

from kruispunt.gateway.soap.envelope import SoapFault, opened, soap
from kruispunt.gateway.soap.ssdn.names import CONNECTOR, IDENTIFY_PERSON
from kruispunt.gateway.soap.xml import read_xml
from kruispunt.vocabulary import Reason, SourceSilent
from kruispunt.web import Request, Trace

BY_NUMBER = (
    f"<i:IdentifyPersonRequest xmlns:i='{IDENTIFY_PERSON}'><i:SearchCriteria>"
    f"<i:SSIN>{PERSON.digits}</i:SSIN></i:SearchCriteria></i:IdentifyPersonRequest>"
)
IDENTIFY = asking("OCMWCPASIdentifyPerson", "20050930", BY_NUMBER)


def a_waist(*told: Told) -> SaidWaist:
    return SaidWaist(said={"person.identify": list(told)})


async def test_the_envelope_says_who_asks_and_the_question_says_it_too() -> None:
    waist = a_waist(answered(KNOWN))

    root = await reply_to(a_service(waist), envelope(IDENTIFY))

    (question,) = waist.asked
    assert (question.consumer, question.user, question.ticket) == (CENTRE, USER, "630230001156994")
    assert question.purpose == "pcsa-social-inquiry"
    assert question.sent_at is not None
    assert question.sent_at.isoformat() == "2031-06-15T11:59:58+02:00"
    assert question.proof.nonce == question.message_id.bytes
    assert texts(root, "ReturnCode") == ["0", "0"]
    assert texts(root, "Reference") == ["630230001156994"]
    assert texts(root, "TimeReceive") == texts(root, "TimeResponse") == ["20310615T120000"]
    assert texts(root, "UserID") == [USER]


async def test_clients_find_the_prefixes_that_they_look_for() -> None:
    reply = await a_service(a_waist(answered(KNOWN))).reply_to(envelope(IDENTIFY), a_caller())

    assert reply.startswith('<SSDNReply xmlns="http://www.ksz-bcss.fgov.be/XSD/SSDN/Service">')
    assert '<ReplyContext><ns1:ResultSummary xmlns:ns1="' in reply
    assert '<ServiceReply><ns2:ResultSummary xmlns:ns2="' in reply
    assert "<ns3:LimitedLegalData origin=" in reply


@pytest.mark.parametrize(
    "declaration",
    [
        "",
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>",
        '\n  <?xml version="1.0" encoding="ISO-8859-1"?>\n',
        "\ufeff<?xml version='1.0'?>",
    ],
)
async def test_a_declaration_of_whatever_kind_is_read(declaration: str) -> None:
    root = await reply_to(
        a_service(a_waist(answered(KNOWN))), envelope(IDENTIFY, declaration=declaration) + "\n"
    )

    assert texts(root, "LastName") == ["D'Hôte & Fils"]


async def test_a_language_in_the_message_changes_nothing() -> None:
    root = await reply_to(
        a_service(a_waist(answered(KNOWN))),
        envelope(IDENTIFY, before=context(extra="<Language>fr</Language>")),
    )

    assert codes(root) == []


def without_ticket(reply: str) -> str:
    before, _, rest = reply.partition("<Ticket>")
    return before + rest.partition("</Ticket>")[2]


@pytest.mark.parametrize(
    "said",
    [context(org_unit="0999999922"), context(sector="18"), context(kind="2")],
    ids=["enterprise", "sector", "institution type"],
)
async def test_whoever_says_to_be_another_is_refused_and_hears_not_in_what(said: str) -> None:
    waist = a_waist()

    told = await a_service(waist).reply_to(envelope(IDENTIFY, before=said), a_caller())
    other = await a_service(waist).reply_to(
        envelope(IDENTIFY, before=context(org_unit="0")), a_caller()
    )

    assert without_ticket(told) == without_ticket(other)
    assert "<ns1:ReasonCode>31300010</ns1:ReasonCode>" in told
    assert "ServiceReply" not in told
    assert waist.asked == []


async def test_several_requests_are_answered_in_their_order_and_the_envelope_says_the_worst() -> (
    None
):
    waist = a_waist(answered(KNOWN), refused(Reason.NO_FILE), answered())
    unknown = asking("OCMWCPASIdentifyPerson", "20990101", BY_NUMBER)

    root = await reply_to(a_service(waist), envelope(IDENTIFY, IDENTIFY, unknown, IDENTIFY))

    assert texts(root, "ReturnCode") == ["10000", "0", "10000", "10000", "0"]
    assert codes(root) == ["30000001", "31300020", "31300000", "12000100"]
    assert texts(root, "Version") == ["20050930", "20050930", "20990101", "20050930"]
    assert len(texts(root, "IdentifyPersonReply")) == 2


@pytest.mark.parametrize(
    ("services", "code", "named"),
    [
        ("<ServiceRequest><Version>20050930</Version></ServiceRequest>", "31000007", "ServiceId"),
        (asking("", "20050930", BY_NUMBER), "31000007", "ServiceId"),
        (asking("OCMWCPASIdentifyPerson", "", BY_NUMBER), "31000007", "Version"),
        (
            "<ServiceRequest><ServiceId>x</ServiceId></ServiceRequest>",
            "31000007",
            "Version",
        ),
        (asking("OCMWCPASIdentifyPerson", "2005", BY_NUMBER), "31000050", "Version"),
        ("", "31000007", "ServiceRequest"),
        (IDENTIFY + "<Other/>", "31000050", "Other"),
        ("<!DOCTYPE a>", "31000050", None),
        ("<open>", "31000050", None),
    ],
)
async def test_an_envelope_that_is_not_as_agreed_is_told_so(
    services: str, code: str, named: str | None
) -> None:
    waist = a_waist()

    root = await reply_to(a_service(waist), envelope(services))

    assert codes(root) == [code]
    assert fields(root) == ([named] if named else [])
    assert texts(root, "ReturnCode") == ["10000"]
    assert waist.asked == []


async def test_elements_in_another_order_are_refused() -> None:
    turned = asking("OCMWCPASIdentifyPerson", "20050930", BY_NUMBER)
    wrong = turned.replace(
        "<ServiceId>OCMWCPASIdentifyPerson</ServiceId><Version>20050930</Version>",
        "<Version>20050930</Version><ServiceId>OCMWCPASIdentifyPerson</ServiceId>",
    )

    root = await reply_to(a_service(a_waist()), envelope(wrong))

    assert codes(root) == ["31000050"]


@pytest.mark.parametrize(
    ("body", "code", "named"),
    [
        ("", "31000007", "IdentifyPersonRequest"),
        ("<x xmlns='urn:other'/>", "31000050", "ServiceRequest"),
    ],
)
async def test_a_service_without_its_own_request_is_told_so(
    body: str, code: str, named: str
) -> None:
    root = await reply_to(
        a_service(a_waist()), envelope(asking("OCMWCPASIdentifyPerson", "20050930", body))
    )

    assert codes(root) == ["30000001", code]
    assert fields(root) == [named]


async def test_a_silent_source_is_told_as_such_and_nothing_else_of_the_envelope_fails() -> None:
    waist = a_waist(SourceSilent("the source did not answer"), answered(KNOWN))

    root = await reply_to(a_service(waist), envelope(IDENTIFY, IDENTIFY))

    assert codes(root) == ["30000001", "31100004"]
    assert texts(root, "LastName") == ["D'Hôte & Fils"]


async def test_who_is_unknown_and_who_has_no_file_read_the_same_but_for_ticket() -> None:
    told = [
        without_ticket(await a_service(a_waist(one)).reply_to(envelope(IDENTIFY), a_caller()))
        for one in (
            refused(Reason.NO_FILE),
            refused(Reason.NUMBER_UNKNOWN),
            refused(Reason.NO_FILE),
        )
    ]

    assert len(set(told)) == 1


async def test_a_replaced_number_tells_its_successor() -> None:
    told = refused(Reason.NUMBER_REPLACED, successor=PERSON)

    root = await reply_to(a_service(a_waist(told)), envelope(IDENTIFY))

    assert codes(root)[1:] == ["32000006"]
    assert (fields(root), texts(root, "FieldValue")) == (["newSSIN"], [PERSON.digits])


def a_request(body: bytes) -> Request:
    return Request(
        method="POST",
        target="/soap/ssdn",
        argument="ssdn",
        headers={},
        body=body,
        trace=Trace("1" * 32, "2" * 16),
    )


@pytest.mark.parametrize("cdata", [True, False])
async def test_the_string_is_read_escaped_and_in_cdata_and_answered_as_a_string(
    cdata: bool,
) -> None:
    inner = envelope(IDENTIFY, declaration="<?xml version='1.0' encoding='UTF-8'?>")
    text = f"<![CDATA[{inner}\n]]>" if cdata else inner.replace("&", "&amp;").replace("<", "&lt;")
    body = (
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>"
        f"<xmlString xmlns='{CONNECTOR}'>{text}</xmlString></s:Body></s:Envelope>"
    ).encode()

    reply = await a_service(a_waist(answered(KNOWN))).answer(
        a_request(body), opened(read_xml(body)), a_caller()
    )

    string = opened(read_xml(reply.body)).body
    assert string.tag == f"{{{CONNECTOR}}}xmlString"
    assert texts(read_xml((string.text or "").encode()), "FirstName") == ["Zoë"]


async def test_the_like_of_what_was_answered_is_read_without_a_thread_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service = a_service(a_waist(answered(KNOWN), answered(KNOWN)))
    await reply_to(service, envelope(IDENTIFY))

    def no_thread(_: bytes) -> None:
        raise AssertionError("it is read apart")

    monkeypatch.setattr("kruispunt.gateway.soap.xml._parse_apart", no_thread)

    again = await reply_to(service, envelope(IDENTIFY))
    assert texts(again, "LastName") == ["D'Hôte & Fils"]


@pytest.mark.parametrize(
    "body", [f"<a xmlns='{CONNECTOR}'/>", f"<xmlString xmlns='{CONNECTOR}'><a/></xmlString>"]
)
async def test_another_body_is_a_fault(body: str) -> None:
    root = soap(read_xml(body.encode())).body

    with pytest.raises(SoapFault):
        await a_service(a_waist()).answer(a_request(root), opened(read_xml(root)), a_caller())


SEEDS = (
    envelope(IDENTIFY),
    envelope(asking("XMLite", "20051206", "<Message/>")),
    envelope(IDENTIFY, declaration="<?xml version='1.0'?>"),
)


@given(st.data())
async def test_any_text_gets_a_reply_with_a_documented_code(data: st.DataObject) -> None:
    seed = data.draw(st.sampled_from(SEEDS))
    begin = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(begin, min(len(seed), begin + 60)))
    text = seed[:begin] + data.draw(st.text(max_size=40)) + seed[end:]

    root = await reply_to(a_service(a_waist(answered(KNOWN))), text)

    assert set(codes(root)) <= {
        "30000001",
        "31000007",
        "31000050",
        "31300000",
        "31300010",
    }
    assert texts(root, "ReturnCode")[0] in ("0", "10000")
