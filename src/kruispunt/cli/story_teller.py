"""Asking the stories of real processes, one after the other, and hearing what comes back."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from time import perf_counter
from typing import Final

import msgspec

from kruispunt.cli.clients import Clients
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.story import Exchange, Stories, Story
from kruispunt.cli.story_check import faults
from kruispunt.cli.story_key import ExtraKey
from kruispunt.cli.story_trail import Trails
from kruispunt.cli.story_trouble import Breakage
from kruispunt.client import AskFailed, AskRefused, AskReply, AskRequest, Client, Patience
from kruispunt.people import Example
from kruispunt.vocabulary import InstitutionCode, Ssin

ONCE: Final = Patience(attempts=1)
"""Who tells of a failure has to hear it: nothing is asked again behind the story's back."""


@dataclass(slots=True)
class Tape:
    """Clock and dice of the last question, played once more when its very bytes are copied."""

    plays: bool = False
    moment: datetime = field(default_factory=now)
    signed_at: datetime = field(default_factory=now)
    dice: bytes = b""

    def now(self) -> datetime:
        """This moment; while it plays, the one at which the last question was signed."""
        self.moment = self.signed_at if self.plays else now()
        return self.moment

    def random_bytes(self, size: int) -> bytes:
        """Fresh bytes; while it plays, those of the last question."""
        if not self.plays:
            self.signed_at, self.dice = self.moment, random_bytes(size)
        return self.dice


@dataclass(slots=True, kw_only=True)
class Teller:
    """Asks every story, breaks what it needs broken, and holds it against law and trail."""

    stories: Stories
    examples: Mapping[str, Example]
    clients: Clients
    trails: Trails
    station: Breakage
    extra: ExtraKey
    asked_on: date
    tape: Tape = field(default_factory=Tape)
    last: AskRequest | None = None
    own: Clients = field(init=False)
    others: Clients = field(init=False)

    def __post_init__(self) -> None:
        heard = replace(self.clients, now=self.tape.now, random_bytes=self.tape.random_bytes)
        self.own = replace(heard, opened={}, patience=ONCE)
        self.others = replace(heard, opened={}, patience=ONCE, key=self.extra.path)

    async def tell(self) -> AsyncGenerator[tuple[Story, Exchange]]:
        """Each story with what came of it; stories that nobody fits are passed over.

        Whatever happens, the station answers truly at last.

        Raises:
            NotBroken, KeyFailed: what a story needs could not be broken or made.
        """
        await self.station.mend()
        try:
            for n, story in enumerate(self.stories.told_with(self.examples), start=1):
                await self._prepare(story)
                yield story, await self._exchange(story, self.examples[story.person], n)
        finally:
            await self.station.mend()
            await self.own.close()
            await self.others.close()

    async def _prepare(self, story: Story) -> None:
        await self.station.turn(story.meanwhile)
        if story.key != "own":
            await self.extra.make()
        if story.key == "revoked":
            await self.extra.revoke()

    async def _exchange(self, story: Story, example: Example, n: int) -> Exchange:
        network = self.clients.network
        consumer = self._consumer(story)
        request = self._request(story, example, n)
        told = await self._ask(story, request, consumer)
        node = network.node_of(consumer)
        told.trail = list(
            await self.trails.gained(
                Ssin(request.ssin),
                request.message_id,
                asked=node.institution if node else network.hub,
            )
        )
        told.faults = list(faults(story, told, network=network, asked_on=self.asked_on))
        return told

    async def _ask(self, story: Story, request: AskRequest, consumer: InstitutionCode) -> Exchange:
        clients = self.own if story.key == "own" else self.others
        client = await clients.of(consumer)
        self.tape.plays = story.sends == "copy"
        told = Exchange(
            title=story.title,
            flow=story.flow,
            consumer=consumer,
            ssin=request.ssin,
            outcome="failed",
            station=story.meanwhile,
            key=story.key,
        )
        began = perf_counter()
        await _send(client, request, told)
        told.ms = round((perf_counter() - began) * 1000, 1)
        return told

    def _consumer(self, story: Story) -> InstitutionCode:
        match story.asker:
            case "member":
                return self.stories.member
            case "other":
                return self.stories.other
            case "node":
                node = self.clients.network.node_of(self.stories.member)
                return node.institution if node else self.stories.member

    def _request(self, story: Story, example: Example, n: int) -> AskRequest:
        """The question of a story; one that is sent again is the very same message as the last."""
        if self.last is not None and story.sends in ("again", "copy"):
            return self.last
        message = self.clients.new_message()
        asked = story.question(example, message_id=message, ticket=f"demonstration {n}")
        if self.last is not None and story.sends == "reused":
            return msgspec.structs.replace(asked, message_id=self.last.message_id)
        self.last = asked
        return asked


async def _send(client: Client, request: AskRequest, told: Exchange) -> None:
    try:
        _granted(told, await client.send(told.flow, request))
    except AskRefused as refused:
        _refused(told, refused)
    except AskFailed as failed:
        _failed(told, failed)


def _granted(told: Exchange, reply: AskReply) -> None:
    told.outcome = "granted" if reply.outcome == "given" else "empty"
    told.status = 200
    told.clause = reply.ground.clause
    told.paragraph = reply.ground.paragraph
    told.fields = reply.fields
    told.withheld = [withheld.field for withheld in reply.withheld]
    told.rows = reply.rows
    told.repeated = reply.repeated
    told.ticket = reply.ticket


def _refused(told: Exchange, refused: AskRefused) -> None:
    told.outcome = "refused"
    told.status = 403
    told.reason = refused.reason
    told.detail = refused.problem.detail
    told.repeated = refused.problem.repeated
    told.ticket = refused.problem.ticket
    told.replaced_by = refused.problem.replaced_by


def _failed(told: Exchange, failed: AskFailed) -> None:
    """No answer and no refusal: `failed`, with the problem that was told, if there was one."""
    problem = failed.problem
    if problem is None:
        told.reason, told.detail = failed.fault.value, str(failed)
        return
    told.status, told.reason, told.ticket = problem.status, problem.title, problem.ticket
    issues = [f"{issue.name}: {issue.detail}" for issue in problem.issues]
    told.detail = "; ".join([problem.detail, *issues]) if problem.detail else "; ".join(issues)
