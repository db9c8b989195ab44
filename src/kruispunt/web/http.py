"""Calling other servers: one small interface, so that the library behind it can be changed.

It stands on aiohttp. Looks of one moment travel together, so calls are few beside questions, and a
library that is well kept is worth more here than the CPU that our own would save.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ssl import SSLContext
from types import TracebackType
from typing import Final, Self

import aiohttp

from kruispunt.web.reply import HttpReply

KEEP_ALIVE_S: Final = 15
"""Shorter than servers keep a connection, so that we are not the one who finds it closed."""


class HttpSilent(Exception):
    """No whole answer in time: refused, lost, cut short, or too slow. It may have been done."""


class HttpWrong(Exception):
    """An answer came, but not one that can be used: too large, or not HTTP."""


class HttpTooLarge(HttpWrong):
    """The answer is larger than the caller reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """A reply that comes line by line. One that is not 200 came whole, in `refused`."""

    lines: AsyncGenerator[bytes]
    """Without their line ends. Raises `HttpSilent` where it breaks off, or nothing comes."""

    refused: HttpReply | None = None


class Http:
    """Calls over kept connections. Open one per process and close it at the end."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    @classmethod
    async def open(
        cls, *, per_host: int = 64, total: int = 512, tls: SSLContext | None = None
    ) -> Self:
        """Ready to call, with at most so many connections at once; further calls wait for one.

        `tls`: whom to trust over https, and our client certificate; None: as the system says.
        """
        connector = aiohttp.TCPConnector(
            limit=total,
            limit_per_host=per_host,
            keepalive_timeout=KEEP_ALIVE_S,
            ssl=True if tls is None else tls,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept"),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        )
        return cls(session)

    async def post(
        self,
        url: str,
        *,
        body: bytes,
        headers: Mapping[str, str],
        timeout_s: float,
        max_bytes: int,
    ) -> HttpReply:
        """Send a body and read the whole reply, all within `timeout_s`.

        Raises:
            HttpSilent: no whole answer came in time; it may have been done.
            HttpWrong: what came is larger than `max_bytes`, or not HTTP.
        """
        return await self._call(
            "POST", url, body=body, headers=headers, timeout_s=timeout_s, max_bytes=max_bytes
        )

    async def get(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float, max_bytes: int
    ) -> HttpReply:
        """Read a resource, under the same rules as `post`."""
        return await self._call(
            "GET", url, body=None, headers=headers, timeout_s=timeout_s, max_bytes=max_bytes
        )

    @asynccontextmanager
    async def lines(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        silence_s: float,
        max_line: int,
        body: bytes | None = None,
    ) -> AsyncGenerator[Streamed]:
        """A reply as it comes, for as long as this is open.

        Raises:
            HttpSilent: nothing came for `silence_s` seconds, or it broke off.
            HttpWrong: a line is longer than `max_line`, or it is not HTTP.
        """
        waits = aiohttp.ClientTimeout(total=None, sock_connect=silence_s, sock_read=silence_s)
        try:
            async with self._session.request(
                method, url, data=body, headers=headers, allow_redirects=False, timeout=waits
            ) as response:
                refused = None
                if response.status != 200:
                    refused = HttpReply(
                        status=response.status,
                        headers=_joined(response.headers.items()),
                        body=await _read(response, max_line),
                    )
                yield Streamed(lines=_lines(response, max_line), refused=refused)
        except (TimeoutError, aiohttp.ClientPayloadError) as error:
            raise HttpSilent("the answer broke off, or nothing more came") from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise HttpWrong("expected an address of http or https") from error
        except aiohttp.ClientResponseError as error:
            raise HttpWrong("the answer is not HTTP") from error
        except (aiohttp.ClientConnectionError, OSError) as error:
            raise HttpSilent("no connection, or it was lost before the answer") from error

    async def _call(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None,
        headers: Mapping[str, str],
        timeout_s: float,
        max_bytes: int,
    ) -> HttpReply:
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._session.request(
                    method, url, data=body, headers=headers, allow_redirects=False
                ) as response,
            ):
                return HttpReply(
                    status=response.status,
                    headers=_joined(response.headers.items()),
                    body=await _read(response, max_bytes),
                )
        except TimeoutError:
            raise HttpSilent(f"no whole answer within {timeout_s:g} s") from None
        except aiohttp.ClientPayloadError as error:
            raise HttpSilent("the answer was cut short") from error
        except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as error:
            raise HttpWrong("expected an address of http or https") from error
        except aiohttp.ClientResponseError as error:
            raise HttpWrong("the answer is not HTTP") from error
        except (aiohttp.ClientConnectionError, OSError) as error:
            raise HttpSilent("no connection, or it was lost before the answer") from error

    async def close(self) -> None:
        """Close every connection; calls under way fail with `HttpSilent`."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()


async def _read(response: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    length = response.content_length
    if length is not None and length <= max_bytes:
        return await response.read()
    body = bytearray()
    if length is None:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > max_bytes:
                break
    if length is not None or len(body) > max_bytes:
        response.close()  # Leaving a large rest unread: this connection is not used again.
        raise HttpTooLarge(f"the answer is larger than {max_bytes} bytes")
    return bytes(body)


async def _lines(response: aiohttp.ClientResponse, most: int) -> AsyncGenerator[bytes]:
    rest = b""
    async for chunk in response.content.iter_any():
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > most or any(len(line) > most for line in lines):
            response.close()
            raise HttpTooLarge(f"a line is longer than {most} bytes")
        for line in lines:
            yield line
    if rest:
        yield rest


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By name in lower case; repeated ones joined by commas, so that none hides another."""
    found: dict[str, str] = {}
    for name, value in headers:
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found
