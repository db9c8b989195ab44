"""OCMWCPASPerformInvestigation 20080604: what the registers have for a social inquiry."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from kruispunt.gateway.soap.ssdn.asking import Asking, Look, Told, refused, ticket_of
from kruispunt.gateway.soap.ssdn.identify import IDENTIFY
from kruispunt.gateway.soap.ssdn.names import PERFORM_INVESTIGATION
from kruispunt.gateway.soap.ssdn.person import address, legal_data, origin
from kruispunt.gateway.soap.ssdn.reading import read_ssin, truth, word
from kruispunt.gateway.soap.ssdn.rows import period_of, text, until
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.shape import Shape
from kruispunt.gateway.soap.ssdn.summary import Detail, no_data
from kruispunt.gateway.soap.ssdn.writing import NOTHING, Days, Xml, joined, leaf, node
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import Answer, NoAnswer, Problem, Row, Ssin, WrongNumber

HOUSEHOLD: Final = Look.at("household.consult")
ADDRESSES: Final = Look.at("addresses.consult")
"""An inquiry names no period: all addresses until today are asked (assumption)."""

MOST_CITIZENS: Final = 100

_IN: Final = f"{{{PERFORM_INVESTIGATION}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Which groups are asked: those that a request names, or all where it names none.

    The waiting register is in no source: its group is never answered.
    """

    family: bool
    citizens: bool
    addresses: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformInvestigation:
    """The service."""

    shape: Shape
    service: str = "OCMWCPASPerformInvestigation"
    version: str = "20080604"
    element: str = f"{_IN}PerformInvestigationRequest"

    def faults(self, body: Element) -> tuple[Detail, ...]:
        """What is wrong with the shape of a request."""
        return self.shape.faults(body)

    async def serve(self, body: Element, asking: Asking) -> Served:
        """Each group is a look of its own; who lives with the person, one for each of them.

        What is refused first refuses the request: a part of an inquiry would read like all of it.
        Of each only what is always told: nobody here is proven to be who the caller says.
        """
        ssin = read_ssin(word(body, f"{_IN}SocialSecurityUser"), "SocialSecurityUser")
        if isinstance(ssin, Served):
            return ssin
        found = await _found(ssin, _groups(body.find(f"{_IN}DataGroups")), asking)
        if not isinstance(found, Found):
            return refused(found)
        return Served(
            details=() if any(told.rows for told in found.looks) else (no_data(),),
            body=node(
                "ns3:PerformInvestigationReply",
                _family(found.family),
                joined(legal_data("ns3:Citizen", row, extended=False) for row in found.citizens),
                _history(found.addresses),
                xmlns_ns3=PERFORM_INVESTIGATION,
            ),
            ticket=next(map(ticket_of, found.looks), ""),
        )


@dataclass(slots=True)
class Found:
    """What the groups hold, and the looks that found it."""

    looks: list[Answer] = field(default_factory=list[Answer])
    family: Sequence[Row] = ()
    citizens: Sequence[Row] = ()
    addresses: Sequence[Row] = ()


async def _found(ssin: Ssin, groups: Groups, asking: Asking) -> Found | NoAnswer | Problem:
    found = Found()
    if groups.family:
        told = await asking.look(HOUSEHOLD, ssin, asking.today)
        if not isinstance(told, Answer):
            return told
        found.looks.append(told)
        found.family = told.rows
    if groups.citizens:
        persons = _persons(ssin, found.family)
        each = await asking.look_at_many(IDENTIFY, persons, asking.today)
        if wrong := _refused(each):
            return wrong
        shown = [told for told in each if isinstance(told, Answer)]
        found.looks += shown
        found.citizens = [row for told in shown for row in told.rows]
    if groups.addresses:
        told = await asking.look(ADDRESSES, ssin, until(asking.today))
        if not isinstance(told, Answer):
            return told
        found.looks.append(told)
        found.addresses = told.rows
    return found


def _groups(element: Element | None) -> Groups:
    unsaid = element is None or not len(element)
    return Groups(
        family=truth(word(element, f"{_IN}FamilyCompositionGroup"), unsaid=unsaid),
        citizens=truth(word(element, f"{_IN}CitizenGroup"), unsaid=unsaid),
        addresses=truth(word(element, f"{_IN}AddressHistoryGroup"), unsaid=unsaid),
    )


def _persons(ssin: Ssin, family: Sequence[Row]) -> list[Ssin]:
    """The person, and who lives with it where that was asked too."""
    found = [ssin]
    for row in family:
        try:
            member = Ssin(text(row, "member_ssin"))
        except WrongNumber:
            continue
        if member not in found:
            found.append(member)
    return found[:MOST_CITIZENS]


def _refused(looks: Sequence[Told]) -> NoAnswer | Problem | None:
    """What the inquiry is refused for: what the person's own look is, or any fault.

    A member of the household who may not be shown is left out.
    """
    first, *others = looks
    if not isinstance(first, Answer):
        return first
    return next((told for told in others if isinstance(told, Problem)), None)


def _family(rows: Sequence[Row]) -> Xml:
    if not rows:
        return NOTHING
    return node(
        "ns3:FamilyComposition",
        *(
            node(
                "ns3:FamilyMember",
                leaf("ns3:SocialSecurityUser", text(row, "member_ssin")),
                leaf("ns3:RelationShip", text(row, "relationship")),
                leaf("ns3:EntryDate", text(row, "since")),
            )
            for row in rows
        ),
        origin=origin(rows[0]),
    )


def _history(rows: Sequence[Row]) -> Xml:
    if not rows:
        return NOTHING
    days = Days()
    return node(
        "ns3:AddressHistory",
        *(
            node("ns3:HistoricalAddress", days.period("ns3:Period", period_of(row)), address(row))
            for row in rows
        ),
        origin=origin(rows[0]),
    )
