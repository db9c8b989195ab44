"""The circuit of one institution, opened: its cases, its hands and its mail, behind its door."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Unpack

from kruispunt.circuits import (
    ORDER,
    Answers,
    Asking,
    Cases,
    Desk,
    Electronic,
    Executor,
    FiledAnswers,
    FiledCases,
    FiledMembers,
    FiledUnasked,
    Followers,
    Inbox,
    Initiatives,
    Lane,
    Later,
    OnPaper,
    RulesOn,
    letters,
    one_shot,
)
from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.cli.backlog import (
    ACTIONS,
    CASES,
    MAIL,
    MAIL_AGE,
    counted,
    counted_cases,
    counted_mail,
)
from kruispunt.cli.chair import Chair
from kruispunt.cli.circuit_door import (
    answer_routes,
    case_routes,
    circuit_app,
    mailbox_routes,
)
from kruispunt.cli.dead_requests import DeadRequests
from kruispunt.cli.mailboxes import Opened, Sweep
from kruispunt.client import (
    AcceptedReply,
    Asked,
    AskReply,
    Client,
    Mailbox,
    Patience,
)
from kruispunt.mailbox import Arrivals, Mailboxes
from kruispunt.postgres import Commit, Database
from kruispunt.vocabulary import InstitutionCode, Unavailable
from kruispunt.web import (
    App,
    Http,
    SigningKeyFile,
)

ONCE: Final = Patience(attempts=1, total_s=20.0, each_s=15.0)
"""The store waits and tries again, so that nothing waits in memory."""

CONNECTIONS: Final = 64
FORGET_S: Final = 3600.0
MOST_DAYS: Final = 2048
LETTERS_AT_HAND: Final = 16
LETTERS_SWEEP_S: Final = 0.1
"""Letters wait in the store only: half a second would be most of what a request on paper takes."""


@asynccontextmanager
async def open_circuit(chair: Chair) -> AsyncGenerator[App]:
    """The door of an institution's cases, with all that works behind it.

    Raises:
        Unavailable: the database is not there now.
    """
    async with AsyncExitStack() as stack:
        database, commit = await _store(chair, stack)
        store = FiledCases(database=database, commit=commit)
        desk, followers = Desk(), Followers()
        law = _rules(chair)
        cases = Cases(store=store, desk=desk, now=chair.now, followers=followers, law=law)
        mail = await _mailboxes(chair, database, stack)
        await stack.enter_async_context(
            counted(chair.meters, counted_mail(chair.meters, mail.boxes), MAIL, MAIL_AGE)
        )
        await stack.enter_async_context(
            counted(chair.meters, counted_cases(store), CASES, ACTIONS)
        )
        await stack.enter_async_context(followers.listening(database))
        http = await stack.enter_async_context(await Http.open(per_host=CONNECTIONS))
        executor = Executor(
            cases=cases,
            desk=desk,
            asking=Asking(network=_client(chair, http), now=chair.now),
            sender=Electronic(ring=chair.ring, secret=_secret(chair), now=chair.now),
            now=chair.now,
        )
        # What a process before this one had taken is due now. Where another one works, it is asked
        # twice, under one id: that is one look.
        await store.release(chair.now())
        await stack.enter_async_context(executor.running())
        answers = FiledAnswers(database=database)
        _keep(stack, _inbox(chair, http, cases, answers).run(), name="mail of the node")
        _keep(stack, _forget(chair, answers), name="old answers")
        unasked = FiledUnasked(database=database)
        initiatives = Initiatives(cases=cases, store=unasked, now=chair.now)
        _keep(stack, initiatives.forever(), name="unasked declarations")
        dead = DeadRequests(boxes=mail.boxes, cases=cases, now=chair.now)
        _keep(stack, dead.forever(), name="dead requests")
        routes = [
            *case_routes(chair, cases, initiatives=initiatives, rules=law),
            *mailbox_routes(chair, cases, mail),
            *answer_routes(chair, answers),
        ]
        yield circuit_app(chair, routes, database, commit, leave=mail.arrivals.close)


@asynccontextmanager
async def open_printer(chair: Chair) -> AsyncGenerator[None]:
    """What prints the letters of an institution's cases, while this is open.

    Raises:
        Unavailable: the database is not there now.
    """
    async with AsyncExitStack() as stack:
        database, commit = await _store(chair, stack)
        store = FiledCases(database=database, commit=commit)
        folder = chair.place.home(chair.code).letters
        executor = Executor(
            cases=Cases(store=store, desk=Desk(room=0), now=chair.now, law=_rules(chair)),
            desk=Desk(room=LETTERS_AT_HAND),
            lane=Lane.PAPER,
            asking=Asking(network=NoNetwork(), now=chair.now),
            sender=OnPaper(
                folder=folder,
                printer=letters.Letters(wordings=letters.read_wordings()),
                members=FiledMembers(database=database),
                now=chair.now,
            ),
            now=chair.now,
            at_once=1,
            sweep_s=LETTERS_SWEEP_S,
        )
        await stack.enter_async_context(executor.running())
        yield


class NoNetwork:
    """Whoever prints asks nothing."""

    async def ask(self, _flow: str, **_asked: Unpack[Asked]) -> AskReply:
        """Never called."""
        raise Later(cause="this process asks nothing")

    async def request(self, _flow: str, **_asked: Unpack[Asked]) -> AcceptedReply:
        """Never called."""
        raise Later(cause="this process asks nothing")


async def _store(chair: Chair, stack: AsyncExitStack) -> tuple[Database, Commit]:
    own, dsn = chair.settings.commit, chair.place.home(chair.code).dsn
    database = await Database.open(
        dsn.read_text("utf-8").strip(),
        size=chair.settings.database.pool,
        name=f"kruispunt {chair.code} circuit",
        timeout_s=chair.settings.database.timeout_s,
    )
    stack.push_async_callback(database.close)
    commit = Commit(
        database,
        order=ORDER,
        max_group=own.max_group,
        linger_s=own.linger_s,
        max_waiting=own.max_waiting,
        timeout_s=own.timeout_s,
        observe=chair.meters.group,
    )
    await commit.start()
    stack.push_async_callback(commit.stop)
    chair.meters.read_commit(commit)
    chair.meters.read_pool(database)
    return database, commit


async def _mailboxes(chair: Chair, database: Database, stack: AsyncExitStack) -> Opened:
    """The mailboxes of declarants: their owners come for their mail."""
    boxes, arrivals = Mailboxes(database=database), Arrivals()
    keep = timedelta(days=chair.settings.mail.keep_days)
    sweep = Sweep(boxes=boxes, clock=boxes.clock(), keep=keep, now=chair.now)
    await sweep.start()
    _keep(stack, sweep.forever(), name="sweep mailboxes")
    await stack.enter_async_context(arrivals.listening(database))
    return Opened(boxes=boxes, arrivals=arrivals)


async def _forget(chair: Chair, answers: Answers) -> None:
    """Answers that nobody took go when mail would."""
    keep = timedelta(days=chair.settings.mail.keep_days)
    while True:
        with suppress(Unavailable):
            await answers.forget(chair.now() - keep)
        await asyncio.sleep(FORGET_S)


def _keep(stack: AsyncExitStack, work: Coroutine[None, None, None], *, name: str) -> None:
    """Do this until the stack is closed."""
    task = asyncio.create_task(work, name=name)

    async def end() -> None:
        task.cancel()
        await asyncio.wait([task])

    stack.push_async_callback(end)


def _client(chair: Chair, http: Http) -> Client:
    asked = _asked(chair)
    return Client(
        chair.place.addresses()[asked],
        http,
        hub=asked,
        key=chair.key,
        ring=chair.ring,
        now=chair.now,
        random_bytes=chair.random_bytes,
        patience=ONCE,
    )


def _inbox(chair: Chair, http: Http, cases: Cases, answers: FiledAnswers) -> Inbox:
    return Inbox(
        mailbox=_mailbox(chair, http),
        cases=cases,
        answers=answers,
        now=chair.now,
        shelf=one_shot.Shelf(folder=chair.place.home(chair.code).one_shot),
    )


def _mailbox(chair: Chair, http: Http) -> Mailbox:
    asked = _asked(chair)
    return Mailbox(
        url=chair.place.addresses()[asked],
        seat=asked,
        http=http,
        key=SigningKeyFile.open(chair.place.home(chair.code).key, now=chair.now),
        ring=chair.ring,
        now=chair.now,
        random_bytes=chair.random_bytes,
    )


def _asked(chair: Chair) -> InstitutionCode:
    """P-WHO (05/022 §11): an insurer asks its own node, which alone knows whose member it is."""
    node = chair.network.node_of(chair.code)
    return node.institution if node else chair.network.hub


def _secret(chair: Chair) -> bytes:
    return bytes.fromhex(chair.place.home(chair.code).mail_secret.read_text("utf-8").strip())


def _rules(chair: Chair) -> RulesOn:
    """The rules of the lawbook that this process runs; few days are asked about, and often."""
    network = chair.network

    @lru_cache(maxsize=MOST_DAYS)
    def rules(risk_on: date, today: date) -> b.Rules:
        return b.rules_of(network.lawbook, risk_on=risk_on, asked_on=today, zone=network.zone.key)

    @lru_cache(maxsize=MOST_DAYS)
    def inquiry(today: date) -> r.InquiryRules:
        return r.inquiry_rules(network.lawbook, asked_on=today, zone=network.zone.key)

    return RulesOn(risk=rules, inquiry=inquiry)
