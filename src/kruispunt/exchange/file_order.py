"""A file of lines or questions: whose it is, its lines, what each came to, how far it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from uuid import UUID

from msgspec import Struct

from kruispunt.vocabulary import (
    Act,
    Decision,
    FlowId,
    InstitutionCode,
    LinesAsked,
    Malformed,
    Period,
    PurposeId,
    Row,
    Ssin,
)

NUMBERED: Final = (1 << 48) - 1
"""The last 48 bits of a message id: the number of the line."""

FORM: Final = 0xF << 76 | 3 << 62
"""The bits of a UUID that say its version and variant (RFC 9562); of ours: 8, made by a hash."""

HASHED: Final = 8 << 76 | 2 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Whose file it is, what is to be done with each of its lines, and which file: its SHA-256.

    `account`: who took it, at the institution's own machine. `act` None: lines are questions.
    `id`: by which order of that institution; the same bytes under another one are another file.
    """

    institution: InstitutionCode
    flow: FlowId
    purpose: PurposeId
    digest: bytes
    name: str
    account: str
    act: Act | None = None
    id: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """By what it is known how far this file has come, as columns of its table."""
        act = "" if self.act is None else self.act.value
        return (self.institution, self.digest, self.flow, act, self.purpose, self.id)

    @property
    def messages(self) -> int:
        """The message id of line 0: those of its lines have their number in the last 48 bits."""
        act = "" if self.act is None else self.act.value
        words = (self.institution, self.flow, act, self.purpose, self.id)
        own = sha256(self.digest + "\0".join(words).encode()).digest()[:16]
        return int.from_bytes(own) & ~NUMBERED & ~FORM | HASHED


class FileLine(Struct, frozen=True, kw_only=True, gc=False):
    """One line of a file, read: about whom, which days, and which lines of the directory."""

    number: int
    ssin: Ssin
    about: Period
    asked: LinesAsked | None = None


class BadLine(Struct, frozen=True, kw_only=True, gc=False):
    """One line of a file that can't be read. It says which rule, never what stood there."""

    number: int
    rule: str


class FileTold(Struct, frozen=True, kw_only=True, gc=False):
    """What one line comes to: its decision and rows, by its entry; or the problem of its form."""

    line: FileLine | BadLine
    entry: UUID | None = None
    decision: Decision | None = None
    rows: tuple[Row, ...] = ()
    problem: Malformed | None = None


class FileMark(Struct, frozen=True, kw_only=True):
    """How far a file has come: lines and bytes that were read, bytes that were told of them."""

    lines: int = 0
    bytes: int = 0
    told_bytes: int = 0
    begun: bool = False
    ended: bool = False


Tell = Callable[[Sequence[FileTold]], int]
"""Writes down, durably, what the lines of a block came to; how many bytes it wrote in all."""
