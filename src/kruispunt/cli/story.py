"""The stories of a demonstration: read from the country's file, asked for real, told."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Literal
from uuid import UUID

import msgspec

from kruispunt.cli.clients import Clients
from kruispunt.client import AskFailed, AskRefused, AskReply, AskRequest, PeriodBody
from kruispunt.people import Example
from kruispunt.vocabulary import InstitutionCode, data_folder

Ending = Literal["granted", "empty", "refused", "failed"]


class StoriesWrong(ValueError):
    """The file of stories can't be used; the message names file and place."""


class Story(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"asker": "as"}
):
    """One exchange to tell: who asks what about whom, and how the law makes it end."""

    title: str
    person: str
    flow: str
    purpose: str
    expect: Ending
    reason: str = ""
    asker: Literal["member", "other"] = "member"
    number: Literal["asked", "successor"] = "asked"
    repeats: bool = False


class Stories(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole of `demo.toml`."""

    member: InstitutionCode
    other: InstitutionCode
    stories: tuple[Story, ...]


class Exchange(msgspec.Struct, kw_only=True):
    """What came of a story. `fields` are the granted ones, also those whose value is null."""

    title: str = msgspec.field(name="title")
    flow: str
    consumer: str
    ssin: str
    outcome: Ending
    reason: str | None = None
    clause: str | None = None
    paragraph: str | None = None
    fields: list[str] = []
    withheld: list[str] = []
    ms: float = 0.0
    rows: list[dict[str, str | int | bool | None]] = []
    repeated: bool = False
    ticket: UUID | None = None
    replaced_by: str | None = None


@dataclass(slots=True, kw_only=True)
class Teller:
    """Asks every story of real processes, one after the other."""

    stories: Stories
    examples: Mapping[str, Example]
    clients: Clients
    last: AskRequest | None = field(default=None)

    async def tell(self) -> AsyncGenerator[tuple[Story, Exchange]]:
        """Each story with what came of it; stories that nobody fits are passed over."""
        for story in self.stories.stories:
            if story.person in self.examples:
                yield story, await self._ask(story, self.examples[story.person])

    async def _ask(self, story: Story, example: Example) -> Exchange:
        consumer = self.stories.member if story.asker == "member" else self.stories.other
        client = await self.clients.of(consumer)
        request = self._request(story, example)
        began = perf_counter()
        told = Exchange(
            title=story.title,
            flow=story.flow,
            consumer=consumer,
            ssin=request.ssin,
            outcome="failed",
        )
        try:
            _granted(told, await client.send(story.flow, request))
        except AskRefused as refused:
            _refused(told, refused)
        except AskFailed as failed:
            told.reason = failed.problem.title if failed.problem else failed.fault.value
        told.ms = round((perf_counter() - began) * 1000, 1)
        return told

    def _request(self, story: Story, example: Example) -> AskRequest:
        """The question of a story; one that repeats is the very same message as the last."""
        if story.repeats and self.last is not None:
            return self.last
        ssin = example.successor if story.number == "successor" else example.ssin
        assert ssin is not None
        self.last = AskRequest(
            message_id=self.clients.new_message(),
            purpose=story.purpose,
            ssin=ssin.digits,
            period=PeriodBody(begin_date=example.begin, end_date=example.until),
            ticket=f"demonstration {self.stories.stories.index(story) + 1}",
        )
        return self.last


def _granted(told: Exchange, reply: AskReply) -> None:
    told.outcome = "granted" if reply.outcome == "given" else "empty"
    told.clause = reply.ground.clause
    told.paragraph = reply.ground.paragraph
    told.fields = reply.fields
    told.withheld = [withheld.field for withheld in reply.withheld]
    told.rows = reply.rows
    told.repeated = reply.repeated
    told.ticket = reply.ticket


def _refused(told: Exchange, refused: AskRefused) -> None:
    told.outcome = "refused"
    told.reason = refused.reason
    told.repeated = refused.problem.repeated
    told.ticket = refused.problem.ticket
    told.replaced_by = refused.problem.replaced_by


def read_stories(path: Path | None = None) -> Stories:
    """Read the stories, by default the country's own.

    Raises:
        StoriesWrong: not of that form.
    """
    path = path or data_folder("country") / "demo.toml"
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Stories)
    except (OSError, msgspec.DecodeError) as error:
        raise StoriesWrong(f"{path}: {error}") from None
