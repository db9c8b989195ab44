"""What a smoke test of a SOAP door looks at, check by check; no person is asked about."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID
from xml.sax.saxutils import escape

import msgspec
from lxml import etree

from kruispunt.gateway import reasons
from kruispunt.vocabulary import NotFound, check_digits
from kruispunt.web import Http, HttpReply, HttpWrong

CONNECTION: Final = "TestConnectionService"
CLASSIC: Final = "ssdn"
ALWAYS: Final = (CONNECTION, CLASSIC)
"""Services of every seat, whatever flows it offers."""

TIMEOUT_S: Final = 10.0
MAX_BYTES: Final = 4 * 1024 * 1024

WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
WSDL_SOAP: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
TEST: Final = "http://kszbcss.fgov.be/intf/TestConnectionServiceService/v1"
CONNECTOR: Final = "http://ksz-bcss.fgov.be/connectors/WebServiceConnector"
SERVICE: Final = "http://www.ksz-bcss.fgov.be/XSD/SSDN/Service"

ASKED: Final = "OCMWCPASIdentifyPerson"
NO_VERSION: Final = "19000101"
"""A version that no service ever had."""

NOBODY: Final = f"000000001{check_digits(1):02d}"
"""In the place of a clerk; nobody has this number."""

_PARSER: Final = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)


class Result(StrEnum):
    """How a check ended."""

    OK = "ok"
    WRONG = "wrong"
    SKIPPED = "skipped"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check: its name, how it ended, and what was seen."""

    name: str
    result: Result
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """By what the caller is proven; a certificate stands in the connection already."""

    user: str = ""
    password: str = ""
    certificate: bool = False
    enterprise: str = ""
    sector: int | None = None
    institution_type: int | None = None

    def is_any(self) -> bool:
        return bool(self.user) or self.certificate

    def headers(self) -> Mapping[str, str]:
        if not self.user:
            return {}
        pair = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"authorization": f"Basic {pair}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class WireDoor:
    """A SOAP door at the end of a connection: `url` is its address without `/soap/`."""

    http: Http
    url: str
    credentials: Credentials

    async def checks(self, services: Sequence[str], *, named: bool) -> list[Check]:
        """Every check in its order. `named`: whoever asks expects all of the services here.

        Raises:
            HttpSilent: nobody answers at the address.
        """
        found = [await self.described(name, must=named or name in ALWAYS) for name in services]
        return [*found, await self.connected(), await self.refused_version()]

    async def described(self, service: str, *, must: bool) -> Check:
        """Whether the WSDL of a service parses and names the address at which it was read."""
        name = f"wsdl {service}"
        address = f"{self.url}/soap/{service}"
        try:
            reply = await self.http.get(
                f"{address}?wsdl", headers={}, timeout_s=TIMEOUT_S, max_bytes=MAX_BYTES
            )
        except HttpWrong as wrong:
            return _wrong(name, str(wrong))
        if reply.status == 404 and not must:
            return _skipped(name, "not offered here")
        root = _parsed(reply.body) if reply.status == 200 else None
        if root is None or root.tag != f"{{{WSDL}}}definitions":
            return _wrong(name, f"expected a WSDL, found {_seen(reply)}")
        told = {one.get("location") for one in root.iter(f"{{{WSDL_SOAP}}}address")}
        if told != {address}:
            return _wrong(name, f"it names another address: {', '.join(map(str, told))}")
        operations = {one.get("name") for one in root.iter(f"{{{WSDL}}}operation")}
        return _ok(name, f"offers {', '.join(sorted(map(str, operations)))}")

    async def connected(self) -> Check:
        """Whether a test message comes back, and as whom its sender was proven."""
        name = f"proof at {CONNECTION}"
        if not self.credentials.is_any():
            return _skipped(name, "expected --user, or --cert and --key")
        said = f"kruispunt wire check {UUID(int=0)}"
        body = f'<t:sendTestMessageRequest xmlns:t="{TEST}"><echo>{said}</echo>'
        reply = await self._sent(CONNECTION, f"{body}</t:sendTestMessageRequest>")
        root = _reply(reply)
        if root is None:
            return _wrong(name, f"expected an echo, found {_seen(reply)}")
        heard = {etree.QName(one).localname: one.text or "" for one in root.iter(etree.Element)}
        if heard.get("echo") != said:
            return _wrong(name, "expected what was said to come back")
        return _ok(name, f"proven by {heard.get('sslCertificate', '')}")

    async def refused_version(self) -> Check:
        """Whether a version that no service has is told the code that stands in the documents."""
        name, expected = "unknown version at ssdn", reasons.for_problem(NotFound).ssdn.code
        if not self.credentials.is_any() or self.credentials.sector is None:
            return _skipped(name, "expected a proof and --sector")
        inner = escape(an_envelope(self.credentials))
        body = f'<c:xmlString xmlns:c="{CONNECTOR}">{inner}</c:xmlString>'
        reply = await self._sent(CLASSIC, body)
        root = _reply(reply)
        text = None if root is None else root.findtext(f".//{{{CONNECTOR}}}xmlString")
        inside = None if text is None else _parsed(text.encode())
        if inside is None or inside.tag != f"{{{SERVICE}}}SSDNReply":
            return _wrong(name, f"expected an SSDNReply, found {_seen(reply)}")
        codes = [str(one.text) for one in inside.iter("{*}ReasonCode")]
        if expected not in codes:
            return _wrong(name, f"expected {expected}, found {', '.join(codes) or 'no code'}")
        return _ok(name, f"told {expected}")

    async def _sent(self, service: str, body: str) -> HttpReply | str:
        envelope = f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{body}</s:Body></s:Envelope>'
        headers = {"content-type": "text/xml; charset=utf-8", "soapaction": '""'}
        try:
            return await self.http.post(
                f"{self.url}/soap/{service}",
                body=envelope.encode(),
                headers={**headers, **self.credentials.headers()},
                timeout_s=TIMEOUT_S,
                max_bytes=MAX_BYTES,
            )
        except HttpWrong as wrong:
            return str(wrong)


def an_envelope(credentials: Credentials) -> str:
    """An envelope of classic XML about nobody, for a version that no service has."""
    unit, kind = credentials.enterprise, credentials.institution_type
    return (
        f'<SSDNRequest xmlns="{SERVICE}"><RequestContext><AuthorizedUser><UserID>{NOBODY}</UserID>'
        "<Email>check@wire.example</Email>"
        f"{f'<OrgUnit>{unit}</OrgUnit>' if unit else ''}<MatrixID>{credentials.sector}</MatrixID>"
        f"{'' if kind is None else f'<MatrixSubID>{kind}</MatrixSubID>'}</AuthorizedUser>"
        f"</RequestContext><ServiceRequest><ServiceId>{ASKED}</ServiceId>"
        f"<Version>{NO_VERSION}</Version></ServiceRequest></SSDNRequest>"
    )


def _reply(reply: HttpReply | str) -> "etree._Element | None":  # pyright: ignore[reportPrivateUsage] - its only name
    return _parsed(reply.body) if isinstance(reply, HttpReply) and reply.status == 200 else None


def _parsed(body: bytes) -> "etree._Element | None":  # pyright: ignore[reportPrivateUsage] - its only name
    try:
        return etree.fromstring(body, _PARSER)
    except etree.XMLSyntaxError:
        return None


def _seen(reply: HttpReply | str) -> str:
    """The status, and the words of a fault where there is one."""
    if isinstance(reply, str):
        return reply
    root = _parsed(reply.body)
    words = None if root is None else root.findtext(".//faultstring")
    return f"{reply.status}: {words}" if words else f"{reply.status}"


def _ok(name: str, told: str) -> Check:
    return Check(name=name, result=Result.OK, told=told)


def _wrong(name: str, told: str) -> Check:
    return Check(name=name, result=Result.WRONG, told=told)


def _skipped(name: str, told: str) -> Check:
    return Check(name=name, result=Result.SKIPPED, told=told)
