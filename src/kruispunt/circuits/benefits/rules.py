"""What the law says of the circuit and not of the case: flows, delays, joint committees."""

from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from msgspec import Struct

from kruispunt.vocabulary import FlowId, LawDigest, PurposeId, day_of_asking


class Role(StrEnum):
    """The consultations of 05/022 §5(3) and §7.1, in the order of the text: there are no others.

    R-MINI (§7.1, §23): DMFA is not among the seven, so the circuit can't consult it; who needs
    its data asks the employer for a Mini-DMFA instead.
    """

    REFERENCE = "reference"
    """(a) L609, the reference directory (§11-12)."""

    DIMONA = "dimona"
    """(b) R-DIMONA: who the employer is (§13-14)."""

    EMPLOYMENT = "employment"
    """(c) full time or part time (§15-20)."""

    ROUTING = "routing"
    """(d) destination and circuit (§21-23)."""

    UAM = "uam"
    """(e) R-UAM: the channel that the destination chose, and its address (§24-27)."""

    PERSONNEL = "personnel"
    """(f) R-ENRICH: who the worker is, in or out of service (§28-30)."""

    EMPLOYER = "employer"
    """(g) who and where the employer is (§31)."""


CONSULTED_BY: dict[Role, str] = {
    Role.REFERENCE: "05/022 §5(3)(a), §11-12",
    Role.DIMONA: "05/022 §5(3)(b), §13-14",
    Role.EMPLOYMENT: "05/022 §5(3)(c), §15-20",
    Role.ROUTING: "05/022 §5(3)(d), §21-23",
    Role.UAM: "05/022 §5(3)(e), §24-27",
    Role.PERSONNEL: "05/022 §5(3)(f), §28-30",
    Role.EMPLOYER: "05/022 §5(3)(g), §31",
}
"""The paragraph that lets each consultation be made."""


class Delays(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long is waited, and how often tried: the text names no delay (assumption)."""

    consultation_minutes: int
    retry_minutes: int
    attempts: int
    holder_days: int
    declaration_days: int
    reminders: int
    unemployment_days: int
    left_days: int
    """Days before the risk within which who left an employer still has a declaration from it."""


class Rules(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The law as one case meets it: it travels in the events, so that replay needs nothing else.

    `forcing` and `stopping` are the joint committees that force or stop routing on the day of the
    risk (R-JC, §19): dated in the lawbook, and from here on among the facts of the case.
    """

    law: LawDigest
    purpose: PurposeId
    flows: dict[Role, FlowId]
    unemployment: FlowId
    zone: str
    delays: Delays
    forcing: tuple[str, ...] = ()
    stopping: tuple[str, ...] = ()

    def day(self, at: datetime) -> date:
        """The day of a moment, where the circuit runs: mandates are looked at on it (§22)."""
        return day_of_asking(at, ZoneInfo(self.zone))
