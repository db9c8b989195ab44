"""Commands that show or change one person's data here: each is an entry, by the account's name."""

import os
import pwd
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final
from uuid import UUID

from cyclopts import Parameter

from kruispunt.audit import Operator, Published, Reader, read_master_key
from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import open_house, open_institution
from kruispunt.directory import FileOfLines, Seen
from kruispunt.exchange import new_ticket, what_was_made
from kruispunt.law import read_lawbook
from kruispunt.postgres import Connection, Database
from kruispunt.vocabulary import InstitutionCode

NO_REASON: Final = "operator, no reason given"
MAX_WHY: Final = 500


def _check_why(_kind: object, why: str) -> None:
    if len(why) > MAX_WHY or not why.isprintable():
        raise ValueError(f"expected a reason of one line, {MAX_WHY} signs at most")


Why = Annotated[
    str,
    Parameter(
        help="Why: it stands in the trail, with the name of your account.", validator=_check_why
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The database of a hub or node, and the account that sits before it."""

    database: Database
    reader: Reader
    operator: Operator
    published: Published


@asynccontextmanager
async def open_desk(
    state: Path | None, code: InstitutionCode, *, why: str
) -> AsyncGenerator[Desk]:
    """An institution's own database, for an account whose looks and changes are entries.

    Raises:
        StartFailed, FileNotFoundError: as `open_institution`.
        MasterKeyWrong, Shredded, Tampered: nothing can be written down, so nothing is shown.
    """
    place = open_house(state).place
    async with open_institution(state, code) as database:
        reader = Reader.over(database, master=read_master_key(place.home(code).master))
        operator = await Operator.at(
            reader,
            institution=code,
            user=account(),
            why=why,
            lawbook=read_lawbook().digest,
            now=now,
            new_id=_new_id,
            random_bytes=random_bytes,
        )
        yield Desk(
            database=database,
            reader=reader,
            operator=operator,
            published=place.published(code),
        )


def account() -> str:
    """The account that this process runs under, as the machine says: no setting changes it."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _new_id(at: datetime) -> UUID:
    return new_ticket(at, random_bytes)


@dataclass(frozen=True, slots=True)
class OperatorSaw:
    """The witness of a directory: what changes there is an entry of the operator's."""

    operator: Operator

    async def saw(self, connection: Connection, seen: Seen) -> None:
        """Write it down in the transaction that changes it."""
        made, part, file = what_was_made(seen)
        ssin = None if isinstance(seen, FileOfLines) else seen.ssin
        await self.operator.change(connection, made, ssin=ssin, part=part, file=file)
