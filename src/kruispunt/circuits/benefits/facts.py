"""What the consultations told, kept of it only what the circuit may process and needs."""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from kruispunt.circuits.benefits.content import Prefilled, Worker
from kruispunt.circuits.benefits.risk import Enterprise
from kruispunt.vocabulary import Period


class Reference(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """R-L609-SHAPE (§5(3)(a), §11): two booleans. R-L609-PARAM (§12): nothing of other sectors."""

    rsz_known: bool
    unemployment_known: bool


class Relation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who employed the worker, from when to when (§13)."""

    employer: Enterprise
    period: Period


class Employment(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One employment (§16, §20): no worker code, no category, no status, which §20 leaves out."""

    employer: Enterprise
    period: Period
    committee: str | None = None
    hours_q: Decimal | None = None
    hours_s: Decimal | None = None


class Choice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """R-ROUTE-DATA (§21-23): what an employer chose, administrative data and nothing else."""

    employer: str
    destination: Enterprise
    name: str | None
    electronic: bool
    everything: bool
    valid: Period
    mandate: Period | None

    @property
    def itself(self) -> bool:
        """True where the destination is the employer itself and no mandatary."""
        return self.destination.cbe == self.employer


class Owner(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who and where an employer is (§5(3)(g), §31)."""

    employer: Enterprise
    denomination: str | None = None
    address: str | None = None
    curator: bool = False
    curator_name: str | None = None
    curator_address: str | None = None


class Facts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that a case learned; () where a consultation was answered without rows or never made."""

    reference: Reference | None = None
    relations: tuple[Relation, ...] = ()
    employments: tuple[Employment, ...] = ()
    choices: tuple[Choice, ...] = ()
    users: tuple[Prefilled, ...] = ()
    workers: tuple[Worker, ...] = ()
    owners: tuple[Owner, ...] = ()


def on(day: date, period: Period | None) -> bool:
    """True where there is such a period and the day is one of it."""
    return period is not None and day in period
