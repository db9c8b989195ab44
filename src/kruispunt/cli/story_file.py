"""The story of the one-time file (05/022 §7.4, §42-44): chosen, integrated, sent, taken, spent.

What `one-shot select|population|send|collect|show` and `directory load` do, by the same functions,
with the processes that run. The leave is used up by it, so a second demonstration sends the very
same file: it is taken for what it is, and done no second time.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from kruispunt.circuits import one_shot
from kruispunt.cli.clock import now
from kruispunt.cli.compose import House
from kruispunt.cli.one_shot_part import Away, Refused, Sending
from kruispunt.cli.one_shot_seat import (
    FileRow,
    Selected,
    clause_of,
    collect_into,
    files_at,
    lists_for_file,
    mailbox_of,
    part_of,
    population_lines,
    selected_by,
)
from kruispunt.cli.operator import OperatorSaw, open_desk
from kruispunt.cli.story import Noted
from kruispunt.cli.story_steps import FileTold, Followed, Telling
from kruispunt.cli.story_trail import Trails
from kruispunt.client import MOST_PERSONS
from kruispunt.directory import Lines, loading
from kruispunt.law import Clause
from kruispunt.vocabulary import FlowId, InstitutionCode, Ssin
from kruispunt.web import Http, KeyRingFile

WAIT_S: Final = 20.0
LOOK_S: Final = 0.1
WHY: Final = "demonstration: the target population of the one-time file"
EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN: Final = 3
"""Persons who are followed on their way, each with another end."""

TITLE: Final = "Amounts that the freeze of 2020-2021 held back: one file for all, sent once."
MEANING: Final = (
    "In place of a question about each person. Whose risk was not current any more on 1 October "
    "2021, and who is known at no insurer now, goes no further (§7.4). The leave has no last day: "
    "the file uses it up (§44), so telling this again sends the very same one."
)

Chosen = Mapping[InstitutionCode, Sequence[one_shot.OneShotRecord]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileTeller:
    """Plays the payment institutions that send, and the insurers that take."""

    house: House
    http: Http
    trails: Trails

    async def tell(self) -> FileTold | None:
        """The whole way of the file; None where nobody is in it."""
        _, clause = clause_of(self.house.network.lawbook)
        telling = Telling(paragraph=f"{clause.ground.deliberation} {clause.ground.paragraph}")
        parts = await self._choose(telling)
        if not parts:
            return None
        way = self._way(clause, parts)
        was_sent = bool(await self._at(way[0]))
        if not was_sent:
            await self._integrate(telling, way[0], parts)
        for code, records in parts.items():
            await self._send(telling, code, records, was_sent=was_sent)
        persons = sum(map(len, parts.values()))
        taken = await self._pass_on(telling, way, parts, persons=persons)
        given = await self._collect(telling, expected=taken, was_sent=was_sent)
        await self._send_another(telling, parts)
        return FileTold(
            title=TITLE,
            why=MEANING,
            persons=persons,
            given=given,
            steps=telling.steps,
            followed=await self._follow(parts, clause.flow),
            faults=telling.faults,
        )

    def _way(self, clause: Clause, parts: Chosen) -> Sequence[InstitutionCode]:
        """The seats that the file passes: of those who send, the hub, of those who take."""
        sender = self.house.network.node_of(next(iter(parts)))
        assert sender is not None, "payment institutions stand behind a node"
        return (sender.institution, self.house.network.hub, clause.consumer)

    async def _choose(self, telling: Telling) -> Chosen:
        """OS-4 to OS-6: of whom each institution writes, by its own tables.

        Raises:
            StationFileWrong, ListingFailed, one_shot.Unreadable, Unavailable: as `selected_by`.
        """
        parts = dict[InstitutionCode, Sequence[one_shot.OneShotRecord]]()
        for code in sorted(one.institution for one in self.house.network.collectors):
            if not lists_for_file(self.house, code):
                continue
            began = perf_counter()
            found = await selected_by(self.house, code)
            if found.records:
                parts[code] = found.records
                said = _chosen_words(found)
                paragraph = "05/022 §7.4, §41-43"
                telling.step(
                    code, "persons-chosen", said, paragraph=paragraph, took_ms=_since(began)
                )
        return parts

    async def _integrate(self, telling: Telling, supplier: InstitutionCode, parts: Chosen) -> None:
        """OS-7: the supplier's population becomes known at the hub; loading it is an entry."""
        hub, began = self.house.network.hub, perf_counter()
        records = [one for part in parts.values() for one in part]
        with TemporaryDirectory(dir=self.house.place.state) as folder:
            path = Path(folder) / "population.csv"
            path.write_text(population_lines(self.house, records), "utf-8")
            async with open_desk(self.house.place.state, hub, why=WHY) as desk:
                loaded = await loading.load_file(
                    Lines(desk.database, OperatorSaw(desk.operator)), path
                )
        said = f"{_many(loaded.rows, 'person')} known at {hub} from now on"
        took = _since(began)
        telling.step(
            supplier, "population-integrated", said, paragraph="05/022 §7.4", took_ms=took
        )

    async def _send(
        self,
        telling: Telling,
        code: InstitutionCode,
        records: Sequence[one_shot.OneShotRecord],
        *,
        was_sent: bool,
    ) -> None:
        began = perf_counter()
        try:
            sent = await self._sending(code, records)
        except (Refused, Away) as wrong:
            telling.step(code, "part-not-sent", str(wrong))
            telling.faults.append(f"{code} could not send its part: {wrong}")
            return
        said = f"{_many(len(records), 'person')} in {_many(sent, 'batch', 'batches')}"
        if was_sent:
            said += ", taken before"
        telling.step(code, "part-sent", said, took_ms=_since(began), changed=not was_sent)

    async def _sending(
        self, code: InstitutionCode, records: Sequence[one_shot.OneShotRecord]
    ) -> int:
        """How many batches the seat has, once it has all of them.

        Raises:
            Refused, Away: as `Sending.run`.
        """
        sending = Sending(
            mailbox=mailbox_of(self.house, code, self.http),
            part=part_of(self.house, records, most=MOST_PERSONS),
            ring=KeyRingFile.open(self.house.place.home(code).ring),
            now=now,
            patience_s=WAIT_S,
            tell=lambda _: None,
        )
        await sending.run()
        return sending.done

    async def _pass_on(
        self, telling: Telling, way: Sequence[InstitutionCode], parts: Chosen, *, persons: int
    ) -> int:
        """What each seat took, passed on and kept back; how many the last one passed on."""
        began = telling.steps[-1].at
        for code in way:
            row = await self._arrived(code, persons)
            found = 0 if row is None else row.persons
            telling.expect(f"persons that came to {code}", persons, found)
            if row is None:
                return 0
            said = f"{_many(row.persons, 'person')}, an entry each: {row.passed} passed on"
            if row.withheld:
                said += f", {row.withheld} stay behind ({await self._reasons(code, parts)})"
            took = max(0.0, (row.last_at - began).total_seconds() * 1000)
            telling.step(code, "taken", said, at=row.last_at, took_ms=took or None)
            persons = row.passed
        return persons

    async def _arrived(self, code: InstitutionCode, persons: int) -> FileRow | None:
        """The file at a seat, once so many persons of it came, or as it is after a while."""
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while True:
            row = next(iter(await self._at(code)), None)
            came = 0 if row is None else row.persons
            if came >= persons or asyncio.get_running_loop().time() > deadline:
                return row
            await asyncio.sleep(LOOK_S)

    async def _at(self, code: InstitutionCode) -> list[FileRow]:
        async with self.house.place.home(code).database() as database:
            return await files_at(database)

    async def _reasons(self, code: InstitutionCode, parts: Chosen) -> str:
        """Why persons stay behind at a seat, as an auditor reads it in its trail."""
        found = Counter[str]()
        for record in (one for part in parts.values() for one in part):
            noted = await self._noted(record.ssin)
            found.update(one.reason for one in noted if one.at == code and one.reason)
        return ", ".join(f"{count} {reason}" for reason, count in sorted(found.items()))

    async def _noted(self, ssin: Ssin) -> Sequence[Noted]:
        flow, _ = clause_of(self.house.network.lawbook)
        return await self.trails.passed(ssin, flow.id, since=EVER)

    async def _collect(self, telling: Telling, *, expected: int, was_sent: bool) -> int:
        """Insurers empty their mailboxes; those that run a circuit have done so by themselves."""
        network = self.house.network
        for code in self._insurers():
            if all(one.institution != code for one in network.circuits):
                folder = self.house.place.home(code).one_shot
                await collect_into(mailbox_of(self.house, code, self.http), folder, wait_s=0)
        deadline = asyncio.get_running_loop().time() + WAIT_S
        while sum((found := self._shelves()).values()) < expected and not was_sent:
            if asyncio.get_running_loop().time() > deadline:
                break
            await asyncio.sleep(LOOK_S)
        for code, count in found.items():
            telling.step(code, "kept", f"{_many(count, 'person')}, members of its own")
        given = sum(found.values())
        if not was_sent:
            telling.expect("persons at insurers", expected, given)
        return given

    def _insurers(self) -> Sequence[InstitutionCode]:
        _, clause = clause_of(self.house.network.lawbook)
        nodes = self.house.network.nodes
        node = next(one for one in nodes if one.institution == clause.consumer)
        return self.house.network.members(node)

    def _shelves(self) -> dict[InstitutionCode, int]:
        """How many records stand at each insurer to which any came."""
        found = dict[InstitutionCode, int]()
        for code in self._insurers():
            for path in sorted(self.house.place.home(code).one_shot.glob("*.csv")):
                with path.open(encoding="utf-8", newline="") as lines:
                    found[code] = found.get(code, 0) + sum(1 for _ in one_shot.read_records(lines))
        return found

    async def _send_another(self, telling: Telling, parts: Chosen) -> None:
        """R-ONCE: the first sender once more, with another amount."""
        code, (first, *others) = next(iter(parts.items()))
        *drops, last = first.drops
        other = replace(first, drops=(*drops, replace(last, daily_cents=last.daily_cents - 1)))
        began = perf_counter()
        try:
            await self._sending(code, (other, *others))
        except Refused as refused:
            telling.expect("why another file is refused", True, refused.was_sent)
            said = f"refused: {refused.said}"
        except Away as away:
            said = f"not sent: {away}"
            telling.faults.append(f"another file was not refused: {away}")
        else:
            said = "taken"
            telling.faults.append("another file was taken")
        telling.step(code, "another-file", said, took_ms=_since(began), changed=False)

    async def _follow(self, parts: Chosen, flow: FlowId) -> list[Followed]:
        """Persons with different ends, those first who came furthest."""
        found = dict[tuple[str, ...], Followed]()
        for code, record in ((code, one) for code, part in parts.items() for one in part):
            trail = list(await self.trails.passed(record.ssin, flow, since=EVER))
            ended = tuple(one.reason or "" for one in trail)
            amounts = [
                f"{one_shot.euros(one.daily_cents)} from {one.begin}" for one in record.drops
            ]
            found.setdefault(
                ended,
                Followed(ssin=record.ssin.digits, sender=code, amounts=amounts, trail=trail),
            )
        return sorted(found.values(), key=lambda one: -len(one.trail))[:SHOWN]


def _chosen_words(found: Selected) -> str:
    amounts = sum(len(one.drops) for one in found.records)
    chosen = f"{_many(len(found.records), 'person')} of {found.listed}"
    return f"{chosen} whom an insurer asked about, {_many(amounts, 'amount')} to come"


def _many(count: int, one: str, several: str = "") -> str:
    return f"{count} {one if count == 1 else several or one + 's'}"


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 1)
