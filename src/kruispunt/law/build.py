"""Checked texts become the types that everyone uses, in an order that no file can change."""

from collections.abc import Iterable
from typing import Final

from kruispunt.law.draft import Draft, Whole
from kruispunt.law.keep import Canon
from kruispunt.law.parameter import DatedValue, Parameter, ParameterId, Value
from kruispunt.law.texts import (
    CheckText,
    ClauseText,
    ControlText,
    DeliberationText,
    DetailText,
    FieldText,
    FlowText,
    LineKindText,
    ParameterText,
    PurposeText,
    ReaderText,
    SourceText,
    TermsText,
    UnseenText,
    ValueText,
)
from kruispunt.law.types import (
    Check,
    Clause,
    Control,
    Deliberation,
    Detail,
    Field,
    Flow,
    Limits,
    LineKind,
    Purpose,
    Source,
    Terms,
    TrailReader,
    Unseen,
    ValueType,
)
from kruispunt.vocabulary import (
    ClauseId,
    FieldName,
    FlowId,
    Ground,
    InstitutionCode,
    Period,
    PurposeId,
    Quality,
    Sector,
    SourceId,
    Withheld,
)

NOT_NAMED: Final = "not-named"


def build(draft: Draft) -> Canon:
    """Make the lawbook's content. The texts must have passed every check."""
    sources = {one.head.text.id: _source(one) for one in draft.sources}
    flows = {one.head.text.id: _flow(one, sources) for one in draft.flows}
    return Canon(
        institutions=tuple(
            sorted((one.text for one in draft.institutions), key=lambda one: one.code)
        ),
        sectors=tuple(sorted((one.text for one in draft.sectors), key=lambda one: one.sector)),
        qualities=tuple(
            sorted(
                (one.text for one in draft.qualities),
                key=lambda one: (-1 if one.sector is None else one.sector, one.quality),
            )
        ),
        sources=tuple(sources[key] for key in sorted(sources)),
        flows=tuple(flows[key] for key in sorted(flows)),
        purposes=tuple(sorted((_purpose(one.text) for one in draft.purposes), key=lambda p: p.id)),
        withholding={one.text.id: _terms(one.text.titles) for one in draft.reasons},
        deliberations=tuple(
            sorted((_deliberation(one, flows) for one in draft.deliberations), key=lambda d: d.id)
        ),
        readers=tuple(
            _reader(one.text) for one in sorted(draft.readers, key=lambda r: r.text.role)
        ),
        unseen=tuple(_unseen(one.text) for one in sorted(draft.unseen, key=lambda u: u.text.id)),
        parameters=tuple(
            _parameter(one.text) for one in sorted(draft.parameters, key=lambda p: p.text.id)
        ),
    )


def _source(source: Whole[SourceText, FieldText]) -> Source:
    text = source.head.text
    return Source(
        id=SourceId(text.id),
        owner=InstitutionCode(text.owner),
        co_owners=tuple(sorted(InstitutionCode(code) for code in text.co_owners)),
        names=_terms(text.names),
        legal_basis=text.legal_basis,
        fields={FieldName(one.text.name): _field(one.text) for one in source.items},
    )


def _field(text: FieldText) -> Field:
    return Field(
        name=FieldName(text.name),
        terms=_terms(text.terms),
        type=text.type,
        sensitivity=text.sensitivity,
        required=text.required,
        paragraph=text.paragraph,
        max_length=text.max_length,
        digits=text.digits,
    )


def _flow(flow: Whole[FlowText, CheckText], sources: dict[str, Source]) -> Flow:
    text = flow.head.text
    checks = sorted((one.text for one in flow.items), key=lambda one: text.fields.index(one.field))
    return Flow(
        id=FlowId(text.id),
        titles=_terms(text.titles),
        source=SourceId(text.source),
        supply=text.supply,
        supplier=InstitutionCode(text.supplier),
        fields=tuple(sources[text.source].fields[FieldName(name)] for name in text.fields),
        checks=tuple(_check(one) for one in checks),
        limits=Limits(
            max_rows=text.limits.max_rows,
            timeout_s=text.limits.timeout_s,
            max_days=text.limits.max_days,
        ),
        paragraph=text.paragraph,
        details=tuple(map(_detail, sorted(text.details, key=lambda one: one.name))),
        about=text.about,
        shows=_line_kinds(text.shows),
    )


def _line_kinds(texts: Iterable[LineKindText]) -> tuple[LineKind, ...]:
    found = (
        LineKind(
            sector=Sector(one.sector),
            qualities=_qualities(one.qualities),
            paragraph=one.paragraph,
            max_months=one.max_months,
        )
        for one in texts
    )
    return tuple(sorted(found, key=lambda one: (one.sector, sorted(one.qualities))))


def _detail(text: DetailText) -> Detail:
    return Detail(
        name=text.name,
        type=ValueType(text.type),
        values=text.values,
        required=text.required,
        paragraph=text.paragraph,
        required_for=tuple(sorted(map(PurposeId, text.required_for))),
        begins=text.begins,
        only=tuple(sorted(map(FieldName, text.only))),
    )


def _check(text: CheckText) -> Check:
    return Check(
        field=FieldName(text.field),
        sector=Sector(text.sector),
        qualities=_qualities(text.qualities),
        rule=text.rule,
        paragraph=text.paragraph,
    )


def _purpose(text: PurposeText) -> Purpose:
    return Purpose(
        id=PurposeId(text.id),
        titles=_terms(text.titles),
        paragraph=text.paragraph,
        legal_contexts=tuple(sorted(text.legal_contexts)),
    )


def _reader(text: ReaderText) -> TrailReader:
    return TrailReader(
        role=text.role,
        reads=text.reads,
        institutions=frozenset(text.institutions),
        paragraph=text.paragraph,
        assumption=text.assumption,
    )


def _unseen(text: UnseenText) -> Unseen:
    return Unseen(
        id=text.id,
        titles=_terms(text.titles),
        institutions=frozenset(text.institutions),
        purposes=frozenset(map(PurposeId, text.purposes)),
        paragraph=text.paragraph,
        assumption=text.assumption,
    )


def _parameter(text: ParameterText) -> Parameter:
    return Parameter(
        id=ParameterId(text.id),
        titles=_terms(text.titles),
        unit=text.unit,
        paragraph=text.paragraph,
        values=tuple(
            DatedValue(
                period=Period.through(one.begin, one.until),
                value=_value(one),
                source=one.source,
                assumption=one.assumption,
            )
            for one in sorted(text.values, key=lambda one: one.begin)
        ),
    )


def _value(text: ValueText) -> Value:
    if text.eur is not None:
        return int(text.eur.replace(".", ""))
    if text.codes is not None:
        return tuple(sorted(text.codes))
    value = text.count if text.day is None else text.day
    assert value is not None
    return value


def _deliberation(
    whole: Whole[DeliberationText, ClauseText], flows: dict[str, Flow]
) -> Deliberation:
    text = whole.head.text
    clauses = (_clause(one.text, text.id, flows[one.text.flow]) for one in whole.items)
    return Deliberation(
        id=text.id,
        titles=_terms(text.titles),
        reference=text.reference,
        decided_on=tuple(sorted(text.decided_on)),
        in_force=tuple(sorted(text.in_force)),
        clauses=tuple(sorted(clauses, key=lambda one: one.id)),
    )


def _clause(text: ClauseText, deliberation: str, flow: Flow) -> Clause:
    return Clause(
        id=ClauseId(text.id),
        ground=_ground(text, deliberation, flow),
        consumer=InstitutionCode(text.consumer),
        members=frozenset(text.members),
        flow=flow.id,
        purpose=PurposeId(text.purpose),
        controls=tuple(sorted((_control(one) for one in text.controls), key=_rank)),
        period=Period.through(text.begin, text.until),
        assumption=text.assumption,
        integrates=_line_kinds(text.integrates),
    )


def _ground(text: ClauseText, deliberation: str, flow: Flow) -> Ground:
    given = frozenset(text.fields)
    kept = {name: part for part in text.withheld for name in part.fields}
    left = [field.name for field in flow.fields if field.name not in given]
    return Ground(
        clause=ClauseId(text.id),
        deliberation=deliberation,
        paragraph=text.paragraph,
        fields=tuple(field.name for field in flow.fields if field.name in given),
        withheld=tuple(
            Withheld(field=name, reason=kept[name].reason, paragraph=kept[name].paragraph)
            if name in kept
            else Withheld(field=name, reason=NOT_NAMED)
            for name in left
        ),
    )


def _control(text: ControlText) -> Control:
    return Control(
        side=text.side,
        sector=Sector(text.sector),
        qualities=_qualities(text.qualities),
        rule=text.rule,
        paragraph=text.paragraph,
    )


def _rank(control: Control) -> tuple[str, int, list[int], str]:
    return control.side, control.sector, sorted(control.qualities), control.rule


def _qualities(codes: tuple[str, ...]) -> frozenset[Quality]:
    return frozenset(Quality(int(code)) for code in codes)


def _terms(text: TermsText) -> Terms:
    words = {"nl": text.nl, "fr": text.fr, "de": text.de, "en": text.en}
    return {language: word for language, word in words.items() if word is not None}
