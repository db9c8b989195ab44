"""A reply over HTTP: given by our servers, received by our client; whole, or followed by parts."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol


class Parts(Protocol):
    """What follows a reply that is sent as it comes."""

    async def next(self) -> bytes | None:
        """The next part, waited for as long as it takes; None: there is no more."""
        ...

    async def close(self) -> None:
        """No more is taken. Said once of every reply, however it ended, also before its begin."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """Status, headers (names in lower case) and the body, whole where no parts follow it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    parts: Parts | None = None
    """A reply with parts has no length, and nothing can sign it as a whole."""


def json_reply(body: bytes, *, status: int = 200) -> HttpReply:
    """A reply in JSON that no cache between us and the caller may keep."""
    return HttpReply(status=status, headers=_JSON, body=body)


_JSON: Final = {"content-type": "application/json", "cache-control": "no-store"}


_STATUS_LINES: Final = {
    int(status): b"HTTP/1.1 %d %b\r\n" % (status, status.phrase.encode()) for status in HTTPStatus
}


def head_of(reply: HttpReply, *, date: bytes, is_last: bool, chunked: bool = False) -> bytes:
    """The head as it is sent. `date` is a whole line; `is_last`: the connection ends after it.

    Raises:
        ValueError: a header would become two.
    """
    length = b"" if reply.parts is not None else b"content-length: %d\r\n" % len(reply.body)
    return b"%b%b%b%b%b\r\n" % (
        _STATUS_LINES[reply.status],
        date,
        header_lines(reply.headers),
        b"transfer-encoding: chunked\r\n" if chunked else length,
        b"connection: close\r\n" if is_last else b"",
    )


def header_lines(headers: Mapping[str, str]) -> bytes:
    """The headers as they are sent, by us or to others.

    Raises:
        ValueError: one holds an end of line and would become two.
    """
    text = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise ValueError("expected headers of one line each")
    return text.encode("latin-1")
