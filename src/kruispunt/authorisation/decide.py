"""The one place where leave is given: question, facts and law go in, a decision comes out.

No clock, no store, no network: the same facts under the same law decide the same for ever.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from kruispunt.law import Check, Clause, Control, Flow, Jurisdiction, PeriodRule, Side, Supply
from kruispunt.vocabulary import (
    NOBODY,
    Decision,
    DirectoryLine,
    Facts,
    FieldName,
    FlowId,
    Grant,
    InstitutionCode,
    NumberStatus,
    Period,
    PurposeId,
    Question,
    Reason,
    Refusal,
    Settled,
)

# Looking a member up in its enumeration costs more than comparing it: decisions are many.
CONSUMER: Final = Side.CONSUMER
SUPPLIER: Final = Side.SUPPLIER
KNOWN: Final = NumberStatus.KNOWN
OVERLAP: Final = PeriodRule.OVERLAP
EVER: Final = PeriodRule.EVER

NOWHERE: Final = "nowhere"
PARTLY: Final = "partly"
WHOLLY: Final = "wholly"

Use = tuple[InstitutionCode, FlowId, PurposeId, date]
"""What a clause is looked up by: who asks what, for what, on which day."""


def decide(settled: Settled, facts: Facts, jurisdiction: Jurisdiction) -> Decision:
    """Grant exactly what one clause in force gives, or refuse for the first reason there is.

    Deny by default, in the order of controls that the network documents: a clause, the consumer's
    file, the number, the supplier's file. A number in no register comes before the files: none can
    stand on it, and what is told of it is the same.
    """
    question = settled.question
    consumer, flow, purpose = question.consumer, question.flow, question.purpose
    asked_on = question.asked_on
    clause = jurisdiction.in_force(
        consumer=consumer, flow=flow, purpose=purpose, asked_on=asked_on
    )
    if clause is None:
        clauses = jurisdiction.clauses(consumer=consumer, flow=flow, purpose=purpose)
        return Refusal(reason=_why_none(clauses, asked_on))
    return _apply(clause, question, facts, jurisdiction)


def decide_many(
    settled: Sequence[Settled], facts: Sequence[Facts], jurisdiction: Jurisdiction
) -> list[Decision]:
    """Exactly what `decide` says of each, in their order; the law is looked up once for each use.

    Raises:
        ValueError: not as many facts as questions.
    """
    found: dict[Use, Clause | Refusal] = {}
    decided: list[Decision] = []
    for one, known in zip(settled, facts, strict=True):
        question = one.question
        use = (question.consumer, question.flow, question.purpose, question.asked_on)
        clause = found.get(use)
        if clause is None:
            consumer, flow, purpose, asked_on = use
            leave = find_clause(
                jurisdiction, consumer=consumer, flow=flow, purpose=purpose, asked_on=asked_on
            )
            clause = found[use] = Refusal(reason=leave) if isinstance(leave, Reason) else leave
        if isinstance(clause, Refusal):
            decided.append(clause)
        else:
            decided.append(_apply(clause, question, known, jurisdiction))
    return decided


def _apply(
    clause: Clause, question: Question, facts: Facts, jurisdiction: Jurisdiction
) -> Decision:
    """What this clause says of this person."""
    if clause.integrates and not _may_bring(clause, facts):
        return Refusal(reason=Reason.NO_CLAUSE)
    missing, about = _missing_file(clause, question, facts)
    if clause.integrates and not _has_own(question, facts):
        missing = CONSUMER
    number = None if facts.number.status is KNOWN else _number(question, facts, jurisdiction)
    if missing is None and number is None:
        return Grant(ground=clause.ground, about=about)
    if number is Reason.NUMBER_UNKNOWN:
        reason = number
    elif missing is CONSUMER:
        reason = Reason.NO_FILE
    else:
        reason = number or Reason.NO_FILE_AT_SUPPLIER
    successor = facts.number.successor if reason is Reason.NUMBER_REPLACED else None
    hidden = reason is Reason.NO_FILE_AT_SUPPLIER
    return Refusal(
        reason=reason,
        ground=clause.ground,
        successor=successor,
        about=about if hidden else None,
    )


def _may_bring(clause: Clause, facts: Facts) -> bool:
    """True where the clause names every line of the facts.

    Those are the lines that are to come; where lines are to go or to be told, the asker's own.
    """
    return all(
        any(
            line.sector == kind.sector and line.quality in kind.qualities
            for kind in clause.integrates
        )
        for line in facts.lines
    )


def _has_own(question: Question, facts: Facts) -> bool:
    """True where a line is to come, or one of the asker's own stands: else it has no file."""
    return any(line.member in (None, question.consumer) for line in facts.lines)


def find_clause(
    jurisdiction: Jurisdiction,
    *,
    consumer: InstitutionCode,
    flow: FlowId,
    purpose: PurposeId,
    asked_on: date,
) -> Clause | Reason:
    """The clause in force on the day of asking, or why there is none."""
    clause = jurisdiction.in_force(
        consumer=consumer, flow=flow, purpose=purpose, asked_on=asked_on
    )
    return clause or _why_none(
        jurisdiction.clauses(consumer=consumer, flow=flow, purpose=purpose), asked_on
    )


def _why_none(clauses: Sequence[Clause], asked_on: date) -> Reason:
    """Why none of the clauses for one use is in force on a day of asking."""
    if not clauses:
        return Reason.NO_CLAUSE
    # Clauses stand in order of time: before the first one is "not yet", any later gap "no longer".
    early = asked_on < clauses[0].period.begin
    return Reason.NOT_YET_IN_FORCE if early else Reason.NO_LONGER_IN_FORCE


def check_directory(flow: Flow, question: Question, facts: Facts) -> Mapping[FieldName, bool]:
    """Answer a flow that the directory itself supplies: one boolean per check, nothing else.

    05/022 §12: the checks are parameters, so nothing about other sectors shows.
    """
    return {check.field: stands(check, question, facts) for check in flow.checks}


def _missing_file(
    clause: Clause, question: Question, facts: Facts
) -> tuple[Side | None, Period | None]:
    """The side that has no file where the clause wants one, and the days that the asker's covers.

    The consumer's side goes before the supplier's where both lack one. The days are the first run
    of those asked about: a file that overlaps the period gives leave for the days that both have,
    not for what came before it began or after it ended. None: all of them.
    """
    missing, about = None, question.about
    for control in clause.controls:
        fit = _fit(control, question, facts)
        if fit is NOWHERE:
            if control.side is CONSUMER:
                return CONSUMER, None
            missing = SUPPLIER
        elif fit is PARTLY and control.side is CONSUMER:
            file = (line.period for line in facts.lines if _counts(line, control, question))
            about = about.shared_with(file) or about
    return missing, None if about is question.about else about


def _counts(line: DirectoryLine, asked: Control | Check, question: Question) -> bool:
    return (
        line.sector == asked.sector
        and line.quality in asked.qualities
        and (line.member is None or line.member == question.consumer or _is_suppliers(asked))
    )


def _is_suppliers(asked: Control | Check) -> bool:
    """True where lines of the supplier are asked for: they point to its own members."""
    return isinstance(asked, Control) and asked.side is SUPPLIER


def stands(asked: Control | Check, question: Question, facts: Facts) -> bool:
    """True where a line meets what is asked: sector, quality, rule of period, and member."""
    return _fit(asked, question, facts) is not NOWHERE


def _fit(asked: Control | Check, question: Question, facts: Facts) -> str:
    """How lines meet what is asked; PARTLY: some overlap the period, and none covers it whole."""
    # `_counts` and what periods say are written out: this loop is what deciding costs.
    rule, sector, qualities, asker = asked.rule, asked.sector, asked.qualities, question.consumer
    first, last, day = question.about.begin, question.about.end, question.asked_on
    found = NOWHERE
    for line in facts.lines:
        if line.sector != sector or line.quality not in qualities:
            continue
        if line.member is not None and line.member != asker and not _is_suppliers(asked):
            continue
        begin, end = line.period.begin, line.period.end
        if rule is not OVERLAP:
            if rule is EVER or (begin <= day and (end is None or day < end)):
                return WHOLLY
        elif begin <= first and (end is None or (last is not None and last <= end)):
            return WHOLLY
        elif (end is None or first < end) and (last is None or begin < last):
            found = PARTLY
    return found


def _is_search(question: Question, jurisdiction: Jurisdiction) -> bool:
    """True where the flow is about nobody in particular: there is no number to be in order."""
    flow = jurisdiction.lawbook.flows.get(question.flow)
    return flow is not None and flow.supply is Supply.SEARCH


def _number(question: Question, facts: Facts, jurisdiction: Jurisdiction) -> Reason | None:
    """What a number that is not simply known refuses."""
    match facts.number.status:
        case NumberStatus.REPLACED:
            return Reason.NUMBER_REPLACED
        case NumberStatus.CANCELLED:
            return Reason.NUMBER_CANCELLED
        case NumberStatus.DECEASED:
            # assumption: about days while the person lived one may ask, and where the day of
            # death is not known too.
            died = facts.number.deceased_on
            gone = died is not None and died < question.about.begin
            return Reason.DECEASED_BEFORE if gone else None
        case NumberStatus.UNKNOWN if question.ssin == NOBODY and _is_search(
            question, jurisdiction
        ):
            return None
        case NumberStatus.LEFT_TO_HUB if jurisdiction.is_node:
            return None
        case _:
            # In no register; or left by the hub to a hub above it, which nobody is.
            return Reason.NUMBER_UNKNOWN
