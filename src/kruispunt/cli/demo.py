"""`kruispunt demo`: a network on this machine with synthetic people, and what it answers."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Annotated, Final

import msgspec
from cyclopts import App, Parameter
from rich.console import Console

from kruispunt.cli.clients import Clients
from kruispunt.cli.clock import now
from kruispunt.cli.compose import House, open_house
from kruispunt.cli.demo_case_page import print_case, print_chapter, print_file, print_inquiry
from kruispunt.cli.demo_page import print_addresses, print_exchange, print_head, print_reasons
from kruispunt.cli.fill import Filling, OtherPeople
from kruispunt.cli.story import Exchange, Stories, StoriesWrong, read_stories
from kruispunt.cli.story_case import CaseTeller, CaseTold
from kruispunt.cli.story_file import FileTeller
from kruispunt.cli.story_income import IncomeTeller
from kruispunt.cli.story_key import KeyFailed, extra_key
from kruispunt.cli.story_steps import FileTold
from kruispunt.cli.story_teller import Teller
from kruispunt.cli.story_trail import Trails
from kruispunt.cli.story_trouble import Breakage, NotBroken
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.client import AskFailed
from kruispunt.people import Example, Population, examples
from kruispunt.station import ListingFailed, StationFileWrong
from kruispunt.vocabulary import Problem, data_folder, day_of_asking
from kruispunt.web import Http

OTHERWISE: Final = 1
CANNOT: Final = 2
INTERRUPTED: Final = 130

CANNOT_TELL: Final = (
    StartFailed,
    OtherPeople,
    NotBroken,
    KeyFailed,
    AskFailed,
    StationFileWrong,
    ListingFailed,
    Problem,
    ValueError,
)

demo_app = App(name="demo", help="Start a network with synthetic people, and tell what happens.")


class Report(msgspec.Struct, kw_only=True):
    """What a demonstration did: the one object that `--json` prints."""

    people: int
    seconds: float
    reasons: list[str]
    """Each exact reason why no data came, once, in the order of telling."""

    exchanges: list[Exchange]
    cases: list[CaseTold]
    """What the circuit did, where an institution runs cases here."""

    inquiries: list[CaseTold] = []
    """Increased reimbursement, there too."""

    file: FileTold | None = None
    """The one-time file, where anybody is in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """One run: a house, how many people, and where to say what is being done."""

    house: House
    people: int | None
    seed: int | None
    console: Console

    async def run(self, *, quiet: bool) -> Report:
        """Load the people where they are missing, and tell every story."""
        began = perf_counter()
        people, found, stories = await self._people()
        size = people.persons.height
        told = list[Exchange]()
        if not quiet:
            print_head(self.house.network, people=size)
        async with (
            self._teller(stories, found) as teller,
            aclosing(teller.tell()) as telling,
        ):
            async for story, exchange in telling:
                told.append(exchange)
                if not quiet:
                    print_exchange(len(told), story, exchange)
        if not quiet:
            print_reasons(told)
        cases, inquiries, file = list[CaseTold](), list[CaseTold](), None
        if any(one.institution == stories.member for one in self.house.network.circuits):
            async with self._at_cases() as (http, trails):
                cases = await self._cases(stories, found, http, quiet=quiet)
                inquiries = await self._inquiries(stories, found, http, trails, quiet=quiet)
                file = await self._file(http, trails, quiet=quiet)
        seconds = round(perf_counter() - began, 2)
        reasons = list(dict.fromkeys(one.exactly for one in told if one.exactly))
        return Report(
            people=size,
            seconds=seconds,
            reasons=reasons,
            exchanges=told,
            cases=cases,
            inquiries=inquiries,
            file=file,
        )

    @asynccontextmanager
    async def _at_cases(self) -> AsyncGenerator[tuple[Http, Trails]]:
        """A connection to the doors of cases, and the trails, read as they grow."""
        house = self.house
        async with await Http.open() as http, Trails.open(house.place, house.network) as trails:
            yield http, trails

    async def _cases(
        self, stories: Stories, found: dict[str, Example], http: Http, *, quiet: bool
    ) -> list[CaseTold]:
        """The circuit of the insurer of these stories."""
        if not quiet:
            seat = stories.member
            print_chapter(
                f"The circuit of 05/022 §5, run by {seat}: what every step is allowed by"
            )
        teller = CaseTeller(
            house=self.house,
            seat=stories.member,
            examples=found,
            today=self._today(),
            http=http,
        )
        told = list[CaseTold]()
        async for case in teller.tell():
            told.append(case)
            if not quiet:
                print_case(len(told), case, zone=self.house.network.zone)
        return told

    async def _inquiries(
        self,
        stories: Stories,
        found: dict[str, Example],
        http: Http,
        trails: Trails,
        *,
        quiet: bool,
    ) -> list[CaseTold]:
        """Increased reimbursement, asked for and looked into by the same insurer."""
        if not quiet:
            print_chapter(
                "Increased reimbursement, 05/022 §2.2 and §6: who asks, and who need not"
            )
        teller = IncomeTeller(
            house=self.house,
            seat=stories.member,
            examples=found,
            today=self._today(),
            http=http,
            trails=trails,
        )
        told = list[CaseTold]()
        async for case in teller.tell():
            told.append(case)
            if not quiet:
                print_inquiry(len(told), case, zone=self.house.network.zone)
        return told

    async def _file(self, http: Http, trails: Trails, *, quiet: bool) -> FileTold | None:
        """The one-time file; None where nobody is in it."""
        told = await FileTeller(house=self.house, http=http, trails=trails).tell()
        if told is not None and not quiet:
            print_chapter("The one-time file of 05/022 §7.4 and §42-44: sent once, never again")
            print_file(1, told, zone=self.house.network.zone)
        return told

    async def _people(self) -> tuple[Population, dict[str, Example], Stories]:
        stories = read_stories()
        house = self.house
        with self.console.status("synthetic people …") as status:
            filling = Filling(
                place=house.place,
                network=house.network,
                tell=lambda stage: status.update(f"synthetic people: {stage} …"),
            )
            people = await filling.people(size=self.people, seed=self.seed, today=self._today())
        found = examples(people, member=stories.member, other=stories.other)
        return people, found, stories

    def _today(self) -> date:
        return day_of_asking(now(), self.house.network.zone)

    @asynccontextmanager
    async def _teller(self, stories: Stories, found: dict[str, Example]) -> AsyncGenerator[Teller]:
        place, network = self.house.place, self.house.network
        node = network.node_of(stories.member)
        extra = extra_key(
            place.state,
            institution=stories.member,
            believed_by=node.institution if node else network.hub,
        )
        async with Trails.open(place, network) as trails, extra as key:
            yield Teller(
                stories=stories,
                examples=found,
                clients=Clients(place=place, network=network),
                trails=trails,
                station=self._breakage(stories),
                extra=key,
                asked_on=self._today(),
            )

    def _breakage(self, stories: Stories) -> Breakage:
        network, code = self.house.network, stories.station.institution
        for station in network.stations:
            if station.institution == code:
                return Breakage(
                    place=self.house.place,
                    institution=code,
                    truth=network.folder / station.mapping,
                    lies=data_folder("country") / stories.station.mapping,
                )
        raise StoriesWrong(f"no station of {code} stands in the network")


@demo_app.default
def demo(
    *,
    once: Annotated[bool, Parameter(negative="", help="End after the last story.")] = False,
    json: Annotated[bool, Parameter(negative="", help="One JSON object; implies --once.")] = False,
    people: Annotated[
        int | None,
        Parameter(help="How many synthetic people; else those that stand here, or 20 000."),
    ] = None,
    seed: Annotated[int | None, Parameter(help="The same seed gives the same people.")] = None,
    state: Annotated[Path | None, Parameter(help="State folder; else `.kruispunt`.")] = None,
) -> int:
    """Start every process, load the people, tell what is asked and answered, then serve.

    Among the stories a station falls silent and lies, and a key is revoked: for real, so leave
    it alone with the network it runs on. A second run finds people and trail as they were, and
    continues the trail.

    Exit codes: 0 all stories ended as law and trail say; 1 one did not; 2 it can't start or can't
    break what a story needs broken, or other people stand in the state folder; 130 interrupted.
    """
    try:
        return asyncio.run(_demo(people, seed, state, once=once or json, json=json))
    except CANNOT_TELL as wrong:
        print(wrong, file=sys.stderr)
        return CANNOT
    except KeyboardInterrupt:
        print("stopped; run it again to go on", file=sys.stderr)
        return INTERRUPTED


async def _demo(
    people: int | None, seed: int | None, state: Path | None, *, once: bool, json: bool
) -> int:
    console = Console(stderr=True)
    house = open_house(state)
    with console.status("starting every process …"):
        starting = attach_or_start(house.place.state)
        notes = await starting.__aenter__()
    try:
        run = Demonstration(house=house, people=people, seed=seed, console=console)
        report = await run.run(quiet=json)
        if json:
            print(msgspec.json.encode(report).decode())
        else:
            print_addresses(notes, state=house.place.state, once=once)
        if not once:
            await _until_told()
        file = () if report.file is None else (report.file,)
        told = (*report.exchanges, *report.cases, *report.inquiries, *file)
        return OTHERWISE if any(one.faults for one in told) else 0
    finally:
        await starting.__aexit__(None, None, None)


async def _until_told() -> None:
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, told.set)
    await told.wait()
