"""Whose member somebody is on the day that a one-time file comes: pure, as `decide` is.

05/022 §7.4: a node passes a file on by its own directory, to who knows the person now.
"""

from msgspec import structs

from kruispunt.authorisation.decide import find_clause, stands
from kruispunt.law import Clause, Control, Jurisdiction, PeriodRule
from kruispunt.vocabulary import DirectoryLine, Facts, InstitutionCode, Question


def present(
    question: Question, facts: Facts, jurisdiction: Jurisdiction
) -> tuple[InstitutionCode | None, Facts]:
    """The one member that the person's lines of the day of asking name, and what decides for it.

    `question` is that of the node itself. None where no member is named, or more than one: then
    nobody gets anything, so lines that name no member decide nothing. Of other days the law asks
    what was so, not at whom: those lines decide without their member's name.
    """
    clause = find_clause(
        jurisdiction,
        consumer=question.consumer,
        flow=question.flow,
        purpose=question.purpose,
        asked_on=question.asked_on,
    )
    if not isinstance(clause, Clause):
        return None, facts
    today = [one for one in clause.controls if one.rule is PeriodRule.NOW]
    members = sorted({line.member for line in facts.lines if line.member is not None})
    found = [one for one in members if _knows(one, today, question, facts)]
    if len(found) != 1:
        # INVARIANT: the node is no recipient; a line without a name would give its leave to it.
        named = tuple(line for line in facts.lines if line.member is not None)
        return None, structs.replace(facts, lines=named)
    (member,) = found
    return member, structs.replace(facts, lines=_lines(member, today, facts))


def _knows(
    member: InstitutionCode, today: list[Control], question: Question, facts: Facts
) -> bool:
    asked = structs.replace(question, consumer=member)
    return bool(today) and all(stands(control, asked, facts) for control in today)


def _lines(
    member: InstitutionCode, today: list[Control], facts: Facts
) -> tuple[DirectoryLine, ...]:
    """The member's own lines of the day, and those of other days, which name nobody."""
    kept: dict[DirectoryLine, None] = {}
    for line in facts.lines:
        if any(line.sector == c.sector and line.quality in c.qualities for c in today):
            if line.member == member:
                kept[line] = None
        else:
            kept[structs.replace(line, member=None)] = None
    return tuple(sorted(kept, key=_place))


def _place(line: DirectoryLine) -> tuple[object, ...]:
    return (line.sector, line.quality, line.member or "", line.period.begin, line.phase)
