"""`kruispunt audit person`: a person's own page, joined from the trails of hub and nodes."""

import asyncio
import getpass
import sys
from collections import defaultdict
from pathlib import Path
from typing import Annotated, Final

import msgspec
from cyclopts import Parameter

from kruispunt.cli.clock import now, random_bytes
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.reading import NoSsin, Person, kept_words, read_ssin_argument
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import (
    AskFailed,
    ChangeBody,
    EntryBody,
    KeptBody,
    ReadingBody,
    ReadRequest,
    SpoiledBody,
    TrailClient,
)
from kruispunt.law import Reads, TrailReader
from kruispunt.vocabulary import InstitutionCode, Ssin
from kruispunt.web import Http, KeyRingFile, KeyWrong, SigningKeyFile

DONE: Final = 0
AWAY: Final = 1
WRONG: Final = 2


class Joined(msgspec.Struct, frozen=True, rename="camel"):
    """A look, and the looks that were made on for it: a node's, with the hub's below it."""

    trail: str
    entry: EntryBody
    below: tuple["Joined", ...]


class PersonPage(msgspec.Struct, frozen=True, rename="camel"):
    """All that a person is shown. What is kept and who read stand by the trail that says it."""

    looks: tuple[Joined, ...]
    readings: dict[str, tuple[ReadingBody, ...]]
    changes: dict[str, tuple[ChangeBody, ...]]
    kept: dict[str, tuple[KeptBody, ...]]
    kept_whole: dict[str, bool]
    spoiled: dict[str, tuple[SpoiledBody, ...]]


class NoPortal(ValueError):
    """Nobody here may ask for a person's page."""


def person(
    *,
    ssin: Person,
    by: Annotated[
        str | None, Parameter(help="The institution that asks; else the portal that is here.")
    ] = None,
    json: Annotated[bool, Parameter(negative="", help="One JSON object.")] = False,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """Show a person who looked, as their portal does: asked at hub and nodes, joined by ticket.

    It signs with the portal's key, and is itself an entry of each trail, by your name.

    Exit codes: 0 shown; 1 a trail does not answer, or not so that it can be believed; 2 wrong
    input, or no portal has a key here.
    """
    try:
        asked = read_ssin_argument(ssin)
        house = open_house(state)
        page = asyncio.run(_page(house, asked, by))
    except (NoSsin, NoPortal, KeyWrong, FileNotFoundError) as wrong:
        return _say(wrong, code=WRONG)
    except (AskFailed, StartFailed) as failed:
        return _say(failed, code=AWAY)
    if json:
        print(msgspec.json.encode(page).decode())
    else:
        _show(page)
    return DONE


async def _page(house: House, ssin: Ssin, by: str | None) -> PersonPage:
    network = house.network
    reader = next((one for one in network.lawbook.readers if one.reads is Reads.PERSON), None)
    if reader is None:
        raise NoPortal("the law lets nobody read a person's page")
    code = InstitutionCode(by) if by else _portal(house, reader)
    request = ReadRequest(
        role=reader.role, user=getpass.getuser(), ssin=ssin.digits, limit=500, why="own page"
    )
    seats = [network.hub, *(node.institution for node in network.nodes)]
    looks: dict[InstitutionCode, list[EntryBody]] = {}
    readings = defaultdict[str, tuple[ReadingBody, ...]](tuple)
    changes = defaultdict[str, tuple[ChangeBody, ...]](tuple)
    spoiled = defaultdict[str, tuple[SpoiledBody, ...]](tuple)
    kept: dict[str, tuple[KeptBody, ...]] = {}
    whole: dict[str, bool] = {}
    async with attach_or_start(house.place.state), await Http.open() as http:
        for seat in seats:
            client = _client(house, code, seat=seat, http=http)
            looks[seat] = []
            async for page in client.pages(Reads.PERSON.value, request):
                looks[seat] += page.entries
                readings[seat] += page.readings
                changes[seat] += page.changes
                spoiled[seat] += page.spoiled
                kept.setdefault(seat, page.kept)
                whole.setdefault(seat, page.kept_whole)
    return PersonPage(
        looks=tuple(join(network.hub, looks)),
        readings=readings,
        changes=changes,
        kept=kept,
        kept_whole=whole,
        spoiled=spoiled,
    )


def _portal(house: House, reader: TrailReader) -> InstitutionCode:
    """The institution with a key here that may ask for a person."""
    for code in house.network.readers:
        roles = house.network.lawbook.institutions[code].roles
        if not roles.isdisjoint(reader.institutions) and house.place.home(code).key.exists():
            return code
    raise NoPortal("no institution that may ask for a person has a key here")


def _client(
    house: House, code: InstitutionCode, *, seat: InstitutionCode, http: Http
) -> TrailClient:
    home = house.place.home(code)
    return TrailClient(
        url=house.place.addresses()[seat],
        seat=seat,
        http=http,
        key=SigningKeyFile.open(home.key, now=now),
        ring=KeyRingFile.open(home.ring),
        now=now,
        random_bytes=random_bytes,
    )


def join(hub: InstitutionCode, looks: dict[InstitutionCode, list[EntryBody]]) -> list[Joined]:
    """Every look once, the latest first: the hub's below the node's entry whose id it came with.

    A node asks its hub with its own entry's id as message id: so only an entry of the hub whose
    consumer is that node is put there. One whose node's entry is not shown stands by itself.
    """
    asked = defaultdict[tuple[str, object], list[EntryBody]](list)
    for entry in looks.get(hub, ()):
        asked[entry.consumer, entry.message_id].append(entry)
    joined: list[Joined] = []
    for seat, entries in looks.items():
        for entry in entries if seat != hub else ():
            below = asked.pop((seat, entry.ticket), [])
            ours = tuple(Joined(trail=hub, entry=one, below=()) for one in below)
            joined.append(Joined(trail=seat, entry=entry, below=ours))
    alone = (one for found in asked.values() for one in found)
    joined += [Joined(trail=hub, entry=one, below=()) for one in alone]
    return sorted(joined, key=lambda one: one.entry.recorded_at, reverse=True)


def _show(page: PersonPage) -> None:
    if not page.looks:
        print("nobody looked")
    for look in page.looks:
        _line(look, indent="")
    _show_missing(page)
    for trail, read in page.readings.items():
        for one in read:
            word = "refused" if one.refused else "read"
            at = f"{one.recorded_at:%Y-%m-%d %H:%M:%SZ}"
            print(f"{at}  {trail}: the trail itself, {one.institution} as {one.role}: {word}")

    for trail, made in page.changes.items():
        for one in made:
            at = f"{one.recorded_at:%Y-%m-%d %H:%M:%SZ}"
            print(f"{at}  {trail}: {one.institution} changed the directory: {_changed(one)}")


def _show_missing(page: PersonPage) -> None:
    """What stands in the trails and is not shown."""
    for trail, spoiled in page.spoiled.items():
        for one in spoiled:
            print(f"{trail}: entry {one.entry} can't be read")
    for trail in (seat for seat, whole in page.kept_whole.items() if not whole):
        print(f"{trail}: there may be more that is not shown")
    for trail, found in page.kept.items():
        for line in kept_words(found):
            print(f"{trail}: {line}")


def _changed(change: ChangeBody) -> str:
    part = change.part
    if part is None:
        return change.made
    quality = "" if part.quality is None else f" quality {part.quality:03d}"
    period = part.period
    days = "" if period is None else f" {period.begin_date} – {period.end_date or '…'}"
    return f"{change.made}, sector {part.sector}{quality}{days}"


def _line(look: Joined, *, indent: str) -> None:
    one = look.entry
    ground = f"{one.deliberation} {one.paragraph}" if one.clause else "no clause"
    said = one.decision if one.reason is None else f"{one.decision}: {one.reason}"
    ending = f", {one.ending}" if one.ending else ""
    print(
        f"{indent}{one.recorded_at:%Y-%m-%d %H:%M:%SZ}  {look.trail}: {one.consumer} asked "
        f"{one.flow} for {one.purpose} ({ground}): {said}{ending}"
    )
    for below in look.below:
        _line(below, indent=indent + "  ↳ ")


def _say(words: object, *, code: int) -> int:
    print(words, file=sys.stderr)
    return code
