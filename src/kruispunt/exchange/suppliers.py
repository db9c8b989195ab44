"""Who answers which flow at a hub: a station, or the hub's own directory and registers."""

from dataclasses import dataclass
from typing import Protocol

from msgspec import structs

from kruispunt.authorisation import answer_of_directory
from kruispunt.exchange.hub import Laws
from kruispunt.exchange.search import FoundByName, search
from kruispunt.law import Flow, Supply
from kruispunt.vocabulary import Decision, Grant, Recorded, Reply


class Stations(Protocol):
    """The stations of a hub: they answer at once."""

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply: ...

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppliers:
    """Sends each recorded grant to its supplier. The directory's checks are answered from facts.

    The facts of the entry hold every line that the checks of the flow name, so an answer of the
    directory and its entry can't differ.
    """

    laws: Laws
    stations: Stations
    persons: FoundByName | None = None
    """Who is found by name; None: nobody is here."""

    async def fetch(self, recorded: Recorded[Grant], *, timeout_s: float) -> Reply:
        """Ask whoever supplies this flow.

        Raises:
            SourceSilent, SourceWrong: as the station does.
        """
        entry = recorded.entry
        flow = self._flow(recorded)
        match flow.supply:
            case Supply.DIRECTORY:
                about = recorded.decision.about or entry.question.about
                asked = structs.replace(entry.question, about=about)
                rows = answer_of_directory(flow, asked, entry.facts)
                return Reply(ssin=entry.question.ssin, rows=rows)
            case Supply.STATION:
                return await self.stations.fetch(recorded, timeout_s=timeout_s)
            case Supply.BY_DIRECTORY | Supply.FILE:
                raise AssertionError("expected that what comes by mail is carried on, or sent")
            case Supply.SEARCH:
                assert self.persons is not None, "a search, at a seat without registers"
                return await search(self.persons, entry.question, flow)
            case Supply.INTEGRATION:
                raise AssertionError("expected what is no look at one person somewhere else")

    async def forward(self, recorded: Recorded[Grant], *, timeout_s: float) -> None:  # noqa: ARG002 - the port's
        """Nothing is left to do: the mail that asks the supplier stands beside the entry."""
        if self._flow(recorded).supply is not Supply.BY_DIRECTORY:
            raise AssertionError("expected a flow that is answered by mail")

    async def blank(self, recorded: Recorded[Decision], *, timeout_s: float) -> None:
        """Ask the station of this flow about nobody. The directory has no more to look at.

        Raises:
            SourceSilent, SourceWrong: as the station does.
        """
        if self._flow(recorded).supply is Supply.STATION:
            await self.stations.blank(recorded, timeout_s=timeout_s)

    def _flow(self, recorded: Recorded[Decision]) -> Flow:
        entry = recorded.entry
        return self.laws.of(entry.lawbook).lawbook.flows[entry.question.flow]
