"""The insurer's own register of its members, as far as letters need it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kruispunt.circuits.sending import Addressee, Member
from kruispunt.postgres import Database, read_queries
from kruispunt.vocabulary import Ssin

QUERIES: Final = read_queries(Path(__file__).with_name("members.sql"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledMembers:
    """Members in the institution's own database.

    Trust: who writes here can turn letters about anyone to an address of his choice.
    """

    database: Database

    async def find(self, person: Ssin) -> Member | None:
        """Whom a letter reaches, where an address is known."""
        rows = await self.database.fetch(QUERIES["find_member"], int(person.digits))
        if not rows or not rows[0]["address"]:
            return None
        name, address, language = rows[0]["name"], rows[0]["address"], rows[0]["language"]
        return Member(to=Addressee(name=name, lines=tuple(address.split(", "))), language=language)
