"""OCMWCPASManageAccess 20050930: a file on a person is registered, taken back, or listed."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from kruispunt.gateway.lines import Integration
from kruispunt.gateway.soap.ssdn.asking import Asking, Look, refused, ticket_of
from kruispunt.gateway.soap.ssdn.identify import IDENTIFY, OTHER
from kruispunt.gateway.soap.ssdn.names import MANAGE_ACCESS
from kruispunt.gateway.soap.ssdn.person import Given, read_given
from kruispunt.gateway.soap.ssdn.reading import number, read_period, read_ssin, word
from kruispunt.gateway.soap.ssdn.served import Served
from kruispunt.gateway.soap.ssdn.shape import Shape
from kruispunt.gateway.soap.ssdn.summary import Detail, missing
from kruispunt.gateway.soap.ssdn.writing import Days, Xml, leaf, node
from kruispunt.gateway.soap.xml import Element
from kruispunt.vocabulary import (
    Act,
    Answer,
    DirectoryLine,
    InstitutionCode,
    LinesAsked,
    NoAnswer,
    NotFound,
    Period,
    Problem,
    Quality,
    Sector,
    Ssin,
)

INTEGRATE: Final = Look.at("repertory.integrate")

_IN: Final = f"{{{MANAGE_ACCESS}}}"
_CENTRE: Final = "OCMW-"
"""Codes of centres are this and the NIS code of their municipality."""


class Action(StrEnum):
    """What is done with files on a person."""

    REGISTER = "REGISTER"
    UNREGISTER = "UNREGISTER"
    LIST = "LIST"


class Register(StrEnum):
    """Whose directory is meant: the hub's, that of the node in front of it, or both."""

    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"
    ALL = "ALL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What a request asks, read."""

    ssin: Ssin
    quality: Quality | None
    period: Period
    action: Action
    sector: Sector | None
    register: Register
    proof: Given


@dataclass(frozen=True, slots=True, kw_only=True)
class ManageAccess:
    """The service. `integration` None: no lines are brought here."""

    shape: Shape
    integration: Integration | None = None
    service: str = "OCMWCPASManageAccess"
    version: str = "20050930"
    element: str = f"{_IN}ManageAccessRequest"

    def faults(self, body: Element) -> tuple[Detail, ...]:
        """What is wrong with the shape of a request."""
        return self.shape.faults(body)

    async def serve(self, body: Element, asking: Asking) -> Served:
        """The lines that stand after what was asked, if the proof is that of the person."""
        access = _read(body)
        if isinstance(access, Served):
            return access
        if self.integration is None:
            return refused(NotFound("no files are registered here"))
        if not access.proof.is_empty:
            # INVARIANT: a look like any other: nothing is verified without an entry.
            told = await asking.look(IDENTIFY, access.ssin, asking.today)
            if not isinstance(told, Answer):
                return refused(told)
            if not any(access.proof.one_fits(row) for row in told.rows):
                return Served(details=(OTHER,), body=_reply(access, ()), ticket=ticket_of(told))
        question = asking.question(INTEGRATE, access.ssin, access.period)
        try:
            done = await self.integration.do(question, _asked(access))
        except Problem as problem:
            return refused(problem)
        if isinstance(done, NoAnswer):
            return refused(done)
        lines = _of_register(done.lines, access.register)
        return Served(body=_reply(access, lines), ticket=ticket_of(done.answer))


def _asked(access: Access) -> LinesAsked:
    if access.action is Action.LIST:
        return LinesAsked(act=Act.LIST, sector=access.sector, quality=access.quality)
    act = Act.INTEGRATE if access.action is Action.REGISTER else Act.REMOVE
    return LinesAsked(act=act, quality=access.quality)


def _read(body: Element) -> Access | Served:
    ssin = read_ssin(word(body, f"{_IN}SSIN"), "SSIN")
    if isinstance(ssin, Served):
        return ssin
    element = body.find(f"{_IN}Period")
    assert element is not None, "the schema saw a period"
    period = read_period(element, "Period")
    if isinstance(period, Served):
        return period
    proof = read_given(body.find(f"{_IN}ProofOfAuthentication"), MANAGE_ACCESS)
    if isinstance(proof, Served):
        return proof
    quality, sector = (number(word(body, f"{_IN}{tag}")) for tag in ("Purpose", "Sector"))
    access = Access(
        ssin=ssin,
        quality=None if quality is None else Quality(quality),
        period=period,
        action=Action(word(body, f"{_IN}Action")),
        sector=None if sector is None else Sector(sector),
        register=Register(word(body, f"{_IN}QueryRegister") or "ALL"),
        proof=proof,
    )
    absent = _absent(access)
    return Served(details=absent) if absent else access


def _absent(access: Access) -> tuple[Detail, ...]:
    """Who brings or takes a line says in which quality, and proves to know the person."""
    if access.action is Action.LIST:
        return ()
    quality = () if access.quality is not None else (missing("Purpose"),)
    proof = (missing("ProofOfAuthentication"),) if access.proof.is_empty else ()
    return (*quality, *proof)


def _of_register(lines: Iterable[DirectoryLine], register: Register) -> list[DirectoryLine]:
    return [line for line in lines if register in (Register.ALL, _register(line))]


def _register(line: DirectoryLine) -> Register:
    return Register.PRIMARY if line.member is None else Register.SECONDARY


def _reply(access: Access, lines: Iterable[DirectoryLine]) -> Xml:
    days = Days()
    return node(
        "ns3:ManageAccessReply",
        node(
            "ns3:OriginalRequest",
            leaf("ns3:SSIN", access.ssin.digits),
            leaf("ns3:Purpose", access.quality),
            days.period("ns3:Period", access.period),
            leaf("ns3:Action", access.action.value),
        ),
        *(
            node(
                "ns3:Registrations",
                leaf("ns3:Purpose", line.quality),
                days.period("ns3:Period", line.period),
                leaf("ns3:OrgUnit", _org_unit(line.member)),
                leaf("ns3:Register", _register(line).value),
            )
            for line in lines
        ),
        xmlns_ns3=MANAGE_ACCESS,
    )


def _org_unit(member: InstitutionCode | None) -> str:
    """A centre by the NIS code of its municipality; any other by its own code."""
    return "" if member is None else member.removeprefix(_CENTRE)
