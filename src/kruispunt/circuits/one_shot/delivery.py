"""The one-time file on its way: who gets which record, once, and what is written down of it.

Deliberation 05/022 §7.4. At the hub nothing names an insurer or a payment institution.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from kruispunt.circuits.one_shot.file import Freeze, OneShotFile, OneShotRecord
from kruispunt.vocabulary import DirectoryLine, InstitutionCode, Period, Sector, Ssin


class Hop(StrEnum):
    """OS-9: the legs of the way; every one writes down every record."""

    SUPPLIER_TO_NODE = "supplier-to-node"
    NODE_TO_HUB = "node-to-hub"
    HUB_TO_NODE = "hub-to-node"
    NODE_TO_CONSUMER = "node-to-consumer"


class Kept(StrEnum):
    """Why a record goes to nobody."""

    NOT_CURRENT = "not-current"
    NOT_INSURED = "not-insured"
    AMBIGUOUS = "ambiguous"
    """Two institutions say that the person is theirs: neither gets it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A record for the one insurer that knows the person now."""

    record: OneShotRecord
    member: InstitutionCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Withholding:
    """A record that stays behind at the node."""

    record: OneShotRecord
    why: Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLook:
    """OS-9: one line of the trail: about this person, this record of this file passed this hop."""

    file: UUID
    place: int
    hop: Hop
    ssin: Ssin
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """R-ONCE: the leave is used up by this file."""

    file: UUID
    on: date


class AlreadySent(Exception):
    """The file was sent before: the clause is spent, and gives no leave any more (R-ONCE)."""


def send_once(earlier: Sent | None, file: OneShotFile, *, on: date) -> Sent:
    """R-ONCE: spend the clause. The same file may go on where it was cut off.

    Raises:
        AlreadySent: another file was sent before.
    """
    if earlier is None:
        return Sent(file=file.id, on=on)
    if earlier.file != file.id:
        raise AlreadySent(f"the one-time file was sent on {earlier.on}")
    return earlier


def integrate(
    file: OneShotFile, freeze: Freeze, *, sector: Sector, on: date
) -> tuple[DirectoryLine, ...]:
    """OS-7: the target population becomes known at the hub, in a quality of its own, once each."""
    persons = dict.fromkeys(record.ssin for record in file.records)
    return tuple(
        DirectoryLine(ssin=ssin, sector=sector, quality=freeze.population, period=Period(on))
        for ssin in persons
    )


def deliver(
    record: OneShotRecord, lines: Iterable[DirectoryLine], freeze: Freeze, *, on: date
) -> Delivery | Withholding:
    """OS-3, OS-8, R-ONCE: by the person's lines in the node's own directory, on the day itself.

    The risk has to be current on the day that the law sets, at whichever insurer; who gets the
    record is the insurer that knows the person now.
    """
    own = [line for line in lines if line.ssin == record.ssin]
    if not any(
        line.quality in freeze.current_risk and freeze.current_on in line.period for line in own
    ):
        return Withholding(record=record, why=Kept.NOT_CURRENT)
    members = {
        line.member
        for line in own
        if line.quality in freeze.insured and on in line.period and line.member is not None
    }
    if not members:
        return Withholding(record=record, why=Kept.NOT_INSURED)
    if len(members) > 1:
        return Withholding(record=record, why=Kept.AMBIGUOUS)
    (member,) = members
    return Delivery(record=record, member=member)


def looks(file: OneShotFile, hop: Hop) -> Iterator[PersonLook]:
    """OS-9: a line for every record that passes a hop, in the order of the file."""
    for place, record in enumerate(file.records):
        yield PersonLook(file=file.id, place=place, hop=hop, ssin=record.ssin, outcome="passed")


def last_looks(
    file: OneShotFile, outcomes: Iterable[Delivery | Withholding]
) -> Iterator[PersonLook]:
    """OS-9: a line for every record at the last hop, also for those that stay behind.

    Raises:
        ValueError: there are not as many outcomes as records.
    """
    paired = zip(looks(file, Hop.NODE_TO_CONSUMER), outcomes, strict=True)
    for look, outcome in paired:
        told = "given" if isinstance(outcome, Delivery) else outcome.why.value
        yield PersonLook(
            file=look.file, place=look.place, hop=look.hop, ssin=look.ssin, outcome=told
        )
