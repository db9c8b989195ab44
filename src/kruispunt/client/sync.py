"""The client for programs without an event loop: a thin face of `Client`, which does the work."""

import asyncio
from collections.abc import Coroutine, Sequence
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from kruispunt.client.ask import Asked, Caller, Client
from kruispunt.client.many import AskedAbout, AskedTogether, Told
from kruispunt.client.wire import AskReply

T = TypeVar("T")


class SyncClient:
    """Asks one hub or node from any thread; the asking runs on a private one.

    Example::

        from kruispunt.client import SyncClient
        with SyncClient(url, hub=hub, key=key, ring=ring, now=now, random_bytes=dice) as client:
            reply = client.ask("some.flow", ssin=ssin, purpose="some-purpose", begin=begin)
    """

    def __init__(self, url: str, **caller: Unpack[Caller]) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="kruispunt-client", daemon=True)
        self._thread.start()
        self._client = self._run(Client.open(url, **caller))

    def ask(self, flow: str, **asked: Unpack[Asked]) -> AskReply:
        """As `Client.ask`, and with the same exceptions."""
        return self._run(self._client.ask(flow, **asked))

    def ask_many(
        self, flow: str, questions: Sequence[AskedAbout], **together: Unpack[AskedTogether]
    ) -> list[Told]:
        """As `Client.ask_many`, and with the same exceptions."""
        return self._run(self._client.ask_many(flow, questions, **together))

    def close(self) -> None:
        """Close the connections and end the private thread. Closing twice does nothing."""
        if self._loop.is_closed():
            return
        self._run(self._client.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        asking = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return asking.result()
        except BaseException:
            asking.cancel()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
