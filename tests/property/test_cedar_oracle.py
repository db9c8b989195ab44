"""A judge of another school: the same clauses as Cedar policies give the same answers.

The policies are written from the clauses alone and know nothing of `decide`: who asks stands in
groups, days are numbers, a directory line is the set of days it covers, and every field of a flow
is a resource of its own. Cedar permits a field where some policy does and none forbids.
"""
# cedarpy types its dicts in part only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import cedarpy
import pytest
from tests.law.inventing import PERSON, SUCCESSOR, a_clause, a_control, a_question, settle

from kruispunt.authorisation import decide
from kruispunt.law import Clause, Control, Lawbook, PeriodRule, Side, read_lawbook
from kruispunt.vocabulary import (
    ClauseId,
    DirectoryLine,
    Facts,
    Grant,
    InstitutionCode,
    NumberFact,
    NumberStatus,
    Period,
    PurposeId,
    Quality,
    Question,
    Sector,
)

LAWBOOK: Final = read_lawbook()
NODES: Final = (InstitutionCode("NIC"), InstitutionCode("PODMI"))
ROLES: Final = ("insurance_institution", "benefits_insurer", "pcsa", "none")
QUESTIONS: Final = 250
SEED: Final = 20240417
FOREVER: Final = date(2032, 1, 1)
PAIRS: Final = tuple(
    (Sector(sector), Quality(quality))
    for sector, quality in (
        *((11, 1), (11, 2), (12, 10), (12, 30), (18, 1), (18, 2)),
        *((17, 1), (17, 2), (17, 21)),
    )
)
"""What lines are drawn from: the pairs that clauses name, and neighbours that they do not."""


# ── The law in Cedar ─────────────────────────────────────────────────────────────────────────────


def policies(lawbook: Lawbook, seat: InstitutionCode) -> cedarpy.PolicySet:
    """Every clause as a permit for its fields, and every status of a number as a forbid."""
    permits = (permit(clause, seat, hub=lawbook.hub) for clause in lawbook.clauses)
    return cedarpy.PolicySet.from_str("\n".join([*permits, *forbids(hub=seat == lawbook.hub)]))


def permit(clause: Clause, seat: InstitutionCode, *, hub: InstitutionCode) -> str:
    conditions = [
        f'context.purpose == "{clause.purpose}"',
        f"context.askedOn >= {clause.period.begin.toordinal()}",
        "resource in [" + ", ".join(f'Field::"{one}"' for one in clause.ground.fields) + "]",
    ]
    if clause.period.end is not None:
        conditions.append(f"context.askedOn < {clause.period.end.toordinal()}")
    if seat == hub:
        conditions.append(f'principal == Institution::"{clause.consumer}"')
    else:
        roles = " || ".join(f'principal in Role::"{role}"' for role in clause.members) or "false"
        conditions += ["principal.active", f"({roles})", f'principal in Node::"{seat}"']
        conditions.append("true" if clause.consumer == seat else "false")
    for control in clause.controls:
        if seat == hub or control.side is Side.CONSUMER:
            conditions.append(f"context.files.containsAny({json.dumps(files(control))})")
    if clause.integrates:
        named = json.dumps(
            [f"{one.sector}/{quality}" for one in clause.integrates for quality in one.qualities]
        )
        conditions.append(f"{named}.containsAll(context.lines)")
        conditions.append(f"{named}.containsAny(context.own)")
    name = f'@id("{clause.id}")'
    return f'{name} permit(principal, action == Action::"{clause.flow}", resource) when {{' + (
        " && ".join(conditions) + "};"
    )


def files(control: Control) -> list[str]:
    return [f"{control.sector}/{quality}/{control.rule}" for quality in control.qualities]


def forbids(*, hub: bool) -> Iterator[str]:
    statuses = ["unknown", "replaced", "cancelled", *(["left-to-hub"] if hub else [])]
    for status in statuses:
        yield f'forbid(principal, action, resource) when {{ context.number == "{status}" }};'
    yield (
        'forbid(principal, action, resource) when { context.number == "deceased" && '
        "context has deceasedOn && context.deceasedOn < context.aboutBegin };"
    )


def entities(lawbook: Lawbook) -> cedarpy.Entities:
    """Institutions in their groups: the node they stand behind, and their roles."""
    listed: list[dict[str, object]] = []
    for one in lawbook.institutions.values():
        groups = [{"type": "Role", "id": role} for role in sorted(one.roles)]
        groups += [{"type": "Node", "id": one.node}] if one.node else []
        listed.append(
            {
                "uid": {"type": "Institution", "id": one.code},
                "attrs": {"active": one.active},
                "parents": groups,
            }
        )
    return cedarpy.Entities.from_json_str(json.dumps(listed))


def requests(lawbook: Lawbook, question: Question, facts: Facts) -> list[dict[str, object]]:
    """One request for every field of the flow."""
    context: dict[str, object] = {
        "purpose": question.purpose,
        "askedOn": question.asked_on.toordinal(),
        "aboutBegin": question.about.begin.toordinal(),
        "number": facts.number.status.value,
        "files": sorted(covered(question, facts.lines)),
        "lines": kinds(facts.lines),
        "own": kinds(line for line in facts.lines if line.member in (None, question.consumer)),
    }
    if facts.number.deceased_on is not None:
        context["deceasedOn"] = facts.number.deceased_on.toordinal()
    return [
        {
            "principal": {"type": "Institution", "id": question.consumer},
            "action": {"type": "Action", "id": question.flow},
            "resource": {"type": "Field", "id": field.name},
            "context": context,
        }
        for field in lawbook.flows[question.flow].fields
    ]


def kinds(lines: Iterable[DirectoryLine]) -> list[str]:
    return sorted({f"{line.sector}/{line.quality}" for line in lines})


def covered(question: Question, lines: tuple[DirectoryLine, ...]) -> set[str]:
    """Which rules each line meets, counted day by day."""
    about = set(days(question.about))
    found: set[str] = set()
    for line in lines:
        if line.member not in (None, question.consumer):
            continue
        code, on = f"{line.sector}/{line.quality}", set(days(line.period))
        found.add(f"{code}/{PeriodRule.EVER}")
        if on & about:
            found.add(f"{code}/{PeriodRule.OVERLAP}")
        if question.asked_on.toordinal() in on:
            found.add(f"{code}/{PeriodRule.NOW}")
    return found


def days(period: Period) -> range:
    return range(period.begin.toordinal(), (period.end or FOREVER).toordinal())


# ── Questions and laws nobody thought of ─────────────────────────────────────────────────────────


def a_day(chance: random.Random) -> date:
    return date(2024, 1, 1) + timedelta(days=chance.randrange(365))


def a_period(chance: random.Random) -> Period:
    begin = a_day(chance)
    return Period(begin, chance.choice([None, begin + timedelta(days=chance.randrange(1, 200))]))


def some_facts(chance: random.Random, members: Sequence[InstitutionCode | None]) -> Facts:
    status = chance.choice([NumberStatus.KNOWN] * 8 + list(NumberStatus))
    number = NumberFact(
        status=status,
        successor=SUCCESSOR if status is NumberStatus.REPLACED else None,
        deceased_on=chance.choice([None, a_day(chance)])
        if status is NumberStatus.DECEASED
        else None,
    )
    lines = (
        DirectoryLine(
            ssin=PERSON,
            sector=sector,
            quality=quality,
            period=a_period(chance),
            member=chance.choice(members),
        )
        for sector, quality in chance.choices(PAIRS, k=chance.randrange(7))
    )
    return Facts(number=number, lines=tuple(lines))


def some_question(chance: random.Random, lawbook: Lawbook, seat: InstitutionCode) -> Question:
    """Of one to whom a clause is for, more often than not; else of anyone."""
    at_seat = [one for one in lawbook.clauses if seat in (lawbook.hub, one.consumer)]
    clause = chance.choice(at_seat if chance.random() < 0.9 else lawbook.clauses)
    consumers = [clause.consumer] if seat == lawbook.hub else members_of(lawbook, seat)
    stranger = chance.random() < 0.1
    return a_question(
        consumer=chance.choice(list(lawbook.institutions) if stranger else consumers),
        flow=clause.flow,
        purpose=chance.choice([clause.purpose] * 5 + [PurposeId("curiosity")]),
        asked_on=a_day(chance),
        about=a_period(chance),
    )


def members_of(lawbook: Lawbook, node: InstitutionCode) -> list[InstitutionCode]:
    return [one.code for one in lawbook.institutions.values() if one.node == node]


def an_invented_law(chance: random.Random) -> Lawbook:
    """Thirty clauses on the real institutions and flows, with every kind of control."""
    flows = list(LAWBOOK.flows.values())
    clauses: list[Clause] = []
    for number in range(30):
        flow = chance.choice(flows)
        names = [field.name for field in flow.fields]
        clauses.append(
            a_clause(
                f"invented-{number}",
                consumer=chance.choice([*NODES, InstitutionCode("RVA")]),
                members=chance.sample(ROLES, k=2),
                flow=flow.id,
                purpose=PurposeId(f"purpose-{number}"),
                fields=chance.sample(names, k=chance.randint(1, len(names))),
                withheld=(),
                controls=[
                    a_control(
                        chance.choice(list(Side)),
                        of=chance.choice(PAIRS),
                        rule=chance.choice(list(PeriodRule)),
                    )
                    for _ in range(chance.randrange(3))
                ],
                begin=a_day(chance) - timedelta(days=180),
                end=chance.choice([None, a_day(chance) + timedelta(days=360)]),
            )
        )
    return replace(LAWBOOK, clauses=tuple(clauses))


@pytest.mark.parametrize("law", ["the law as it is", "an invented law"])
@pytest.mark.parametrize("seat", [LAWBOOK.hub, *NODES])
def test_cedar_and_decide_give_the_same_fields(law: str, seat: InstitutionCode) -> None:
    chance = random.Random(f"{SEED} {law} {seat}")
    lawbook = LAWBOOK if law == "the law as it is" else an_invented_law(chance)
    members = members_of(lawbook, seat)
    asked: Asked = []
    for _ in range(QUESTIONS):
        question = some_question(chance, lawbook, seat)
        lines_of = [None] if seat == lawbook.hub else [question.consumer, chance.choice(members)]
        asked.append((question, some_facts(chance, lines_of)))

    by_cedar = judged_by_cedar(lawbook, seat, asked)
    by_us = judged_by_us(lawbook, seat, asked)

    assert by_us == by_cedar
    granted = sum(1 for fields, _ in by_us if fields)
    assert QUESTIONS / 40 < granted < QUESTIONS, granted


Judgement = tuple[frozenset[str], ClauseId | None]
Asked = list[tuple[Question, Facts]]


def judged_by_us(lawbook: Lawbook, seat: InstitutionCode, asked: Asked) -> list[Judgement]:
    jurisdiction = lawbook.jurisdiction(seat)
    found: list[Judgement] = []
    for question, facts in asked:
        decision = decide(settle(question, facts), facts, jurisdiction)
        if isinstance(decision, Grant):
            found.append((frozenset(decision.fields), decision.ground.clause))
        else:
            found.append((frozenset(), None))
    return found


def judged_by_cedar(lawbook: Lawbook, seat: InstitutionCode, asked: Asked) -> list[Judgement]:
    batch = [requests(lawbook, question, facts) for question, facts in asked]
    flat = [request for requests_ in batch for request in requests_]
    results = iter(cedarpy.is_authorized_batch(flat, policies(lawbook, seat), entities(lawbook)))
    found: list[Judgement] = []
    for (question, _), requests_ in zip(asked, batch, strict=True):
        fields = lawbook.flows[question.flow].fields
        pairs = list(zip(fields, (next(results) for _ in requests_), strict=True))
        assert not [error for _, result in pairs for error in result.diagnostics.errors]
        given = frozenset(str(field.name) for field, result in pairs if result.allowed)
        clauses = {
            ClauseId(name)
            for _, result in pairs
            if result.allowed
            for name in result.diagnostics.id_annotations_by_reason.values()
        }
        assert len(clauses) <= 1
        found.append((given, next(iter(clauses), None)))
    return found
