"""Every flow that is answered at once is a service: the same question, in the words of SOA."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from msgspec import structs
from tests.house import Talker, Twin, a_hub
from tests.law.inventing import (
    BOTH_FILES,
    FIELDS,
    NODE,
    PERSON,
    SUCCESSOR,
    a_flow,
    a_line,
    a_number,
)
from tests.unit.gateway.soap.soa_house import (
    CONTEXT,
    CUSTOMER,
    DAYS,
    Said,
    a_caller,
    a_consult,
    a_law,
    said,
    services,
)

from kruispunt.gateway.soap.port import SoapCaller
from kruispunt.gateway.soap.soa.consult import Consult
from kruispunt.law import Detail, ValueType
from kruispunt.sources import Cause, SilentSource
from kruispunt.vocabulary import (
    Answer,
    Grant,
    NumberStatus,
    Period,
    Question,
    Reason,
    Recorded,
    Refusal,
    Reply,
    Unavailable,
)

TICKET_OF_TRACE = "11111111-1111-1111-1111-111111111111"


async def told(
    body: bytes | None = None, *, twin: Twin | None = None, caller: SoapCaller | None = None
) -> Said:
    twin = twin or a_hub(lawbook=a_law())
    reply = await said(services(twin)["household"], body or a_consult(), caller)
    assert reply.headers["content-type"].startswith("text/xml")
    return Said.of(reply)


async def test_a_request_is_the_same_question_as_any_other():
    twin = a_hub(lawbook=a_law())

    await told(twin=twin)

    (entry,) = twin.entries
    question = entry.question
    assert (question.consumer, question.flow, question.purpose) == (NODE, "household", "benefit")
    assert question.ssin == PERSON
    assert question.about == Period(date(2031, 3, 1), date(2031, 4, 1))
    assert question.ticket == "T 7"
    assert question.sent_at == datetime(2031, 6, 15, 9, 59, 0, 123000, tzinfo=UTC)


async def test_an_answer_has_the_ticket_of_its_entry_the_rows_and_what_was_withheld():
    twin = a_hub(lawbook=a_law())

    reply = await told(twin=twin)

    assert reply.names == [
        "informationCustomer",
        "informationCBSS",
        "legalContext",
        "criteria",
        "status",
        "result",
        "receipt",
    ]
    assert reply.text("informationCustomer/ticket") == "T 7"
    assert reply.text("informationCustomer/timestampSent") == "2031-06-15T11:59:00.123+02:00"
    assert reply.text("informationCBSS/ticketCBSS") == str(twin.entries[0].id)
    assert reply.text("informationCBSS/timestampReceive") == "2031-06-15T10:00:00.000Z"
    assert reply.text("legalContext") == CONTEXT
    assert reply.text("criteria/ssin") == PERSON.digits
    assert reply.text("criteria/period/endDate") == "2031-03-31"
    assert reply.text("status/value") == "DATA_FOUND"
    assert reply.text("status/code") == "MSG00000"
    assert reply.text("result/row/members") == "true"
    assert reply.all("result/row/income") == []
    assert reply.text("result/withheld/field") == "income"
    assert reply.text("result/ground/clause") == "clause"
    assert reply.text("receipt/entry") == str(twin.entries[0].id)


async def test_children_have_no_namespace_as_the_schema_says():
    reply = await told()

    assert {
        child.tag for child in reply.root.iterdescendants() if child.tag.startswith("{")
    } == set()


async def test_a_client_that_qualifies_every_child_is_understood():
    reply = await told(a_consult(prefix="f"))

    assert reply.text("status/value") == "DATA_FOUND"


async def test_a_customer_may_be_named_by_its_sector():
    by_sector = CUSTOMER.replace(
        "<cbeNumber>0206653946</cbeNumber>", "<sector>17</sector><institution>1</institution>"
    )

    reply = await told(a_consult(customer=by_sector))

    assert reply.text("status/value") == "DATA_FOUND"
    assert reply.text("informationCustomer/customerIdentification/sector") == "17"


@pytest.mark.parametrize(
    "changes",
    [
        {"customer": CUSTOMER.replace("0206653946", "0206653947")},
        {
            "customer": CUSTOMER.replace(
                "<cbeNumber>0206653946</cbeNumber>",
                "<sector>18</sector><institution>1</institution>",
            )
        },
        {"context": "OTHER:CONTEXT"},
        {"context": "OTHER:CONTEXT", "ssin": "12345678901"},
    ],
)
async def test_whoever_may_not_ask_hears_that_before_all_else_and_nothing_is_asked(
    changes: dict[str, str],
):
    twin = a_hub(lawbook=a_law())

    reply = await told(a_consult(**changes), twin=twin)

    assert reply.text("status/value") == "NO_RESULT"
    assert reply.text("status/code") == "MSG00013"
    assert reply.text("informationCBSS/ticketCBSS") == TICKET_OF_TRACE
    assert twin.entries == []


async def test_a_caller_whose_sector_is_not_known_here_is_named_by_its_number_alone():
    by_sector = CUSTOMER.replace(
        "<cbeNumber>0206653946</cbeNumber>", "<sector>0</sector><institution>0</institution>"
    )
    caller = a_caller(sector=None, institution_type=None)

    reply = await told(a_consult(customer=by_sector), caller=caller)

    assert reply.text("status/code") == "MSG00013"


async def test_the_purposes_own_name_is_a_legal_context_too():
    reply = await told(a_consult(context="benefit"))

    assert reply.text("status/value") == "DATA_FOUND"


async def test_a_number_that_is_none_has_a_code_of_its_own():
    reply = await told(a_consult(ssin="12345678901"))

    assert reply.text("status/code") == "MSG00011"
    assert reply.text("criteria/ssin") == "12345678901"


async def test_a_period_that_ends_before_it_begins_is_told_by_its_field():
    reply = await told(a_consult(days=DAYS.replace("2031-03-31", "2031-02-28")))

    assert reply.text("status/value") == "NO_RESULT"
    assert reply.text("status/code") == "MSG00008"
    assert reply.text("status/information/fieldName") == "period.endDate"


async def test_a_day_with_a_zone_behind_it_is_that_day():
    days = DAYS.replace("2031-03-01", "2031-03-01+02:00").replace("2031-03-31", "2031-03-31Z")

    reply = await told(a_consult(days=days))

    assert reply.text("criteria/period/beginDate") == "2031-03-01"
    assert reply.text("criteria/period/endDate") == "2031-03-31"


async def test_refusals_of_which_the_consumer_may_hear_have_their_codes():
    moved = [structs.replace(line, ssin=SUCCESSOR) for line in BOTH_FILES]
    replaced = a_hub(lawbook=a_law(), lines=moved, number=a_number(NumberStatus.REPLACED))
    cancelled = a_hub(lawbook=a_law(), number=a_number(NumberStatus.CANCELLED))
    dead = a_hub(
        lawbook=a_law(),
        number=a_number(NumberStatus.DECEASED, deceased_on=date(2030, 1, 1)),
    )

    one, two, three = [await told(twin=twin) for twin in (replaced, cancelled, dead)]

    assert one.text("status/code") == "MSG00006"
    assert one.text("status/information/fieldName") == "newSSIN"
    assert one.text("status/information/fieldValue") == SUCCESSOR.digits
    assert one.only("criteria/ssin").get("replacedBy") == SUCCESSOR.digits
    assert two.text("status/code") == "MSG00005"
    assert two.only("criteria/ssin").get("canceled") == "true"
    assert three.text("status/code") == "MSG00009"


async def test_whoever_has_no_file_is_told_the_same_bytes_of_a_person_nobody_knows():
    known = a_hub(lawbook=a_law(), lines=())
    unknown = a_hub(lawbook=a_law(), number=a_number(NumberStatus.UNKNOWN))

    replies = [await said(services(twin)["household"], a_consult()) for twin in (known, unknown)]

    assert Said.of(replies[0]).text("status/code") == "MSG00012"
    decided = [twin.entries[0].decision for twin in (known, unknown)]
    assert [one.reason for one in decided if isinstance(one, Refusal)] == [
        Reason.NO_FILE,
        Reason.NUMBER_UNKNOWN,
    ]
    one, other = (nameless(reply.body) for reply in replies)
    assert one == other
    assert replies[0].headers == replies[1].headers


async def test_a_failed_control_of_the_supplier_reads_as_no_data():
    empty = a_hub(lawbook=a_law(), source=Talker())
    refused = a_hub(lawbook=a_law(), lines=(a_line(),), source=Talker())

    replies = [await said(services(twin)["household"], a_consult()) for twin in (empty, refused)]

    assert Said.of(replies[0]).text("status/value") == "NO_DATA_FOUND"
    assert Said.of(replies[0]).text("status/code") == "MSG00100"
    assert isinstance(refused.entries[0].decision, Refusal)
    one, other = (nameless(reply.body) for reply in replies)
    assert one == other


def nameless(body: bytes) -> str:
    """A reply without what differs between any two: ticket and receipt."""
    root = Said.of_bytes(body).root
    for name in ("ticketCBSS", "entry", "leaf", "root", "signature"):
        for found in root.iter(name):
            found.text = "x" * len(found.text or "")
    return Said(root).written


class Silent(Talker):
    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        raise SilentSource(Cause.NO_ANSWER)


async def test_a_supplier_that_is_silent_is_a_status_under_the_ticket_of_the_look():
    twin = a_hub(lawbook=a_law(), source=Silent())

    reply = await told(twin=twin)

    assert reply.text("status/value") == "NO_RESULT"
    assert reply.text("status/code") == "MSG00002"
    assert reply.text("informationCBSS/ticketCBSS") == str(twin.entries[0].id)


class Away:
    async def serve(self, question: Question) -> Answer:
        raise Unavailable("the database is away", retry_after_s=2)

    async def serve_many(self, questions: Sequence[Question]) -> list[Answer]:
        raise Unavailable("the database is away", retry_after_s=2)


async def test_a_trail_that_cannot_be_written_is_a_fault_of_the_server():
    twin = a_hub(lawbook=a_law())
    service = services(twin)["household"]
    assert isinstance(service, Consult)
    away = replace(service, speaker=replace(service.speaker, waist=Away()))

    reply = await said(away, a_consult())

    assert reply.status == 500
    root = Said.of(reply)
    assert root.text("faultcode") == "soapenv:Server"
    assert root.text("detail/consultFault/detail/severity") == "FATAL"
    assert root.text("detail/consultFault/detail/reasonCode") == "MSG00003"
    assert root.text("detail/consultFault/detail/information/fieldValue") == "2"
    assert root.text("detail/consultFault/informationCustomer/ticket") == "T 7"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (a_consult(customer=""), ["informationCustomer"]),
        (a_consult(ssin=""), ["criteria.ssin"]),
        (a_consult(ssin="x"), ["criteria.ssin"]),
        (a_consult(context=""), ["legalContext"]),
        (a_consult(context="x" * 65), ["legalContext"]),
        (a_consult(days=""), ["criteria.period"]),
        (a_consult(days=DAYS.replace("2031-03-01", "2031-02-30")), ["beginDate"]),
        (a_consult(days=DAYS.replace("2031-03-01", "2031-W10-1")), ["criteria.period.beginDate"]),
        (a_consult(details="<details/>"), ["criteria.?"]),
        (a_consult(ssin="", days=""), ["criteria.ssin", "criteria.period"]),
        (
            a_consult(customer=CUSTOMER.replace("T 7", "x" * 37).replace("0206653946", "1")),
            [
                "informationCustomer.ticket",
                "informationCustomer.customerIdentification.cbeNumber",
            ],
        ),
    ],
)
async def test_a_body_that_does_not_fit_is_a_fault_with_one_detail_for_each_thing(
    body: bytes, where: list[str]
):
    twin = a_hub(lawbook=a_law())

    reply = await said(services(twin)["household"], body)

    root = Said.of(reply)
    assert reply.status == 500
    assert root.text("faultcode") == "soapenv:Client"
    details = root.all("detail/consultFault/detail/reasonCode")
    assert details == ["MSG00008"] * len(where)
    names = root.all("detail/consultFault/detail/information/fieldName")
    assert names == where
    assert twin.entries == []


async def test_elements_in_another_order_are_not_found():
    body = (
        a_consult()
        .replace(b"<legalContext>", b"<x><legalContext>")
        .replace(b"</legalContext>", b"</legalContext></x>")
    )

    reply = await said(services(a_hub(lawbook=a_law()))["household"], body)

    assert Said.of(reply).text("faultcode") == "soapenv:Client"


async def test_details_of_a_flow_are_elements_in_their_order():
    kind = Detail(
        name="kind", type=ValueType.CODE, values=("a", "b"), required=True, paragraph="§1"
    )
    flag = Detail(name="only", type=ValueType.BOOL, values=(), required=False, paragraph="§1")
    flow = replace(a_flow(), details=(kind, flag))
    source = Talker({})
    service = services(a_hub(lawbook=a_law(flow), source=source))["household"]

    good = await said(
        service, a_consult(details="<details><kind>a</kind><only>1</only></details>")
    )
    other = await said(service, a_consult(details="<details><kind>c</kind></details>"))

    assert Said.of(good).text("criteria/details/only") == "true"
    assert source.asked[0].entry.question.details == (("kind", "a"), ("only", "true"))
    assert Said.of(other).text("status/information/fieldName") == "details.kind"


async def test_values_that_xml_cannot_say_are_said_by_the_character_that_stands_for_them():
    names = {FIELDS[0]: "a\x00b\x0bc & <d> \ud800"}
    text = replace(a_flow().fields[0], type=ValueType.STR, max_length=40)
    flow = replace(a_flow(), fields=(text, *a_flow().fields[1:]))
    twin = a_hub(lawbook=a_law(flow), source=Talker(names))

    reply = await told(twin=twin)

    assert reply.text("result/row/members") == "a�b�c & <d> �"
    assert reply.all("result/row/since") == []


async def test_the_request_of_another_service_is_a_fault_and_nothing_is_asked():
    twin = a_hub(lawbook=a_law())
    body = a_consult()
    others = (
        a_consult(flow="person.groups"),
        body.replace(b"consultRequest", b"consultResponse"),
        body.replace(b"f:consultRequest", b"consultRequest"),
    )

    for other in others:
        root = Said.of(await said(services(twin)["household"], other))

        assert root.text("faultcode") == "soapenv:Client"
        assert root.all("detail/consultFault/detail/information/fieldName") == ["body"]
        assert root.text("detail/consultFault/informationCustomer/ticket") == "T 7"
    assert twin.entries == []
