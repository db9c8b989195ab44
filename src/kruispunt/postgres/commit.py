"""The one group committer of a process: whatever waits together becomes durable together."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final, Protocol

import structlog

from kruispunt.postgres.bundle import Bundle, Statement
from kruispunt.postgres.driver import BY_KEY, DRIVER_ERRORS, connect, is_away, may_succeed_again
from kruispunt.postgres.session import REFUSED, Result, Session, Writer
from kruispunt.vocabulary import Unavailable

LOG: Final = structlog.get_logger(__name__)
FIRST_PAUSE_S: Final = 0.05
LAST_PAUSE_S: Final = 1.0
ATTEMPTS: Final = 5
Waiter = asyncio.Future[Result]
Waiting = tuple[Bundle, Waiter | None]
"""A bundle and who waits for it; None: nobody does, it rides with the next group."""


def _unobserved(_size: int, _seconds: float) -> None:
    """Nobody counts."""


class Address(Protocol):
    """The database that a committer connects to: `Database` is one."""

    @property
    def dsn(self) -> str: ...

    @property
    def name(self) -> str: ...


class Commit:
    """Bundles in, durable groups out, on one connection of its own.

    A group is all that was waiting when the group before it ended. Its transaction runs `order`
    statement by statement; a bundle that loses a claim takes no part in what comes after. A bundle
    that the database refuses is found by running each alone, so it harms nobody else. Someone who
    stops waiting does not stop the group.

    While the database is away, `run` raises `Unavailable` and what rides with `later` is kept and
    tried again. A commit that was cut off may stand although nobody was told, so a statement that
    rides must be one that may be repeated (`on conflict do nothing`, or an update).
    """

    def __init__(
        self,
        database: Address,
        *,
        order: Sequence[Statement],
        max_group: int = 256,
        linger_s: float = 0.2,
        max_waiting: int = 4096,
        timeout_s: float = 10.0,
        observe: Callable[[int, float], None] = _unobserved,
    ) -> None:
        """`observe` is told of every group: its size, and the seconds until it was durable."""
        self._address = database
        self._observe = observe
        self._places = {statement: place for place, statement in enumerate(order)}
        self._max_group = max_group
        self._linger_s = linger_s
        self._max_waiting = max_waiting
        self._timeout_s = timeout_s
        self._queue: deque[Waiting] = deque()
        self._waited_for = 0
        self._bell = asyncio.Event()
        self._stopping = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._worker: asyncio.Task[None] | None = None
        self._session: Writer | None = None
        self._pause_s = FIRST_PAUSE_S
        self.dropped = 0
        """How many riding bundles were given up, for want of room or because they were refused."""

        self._failed_at: float | None = None
        self._riding_since: float | None = None

    @property
    def alive(self) -> bool:
        """True while bundles are taken."""
        return self._worker is not None and not self._worker.done()

    @property
    def waiting(self) -> int:
        """Bundles that someone waits for, and that are not under way yet."""
        return self._waited_for

    @property
    def riding(self) -> int:
        """Bundles that nobody waits for, and that are not under way yet."""
        return len(self._queue) - self._waited_for

    @property
    def failing_s(self) -> float | None:
        """Seconds since a group could not be written; None: the last one could."""
        at = self._failed_at
        return None if at is None else asyncio.get_running_loop().time() - at

    @property
    def riding_s(self) -> float:
        """How long the oldest of the riding bundles has been waiting, in seconds."""
        since = self._riding_since
        return 0.0 if since is None else asyncio.get_running_loop().time() - since

    async def start(self) -> None:
        """Connect and begin to work.

        Raises:
            Unavailable: the database is not there now.
        """
        self._session = await self._connect()
        self._worker = asyncio.create_task(self._work(), name="group-commit")

    async def stop(self) -> None:
        """Commit all that waits, then end. Bundles that come later are `Unavailable`."""
        self._stopping.set()
        self._bell.set()
        if self._worker is not None:
            await self._worker

    async def run(self, bundle: Bundle) -> Result:
        """Return when the bundle is durable or has lost a claim.

        Raises:
            Unavailable: the queue is full or the database away. Asking again is safe where the
                bundle claims an id of its own: it may stand already.
        """
        if self._stopping.is_set() or self._waited_for >= self._max_waiting:
            raise Unavailable("no room to record this now", retry_after_s=1)
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self._queue.append((bundle, waiter))
        self._waited_for += 1
        self._bell.set()
        return await waiter

    def later(self, bundle: Bundle) -> None:
        """Commit the bundle with the next group, at the latest after `linger_s`, unwaited for."""
        if self._stopping.is_set() or len(self._queue) - self._waited_for >= self._max_waiting:
            self._give_up("no room")
            return
        self._queue.append((bundle, None))
        loop = asyncio.get_running_loop()
        if self._riding_since is None:
            self._riding_since = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self._linger_s, self._bell.set)

    async def _work(self) -> None:
        group: Sequence[Waiting] = ()
        try:
            while self._queue or not self._stopping.is_set():
                await self._bell.wait()
                # INVARIANT: nothing is awaited between silencing the bell and taking all that
                # waits, so whoever rings after it is heard: no bundle is left in an idle queue.
                self._bell.clear()
                group = self._take()
                if group:
                    await self._settle(group)
        finally:
            self._end(group)

    def _take(self) -> list[Waiting]:
        queue = self._queue
        group = [queue.popleft() for _ in range(min(len(queue), self._max_group))]
        self._waited_for -= sum(waiter is not None for _, waiter in group)
        if queue:
            self._bell.set()
        elif self._timer is not None:
            self._timer.cancel()
            self._timer = None
        return group

    async def _settle(self, group: Sequence[Waiting]) -> None:
        """Commit a group and tell its waiters; nothing that the database raises leaves here."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            results = await self._write([bundle for bundle, _ in group])
        except Unavailable as away:
            await self._wait_for_database(group, away)
        except REFUSED as error:
            await self._settle_apart(group, error)
        else:
            self._pause_s = FIRST_PAUSE_S
            self._failed_at = None
            self._riding_since = began if self.riding else None
            self._observe(len(group), loop.time() - began)
            _tell(group, results)

    async def _settle_apart(self, group: Sequence[Waiting], error: Exception) -> None:
        """Commit each bundle alone, so that only the guilty one is refused."""
        if len(group) == 1:
            self._refuse(group[0], error)
            return
        for place, waiting in enumerate(group):
            try:
                results = await self._write([waiting[0]])
            except Unavailable as away:
                await self._wait_for_database(group[place:], away)
                return
            except REFUSED as own_error:
                self._refuse(waiting, own_error)
            else:
                _tell([waiting], results)

    async def _write(self, bundles: Sequence[Bundle]) -> list[Result]:
        """Write a group, again after a deadlock; on another connection where this one has ended.

        Raises:
            Unavailable: the database is away; the group may stand or not.
        """
        for _ in range(ATTEMPTS):
            if self._session is None or self._session.is_gone:
                self._drop()
                self._session = await self._connect()
            try:
                return await self._session.write(bundles)
            except DRIVER_ERRORS as error:
                if not is_away(error) and not may_succeed_again(error):
                    raise
                self._drop()
                if is_away(error):
                    raise Unavailable("the database is away", retry_after_s=1) from error
        raise Unavailable("too many others write the same", retry_after_s=1)

    async def _connect(self) -> Writer:
        address = self._address
        name = f"{address.name} commit"
        connection = await connect(
            address.dsn, name=name, timeout_s=self._timeout_s, settings=BY_KEY
        )
        return Session(connection=connection, places=self._places)

    def _drop(self) -> None:
        if self._session is not None:
            self._session.drop()
            self._session = None

    async def _wait_for_database(self, group: Sequence[Waiting], away: Unavailable) -> None:
        """Tell those who wait, keep what rides, and pause before the next attempt."""
        self._failed_at = asyncio.get_running_loop().time()
        riding = [(bundle, waiter) for bundle, waiter in group if waiter is None]
        for _, waiter in group:
            if waiter is not None and not waiter.done():
                waiter.set_exception(away)
        if self._stopping.is_set():
            for _ in riding:
                self._give_up("stopped while the database was away")
            return
        self._queue.extendleft(reversed(riding))
        LOG.warning("commit.away", riding=len(self._queue) - self._waited_for)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pause_s):
                await self._stopping.wait()
        self._pause_s = min(2 * self._pause_s, LAST_PAUSE_S)
        if self._queue:
            self._bell.set()

    def _refuse(self, waiting: Waiting, error: Exception) -> None:
        _, waiter = waiting
        if waiter is None:
            self._give_up(f"refused: {type(error).__name__}")
        elif not waiter.done():
            waiter.set_exception(error)

    def _give_up(self, why: str) -> None:
        """Count a riding bundle that is lost; shout at the 1st, 2nd, 4th, 8th time."""
        self.dropped += 1
        if self.dropped & (self.dropped - 1) == 0:
            LOG.error("commit.dropped", why=why, dropped=self.dropped)

    def _end(self, group: Sequence[Waiting]) -> None:
        """Whatever ended the work, nobody is left waiting, also of the group under way."""
        self._stopping.set()
        if self._timer is not None:
            self._timer.cancel()
        self._drop()
        gone = Unavailable("the committer has stopped", retry_after_s=1)
        for _, waiter in (*group, *self._queue):
            if waiter is not None and not waiter.done():
                waiter.set_exception(gone)
        self._queue.clear()


def _tell(group: Sequence[Waiting], results: Sequence[Result]) -> None:
    for (_, waiter), result in zip(group, results, strict=True):
        if waiter is not None and not waiter.done():
            waiter.set_result(result)
