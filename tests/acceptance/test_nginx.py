"""A real nginx in front of a node: TLS and client certificates, and what it can't be told."""

import asyncio
import os
import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from lxml import etree
from tests.acceptance.fronted import BODY_S, NGINX, OPENSSL, Fronted, house
from tests.acceptance.standing import (
    ONCE,
    kruispunt,
    now,
    problem_of,
)
from tests.unit.gateway.soap.soap_house import stamp
from xmlsec import constants
from zeep.wsse.signature import MemorySignature

from kruispunt.client import Client
from kruispunt.gateway.soap.envelope import SECURITY, SOAP
from kruispunt.web import (
    Http,
    HttpReply,
    KeyRingFile,
    fingerprint,
)

__all__ = ["house"]

pytestmark = pytest.mark.skipif(
    NGINX is None or OPENSSL is None,
    reason="nginx or openssl is not installed: apt-get install nginx-light openssl",
)


async def test_the_right_certificate_and_signature_are_answered(house: Fronted):
    person = house.persons["full-time"]
    async with house.http(house.insurer) as http:
        client = Client(
            house.front,
            http,
            hub=house.node,
            key=house.key(house.insurer),
            ring=KeyRingFile.open(house.place.home(house.insurer).ring),
            now=now,
            random_bytes=os.urandom,
            patience=ONCE,
        )

        replies = [
            await client.ask(
                "L609",
                ssin=person.ssin,
                purpose=house.stories.stories[0].purpose,
                begin=person.begin,
                until=person.until,
            )
            for _ in range(3)
        ]

    assert [reply.outcome for reply in replies] == ["given"] * 3


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_both_versions_of_tls_bring_the_certificate(house: Fronted, version: ssl.TLSVersion):
    context = house.tls(house.insurer)
    context.minimum_version = context.maximum_version = version

    async with await Http.open(tls=context) as http:
        reply = await house.ask_raw(house.request(), http=http)

    assert reply.status == 200


async def test_without_a_certificate_nothing_comes_through(house: Fronted):
    before = await house.entries(house.node)

    reply = await house.come(None)

    assert reply.status == 401
    assert problem_of(reply).detail == "expected a client certificate that counts"
    assert "signature" not in reply.headers
    assert await house.entries(house.node) == before


async def test_a_certificate_of_another_authority_does_not_come_through(
    house: Fronted, tmp_path: Path
):
    assert OPENSSL is not None
    words = [OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words += ["-nodes", "-subj", f"/CN={house.insurer}/O=kruispunt"]
    files = ["-keyout", str(tmp_path / "client.key"), "-out", str(tmp_path / "client.pem")]
    await asyncio.to_thread(subprocess.run, [*words, *files], check=True, capture_output=True)
    context = house.tls(None)
    context.load_cert_chain(tmp_path / "client.pem", tmp_path / "client.key")

    async with await Http.open(tls=context) as http:
        reply = await house.ask_raw(house.request(), http=http)

    assert reply.status == 401
    assert problem_of(reply).detail == "expected a client certificate that counts"


async def test_the_certificate_of_another_institution_than_signed_is_refused(house: Fronted):
    before = await house.entries(house.node)

    reply = await house.come(house.other, by=house.insurer)

    assert reply.status == 401
    assert "of the institution that signed" in problem_of(reply).detail
    assert await house.entries(house.node) == before


async def test_nginx_overwrites_a_certificate_that_the_caller_writes_down(house: Fronted):
    forged = {"client-cert": house.header(house.insurer)}

    other = await house.come(house.other, by=house.insurer, headers=forged)
    none = await house.come(None, by=house.insurer, headers=forged)
    own = await house.come(house.insurer, headers={"client-cert": house.header(house.other)})

    assert (other.status, none.status, own.status) == (401, 401, 200)


async def test_at_the_open_door_a_certificate_that_is_written_down_means_nothing(house: Fronted):
    inner = house.inner()
    forged = {"client-cert": house.header(house.insurer)}

    ignored = await inner.ask_raw(
        inner.request(headers={"client-cert": house.header(house.other)})
    )
    signed_for_the_front = house.request(headers=forged)
    moved = await inner.ask_raw(signed_for_the_front)

    assert ignored.status == 200
    assert moved.status == 401


async def test_only_the_doors_for_institutions_are_open(house: Fronted):
    async with house.http(house.insurer) as http:
        found = {
            path: (await http.get(house.front + path, headers={}, timeout_s=5, max_bytes=2**20))
            for path in ("/openapi.json", "/health", "/metrics", "/")
        }

    assert [reply.status for reply in found.values()] == [200, 404, 404, 404]
    assert problem_of(found["/health"]).status == 404


async def test_what_is_too_large_is_refused_before_it_comes_to_us(house: Fronted):
    before = await house.entries(house.node)

    head = await house.come(house.insurer, headers={"x-large": "x" * 9000})
    async with house.http(house.insurer) as http:
        sent = house.request(b"x" * 70_000)
        body = await house.ask_raw(sent, http=http)

    assert (head.status, problem_of(head).title) == (431, "headers too large")
    assert (body.status, problem_of(body).title) == (413, "payload too large")
    assert await house.entries(house.node) == before


async def test_a_thousand_questions_come_through_and_more_bytes_do_not(house: Fronted):
    bodies = [house.body(ticket="x" * 80) for _ in range(1000)]
    own = [{name: body[name] for name in body if name != "purpose"} for body in bodies]
    many = {"purpose": bodies[0]["purpose"], "questions": own, "user": "u" * 101}
    async with house.http(house.insurer) as http:
        sent = house.request(many, path="/v1/ask-many/L609")
        known = await house.ask_raw(sent, http=http)
        too_large = house.request(b"x" * 600_000, path="/v1/ask-many/L609")
        refused = await house.ask_raw(too_large, http=http)

    assert len(sent.body) > 200_000
    # Read by us, whole: what is wrong is the one field that we look at.
    assert [one.name for one in problem_of(known).issues] == ["user"]
    assert (refused.status, problem_of(refused).detail) == (413, "expected at most 524288 bytes")


async def test_a_slow_body_is_given_up_while_others_are_answered(house: Fronted):
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(
        "localhost", int(house.front.rpartition(":")[2]), ssl=house.tls(house.insurer)
    )
    sent = house.request()
    head = "".join(f"{name}: {value}\r\n" for name, value in sent.headers.items())
    length = f"content-length: {len(sent.body)}\r\n\r\n"
    writer.write(f"POST {sent.path} HTTP/1.1\r\nhost: localhost\r\n{head}{length}".encode())
    writer.write(sent.body[:10])
    await writer.drain()

    other = await house.come(house.insurer)
    heard = await asyncio.wait_for(reader.read(), 10)

    assert other.status == 200
    assert not heard.startswith(b"HTTP/1.1 200")
    assert BODY_S * 0.9 <= time.monotonic() - began < 8
    writer.close()


CONNECTED: Final = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    b"<t:sendTestMessageRequest "
    b'xmlns:t="http://kszbcss.fgov.be/intf/TestConnectionServiceService/v1">'
    b"<echo>hello</echo></t:sendTestMessageRequest></s:Body></s:Envelope>"
)


async def connect(
    house: Fronted,
    url: str,
    http: Http,
    headers: Mapping[str, str] | None = None,
    *,
    body: bytes = CONNECTED,
) -> HttpReply:
    return await http.post(
        url + "/soap/TestConnectionService",
        body=body,
        headers={
            "content-type": "text/xml; charset=utf-8",
            "soapaction": '""',
            **(headers or {}),
        },
        timeout_s=10,
        max_bytes=2**20,
    )


async def test_over_soap_the_certificate_is_who_calls(house: Fronted):
    forged = {"client-cert": house.header(house.insurer)}

    async with house.http(house.insurer) as http:
        own = await connect(house, house.front, http)
        described = await http.get(
            house.front + "/soap/TestConnectionService?wsdl",
            headers={},
            timeout_s=10,
            max_bytes=2**20,
        )
    async with house.http(None) as http:
        none = await connect(house, house.front, http, forged)
    async with await Http.open() as http:
        inner = await connect(house, house.inner().url(house.node), http, forged)

    assert own.status == 200
    assert b"<echo>hello</echo>" in own.body
    assert fingerprint(house.der(house.insurer)).encode() in own.body
    assert (described.status, none.status, inner.status) == (200, 401, 401)
    assert f'"{house.front}/soap/TestConnectionService"'.encode() in described.body
    assert b"expected a caller that is proven" in inner.body
    assert none.body == inner.body


async def test_over_soap_a_signed_envelope_is_enough(house: Fronted):
    body = signed_by(house.place.home(house.insurer).folder, etree.fromstring(CONNECTED))

    async with house.http(None) as http:
        right = await connect(house, house.front, http, body=body)
        again = await connect(house, house.front, http, body=body)

    assert (right.status, again.status) == (200, 401)
    assert fingerprint(house.der(house.insurer)).encode() in right.body


def signed_by(folder: Path, envelope: etree._Element) -> bytes:  # pyright: ignore[reportPrivateUsage] - its only name
    """An envelope as a client signs it with the key of its certificate."""
    header = etree.Element(f"{{{SOAP}}}Header")
    envelope.insert(0, header)
    security = etree.SubElement(header, SECURITY)
    security.append(etree.fromstring(stamp(now())))
    key, pem = ((folder / name).read_bytes() for name in ("client.key", "client.pem"))
    curve, digest = constants.TransformEcdsaSha256, constants.TransformSha256
    signer: Any = MemorySignature(key, pem, signature_method=curve, digest_method=digest)
    signer.apply(envelope, {})
    return etree.tostring(envelope)


async def test_over_soap_a_password_is_enough_on_this_machine_and_through_the_front(
    house: Fronted,
):
    words = ("--institution", house.insurer, "--enterprise", "0200000043")
    state = ("--state", str(house.place.state))
    made = await asyncio.to_thread(
        kruispunt, "key", "caller", "add", "--at", house.node, *words, *state
    )
    assert made.returncode == 0, made.stderr
    user, password = made.stdout.split()
    told = b64encode(f"{user}:{password}".encode()).decode("ascii")
    own = {"authorization": f"Basic {told}"}
    url = house.inner().url(house.node)

    async with await Http.open() as http, house.http(None) as front:
        right = await connect(house, url, http, own)
        alone = await connect(house, house.front, front, own)
        rest = await house.ask_raw(house.request(headers={**own}), http=front)
        wrong = await connect(house, url, http, {"authorization": "Basic " + told[::-1]})
        done = await asyncio.to_thread(kruispunt, "key", "caller", "revoke", "0200000043", *state)
        revoked = await connect(house, url, http, own)
        outside = await connect(house, house.front, front, own)

    assert done.returncode == 0, done.stderr
    assert (right.status, wrong.status, revoked.status) == (200, 401, 401)
    assert (alone.status, rest.status, outside.status) == (200, 401, 401)
    assert problem_of(rest).detail == "expected a client certificate that counts"
    assert wrong.body == revoked.body == outside.body
    assert user.encode() in right.body
    assert user.encode() in alone.body


async def test_a_revoked_certificate_is_refused_at_once_while_the_others_go_on(house: Fronted):
    before = await house.come(house.other, by=house.other)
    words = ("key", "certificate", "revoke", fingerprint(house.der(house.other)))

    done = await asyncio.to_thread(kruispunt, *words, "--state", str(house.place.state))

    assert done.returncode == 0, done.stderr
    after = await house.come(house.other, by=house.other)
    assert (before.status == 401, after.status) == (False, 401)
    assert problem_of(after).detail == "client-cert: the certificate is revoked"
    assert (await house.come(house.insurer)).status == 200


async def test_a_revoked_key_is_refused_though_the_certificate_is_right(house: Fronted):
    state = ("--state", str(house.place.state))
    key = house.key(house.insurer)
    words = ("key", "revoke", key.key_id, "--reason", "lost on a train")

    before = await house.come(house.insurer)
    done = await asyncio.to_thread(kruispunt, *words, *state)
    after = await house.come(house.insurer)

    assert done.returncode == 0, done.stderr
    assert (before.status, after.status) == (200, 401)
    assert problem_of(after).detail == "keyid: the key is revoked"


def test_an_insurer_looks_by_its_certificate_whether_it_could_come_over_soap(house: Fronted):
    folder = house.place.home(house.insurer).folder
    trusted = ("--authority", str(house.place.state / "authority/authority.pem"))
    shown = ("--cert", str(folder / "client.pem"), "--key", str(folder / "client.key"))

    done = kruispunt("wire", "check", house.front, *trusted, *shown)
    without = kruispunt("wire", "check", house.front, *trusted)

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"proven by {fingerprint(house.der(house.insurer))}" in done.stdout
    assert (without.returncode, "proven by" in without.stdout) == (0, False)
