"""Why somebody may see something on a day, or why not: hop by hop, in words a person can check."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from kruispunt.authorisation import find_clause
from kruispunt.law import Clause, Control, Lawbook, PeriodRule, Side, Terms, control_code
from kruispunt.vocabulary import FlowId, InstitutionCode, PurposeId, Reason, Sector

_RULES: Final = {
    PeriodRule.NOW: "on the day of asking",
    PeriodRule.OVERLAP: "in the period asked about",
    PeriodRule.EVER: "at any time",
}
_REASONS: Final = {
    Reason.NO_CLAUSE: "no clause gives this consumer this flow for this purpose",
    Reason.NOT_YET_IN_FORCE: "the clause is not yet in force on that day",
    Reason.NO_LONGER_IN_FORCE: "the clause is no longer in force on that day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlWords:
    """An integration control, in short and in words."""

    code: str
    words: str
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldWords:
    """A field that stays behind, and why."""

    field: str
    reason: str
    words: str
    paragraph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days of asking, the last one included; None: until further notice."""

    begin: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """What one seat, node or hub, finds: a clause with its controls, or a reason to refuse."""

    seat: str
    consumer: str
    clause: str | None
    reason: str | None
    controls: tuple[ControlWords, ...] = ()
    spans: tuple[Span, ...] = ()
    """When the clauses for this use are in force, whenever that is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The whole explanation; what describes the clause is empty where leave is refused."""

    decision: str
    reason: str | None
    words: str
    consumer: str
    flow: str
    purpose: str
    asked_on: date
    clause: str | None = None
    deliberation: str | None = None
    title: Terms | None = None
    paragraph: str | None = None
    period: Span | None = None
    fields: tuple[str, ...] = ()
    withheld: tuple[WithheldWords, ...] = ()
    assumption: str = ""
    hops: tuple[Hop, ...]
    lawbook: str


def explain(
    lawbook: Lawbook,
    *,
    consumer: InstitutionCode,
    flow: FlowId,
    purpose: PurposeId,
    asked_on: date,
) -> Why:
    """Follow the question from its first seat to the hub; the first refusal ends it.

    An institution behind a node asks that node, which asks the hub in its own name.
    """
    hops: list[Hop] = []
    found: Clause | Reason = Reason.NO_CLAUSE
    for seat, asker in _route(lawbook, consumer):
        at = lawbook.jurisdiction(seat)
        found = find_clause(at, consumer=asker, flow=flow, purpose=purpose, asked_on=asked_on)
        clauses = at.clauses(consumer=asker, flow=flow, purpose=purpose)
        hops.append(_hop(lawbook, seat, asker, found, clauses))
        if isinstance(found, Reason):
            break
    if isinstance(found, Reason):
        return Why(
            decision="refused",
            reason=found,
            words=_REASONS[found],
            consumer=consumer,
            flow=flow,
            purpose=purpose,
            asked_on=asked_on,
            hops=tuple(hops),
            lawbook=lawbook.digest,
        )
    return _granted(lawbook, found, consumer=consumer, asked_on=asked_on, hops=tuple(hops))


def _route(
    lawbook: Lawbook, consumer: InstitutionCode
) -> tuple[tuple[InstitutionCode, InstitutionCode], ...]:
    node = lawbook.institutions[consumer].node
    if node is None:
        return ((lawbook.hub, consumer),)
    return ((node, consumer), (lawbook.hub, node))


def _granted(
    lawbook: Lawbook,
    clause: Clause,
    *,
    consumer: InstitutionCode,
    asked_on: date,
    hops: tuple[Hop, ...],
) -> Why:
    ground = clause.ground
    return Why(
        decision="granted",
        reason=None,
        words="a clause gives leave; its controls are looked at for each person",
        consumer=consumer,
        flow=clause.flow,
        purpose=clause.purpose,
        asked_on=asked_on,
        clause=clause.id,
        deliberation=ground.deliberation,
        title=lawbook.deliberations[ground.deliberation].titles,
        paragraph=ground.paragraph,
        period=_span(clause),
        fields=ground.fields,
        withheld=tuple(
            WithheldWords(
                field=one.field,
                reason=one.reason,
                words=_best(lawbook.withholding.get(one.reason, {})) or one.reason,
                paragraph=one.paragraph,
            )
            for one in ground.withheld
        ),
        assumption=clause.assumption,
        hops=hops,
        lawbook=lawbook.digest,
    )


def _hop(
    lawbook: Lawbook,
    seat: InstitutionCode,
    consumer: InstitutionCode,
    found: Clause | Reason,
    clauses: tuple[Clause, ...],
) -> Hop:
    refused = isinstance(found, Reason)
    controls = () if refused else found.controls
    return Hop(
        seat=seat,
        consumer=consumer,
        clause=None if refused else found.id,
        reason=found if refused else None,
        controls=tuple(_control(lawbook, one, consumer) for one in controls),
        spans=tuple(_span(one) for one in clauses),
    )


def _span(clause: Clause) -> Span:
    return Span(begin=clause.period.begin, until=clause.period.last_day)


def _control(lawbook: Lawbook, control: Control, consumer: InstitutionCode) -> ControlWords:
    kinds = " or ".join(
        f"“{_quality(lawbook, control.sector, quality)}”" for quality in sorted(control.qualities)
    )
    whose = consumer if control.side is Side.CONSUMER else f"sector {control.sector}"
    words = f"{whose} has a file {kinds} on the person {_RULES[control.rule]}"
    return ControlWords(code=control_code(control), words=words, paragraph=control.paragraph)


def _quality(lawbook: Lawbook, sector: Sector, quality: int) -> str:
    for (of, code), name in lawbook.qualities.items():
        if code == quality and of in (sector, None):
            return _best(name.names)
    return f"{quality:03d}"


def _best(terms: Terms) -> str:
    return terms.get("en") or terms.get("nl") or ""
