"""Does what cases want done: asks, prints, sends; and tells cases when their deadlines come.

What is done is told to its case in the same commit that says that it is done. Who dies in between
has done it once, and does it again under the same id: the network, the mailbox and the letter know
that, and give what they gave before.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import UUID

import structlog

from kruispunt.circuits.asking import Asking, Later, event_id, pause
from kruispunt.circuits.benefits import Case, Consult, DeadlinePassed, SendHolderSheet, SendRequest
from kruispunt.circuits.cases import Cases
from kruispunt.circuits.circuit import Event, State, Task
from kruispunt.circuits.desk import Desk
from kruispunt.circuits.filed import Filed, Lane, Wanted
from kruispunt.circuits.kinds import CIRCUITS
from kruispunt.vocabulary import Mail, Problem, Unavailable

LOG: Final = structlog.get_logger(__name__)
AT_ONCE: Final = 64
SWEEP_S: Final = 0.5
MOST_SWEPT: Final = 256
LEASE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What sending came to: mail to put in the same commit, or what happened, or both."""

    mail: tuple[Mail, ...] = ()
    event: Event | None = None


class Sender(Protocol):
    """Sends what is no question: letters, and requests to employers."""

    async def send(self, wanted: Wanted, case: Case) -> Sent:
        """Make a letter that stands, or mail that is still to be put.

        Raises:
            Later: it can't be sent now. Sending again is safe: it has the id of its action.
        """
        ...


@dataclass(slots=True, kw_only=True)
class Executor:
    """The hands of one process, and its clock.

    `at_once` tasks are under way at most; what waits beyond stands in the store. A process that
    dies leaves what it had to the others, or to itself when it is back, once the lease ends.
    `desk`: that of the cases, where this process does what they want; else one of its own.
    """

    cases: Cases
    asking: Asking
    sender: Sender
    now: Callable[[], datetime]
    desk: Desk
    lane: Lane = Lane.NETWORK
    lease: timedelta = LEASE
    at_once: int = AT_ONCE
    sweep_s: float = SWEEP_S
    under_way: int = field(default=0, init=False)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Work while this is open; what is under way when it closes is left to the lease."""
        tasks = [
            asyncio.create_task(self._work(), name=f"circuit {n}") for n in range(self.at_once)
        ]
        tasks.append(asyncio.create_task(self._forever(self.sweep), name="circuit sweep"))
        if self.lane is Lane.NETWORK:
            tasks.append(asyncio.create_task(self._forever(self.deadlines), name="deadlines"))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def sweep(self) -> int:
        """Take up what is due in the store; how much that was."""
        room = min(MOST_SWEPT, self.desk.room)
        if room <= 0:
            return 0
        now = self.now()
        found = await self.cases.store.take(self.lane, now, now + self.lease, room)
        self.desk.put(*found, promised=False)
        return len(found)

    async def deadlines(self) -> int:
        """Tell cases that their deadlines came; how many cases had one."""
        now = self.now()
        due = await self.cases.store.take_due(now, now + self.lease, self.at_once)
        await asyncio.gather(*(self._pass(case) for case in due))
        return len(due)

    async def do(self, wanted: Wanted) -> None:
        """Do one task, and tell its case.

        Raises:
            Unavailable: the store is away; the lease ends, and the task is taken again.
        """
        task = wanted.task
        filed = await self._wanting(wanted)
        if filed is None:
            await self.cases.store.finish(task.id, self.now())
            return
        try:
            await self._do(wanted, filed.case)
        except Later as later:
            until = self.now() + pause(wanted.attempts)
            LOG.info("circuit.later", attempts=wanted.attempts, cause=later.cause)
            await self.cases.store.put_off(wanted, until, later.cause)

    async def _wanting(self, wanted: Wanted) -> Filed | None:
        """The case of a task; None where it does not want it any more.

        A new question makes do with what this process last wrote of its case, where that wants
        it. A no is looked up: the task may come of what another process added since.
        """
        if wanted.attempts == 1 and not isinstance(wanted.task, SendHolderSheet | SendRequest):
            filed = await self.cases.at_hand(wanted.case)
            if _wants(filed, wanted.task):
                return filed
        filed = await self.cases.find(wanted.case)
        return filed if _wants(filed, wanted.task) else None

    async def _do(self, wanted: Wanted, case: State) -> None:
        task = wanted.task
        if isinstance(task, Consult):
            event = await self.asking.consult(task)
        elif not isinstance(task, SendHolderSheet | SendRequest):
            event = await self.asking.request(task)
        else:
            assert isinstance(case, Case), "letters are of a declared risk"
            sent = await self.sender.send(wanted, case)
            if sent.event is None:
                await self.cases.store.finish(task.id, self.now(), sent.mail)
                return
            event = sent.event
        await self.cases.add(wanted.case, event, done=task.id)

    async def _pass(self, case: UUID) -> None:
        """Let every deadline of a case that came pass."""
        filed = await self.cases.find(case)
        if filed is None:
            return
        now = self.now()
        due = [key for key, one in filed.case.deadlines.items() if one.due_at <= now]
        for key in due:
            event = DeadlinePassed(id=event_id(key, "passed"), at=now, deadline=key)
            await self.cases.add(case, event)
        if not due:
            await self.cases.store.settle_due(filed)

    async def _work(self) -> None:
        while True:
            wanted = await self.desk.take()
            self.under_way += 1
            try:
                # The one way to hear of any fault without ending the work.
                (came,) = await asyncio.gather(self.do(wanted), return_exceptions=True)
            finally:
                self.under_way -= 1
            if isinstance(came, Unavailable):
                LOG.warning("circuit.away", why=type(came).__name__)
            elif isinstance(came, BaseException):
                LOG.error("circuit.task_failed", attempts=wanted.attempts, exc_info=came)

    async def _forever(self, look: Callable[[], Awaitable[int]]) -> None:
        """Look now and then, and again at once while there is more."""
        while True:
            (found,) = await asyncio.gather(look(), return_exceptions=True)
            if isinstance(found, Problem):
                LOG.warning("circuit.sweep_away", why=type(found).__name__)
            elif isinstance(found, BaseException):
                LOG.error("circuit.sweep_failed", exc_info=found)
            if isinstance(found, BaseException) or found < self.at_once:
                await asyncio.sleep(self.sweep_s)


def _wants(filed: Filed | None, task: Task) -> bool:
    return filed is not None and CIRCUITS[filed.kind].wants(filed.case, task)
