"""Calling a real server that behaves, and servers that do not: what `Http` owes its callers."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kruispunt.web import Http, HttpReply, HttpSilent, HttpWrong

Behaviour = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@asynccontextmanager
async def a_server(behave: Behaviour, *, tls: ssl.SSLContext | None = None) -> AsyncGenerator[str]:
    connections: set[asyncio.StreamWriter] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(writer)
        try:
            await behave(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    scheme = "http" if tls is None else "https"
    try:
        yield f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/answer/some.flow"
    finally:
        server.close()
        for writer in connections:
            writer.transport.abort()


async def request_read(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    body = await reader.readexactly(2)
    return head + body


def answering(*parts: bytes, pause_s: float = 0.0) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            await request_read(reader)
            for part in parts:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause_s)

    return behave


def closing(*parts: bytes) -> Behaviour:
    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_read(reader)
        for part in parts:
            writer.write(part)
        await writer.drain()

    return behave


async def silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request_read(reader)
    writer.transport.abort()


def a_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate that vouches for itself, for this machine, and its private key."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, folder.name)])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return paths


def trusting(
    certificate: tuple[Path, Path], *, purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH
) -> ssl.SSLContext:
    return ssl.create_default_context(purpose, cafile=str(certificate[0]))


async def asked(
    url: str, *, timeout_s: float = 2.0, max_bytes: int = 1000, http: Http | None = None
) -> HttpReply:
    async with http or await Http.open() as caller:
        return await caller.post(
            url,
            body=b"{}",
            headers={"content-type": "application/json"},
            timeout_s=timeout_s,
            max_bytes=max_bytes,
        )


async def test_a_whole_answer_comes_back_with_its_headers_in_lower_case():
    async with a_server(answering(HEAD + b"X-Thing: a\r\ncontent-length: 2\r\n\r\n[]")) as url:
        reply = await asked(url)

    assert (reply.status, reply.body, reply.headers["x-thing"]) == (200, b"[]", "a")


async def test_an_answer_in_pieces_comes_back_whole():
    pieces = (HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n[\r\n", b"1\r\n]\r\n0\r\n\r\n")

    async with a_server(answering(*pieces, pause_s=0.01)) as url:
        reply = await asked(url)

    assert reply.body == b"[]"


async def test_a_connection_is_used_again():
    opened = 0
    answer = answering(HEAD + b"content-length: 2\r\n\r\n[]")

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await answer(reader, writer)

    async with a_server(behave) as url, await Http.open() as http:
        for _ in range(3):
            await http.post(url, body=b"{}", headers={}, timeout_s=2, max_bytes=10)

    assert opened == 1


async def test_nothing_is_sent_but_what_the_caller_gave():
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await request_read(reader))
        writer.write(HEAD + b"set-cookie: a=b\r\ncontent-length: 0\r\n\r\n")
        heard.append(await request_read(reader))
        writer.write(HEAD + b"content-length: 0\r\n\r\n")
        await writer.drain()

    async with a_server(listen) as url, await Http.open() as http:
        for _ in range(2):
            headers = {"content-type": "application/json"}
            await http.post(url, body=b"{}", headers=headers, timeout_s=2, max_bytes=10)

    names = [line.split(b":")[0].lower() for line in heard[1].split(b"\r\n")[1:-2]]
    assert sorted(names) == [b"content-length", b"content-type", b"host"]


async def test_a_redirect_is_an_answer_and_is_not_followed():
    moved = b"HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"

    async with a_server(answering(moved)) as url:
        reply = await asked(url)

    assert reply.status == 307


async def test_nobody_listening_is_silence():
    with pytest.raises(HttpSilent, match="no connection"):
        await asked("http://127.0.0.1:1/")


async def test_a_server_that_says_nothing_is_silent_after_the_deadline():
    began = asyncio.get_running_loop().time()

    async with a_server(silence) as url:
        with pytest.raises(HttpSilent, match=r"within 0\.1 s"):
            await asked(url, timeout_s=0.1)

    assert asyncio.get_running_loop().time() - began < 1


async def test_a_server_that_drips_is_silent_after_the_deadline_over_the_whole():
    pieces = (HEAD + b"content-length: 100\r\n\r\n", *[b"x"] * 100)

    async with a_server(answering(*pieces, pause_s=0.03)) as url:
        with pytest.raises(HttpSilent):
            await asked(url, timeout_s=0.2)


async def test_a_reset_or_an_end_before_the_answer_is_silence():
    async with a_server(reset) as url:
        with pytest.raises(HttpSilent, match="lost before"):
            await asked(url)
    async with a_server(closing()) as url:
        with pytest.raises(HttpSilent, match="lost before"):
            await asked(url)


@pytest.mark.parametrize(
    "rest", [b"content-length: 10\r\n\r\n[]", b"transfer-encoding: chunked\r\n\r\n9\r\n["]
)
async def test_an_answer_that_is_cut_short_is_silence_so_that_it_is_asked_again(rest: bytes):
    async with a_server(closing(HEAD + rest)) as url:
        with pytest.raises(HttpSilent, match="cut short"):
            await asked(url)


async def test_an_answer_without_a_length_ends_with_its_connection():
    async with a_server(closing(HEAD + b"\r\n[", b"]")) as url:
        reply = await asked(url)

    assert reply.body == b"[]"


async def test_what_only_says_that_an_answer_comes_is_no_answer():
    early = b"HTTP/1.1 103 Early Hints\r\nlink: </>\r\n\r\n"

    async with a_server(answering(early, HEAD + b"content-length: 2\r\n\r\n[]")) as url:
        reply = await asked(url)

    assert (reply.status, reply.body, "link" in reply.headers) == (200, b"[]", False)


async def test_a_second_answer_is_never_taken_for_that_to_the_next_question():
    first, second = (HEAD + b"content-length: 2\r\n\r\n" + body for body in (b"[1", b"[2"))

    async def behave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_read(reader)
        writer.write(first + second)
        await answering(HEAD + b"content-length: 2\r\n\r\n[3")(reader, writer)

    async with a_server(behave) as url, await Http.open() as http:
        heard: list[bytes] = []
        for _ in range(2):
            reply = await http.post(url, body=b"{}", headers={}, timeout_s=2, max_bytes=10)
            heard.append(reply.body)
            await asyncio.sleep(0.05)

    assert b"[2" not in heard


async def test_repeated_headers_are_joined_so_that_none_hides_another():
    twice = HEAD + b"signature: a\r\nSignature: b\r\ncontent-length: 0\r\n\r\n"

    async with a_server(answering(twice)) as url:
        reply = await asked(url)

    assert reply.headers["signature"] == "a, b"


async def test_no_header_becomes_two():
    async with a_server(silence) as url, await Http.open() as http:
        for value in ("a\r\nx-other: b", "a\nb", "a\rb"):
            with pytest.raises(ValueError, match="header"):
                await http.post(url, body=b"", headers={"x": value}, timeout_s=1, max_bytes=10)


@pytest.mark.parametrize("url", ["", "ftp://a/", "http:///x", "http://a:b/"])
async def test_what_is_no_address_is_not_called(url: str):
    with pytest.raises(HttpWrong, match="address"):
        await asked(url)


async def test_who_waits_for_a_connection_waits_no_longer_than_the_deadline():
    opened = 0

    async def behave(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        await reader.read()

    async with a_server(behave) as url, await Http.open(per_host=1) as http:

        async def call(timeout_s: float) -> HttpReply:
            return await http.post(url, body=b"{}", headers={}, timeout_s=timeout_s, max_bytes=10)

        first = asyncio.create_task(call(60))
        waiting = await asyncio.gather(*(call(0.1) for _ in range(2)), return_exceptions=True)
        alone = opened
        first.cancel()

    assert [type(error) for error in waiting] == [HttpSilent] * 2
    assert alone <= 1


async def test_closing_ends_the_calls_under_way():
    async with a_server(silence) as url:
        http = await Http.open()
        call = asyncio.create_task(
            http.post(url, body=b"{}", headers={}, timeout_s=5, max_bytes=10)
        )
        await asyncio.sleep(0.05)
        await http.close()

        with pytest.raises(HttpSilent):
            await asyncio.wait_for(call, 1)


async def test_a_server_that_nobody_vouches_for_is_not_called(tmp_path: Path):
    ours, strangers = (a_certificate(tmp_path / name) for name in ("ours", "strangers"))
    door = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    door.load_cert_chain(*ours)
    answer = answering(HEAD + b"content-length: 2\r\n\r\n[]")

    async with a_server(answer, tls=door) as url:
        believed = await asked(url, http=await Http.open(tls=trusting(ours)))
        for other in (trusting(strangers), None):
            with pytest.raises(HttpSilent):
                await asked(url, http=await Http.open(tls=other))

    assert believed.body == b"[]"


async def test_our_certificate_is_shown_to_who_asks_for_it(tmp_path: Path):
    theirs, ours = (a_certificate(tmp_path / name) for name in ("theirs", "ours"))
    door = trusting(ours, purpose=ssl.Purpose.CLIENT_AUTH)
    door.verify_mode = ssl.CERT_REQUIRED
    door.load_cert_chain(*theirs)
    known = trusting(theirs)
    known.load_cert_chain(*ours)

    async with a_server(answering(HEAD + b"content-length: 2\r\n\r\n[]"), tls=door) as url:
        reply = await asked(url, http=await Http.open(tls=known))
        with pytest.raises(HttpSilent):
            await asked(url, http=await Http.open(tls=trusting(theirs)))

    assert reply.body == b"[]"


async def test_an_answer_beyond_the_limit_is_wrong_whether_or_not_it_says_so():
    said = HEAD + b"content-length: 1001\r\n\r\n" + b"x" * 1001
    unsaid = HEAD + b"transfer-encoding: chunked\r\n\r\n"
    endless = (unsaid, *[b"64\r\n" + b"x" * 100 + b"\r\n"] * 1000)

    for parts in ((said,), endless):
        async with a_server(answering(*parts)) as url:
            with pytest.raises(HttpWrong, match="larger than 1000"):
                await asked(url)


async def test_what_is_not_http_is_wrong():
    async with a_server(closing(b"SSH-2.0-OpenSSH\r\n\r\n")) as url:
        with pytest.raises(HttpWrong, match="not HTTP"):
            await asked(url)


async def test_a_call_that_is_cancelled_gives_its_connection_up():
    ended = asyncio.Event()

    async def behave(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()
        ended.set()

    async with a_server(behave) as url, await Http.open() as http:
        call = asyncio.create_task(
            http.post(url, body=b"{}", headers={}, timeout_s=5, max_bytes=10)
        )
        await asyncio.sleep(0.05)
        call.cancel()

        await asyncio.wait_for(ended.wait(), 2)
