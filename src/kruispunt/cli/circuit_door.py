"""The door of an institution's cases: who comes to it, and what answers behind it."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from kruispunt.circuits import Answers, Cases, Initiatives, Looks, RulesOn
from kruispunt.circuits import benefits as b
from kruispunt.cli.asked_boxes import AskedBoxes, Repeatable
from kruispunt.cli.chair import Chair
from kruispunt.cli.mailboxes import Opened
from kruispunt.cli.network import Network
from kruispunt.client import CASES_PATH
from kruispunt.gateway import AnswerDoor, CaseDoor, KeyHolders, MailboxDoor
from kruispunt.postgres import Commit, Database, Query
from kruispunt.vocabulary import InstitutionCode, Problem
from kruispunt.web import (
    App,
    Component,
    Health,
    HealthReport,
    Limits,
    Route,
    signed_replies,
)

PULSE: Final = Query(name="pulse", sql="select 1")


def case_routes(
    chair: Chair, cases: Cases, *, initiatives: Initiatives, rules: RulesOn
) -> Sequence[Route]:
    """Where cases are opened, told and followed, and risks declared."""
    return CaseDoor(
        seat=chair.code,
        proven=_callers(chair),
        cases=cases,
        looks=Looks(cases=cases),
        initiatives=initiatives,
        rules=rules,
        key=chair.key,
        zone=chair.network.zone,
        now=chair.now,
        contact=contact_of(chair.network, chair.code),
    ).routes


def contact_of(network: Network, code: InstitutionCode) -> b.Contact | None:
    """The file manager whom the network file names for cases that name none."""
    one = next((one.contact for one in network.circuits if one.institution == code), None)
    return b.Contact(**msgspec.structs.asdict(one)) if one else None


def mailbox_routes(chair: Chair, cases: Cases, mail: Opened) -> Sequence[Route]:
    """Where declarants come for their mail."""
    return MailboxDoor(
        proven=_callers(chair),
        boxes=AskedBoxes(boxes=mail.boxes, cases=cases, now=chair.now),
        arrivals=mail.arrivals,
        nonces=Repeatable(),
        now=chair.now,
    ).routes


def answer_routes(chair: Chair, answers: Answers) -> Sequence[Route]:
    """Where the institution itself takes answers that belong to no case."""
    return AnswerDoor(seat=chair.code, proven=_callers(chair), answers=answers).routes


def circuit_app(
    chair: Chair,
    routes: Sequence[Route],
    database: Database,
    commit: Commit,
    *,
    leave: Callable[[], None],
) -> App:
    """All of them as one app, which says that it is ill where its database or committer is."""
    door = chair.settings.door

    async def feel() -> HealthReport:
        return HealthReport(components={"database": await _feel(database, commit)})

    return App(
        routes,
        random_bytes=chair.random_bytes,
        health=feel,
        seal=signed_replies(chair.key, now=chair.now),
        limits=Limits(at_once=door.at_once, body_s=door.body_s, connections=door.connections),
        watched=chair.meters.watched(chair.settings.watch.trace_rate, route=CASES_PATH),
        leave=leave,
    )


def _callers(chair: Chair) -> KeyHolders:
    messages = chair.settings.messages
    return KeyHolders(
        base_url=chair.url,
        ring=chair.ring,
        now=chair.now,
        max_life_s=messages.signature_life_s,
        skew_s=messages.skew_s,
    )


async def _feel(database: Database, commit: Commit) -> Component:
    try:
        await database.fetch(PULSE)
    except Problem:
        return Component(status=Health.DOWN, why="the database does not answer")
    if not commit.alive:
        return Component(status=Health.DOWN, why="the committer has stopped")
    return Component()
