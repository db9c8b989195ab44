"""Changes of the directory are entries too: who let which lines stand or end, about whom, when."""

from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

from asyncpg import Record
from msgspec import Struct, structs

from kruispunt.audit.blinding import MonthKey, Tampered, blind
from kruispunt.audit.form import (
    CHANGE,
    VERSION,
    ChangeForm,
    FileForm,
    PartForm,
    WrongForm,
    decode,
    encode,
)
from kruispunt.postgres import Connection, read_queries
from kruispunt.vocabulary import InstitutionCode, Period, Quality, Sector, Ssin

CHANGES: Final = read_queries(Path(__file__).with_name("change.sql"))


class Made(StrEnum):
    """What was done to the directory."""

    INTEGRATION = "integration"
    DEINTEGRATION = "de-integration"
    LOAD = "load"


class Part(Struct, frozen=True, kw_only=True):
    """Which lines of a person were meant. What is None was not looked at."""

    sector: Sector
    quality: Quality | None
    phase: int | None
    period: Period | None
    line_begin: date | None = None
    member: InstitutionCode | None = None


class LoadedFile(Struct, frozen=True, kw_only=True):
    """A file of lines: its SHA-256, lines that were taken, and lines that broke a rule."""

    digest: bytes
    lines: int
    skipped: int


class Change(Struct, frozen=True, kw_only=True):
    """One change. About a person and `part` of its lines, or a `file`, about nobody in particular.

    `user` is the name of the account at the institution's own machine.
    """

    id: UUID
    recorded_at: datetime
    institution: InstitutionCode
    user: str
    made: Made
    ssin: Ssin | None
    part: Part | None
    file: LoadedFile | None
    why: str


def change_seen_by_person(change: Change) -> Change:
    """All but who sat at the desk."""
    return structs.replace(change, user="")


def change_seen_by_officer(change: Change) -> Change:
    """Who changed something about whom, and when; not what the person is known as."""
    return structs.replace(change, part=None)


def encode_change(change: Change) -> bytes:
    """The bytes that a change's leaf is made over."""
    part, file = change.part, change.file
    return encode(
        ChangeForm(
            version=VERSION,
            id=change.id.bytes,
            recorded_at=change.recorded_at,
            institution=change.institution,
            user=change.user,
            made=change.made,
            ssin=None if change.ssin is None else change.ssin.digits,
            part=None if part is None else _part_form(part),
            file=None if file is None else FileForm(file.digest, file.lines, file.skipped),
            why=change.why,
        )
    )


def _part_form(part: Part) -> PartForm:
    period = part.period
    return PartForm(
        sector=part.sector,
        quality=part.quality,
        phase=part.phase,
        begin=None if period is None else period.begin,
        end=None if period is None else period.end,
        line_begin=part.line_begin,
        member=part.member,
    )


def decode_change(data: bytes) -> Change:
    """Read a change back from its bytes.

    Raises:
        WrongForm: these bytes are not one.
    """
    form = decode(data)
    if not isinstance(form, ChangeForm):
        raise WrongForm("expected a change")
    return read_change(form)


def read_change(form: ChangeForm) -> Change:
    """The change that a form holds."""
    file = form.file
    return Change(
        id=UUID(bytes=form.id),
        recorded_at=form.recorded_at,
        institution=InstitutionCode(form.institution),
        user=form.user,
        made=Made(form.made),
        ssin=None if form.ssin is None else Ssin(form.ssin),
        part=None if form.part is None else _read_part(form.part),
        file=None
        if file is None
        else LoadedFile(digest=file.digest, lines=file.lines, skipped=file.skipped),
        why=form.why,
    )


def _read_part(form: PartForm) -> Part:
    return Part(
        sector=Sector(form.sector),
        quality=None if form.quality is None else Quality(form.quality),
        phase=form.phase,
        period=None if form.begin is None else Period(form.begin, form.end),
        line_begin=form.line_begin,
        member=None if form.member is None else InstitutionCode(form.member),
    )


async def write_change(connection: Connection, change: Change, *, key: MonthKey) -> None:
    """Write a change down in the transaction that makes it: both stand, or neither."""
    encoded = encode_change(change)
    await connection.execute(
        CHANGES["add_change"].sql,
        change.recorded_at,
        None if change.ssin is None else change.ssin.number,
        change.id,
        change.institution,
        key.seal(encoded, entry=change.id),
        blind(encoded, salt=key.salt(change.id, kind=CHANGE)),
    )


def encoded_change(row: Record, key: MonthKey) -> bytes:
    """The bytes of a stored change's leaf.

    Raises:
        Tampered: they can't be opened, or its columns say otherwise.
    """
    encoded = key.unseal(row["sealed"], entry=row["id"])
    try:
        told = decode_change(encoded)
    except ValueError as wrong:
        raise Tampered("what was sealed as a change is none") from wrong
    number = None if told.ssin is None else told.ssin.number
    columns = (row["recorded_at"], row["ssin"], row["id"], row["institution"])
    if columns != (told.recorded_at, number, told.id, told.institution):
        raise Tampered("the columns of a change are not what was sealed")
    return encoded


def change_leaf(row: Record, key: MonthKey) -> bytes:
    """The data of a stored change's leaf, made again; empty where it can't be opened."""
    try:
        encoded = encoded_change(row, key)
    except Tampered:
        return b""
    return sha256(key.salt(row["id"], kind=CHANGE) + encoded).digest()
