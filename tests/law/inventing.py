"""An invented lawbook and questions under it: tests name only what matters to them."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from kruispunt.law import (
    Check,
    Clause,
    Control,
    Deliberation,
    Field,
    Flow,
    Institution,
    Lawbook,
    Limits,
    NetworkKind,
    PeriodRule,
    Purpose,
    Sensitivity,
    Side,
    Source,
    Supply,
    ValueType,
)
from kruispunt.vocabulary import (
    ClauseId,
    DirectoryLine,
    Facts,
    FieldName,
    FlowId,
    Ground,
    InstitutionCode,
    KeyId,
    LawDigest,
    NumberFact,
    NumberStatus,
    Period,
    Proof,
    PurposeId,
    Quality,
    Question,
    Sector,
    Settled,
    SourceId,
    Ssin,
    Withheld,
    check_digits,
)

PERSON: Final = Ssin(f"010101997{check_digits(10101997):02d}")
SUCCESSOR: Final = Ssin(f"010101995{check_digits(10101995):02d}")

HUB: Final = InstitutionCode("hub")
NODE: Final = InstitutionCode("node")
FUND: Final = InstitutionCode("fund")
OTHER_FUND: Final = InstitutionCode("other-fund")
OFFICE: Final = InstitutionCode("office")
CLOSED_FUND: Final = InstitutionCode("closed-fund")
BANK: Final = InstitutionCode("bank")
OFFICE_FUND: Final = InstitutionCode("office-fund")
"""A fund behind another node."""

FLOW: Final = FlowId("household")
ASKED_ON: Final = date(2031, 6, 15)
ABOUT: Final = Period(date(2031, 3, 1), date(2031, 4, 1))
FIELDS: Final = tuple(map(FieldName, ("members", "since", "income")))
PURPOSE: Final = PurposeId("benefit")

FILE: Final = (Sector(5), Quality(1))
SUPPLIED: Final = (Sector(9), Quality(30))


def a_control(
    side: Side = Side.CONSUMER,
    *,
    of: tuple[Sector, Quality] = FILE,
    rule: PeriodRule = PeriodRule.OVERLAP,
) -> Control:
    return Control(
        side=side, sector=of[0], qualities=frozenset({of[1]}), rule=rule, paragraph="§1"
    )


def a_clause(
    name: str = "clause",
    *,
    consumer: InstitutionCode = NODE,
    members: Iterable[str] = ("fund",),
    flow: FlowId = FLOW,
    purpose: PurposeId = PURPOSE,
    fields: Iterable[FieldName] = FIELDS[:2],
    withheld: Iterable[FieldName] = FIELDS[2:],
    controls: Iterable[Control] = (
        a_control(),
        a_control(Side.SUPPLIER, of=SUPPLIED, rule=PeriodRule.EVER),
    ),
    begin: date = date(2031, 1, 1),
    end: date | None = None,
) -> Clause:
    return Clause(
        id=ClauseId(name),
        ground=Ground(
            clause=ClauseId(name),
            deliberation="31/007",
            paragraph="§1",
            fields=tuple(fields),
            withheld=tuple(Withheld(field=one, reason="not-named") for one in withheld),
        ),
        consumer=consumer,
        members=frozenset(members),
        flow=flow,
        purpose=purpose,
        controls=tuple(controls),
        period=Period(begin, end),
        assumption="",
    )


def an_institution(
    code: InstitutionCode,
    *,
    kind: NetworkKind = NetworkKind.PRIMARY,
    node: InstitutionCode | None = None,
    roles: Iterable[str] = (),
    active: bool = True,
) -> Institution:
    return Institution(
        code=code,
        names={"nl": code, "en": code},
        kind=kind,
        node=node,
        roles=frozenset(roles),
        sectors=(),
        active=active,
    )


def institutions() -> tuple[Institution, ...]:
    behind = NetworkKind.SECONDARY
    return (
        an_institution(HUB, kind=NetworkKind.INTEGRATOR),
        an_institution(NODE),
        an_institution(OFFICE),
        an_institution(FUND, kind=behind, node=NODE, roles=("fund",)),
        an_institution(OTHER_FUND, kind=behind, node=NODE, roles=("fund", "small")),
        an_institution(CLOSED_FUND, kind=behind, node=NODE, roles=("fund",), active=False),
        an_institution(BANK, kind=behind, node=NODE, roles=("bank",)),
        an_institution(OFFICE_FUND, kind=behind, node=OFFICE, roles=("fund",)),
    )


def a_flow(flow: FlowId = FLOW, *, checks: Iterable[Check] = ()) -> Flow:
    return Flow(
        id=flow,
        titles={"nl": flow, "en": flow},
        source=SourceId("register"),
        supply=Supply.STATION,
        supplier=OFFICE,
        fields=tuple(_field(name) for name in FIELDS),
        checks=tuple(checks),
        limits=Limits(max_rows=9, timeout_s=1.0, max_days=None),
        paragraph="§1",
    )


def a_check(
    name: FieldName, *, of: tuple[Sector, Quality], rule: PeriodRule = PeriodRule.OVERLAP
) -> Check:
    return Check(field=name, sector=of[0], qualities=frozenset({of[1]}), rule=rule, paragraph="§1")


def a_lawbook(*clauses: Clause, flows: Iterable[Flow] | None = None) -> Lawbook:
    """A lawbook around these clauses; without any, around `a_clause()`."""
    given = clauses or (a_clause(),)
    known = flows or (a_flow(flow) for flow in sorted({one.flow for one in given}))
    return Lawbook(
        digest=LawDigest("0" * 64),
        hub=HUB,
        institutions={one.code: one for one in institutions()},
        sectors={},
        qualities={},
        sources={SourceId("register"): _source()},
        flows={one.id: one for one in known},
        purposes={PURPOSE: Purpose(id=PURPOSE, titles={"nl": "x", "en": "x"}, paragraph="§1")},
        withholding={"not-named": {"nl": "niet genoemd", "en": "not named"}},
        deliberations={"31/007": _deliberation(given)},
        clauses=given,
    )


def a_question(
    *,
    consumer: InstitutionCode = NODE,
    flow: FlowId = FLOW,
    purpose: PurposeId = PURPOSE,
    asked_on: date = ASKED_ON,
    about: Period = ABOUT,
) -> Question:
    return Question(
        message_id=UUID(int=1),
        consumer=consumer,
        flow=flow,
        purpose=purpose,
        ssin=PERSON,
        about=about,
        received_at=datetime(2031, 6, 15, 10, tzinfo=UTC),
        asked_on=asked_on,
        proof=Proof(key_id=KeyId("k"), nonce=b"", created=0, expires=0, signature=b"", digest=b""),
    )


def a_line(
    of: tuple[Sector, Quality] = FILE,
    period: Period = ABOUT,
    *,
    member: InstitutionCode | None = None,
) -> DirectoryLine:
    return DirectoryLine(ssin=PERSON, sector=of[0], quality=of[1], period=period, member=member)


def a_number(
    status: NumberStatus = NumberStatus.KNOWN, *, deceased_on: date | None = None
) -> NumberFact:
    successor = SUCCESSOR if status is NumberStatus.REPLACED else None
    return NumberFact(status=status, successor=successor, deceased_on=deceased_on)


def settle(question: Question, facts: Facts) -> Settled:
    return Settled(question=question, number=facts.number)


def facts_of(*lines: DirectoryLine, number: NumberFact | None = None) -> Facts:
    return Facts(number=number or a_number(), lines=lines)


BOTH_FILES: Final = (a_line(), a_line(SUPPLIED))


def _field(name: FieldName) -> Field:
    return Field(
        name=name,
        terms={"nl": name, "en": name},
        type=ValueType.BOOL,
        sensitivity=Sensitivity.SOCIAL,
        required=False,
        paragraph="§1",
        max_length=0,
        digits=None,
    )


def _source() -> Source:
    return Source(
        id=SourceId("register"),
        owner=OFFICE,
        co_owners=(),
        names={"nl": "register", "en": "register"},
        legal_basis="§1",
        fields={name: _field(name) for name in FIELDS},
    )


def _deliberation(clauses: tuple[Clause, ...]) -> Deliberation:
    return Deliberation(
        id="31/007",
        titles={"nl": "x", "en": "x"},
        reference="31/007",
        decided_on=(date(2031, 1, 1),),
        in_force=(),
        clauses=clauses,
    )
