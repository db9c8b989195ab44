"""The stories of a demonstration: read from the country's file, and what came of each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

import msgspec

from kruispunt.client import AskRequest, PeriodBody
from kruispunt.people import Example
from kruispunt.vocabulary import UNREADABLE, InstitutionCode, data_folder

Ending = Literal["granted", "empty", "refused", "failed"]
Trouble = Literal["", "silent", "lying"]
"""What the station does meanwhile: its work, nothing, or tell lies under its true signature."""

NO_DATA: Final = "no-data"
"""Granted, asked, and the source has nothing."""

NOTHING: Final = "nothing"
"""What a trail says of a question that was turned away at the door: nothing was decided."""


class StoriesWrong(ValueError):
    """The file of stories can't be used; the message names file and place."""


class Story(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    kw_only=True,
    rename={"asker": "as", "meanwhile": "station"},
):
    """One exchange to tell: who asks what about whom, and how it ends if all is well.

    `trail` is the exact reason or cause that the trail nearest to the source has to say, where it
    is another than the asker hears: a reason of the law, a cause of failure, or `nothing`.
    """

    title: str
    why: str = ""
    chapter: str = ""
    """Opens a chapter before this story, under this heading."""

    person: str
    flow: str
    purpose: str
    expect: Ending
    status: int = 200
    reason: str = ""
    trail: str = ""
    asker: Literal["member", "other", "node"] = "member"
    number: Literal["asked", "successor"] = "asked"
    sends: Literal["new", "again", "copy", "reused"] = "new"
    """A message of its own; the last one again, signed anew; a copy of the last one's very bytes;
    or another content under the last one's id."""

    key: Literal["own", "extra", "revoked"] = "own"
    """The asker's own, or one that is made for this, before or after it is revoked."""

    meanwhile: Trouble = ""

    def question(self, example: Example, *, message_id: UUID, ticket: str) -> AskRequest:
        """The question that this story puts about a person."""
        ssin = example.successor if self.number == "successor" else example.ssin
        assert ssin is not None
        return AskRequest(
            message_id=message_id,
            purpose=self.purpose,
            ssin=ssin.digits,
            period=PeriodBody(begin_date=example.begin, end_date=example.until),
            ticket=ticket,
        )


class Liar(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Whose station falls silent and lies, and the selects with which it lies."""

    institution: InstitutionCode
    mapping: str


class Stories(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The whole of `demo.toml`."""

    member: InstitutionCode
    other: InstitutionCode
    station: Liar
    stories: tuple[Story, ...]

    def told_with(self, examples: Mapping[str, Example]) -> list[Story]:
        """The stories for which there is somebody, with each chapter opened by its first one."""
        told = list[Story]()
        chapter = ""
        for story in self.stories:
            chapter = story.chapter or chapter
            if story.person in examples:
                told.append(msgspec.structs.replace(story, chapter=chapter))
                chapter = ""
        return told


class Noted(msgspec.Struct, kw_only=True):
    """What one trail says of an exchange: never a value that was shown."""

    at: InstitutionCode
    consumer: InstitutionCode
    granted: bool
    again: bool = False
    """The same message was decided before."""

    reason: str | None = None
    outcome: str | None = None
    rows: int | None = None
    cause: str = ""
    paragraph: str = ""
    """Deliberation and paragraph of the clause that decided; empty: none did."""

    @property
    def exactly(self) -> str:
        """The exact reason or cause; empty where all went well."""
        return self.reason or self.cause


class Exchange(msgspec.Struct, kw_only=True):
    """What came of a story. `fields` are the granted ones, also those whose value is null.

    `status` is 0 where no whole reply came. `trail` is what the trails of node and hub gained, in
    this order; `faults` is what is not as law, trail and story say.
    """

    title: str = msgspec.field(name="title")
    flow: str
    consumer: str
    ssin: str
    outcome: Ending
    status: int = 0
    reason: str | None = None
    detail: str = ""
    clause: str | None = None
    paragraph: str | None = None
    fields: list[str] = []
    withheld: list[str] = []
    ms: float = 0.0
    rows: list[dict[str, str | int | bool | None]] = []
    repeated: bool = False
    ticket: UUID | None = None
    replaced_by: str | None = None
    station: Trouble = ""
    key: str = "own"
    trail: list[Noted] = []
    faults: list[str] = []

    @property
    def exactly(self) -> str:
        """Why no data came, exactly: as the trail says, or as heard where it says nothing."""
        if self.outcome == "granted":
            return ""
        if not self.trail:
            return self.detail or self.reason or ""
        return self.trail[-1].exactly or NO_DATA


def read_stories(path: Path | None = None) -> Stories:
    """Read the stories, by default the country's own.

    Raises:
        StoriesWrong: not of that form.
    """
    path = path or data_folder("country") / "demo.toml"
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Stories)
    except (OSError, *UNREADABLE) as error:
        raise StoriesWrong(f"{path}: {error}") from None
