"""A file of lines or questions: whose it is, its lines, what each came to, how far it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Whose file it is, what is to be done with each of its lines, and which file: its SHA-256.

    `account`: who took it, at the institution's own machine. `act` None: lines are questions.
    """

    institution: InstitutionCode
    flow: FlowId
    purpose: PurposeId
    digest: bytes
    name: str
    account: str
    act: Act | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """One line of a file, read: about whom, which days, and which lines of the directory."""

    number: int
    ssin: Ssin
    about: Period
    asked: LinesAsked | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """One line of a file that can't be read. It says which rule, never what stood there."""

    number: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTold:
    """What one line comes to: its decision and rows, by its entry; or the problem of its form."""

    line: FileLine | BadLine
    entry: UUID | None = None
    decision: Decision | None = None
    rows: tuple[Row, ...] = ()
    problem: Malformed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMark:
    """How far a file has come: lines and bytes that were read, bytes that were told of them."""

    lines: int = 0
    bytes: int = 0
    told_bytes: int = 0
    begun: bool = False
    ended: bool = False


Tell = Callable[[Sequence[FileTold]], int]
"""Writes down, durably, what the lines of a block came to; how many bytes it wrote in all."""
