"""Checked texts of cases become cases, filled in from the clause of each where they are silent."""

from typing import TypeVar

from kruispunt.law.case import Case, CaseLine
from kruispunt.law.clause_checks import GRANT
from kruispunt.law.draft import Draft
from kruispunt.law.folder import Placed
from kruispunt.law.texts import CaseText, ClauseText, LineText
from kruispunt.vocabulary import (
    ClauseId,
    FieldName,
    FlowId,
    InstitutionCode,
    NumberStatus,
    Period,
    PurposeId,
    Quality,
    Reason,
    Sector,
)

V = TypeVar("V")


def build_cases(draft: Draft, *, hub: InstitutionCode) -> tuple[Case, ...]:
    """Make the cases. Where one names no seat, the hub decides it."""
    clauses = {one.text.id: one.text for whole in draft.deliberations for one in whole.items}
    return tuple(_case(one, clauses[one.text.clause], hub) for one in draft.cases)


def _case(at: Placed[CaseText], clause: ClauseText, hub: InstitutionCode) -> Case:
    text = at.text
    return Case(
        name=text.name,
        file=at.file,
        clause=ClauseId(text.clause),
        seat=InstitutionCode(text.at or hub),
        consumer=InstitutionCode(text.consumer or clause.consumer),
        flow=FlowId(text.flow or clause.flow),
        purpose=PurposeId(text.purpose or clause.purpose),
        asked_on=text.asked_on,
        about=Period.through(text.about.begin, text.about.until),
        number=NumberStatus(text.number.status),
        deceased_on=text.number.deceased_on,
        lines=tuple(_line(one) for one in text.lines),
        refusal=None if text.expect == GRANT else Reason(text.expect),
        fields=None if text.fields is None else tuple(map(FieldName, text.fields)),
        withheld=_by_field(text.withheld),
        answer=_by_field(text.answer),
        covered=None
        if text.covered is None
        else Period.through(text.covered.begin, text.covered.until),
    )


def _by_field(texts: dict[str, V] | None) -> dict[FieldName, V] | None:
    return None if texts is None else {FieldName(name): text for name, text in texts.items()}


def _line(text: LineText) -> CaseLine:
    return CaseLine(
        sector=Sector(text.sector),
        quality=Quality(int(text.quality)),
        period=Period.through(text.begin, text.until),
        member=None if text.member is None else InstitutionCode(text.member),
    )
