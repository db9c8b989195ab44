"""A reply over HTTP, whole in memory: given by our servers, received by our client."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """Status, headers (names in lower case) and the whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def json_reply(body: bytes, *, status: int = 200) -> HttpReply:
    """A reply in JSON that no cache between us and the caller may keep."""
    return HttpReply(status=status, headers=_JSON, body=body)


_JSON = {"content-type": "application/json", "cache-control": "no-store"}


def header_lines(headers: Mapping[str, str]) -> bytes:
    """The headers as they are sent, by us or to others.

    Raises:
        ValueError: one holds an end of line and would become two.
    """
    text = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise ValueError("expected headers of one line each")
    return text.encode("latin-1")
