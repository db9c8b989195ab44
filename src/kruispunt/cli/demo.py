"""`kruispunt demo`: a network on this machine with synthetic people, and what it answers."""

import asyncio
import signal
import sys
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
from kruispunt.cli.demo_page import print_addresses, print_exchange, print_head, print_trail
from kruispunt.cli.fill import Filling, OtherPeople
from kruispunt.cli.story import Exchange, Stories, StoriesWrong, Story, Teller, read_stories
from kruispunt.cli.supervisor import StartFailed
from kruispunt.cli.supervisor_reach import attach_or_start
from kruispunt.people import Example, examples
from kruispunt.vocabulary import day_of_asking

OTHERWISE: Final = 1
CANNOT: Final = 2
INTERRUPTED: Final = 130

demo_app = App(name="demo", help="Start a network with synthetic people, and tell what happens.")


class Report(msgspec.Struct, kw_only=True):
    """What a demonstration did: the one object that `--json` prints."""

    people: int
    seconds: float
    exchanges: list[Exchange]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """One run: a house, how many people, and where to say what is being done."""

    house: House
    people: int | None
    seed: int | None
    console: Console

    async def run(self, *, quiet: bool) -> tuple[Report, bool]:
        """Load the people where they are missing and tell every story; true: all as expected."""
        began = perf_counter()
        size, found, stories = await self._people()
        clients = Clients(place=self.house.place, network=self.house.network)
        told = list[Exchange]()
        expected = True
        if not quiet:
            print_head(self.house.network, people=size)
        try:
            async for story, exchange in Teller(
                stories=stories, examples=found, clients=clients
            ).tell():
                told.append(exchange)
                expected = expected and _as_expected(story, exchange)
                if not quiet:
                    print_exchange(len(told), exchange, as_expected=_as_expected(story, exchange))
        finally:
            await clients.close()
        seconds = round(perf_counter() - began, 2)
        return Report(people=size, seconds=seconds, exchanges=told), expected

    async def _people(self) -> tuple[int, dict[str, Example], Stories]:
        stories = read_stories()
        house = self.house
        today: date = day_of_asking(now(), house.network.zone)
        with self.console.status("synthetic people …") as status:
            filling = Filling(
                place=house.place,
                network=house.network,
                tell=lambda stage: status.update(f"synthetic people: {stage} …"),
            )
            people = await filling.people(size=self.people, seed=self.seed, today=today)
        found = examples(people, member=stories.member, other=stories.other)
        return people.persons.height, found, stories


def _as_expected(story: Story, exchange: Exchange) -> bool:
    if exchange.outcome != story.expect or exchange.repeated != story.repeats:
        return False
    return not story.reason or exchange.reason == story.reason


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

    A second run finds people and trail as they were, and continues the trail.

    Exit codes: 0 all stories ended as the law says; 1 one did not; 2 it can't start, or other
    people stand in the state folder; 130 interrupted.
    """
    try:
        return asyncio.run(_demo(people, seed, state, once=once or json, json=json))
    except (StartFailed, OtherPeople, StoriesWrong, ValueError) as wrong:
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
        report, expected = await run.run(quiet=json)
        if json:
            print(msgspec.json.encode(report).decode())
        else:
            await print_trail(house, report.exchanges)
            print_addresses(notes, state=house.place.state, once=once)
        if not once:
            await _until_told()
        return 0 if expected else OTHERWISE
    finally:
        await starting.__aexit__(None, None, None)


async def _until_told() -> None:
    told, loop = asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, told.set)
    await told.wait()
