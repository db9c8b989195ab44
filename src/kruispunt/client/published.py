"""Reading what a trail publishes: from the door of a hub or node, or from a folder of files."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from kruispunt.vocabulary import full_path
from kruispunt.web import Http, HttpSilent, HttpWrong

CHECKPOINT: Final = "checkpoint"
MAX_FILE: Final = 64 * 1024
"""No published file is as large as this; more is not read."""

FETCH_S: Final = 30.0
OK: Final = 200
NOT_FOUND: Final = 404

Fetch = Callable[[str], Awaitable[bytes]]
"""Gives the published file of a name, such as `checkpoint`; raises `NotReached`."""


class NotReached(Exception):
    """A published file did not come: it says nothing about what it holds. Ask again."""


@asynccontextmanager
async def open_published(source: str, *, timeout_s: float = FETCH_S) -> AsyncGenerator[Fetch]:
    """How files are fetched from a folder, or from a URL such as `https://hub.example/v1/trail`.

    Where a part of a tile is gone, the full one that it became is given.
    """
    if "://" not in source:
        yield _from_folder(Path(source))
        return
    async with await Http.open() as http:
        yield _from_door(http, source.rstrip("/"), timeout_s)


def _from_door(http: Http, url: str, timeout_s: float) -> Fetch:
    async def fetch(path: str) -> bytes:
        try:
            reply = await http.get(
                f"{url}/{path}", headers={}, timeout_s=timeout_s, max_bytes=MAX_FILE
            )
        except (HttpSilent, HttpWrong) as away:
            raise NotReached(f"{path}: {away}") from away
        if reply.status == NOT_FOUND and full_path(path) != path:
            return await fetch(full_path(path))
        if reply.status != OK:
            raise NotReached(f"{path}: expected 200, found {reply.status}")
        return reply.body

    return fetch


def _from_folder(folder: Path) -> Fetch:
    async def fetch(path: str) -> bytes:
        try:
            with (folder / path).open("rb") as file:
                data = file.read(MAX_FILE + 1)
        except (FileNotFoundError, NotADirectoryError):
            if full_path(path) == path:
                raise NotReached(f"{path} is not there") from None
            return await fetch(full_path(path))
        except OSError as error:
            raise NotReached(f"{path}: {error.strerror}") from error
        if len(data) > MAX_FILE:
            raise NotReached(f"{path} is larger than {MAX_FILE} bytes")
        return data

    return fetch
