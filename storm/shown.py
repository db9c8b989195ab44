"""What the house shows of itself: open grants to auditors, and no person in its logs."""

import asyncio
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Final
from uuid import UUID

import msgspec

from kruispunt.vocabulary import Ssin, WrongNumber
from storm.check import open_grants
from storm.kept import Finding
from storm.listed import Listed
from storm.places import Places
from storm.trail import SeatTrail

TRIED: Final = 50
"""So many open grants of a seat are looked up, by chance, or all where there are fewer."""

WORDS: Final = "may have been given"
RULE: Final = "an open grant is shown as such"
WIDE: Final = "500"
"""Columns of a page on which no words are broken."""

ELEVEN: Final = re.compile(r"(?<![\w.])\d{11}(?![\w.])")
"""Eleven digits by themselves: those within the id of a trace are nobody's."""


class _Shown(msgspec.Struct, frozen=True):
    ticket: str
    decision: str
    outcome: str | None


async def shown_as_open(places: Places, trail: SeatTrail, *, chance: Random) -> list[Finding]:
    """What `kruispunt audit list` says wrongly of the open grants of a seat."""
    still = open_grants(trail)
    tried = set(chance.sample(still, min(TRIED, len(still))))
    persons: dict[int, set[UUID]] = {}
    for entry in trail.entries:
        if entry.id in tried:
            persons.setdefault(entry.ssin, set()).add(entry.id)
    if not persons:
        return []
    listed = await _listed(places, trail.seat, list(persons))
    if len(listed) != len(persons):
        return [Finding(rule=RULE, what=f"{trail.seat}: the open grants can't be listed")]
    pairs = zip(persons.values(), listed, strict=True)
    return [
        Finding(rule=RULE, what=f"{trail.seat}: {what}")
        for entries, one in pairs
        for what in wrongly_shown(entries, one)
    ]


def wrongly_shown(entries: set[UUID], listed: Listed) -> Iterator[str]:
    """What is said wrongly of the open grants of one person: to machines, or to people."""
    looks = msgspec.json.decode(listed.json or "[]", type=list[_Shown])
    by_ticket: Mapping[str, _Shown] = {look.ticket: look for look in looks}
    for entry in sorted(entries):
        look = by_ticket.get(str(entry))
        if look is None or (look.decision, look.outcome) != ("granted", None):
            yield f"{entry} is shown as {look}"
    # A page shows no tickets: as many must be said to be open as are.
    still = sum((look.decision, look.outcome) == ("granted", None) for look in looks)
    said = listed.page.count(WORDS)
    if said != still:
        yield f"{still} are open, {min(entries)} among them, and {said} are said to be"


def persons_in_logs(places: Places) -> list[Finding]:
    """Logs in which a person's number stands."""
    return [
        Finding(rule="no person stands in a log", what=path.name)
        for path in sorted((places.state / "log").iterdir())
        if any(_is_person(digits) for digits in ELEVEN.findall(path.read_text("utf-8", "replace")))
    ]


def _is_person(digits: str) -> bool:
    try:
        Ssin(digits)
    except WrongNumber:
        return False
    return True


async def _listed(places: Places, seat: str, persons: Sequence[int]) -> list[Listed]:
    """What is said of each of these persons; nothing where that could not be had."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "storm.listed", seat, str(places.state)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": WIDE},
    )
    numbers = "\n".join(Ssin.of(person).digits for person in persons)
    told, _ = await child.communicate(numbers.encode())
    return msgspec.json.decode(told or b"[]", type=list[Listed])
