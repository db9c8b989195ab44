"""What is published, at the door: for anyone, and nothing but that."""

import asyncio
import os
from collections.abc import MutableMapping
from typing import Any

import pytest

from kruispunt.gateway.trail import TrailDoor
from kruispunt.web import App, Route

FILES = {"checkpoint": b"note", "tile/0/000": b"tile", "tile/entries/x001/000.p/3": b"part"}
Message = MutableMapping[str, Any]


def ask(path: str, *more: Route) -> tuple[int, bytes, dict[str, str]]:
    app, sent = (
        App([*TrailDoor(FILES.get).routes, *more], random_bytes=os.urandom),
        list[Message](),
    )

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Message = {
        "type": "http",
        "method": "GET",
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [],
    }
    asyncio.run(app(scope, receive, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], sent[1]["body"], headers


@pytest.mark.parametrize(
    ("path", "body", "kept"),
    [
        ("/v1/trail/checkpoint", b"note", "max-age=1"),
        ("/v1/trail/tile/0/000", b"tile", "immutable"),
        ("/v1/trail/tile/entries/x001/000.p/3", b"part", "immutable"),
    ],
)
def test_every_file_stands_under_its_name_and_says_how_long_it_may_be_kept(
    path: str, body: bytes, kept: str
):
    status, found, headers = ask(path)

    assert (status, found) == (200, body)
    assert kept in headers["cache-control"]


@pytest.mark.parametrize(
    "path", ["/v1/trail/", "/v1/trail/tile/", "/v1/trail/tile", "/v1/trail/tile/0/001", "/v1/x/y"]
)
def test_what_is_not_published_is_not_there(path: str):
    assert ask(path)[0] == 404
