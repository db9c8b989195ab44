"""The lawbook, read once and known by its digest, and what one seat decides by it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from kruispunt.law.parameter import Parameter, ParameterId
from kruispunt.law.types import (
    Clause,
    Deliberation,
    Flow,
    Institution,
    Purpose,
    QualityName,
    SectorName,
    Side,
    Source,
    Supply,
    Terms,
    TrailReader,
    Unseen,
)
from kruispunt.vocabulary import (
    ClauseId,
    FlowId,
    InstitutionCode,
    LawDigest,
    PurposeId,
    Quality,
    Question,
    Sector,
    SourceId,
)

Use = tuple[InstitutionCode, FlowId, PurposeId]
Pair = tuple[Sector, Quality]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lawbook:
    """Everything that `decide` may lean on. Two lawbooks with one digest decide alike.

    `withholding` holds the words for each reason to keep a field back; a quality is found by its
    sector, or by None where the code is common to all sectors.
    """

    digest: LawDigest
    hub: InstitutionCode
    institutions: Mapping[InstitutionCode, Institution]
    sectors: Mapping[Sector, SectorName]
    qualities: Mapping[tuple[Sector | None, Quality], QualityName]
    sources: Mapping[SourceId, Source]
    flows: Mapping[FlowId, Flow]
    purposes: Mapping[PurposeId, Purpose]
    withholding: Mapping[str, Terms]
    deliberations: Mapping[str, Deliberation]
    clauses: tuple[Clause, ...]
    readers: tuple[TrailReader, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    parameters: Mapping[ParameterId, Parameter] = field(
        default_factory=dict[ParameterId, Parameter]
    )

    def jurisdiction(self, seat: InstitutionCode) -> "Jurisdiction":
        """Compile what the hub, or one node, decides. Do it once per process.

        Raises:
            KeyError: no institution of the lawbook has this code.
        """
        if seat not in self.institutions:
            raise KeyError(f"no institution {seat!r} in the lawbook")
        return Jurisdiction(seat=seat, lawbook=self)


class Jurisdiction:
    """The clauses that one decider applies, by consumer, flow and purpose.

    At the hub the consumer is the institution that the clause names, with every control. At a node
    it is each active member behind that node with one of the clause's roles, and only the
    consumer's controls remain: the supplier's lines stand at the hub.

    A node that supplies a flow by its own directory (05/022 §5(6)-5(7)) decides again what the hub
    asks it in the consumer's name: there the supplier's controls remain, and its own lines count,
    whichever of its members they point to.

    A one-time file passes the supplier's node by the clause alone: its population stands at the
    hub. At the consumer's node it comes to the node itself, which finds out whose it is.
    """

    __slots__ = ("_clauses", "_wanted", "is_node", "lawbook", "seat")

    def __init__(self, *, seat: InstitutionCode, lawbook: Lawbook) -> None:
        self.seat = seat
        self.lawbook = lawbook
        self.is_node = seat != lawbook.hub
        self._clauses = _by_use(_node_uses(seat, lawbook) if self.is_node else _hub_uses(lawbook))
        self._wanted: Mapping[ClauseId, tuple[Pair, ...]] = {
            clause.id: _pairs(clause, None if self.is_node else lawbook.flows[clause.flow])
            for clauses in self._clauses.values()
            for clause in clauses
        }

    def clauses(
        self, *, consumer: InstitutionCode, flow: FlowId, purpose: PurposeId
    ) -> tuple[Clause, ...]:
        """The clauses of any time for this use, the earliest first."""
        return self._clauses.get((consumer, flow, purpose), ())

    def in_force(
        self, *, consumer: InstitutionCode, flow: FlowId, purpose: PurposeId, asked_on: date
    ) -> Clause | None:
        """The one clause for this use on that day of asking: clauses of one use never overlap."""
        for clause in self._clauses.get((consumer, flow, purpose), ()):
            # What `clause.in_force` says, written out: every decision begins here.
            begin, end = clause.period.begin, clause.period.end
            if begin <= asked_on and (end is None or asked_on < end):
                return clause
        return None

    def wanted(self, question: Question) -> tuple[Pair, ...]:
        """Sector and quality of the lines that decide and answer, sorted; () without a clause."""
        clause = self.in_force(
            consumer=question.consumer,
            flow=question.flow,
            purpose=question.purpose,
            asked_on=question.asked_on,
        )
        return () if clause is None else self._wanted[clause.id]

    def lines_of(self, consumer: InstitutionCode) -> InstitutionCode | None:
        """Whose lines count: those of the member that asks; None: everybody's.

        A hub's lines name nobody. At a node that supplies a flow the asker is no member, and each
        line counts, whichever member it points to.
        """
        if not self.is_node:
            return None
        known = self.lawbook.institutions.get(consumer)
        return consumer if known is None or known.node == self.seat else None


def _hub_uses(lawbook: Lawbook) -> Iterator[tuple[Use, Clause]]:
    for clause in lawbook.clauses:
        yield (clause.consumer, clause.flow, clause.purpose), clause


def _node_uses(node: InstitutionCode, lawbook: Lawbook) -> Iterator[tuple[Use, Clause]]:
    yield from _member_uses(node, lawbook)
    yield from _supplier_uses(node, lawbook)
    yield from _own_uses(node, lawbook)


def _member_uses(node: InstitutionCode, lawbook: Lawbook) -> Iterator[tuple[Use, Clause]]:
    members = [one for one in lawbook.institutions.values() if one.node == node and one.active]
    for clause in lawbook.clauses:
        if clause.consumer == node:
            own = tuple(one for one in clause.controls if one.side is Side.CONSUMER)
            at_node = replace(clause, controls=own)
            for member in members:
                if _may(member, clause):
                    yield (member.code, clause.flow, clause.purpose), at_node


def _supplier_uses(node: InstitutionCode, lawbook: Lawbook) -> Iterator[tuple[Use, Clause]]:
    for clause in lawbook.clauses:
        flow = lawbook.flows[clause.flow]
        use = (clause.consumer, clause.flow, clause.purpose)
        if flow.supply is Supply.BY_DIRECTORY and flow.supplier == node:
            own = tuple(one for one in clause.controls if one.side is Side.SUPPLIER)
            yield use, replace(clause, controls=own)
        elif flow.supply is Supply.FILE and flow.supplier == node:
            yield use, replace(clause, controls=())


def _own_uses(node: InstitutionCode, lawbook: Lawbook) -> Iterator[tuple[Use, Clause]]:
    for clause in lawbook.clauses:
        if clause.consumer == node and lawbook.flows[clause.flow].supply is Supply.FILE:
            own = tuple(one for one in clause.controls if one.side is Side.CONSUMER)
            yield (node, clause.flow, clause.purpose), replace(clause, controls=own)


def _may(member: Institution, clause: Clause) -> bool:
    return not clause.members.isdisjoint(member.roles)


def _by_use(uses: Iterable[tuple[Use, Clause]]) -> Mapping[Use, tuple[Clause, ...]]:
    found: defaultdict[Use, list[Clause]] = defaultdict(list)
    for use, clause in uses:
        found[use].append(clause)
    return {
        use: tuple(sorted(clauses, key=lambda one: one.period.begin))
        for use, clauses in found.items()
    }


def _pairs(clause: Clause, flow: Flow | None) -> tuple[Pair, ...]:
    answering = (*flow.checks, *flow.shows) if flow else ()
    asked = (*clause.controls, *clause.integrates, *answering)
    return tuple(sorted({(one.sector, quality) for one in asked for quality in one.qualities}))
