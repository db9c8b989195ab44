"""What the house shows of itself: open grants to auditors, and no person in its logs."""

import asyncio
import re
import sys
from collections.abc import Sequence
from typing import Final

import msgspec

from kruispunt.vocabulary import Ssin, WrongNumber
from storm.check import open_grants
from storm.kept import Finding
from storm.places import Places
from storm.trail import Entry, SeatTrail

TRIED: Final = 2
LIMIT: Final = 10_000
WORDS: Final = "may have been given"


ELEVEN: Final = re.compile(r"(?<![\w.])\d{11}(?![\w.])")
"""Eleven digits by themselves: those within the id of a trace are nobody's."""


class _Shown(msgspec.Struct, frozen=True):
    ticket: str
    decision: str
    outcome: str | None


async def shown_as_open(places: Places, trail: SeatTrail) -> list[Finding]:
    """What `kruispunt audit list` says of some of the open grants of a seat."""
    still = set(open_grants(trail))
    entries = [entry for entry in trail.entries if entry.id in still][:TRIED]
    return [f for entry in entries for f in await _of(places, trail.seat, entry)]


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


async def _of(places: Places, seat: str, entry: Entry) -> Sequence[Finding]:
    told = await _listed(places, seat, entry, "--json")
    looks = msgspec.json.decode(told or b"[]", type=list[_Shown])
    mine = [look for look in looks if look.ticket == str(entry.id)]
    rule = "an open grant is shown as such"
    if [(look.decision, look.outcome) for look in mine] != [("granted", None)]:
        return [Finding(rule=rule, what=f"{seat}: {entry.id} is shown as {mine}")]
    page = " ".join((await _listed(places, seat, entry)).decode().split())
    if WORDS.split()[0] not in page:
        return [Finding(rule=rule, what=f"{seat}: {entry.id} is not said to be open")]
    return []


async def _listed(places: Places, seat: str, entry: Entry, *words: str) -> bytes:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "kruispunt", "audit", "list", "--ssin", "-", "--at", seat),
        *("--state", str(places.state), "--limit", str(LIMIT), *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await child.communicate(Ssin.of(entry.ssin).digits.encode())
    return told
