"""The desk: what stands in the commit of a question whose answers come by mail."""

from dataclasses import dataclass
from typing import Protocol

from kruispunt.exchange.outgoing import Outgoing, To
from kruispunt.exchange.request import Request, Requests, Waits
from kruispunt.law import Flow, Jurisdiction, Supply
from kruispunt.postgres import Write
from kruispunt.vocabulary import (
    Ending,
    Entry,
    Grant,
    Ground,
    LawDigest,
    PastGrant,
    Period,
    Refusal,
)


class Laws(Protocol):
    """The law of every day on which something was decided."""

    def of(self, digest: LawDigest) -> Jurisdiction: ...


def carried(entry: Entry) -> tuple[Ground, Period] | None:
    """Under which ground a question is carried on, and about which days; None: it is not.

    A refusal that may not be told is carried on as a grant is, about nobody.
    """
    match entry.decision:
        case Grant(ground=ground, about=about):
            return ground, about or entry.question.about
        case Refusal(reason=reason, ground=Ground() as ground, about=about) if reason.told is None:
            return ground, about or entry.question.about
        case Refusal() | PastGrant():
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Opens a request beside its entry: its row, and at a hub the mail that asks the supplier.

    A node's request goes up to its hub by a question, not by mail.
    """

    laws: Laws
    requests: Requests
    outgoing: Outgoing
    waits: Waits

    def open(self, entry: Entry) -> tuple[Write, ...]:
        """What stands beside an entry; nothing for a flow that is answered at once, or a repeat.

        Raises:
            Unavailable: no key of the supplier counts now.
        """
        law = self.laws.of(entry.lawbook)
        flow = law.lawbook.flows.get(entry.question.flow)
        if flow is None or flow.supply is not Supply.BY_DIRECTORY or entry.repeats is not None:
            return ()
        asked = carried(entry)
        if asked is None:
            return ()
        request = self._request(entry, flow, law)
        opened = self.requests.open(request)
        return (opened,) if law.is_node else (opened, *self._ask(entry, request, *asked))

    def ended(self, entry: Entry, ending: Ending) -> tuple[Write, ...]:
        """What stands beside the outcome: a request that the hub refuses waits for nothing."""
        if ending is not Ending.REFUSED_UPSTREAM:
            return ()
        return (self.requests.withdraw(entry.ticket, entry.recorded_at),)

    def _request(self, entry: Entry, flow: Flow, law: Jurisdiction) -> Request:
        return Request(
            ticket=entry.id,
            recorded_at=entry.recorded_at,
            consumer=entry.question.consumer,
            told=entry.question.ticket or str(entry.id),
            flow=flow.id,
            supplier=law.lawbook.hub if law.is_node else flow.supplier,
            due_at=entry.recorded_at + self.waits.answers,
            only=flow.only(entry.question.details),
        )

    def _ask(
        self, entry: Entry, request: Request, ground: Ground, about: Period
    ) -> tuple[Write, ...]:
        supplier = request.supplier
        assert supplier is not None, "a hub asks one supplier"
        to = To(
            recipient=supplier,
            flow=request.flow,
            ticket=str(request.ticket),
            due_at=request.due_at,
        )
        return self.outgoing.request(
            to,
            entry,
            only=request.only,
            ground=ground,
            about=about,
            number=1,
            due_at=request.due_at,
        )
