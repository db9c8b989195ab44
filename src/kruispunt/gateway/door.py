"""The door of a hub or node: questions alone and together, what describes it, and its health."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from kruispunt.client import ASK_MANY_PATH, ASK_PATH, LINES_PATH
from kruispunt.gateway.lines import Integration
from kruispunt.gateway.mail import MailDoor
from kruispunt.gateway.mailbox import MailboxDoor
from kruispunt.gateway.many import Room, many_reply
from kruispunt.gateway.parse import Entrance
from kruispunt.gateway.reading import ReadingDoor, Shelf
from kruispunt.gateway.reply import told_reply
from kruispunt.gateway.soap import SoapDoor
from kruispunt.gateway.trail import Find, TrailDoor
from kruispunt.gateway.waist import Waist
from kruispunt.vocabulary import NoAnswer, Problem
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
    signed_replies,
)

OPENAPI_PATH = "/openapi.json"
MAX_BODY = 16 * 1024
MAX_MANY_BODY = 512 * 1024
READING = 8
"""Requests of many questions that may arrive, for each that may be answered."""


def _nothing(_name: str) -> None:
    """No trail is published here."""


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
    max_many_body: int = MAX_MANY_BODY
    room: Room = field(default_factory=Room)
    published: Find = _nothing
    """What the trail publishes, by name."""

    integration: Integration | None = None
    """Who brings lines into the directory; None: nobody does here."""

    shelf: Shelf | None = None
    """Where the trail is read; None: it is not read here."""

    mail: MailDoor | None = None
    """Where mail is taken; None: this seat takes none."""
    mailbox: MailboxDoor | None = None
    """Where mail is fetched; None: there is none here."""

    soap: SoapDoor | None = None
    """Where envelopes are answered; None: this seat speaks no SOAP."""

    def app(self) -> App:
        """The ASGI application of this door."""
        reading = [] if self.shelf is None else self._reading(self.shelf)
        mailbox = [] if self.mailbox is None else self.mailbox.routes
        return App(
            [
                Route(
                    method="POST",
                    template=ASK_PATH + "{flow}",
                    handler=self.ask,
                    max_body=self.max_body,
                ),
                Route(
                    method="POST",
                    template=ASK_MANY_PATH + "{flow}",
                    handler=self.ask_many,
                    max_body=self.max_many_body,
                    at_once=self.room.most * READING,
                ),
                *self._lines(),
                Route(method="GET", template=OPENAPI_PATH, handler=self.describe),
                *TrailDoor(self.published).routes,
                *reading,
                *([] if self.mail is None else self.mail.routes),
                *mailbox,
                *([] if self.soap is None else self.soap.routes),
            ],
            random_bytes=self.random_bytes,
            health=self.health,
            seal=signed_replies(self.key, now=self.now),
            limits=self.limits,
            watched=self.watched,
            leave=self._leave,
        )

    def _leave(self) -> None:
        """Whoever waits for mail is answered now."""
        if self.mailbox is not None:
            self.mailbox.arrivals.close()

    def _reading(self, shelf: Shelf) -> list[Route]:
        return ReadingDoor(entrance=self.entrance, shelf=shelf).routes

    def _lines(self) -> list[Route]:
        if self.integration is None:
            return []
        template = LINES_PATH + "{flow}"
        body = self.max_body
        return [Route(method="POST", template=template, handler=self.lines, max_body=body)]

    async def lines(self, request: Request) -> HttpReply:
        """A line of a person comes or goes, or all are listed."""
        assert self.integration is not None, "the route stands where lines are brought"
        try:
            question, asked = self.entrance.about_lines(request)
            done = await self.integration.do(question, asked)
            told = done if isinstance(done, NoAnswer) else done.answer
        except Problem as problem:
            told = problem
        return told_reply(told, instance=request.trace.urn)

    async def ask(self, request: Request) -> HttpReply:
        """One question about one person."""
        try:
            told = await self.waist.serve(self.entrance.question(request))
        except Problem as problem:
            told = problem
        return told_reply(told, instance=request.trace.urn)

    async def ask_many(self, request: Request) -> HttpReply:
        """Questions of one request, each told what it would be told alone.

        What is wrong with the request as a whole is its only problem: then nothing was asked.
        """
        questions = self.entrance.questions(request)
        with self.room.taking():
            told = await self.waist.serve_many(questions)
            return await many_reply(told, instance=request.trace.urn)

    async def describe(self, _request: Request) -> HttpReply:
        """The OpenAPI description of this door, generated from the law."""
        return json_reply(self.openapi)
