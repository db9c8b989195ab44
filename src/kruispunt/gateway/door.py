"""The door of a hub or node: one route for questions, one that describes it, one for health."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from kruispunt.client import ASK_PATH
from kruispunt.gateway.parse import Entrance
from kruispunt.gateway.reading import ReadingDoor, Shelf
from kruispunt.gateway.reply import answer_reply, refusal_reply
from kruispunt.gateway.trail import Find, TrailDoor
from kruispunt.vocabulary import Answer, NoAnswer, Problem, Question
from kruispunt.web import (
    App,
    Feel,
    HttpReply,
    Limits,
    Request,
    Route,
    Signer,
    Watched,
    json_reply,
    render,
    signed_replies,
)

OPENAPI_PATH = "/openapi.json"
MAX_BODY = 16 * 1024


def _nothing(_name: str) -> None:
    """No trail is published here."""


class Waist(Protocol):
    """Answers one question."""

    async def serve(self, question: Question) -> Answer | NoAnswer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Questions in, answers and problems out, each reply signed and bound to its request."""

    entrance: Entrance
    waist: Waist
    key: Signer
    openapi: bytes
    now: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    health: Feel
    limits: Limits
    watched: Watched = field(default_factory=Watched)
    max_body: int = MAX_BODY
    published: Find = _nothing
    """What the trail publishes, by name."""

    shelf: Shelf | None = None
    """Where the trail is read; None: it is not read here."""

    def app(self) -> App:
        """The ASGI application of this door."""
        reading = [] if self.shelf is None else self._reading(self.shelf)
        return App(
            [
                Route(
                    method="POST",
                    template=ASK_PATH + "{flow}",
                    handler=self.ask,
                    max_body=self.max_body,
                ),
                Route(method="GET", template=OPENAPI_PATH, handler=self.describe),
                *TrailDoor(self.published).routes,
                *reading,
            ],
            random_bytes=self.random_bytes,
            health=self.health,
            seal=signed_replies(self.key, now=self.now),
            limits=self.limits,
            watched=self.watched,
        )

    def _reading(self, shelf: Shelf) -> list[Route]:
        return ReadingDoor(entrance=self.entrance, shelf=shelf).routes

    async def ask(self, request: Request) -> HttpReply:
        """One question about one person.

        A look that failed after it was recorded tells its ticket, so that it can be found again.
        """
        instance = request.trace.urn
        try:
            result = await self.waist.serve(self.entrance.question(request))
        except Problem as problem:
            return render(problem, instance=instance, ticket=problem.ticket)
        match result:
            case Answer():
                return answer_reply(result)
            case NoAnswer():
                return refusal_reply(result, instance=instance)

    async def describe(self, _request: Request) -> HttpReply:
        """The OpenAPI description of this door, generated from the law."""
        return json_reply(self.openapi)
