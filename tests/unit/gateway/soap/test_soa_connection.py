"""A client finds out that it is connected."""

from tests.house import Clock
from tests.unit.gateway.soap.soa_house import Said, a_caller, enveloped, said

from kruispunt.gateway.soap.soa.connection import SPACE, Connection


def a_test(inside: str) -> bytes:
    request = "sendTestMessageRequest"
    return enveloped(f"<t:{request} xmlns:t='{SPACE}'>{inside}</t:{request}>")


async def test_what_is_said_is_said_back_with_the_key_by_which_the_caller_is_proven():
    for echo in ("<echo>hello &amp; é</echo>", "<t:echo>hello &amp; é</t:echo>"):
        reply = Said.of(await said(Connection(now=Clock()), a_test(echo), a_caller()))

        assert reply.names == ["informationCBSS", "echo", "sslCertificate"]
        assert reply.text("echo") == "hello & é"
        assert reply.text("sslCertificate") == "print"


async def test_an_echo_that_is_missing_or_too_long_is_a_fault():
    for inside in ("", f"<echo>{'x' * 1025}</echo>", "<echo>a<b/></echo>", "<echo/><echo/>"):
        reply = await said(Connection(now=Clock()), a_test(inside))

        assert reply.status == 500
        fault = Said.of(reply)
        assert fault.text("faultcode") == "soapenv:Client"
        assert fault.text("detail/sendTestMessageFault/detail/reasonCode") == "MSG00008"


async def test_the_request_of_another_service_is_a_fault():
    body = a_test("<echo>hello</echo>")
    others = (
        body.replace(b"sendTestMessageRequest", b"sendTestMessageResponse"),
        body.replace(SPACE.encode(), b"urn:other"),
        body.replace(b"xmlns:t=", b"xmlns:u=").replace(b"t:send", b"send"),
    )

    for other in others:
        reply = await said(Connection(now=Clock()), other)

        assert reply.status == 500
        fault = Said.of(reply)
        assert fault.text("faultcode") == "soapenv:Client"
        assert fault.text("detail/sendTestMessageFault/detail/reasonCode") == "MSG00008"
