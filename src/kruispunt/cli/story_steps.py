"""The one-time file as it is told: steps in the shape of those of a case, and persons followed."""

from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from kruispunt.cli.clock import now
from kruispunt.cli.story import Noted
from kruispunt.client import StepBody


class Followed(msgspec.Struct, kw_only=True):
    """One person of the file: what was told, and what each trail on the way says of it."""

    ssin: str
    sender: str
    amounts: list[str]
    trail: list[Noted]


class FileTold(msgspec.Struct, kw_only=True):
    """The one-time file of a demonstration. `faults`: what went otherwise."""

    title: str = msgspec.field(name="title")
    why: str
    persons: int
    """Records that were sent; who is paid by two institutions counts twice."""

    given: int
    """Records that stand at insurers now."""

    steps: list[StepBody] = []
    followed: list[Followed] = []
    faults: list[str] = []


@dataclass(slots=True, kw_only=True)
class Telling:
    """Steps of the file as they are made, in the shape of those of a case."""

    paragraph: str
    """Of the clause that gives leave to send it."""

    steps: list[StepBody] = field(default_factory=list[StepBody])
    faults: list[str] = field(default_factory=list[str])

    def step(
        self,
        party: str,
        what: str,
        detail: str,
        *,
        paragraph: str = "",
        at: datetime | None = None,
        took_ms: float | None = None,
        changed: bool = True,
    ) -> None:
        """One thing that somebody did; without a paragraph of its own, by that of the clause."""
        self.steps.append(
            StepBody(
                n=len(self.steps) + 1,
                at=at or now(),
                party=party,
                what=what,
                detail=detail,
                paragraph=paragraph or self.paragraph,
                took_ms=took_ms,
                changed=changed,
            )
        )

    def expect(self, what: str, expected: object, found: object) -> None:
        """Note a fault where another thing happened."""
        if expected != found:
            self.faults.append(f"{what}: expected {expected}, found {found}")
