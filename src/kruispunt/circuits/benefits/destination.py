"""To whom a request goes, how, and whether at all: the table of 05/022 §5, §21-25 and §31."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from kruispunt.circuits.benefits.action import Medium
from kruispunt.circuits.benefits.content import Address, Prefilled
from kruispunt.circuits.benefits.facts import Choice, Facts, Owner, on
from kruispunt.circuits.benefits.risk import Accident, Enterprise, Risk


class NonGeneric(StrEnum):
    """R-GENERIC (§23): why a request is one that a mandatary can't find in its payroll."""

    EMPLOYER_PRESET = "NG1"
    WORKER_LEFT = "NG2"
    REMINDER = "NG3"
    MINI_DMFA = "NG4"
    WORK_ACCIDENT = "NG5"


class Route(Struct, frozen=True, kw_only=True):
    """R-ROUTE-DEST (§22): the destination, employer or mandatary, and what it chose.

    Without a choice the employer did not choose electronic (§5(4)) and wishes all requests.
    """

    employer: Enterprise
    destination: Enterprise
    name: str | None = None
    electronic: bool = False
    everything: bool = True


class Way(Struct, frozen=True, kw_only=True):
    """How one request is sent, by which rule, and which paragraph says so."""

    medium: Medium
    to: Address
    rule: str
    paragraph: str
    destination: Enterprise | None = None
    prefilled: Prefilled | None = None
    language: str | None = None


def non_generic(risk: Risk, *, left: bool, reminder: bool) -> frozenset[NonGeneric]:
    """R-GENERIC (§23): the five cases; a request is non-generic as soon as one holds."""
    cases = {
        NonGeneric.EMPLOYER_PRESET: risk.employer is not None,
        NonGeneric.WORKER_LEFT: left,
        NonGeneric.REMINDER: reminder,
        NonGeneric.MINI_DMFA: risk.mini_dmfa,
        NonGeneric.WORK_ACCIDENT: risk.accident is not Accident.NONE,
    }
    return frozenset(case for case, holds in cases.items() if holds)


def is_wished(route: Route, why: frozenset[NonGeneric]) -> bool:
    """R-SCOPE (§23): the destination receives all requests, or the non-generic ones alone."""
    return route.everything or bool(why)


def route_of(employer: Enterprise, choices: Sequence[Choice], day: date) -> Route:
    """R-ROUTE and R-MANDATE (§21-22): the destination on the day of sending.

    A mandatary whose mandate is not in force that day is not the destination; the employer itself
    is, and since the choice is not its own, it did not choose electronic (assumption).
    """
    own = [one for one in choices if one.employer == employer.cbe and on(day, one.valid)]
    if not own:
        return Route(employer=employer, destination=employer)
    choice = max(own, key=lambda one: (one.valid.begin, one.destination.code))
    if not choice.itself and not on(day, choice.mandate):
        return Route(employer=employer, destination=employer)
    return Route(
        employer=employer,
        destination=choice.destination,
        name=choice.name,
        electronic=choice.electronic,
        everything=choice.everything,
    )


def way_of(route: Route, facts: Facts, failed: frozenset[Medium]) -> Way:
    """R-DEST (§5(3) end), R-CHANNEL (§22): electronic where it was chosen and can be reached.

    `failed` are the ways that were tried and did not arrive. A curator acts for its employer, so
    its address goes before any other (R-CURATOR, assumption).
    """
    owner = _owner(route.employer, facts.owners)
    if route.electronic and Medium.ELECTRONIC not in failed and not (owner and owner.curator):
        user = _reachable(route.destination, facts.users)
        if user is not None:
            return _electronic(route, user)
        return _paper(route, owner, facts, failed=failed, rule="R-CHANNEL-CONFLICT")
    return _paper(route, owner, facts, failed=failed, rule="R-PAPER")


def _electronic(route: Route, user: Prefilled) -> Way:
    """R-ELEC (§5(5)): to the address that the destination gave (R-UAM, §24-25)."""
    return Way(
        medium=Medium.ELECTRONIC,
        to=Address(mailbox=route.destination.code, email=user.email, name=route.name),
        rule="R-ELEC",
        paragraph="05/022 §5(5), §22, §24-25",
        destination=route.destination,
        prefilled=user,
        language=user.enterprise_language,
    )


def _paper(
    route: Route, owner: Owner | None, facts: Facts, *, failed: frozenset[Medium], rule: str
) -> Way:
    """R-PAPER (§5(4)): directly to the employer, not through the insured person.

    R-CHANNEL-CONFLICT (§21-25, assumption): electronic was chosen, but there is no address for
    it. R-PAPER-FALLBACK (§5(4)): no address of the employer, or one that was found wrong.
    """
    to = _postal(owner)
    user = next((one for one in facts.users if one.cbe_number == route.employer.cbe), None)
    language = user.enterprise_language if user else None
    if to is None or Medium.PAPER_EMPLOYER in failed:
        return Way(
            medium=Medium.PAPER_INSURED,
            to=Address(),
            rule="R-PAPER-FALLBACK",
            paragraph="05/022 §5(4)",
            language=language,
        )
    curator = owner is not None and owner.curator
    return Way(
        medium=Medium.PAPER_EMPLOYER,
        to=to,
        rule="R-CURATOR" if curator else rule,
        paragraph="05/022 §31" if curator else "05/022 §5(4)",
        destination=route.employer,
        prefilled=None if curator else user,
        language=language,
    )


def _postal(owner: Owner | None) -> Address | None:
    """R-CURATOR (§31): the curator's address for who has one, else the employer's own."""
    if owner is None:
        return None
    if owner.curator and owner.curator_address:
        return Address(name=owner.curator_name or owner.denomination, postal=owner.curator_address)
    if owner.address:
        return Address(name=owner.denomination, postal=owner.address)
    return None


def _owner(employer: Enterprise, owners: Sequence[Owner]) -> Owner | None:
    return next((one for one in owners if one.employer.meets(employer)), None)


def _reachable(destination: Enterprise, users: Sequence[Prefilled]) -> Prefilled | None:
    """The first user of the destination who has an electronic channel and an address (§25)."""
    found = (
        one
        for one in users
        if one.cbe_number == destination.cbe and one.email and one.channel_type != "PAPER"
    )
    return min(found, key=lambda one: one.contact_person_id or "", default=None)
