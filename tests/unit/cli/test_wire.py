"""What a smoke test of a SOAP door makes of doors that are right, wrong, and not there."""

from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from kruispunt.cli.wire import check
from kruispunt.cli.wire_checks import CONNECTION, Credentials, Result, WireDoor
from kruispunt.gateway import wsdl_files
from kruispunt.law import read_lawbook
from kruispunt.web import Http, HttpReply

URL = "https://a.example"
KNOWN = Credentials(user="E0200000043", password="p1", enterprise="0200000043", sector=17)
WSDL = dict(wsdl_files(read_lawbook(), base_url=URL))[f"{CONNECTION}.wsdl"]


class Answering(Http):
    """A door that answers as it is told to."""

    def __init__(self, reply: Callable[[str, str], tuple[int, str]]) -> None:
        self._reply = reply
        self.sent: list[Mapping[str, str]] = []

    async def _call(
        self, method: str, url: str, *, body: bytes | None, headers: Mapping[str, str], **_: Any
    ) -> HttpReply:
        self.sent.append(headers)
        status, text = self._reply(url, (body or b"").decode())
        return HttpReply(status=status, headers={}, body=text.encode())


Replies = Callable[[str, str], tuple[int, str]]


def says(status: int, text: str) -> Replies:
    def reply(_url: str, _body: str) -> tuple[int, str]:
        return status, text

    return reply


def door(reply: Replies, who: Credentials = KNOWN) -> WireDoor:
    return WireDoor(http=Answering(reply), url=URL, credentials=who)


async def test_a_wsdl_that_parses_and_names_its_own_address_is_right():
    found = await door(says(200, WSDL)).described(CONNECTION, must=True)

    assert (found.result, found.told) == (Result.OK, "offers sendTestMessage")


@pytest.mark.parametrize(
    ("status", "text", "told"),
    [
        (200, WSDL.replace(URL, "http://b.example"), "names another address: http://b.example"),
        (200, "<a/>", "expected a WSDL, found 200"),
        (200, WSDL[:-20], "expected a WSDL, found 200"),
        (401, WSDL, "expected a WSDL, found 401"),
        (404, "", "expected a WSDL, found 404"),
    ],
)
async def test_what_is_wrong_with_a_wsdl_is_told(status: int, text: str, told: str):
    found = await door(says(status, text)).described(CONNECTION, must=True)

    assert found.result is Result.WRONG
    assert told in found.told


async def test_a_service_that_a_seat_need_not_have_may_be_missing():
    found = await door(says(404, "")).described("L609", must=False)

    assert found.result is Result.SKIPPED


async def test_an_echo_that_is_another_is_wrong():
    def same(_: str, body: str) -> tuple[int, str]:
        return 200, body.replace("<echo>", "<sslCertificate>E1</sslCertificate><echo>")

    def changed(url: str, body: str) -> tuple[int, str]:
        return same(url, body.replace("wire", "w"))

    words = "<a><faultstring>expected a caller</faultstring></a>"

    right = await door(same).connected()
    other = await door(changed).connected()
    refused = await door(says(401, words)).connected()

    assert (right.result, right.told) == (Result.OK, "proven by E1")
    assert other.result is Result.WRONG
    assert refused.told == "expected an echo, found 401: expected a caller"


@pytest.mark.parametrize(("code", "result"), [("31300000", Result.OK), ("31300010", Result.WRONG)])
async def test_the_code_of_an_unknown_version_is_the_one_of_the_documents(
    code: str, result: Result
):
    def reply(_: str, body: str) -> tuple[int, str]:
        assert "<MatrixID>17</MatrixID>" in unescape(body)
        name = "http://www.ksz-bcss.fgov.be/XSD/SSDN/Service"
        inner = f'<SSDNReply xmlns="{name}"><ReasonCode>{code}</ReasonCode></SSDNReply>'
        before, _, rest = body.partition("&lt;")
        after = rest.rpartition("&gt;")[2]
        return 200, before + inner.replace("<", "&lt;").replace(">", "&gt;") + after

    found = await door(reply).refused_version()

    assert (found.result, code in found.told) == (result, True)


async def test_without_a_proof_nothing_is_sent_that_needs_one():
    silent = door(says(500, ""), Credentials())

    skipped = [await silent.connected(), await silent.refused_version()]

    assert [one.result for one in skipped] == [Result.SKIPPED] * 2
    assert isinstance(silent.http, Answering)
    assert silent.http.sent == []


def test_what_does_not_fit_together_is_said_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert check("ftp://a.example") == 2
    assert check("http://a.example", user="E1", password_file=tmp_path / "none") == 2
    assert check(URL, cert=tmp_path / "a.pem") == 2
    assert check(URL, cert=tmp_path / "a.pem", key=tmp_path / "a.key") == 2
    assert check(URL, user="E1", password_file=tmp_path / "none") == 2

    assert "in the clear on this machine alone" in capsys.readouterr().err


def test_an_address_at_which_nobody_answers_is_away():
    assert check("http://127.0.0.1:9", json=True) == 1
