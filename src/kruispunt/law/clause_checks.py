"""Holding clauses and their cases against the rest of the law."""

from collections import Counter, defaultdict
from itertools import combinations
from typing import Final

from kruispunt.law.checks import Names
from kruispunt.law.draft import CASES, Draft
from kruispunt.law.folder import Placed
from kruispunt.law.texts import CaseText, ClauseText
from kruispunt.law.types import Supply
from kruispunt.vocabulary import Period, Reason, WrongPeriod

GRANT: Final = "grant"


def check_clauses(draft: Draft, names: Names) -> None:
    """Every clause names what stands, overlaps no other, and has its cases."""
    clauses = [clause for one in draft.deliberations for clause in one.items]
    names.once("deliberation", ((one.head, one.head.text.id) for one in draft.deliberations))
    names.once("clause", ((clause, clause.text.id) for clause in clauses))
    for clause in clauses:
        _check_uses(clause, names)
        _check_fields(clause, names)
    _check_overlaps([clause for clause in clauses if _check_period(clause, names)], names)
    _check_cases(clauses, draft.cases, names)


def _check_uses(at: Placed[ClauseText], names: Names) -> None:
    clause = at.text
    names.known(at, "flow", clause.flow, names.flows)
    names.known(at, "purpose", clause.purpose, names.purposes)
    if names.known(at, "institution", clause.consumer, names.institutions):
        if not names.institutions[clause.consumer].active:
            names.folder.fault(at, f"institution {clause.consumer!r} is no longer active")
        behind = [one for one in names.institutions.values() if one.node == clause.consumer]
        roles = {role for one in behind if one.active for role in one.roles}
        for role in clause.members:
            names.known(at, f"member of {clause.consumer} with the role", role, roles)
    for named in (*clause.controls, *clause.integrates):
        names.codes(at, named)
    if clause.flow in names.flows:
        integrates = names.flows[clause.flow].head.text.supply is Supply.INTEGRATION
        if integrates != bool(clause.integrates):
            message = "integrates: expected for a flow that integrates, and only for such a one"
            names.folder.fault(at, message)


def _check_fields(at: Placed[ClauseText], names: Names) -> None:
    clause = at.text
    for part in clause.withheld:
        names.known(at, "reason to withhold", part.reason, names.reasons)
    withheld = [field for part in clause.withheld for field in part.fields]
    for field, count in Counter((*clause.fields, *withheld)).items():
        if count > 1:
            names.folder.fault(at, f"field {field!r} stands twice")
    if clause.flow in names.flows:
        fields = names.flows[clause.flow].head.text.fields
        for field in (*clause.fields, *withheld):
            names.known(at, f"field of {clause.flow}", field, fields)
    for field in clause.fields:
        group, dot, _ = field.rpartition(".")
        if dot and group not in clause.fields:
            names.folder.fault(at, f"gives {field!r} without its group {group!r}")


def _period(clause: ClauseText) -> Period:
    return Period.through(clause.begin, clause.until)


def _check_period(at: Placed[ClauseText], names: Names) -> bool:
    try:
        _period(at.text)
    except WrongPeriod as wrong:
        names.folder.fault(at, f"from and until: {wrong}")
        return False
    return True


def _check_overlaps(clauses: list[Placed[ClauseText]], names: Names) -> None:
    uses: defaultdict[tuple[str, str, str], list[Placed[ClauseText]]] = defaultdict(list)
    for clause in clauses:
        uses[clause.text.consumer, clause.text.flow, clause.text.purpose].append(clause)
    for same in uses.values():
        for one, other in combinations(same, 2):
            if _period(one.text).overlaps(_period(other.text)):
                names.folder.fault(other, f"{other.text.id!r} overlaps {one.text.id!r}")


def _check_cases(
    clauses: list[Placed[ClauseText]], cases: list[Placed[CaseText]], names: Names
) -> None:
    names.once("case", ((case, case.text.name) for case in cases))
    files = {clause.text.id: clause.file.removesuffix(".toml") + CASES for clause in clauses}
    expected: defaultdict[str, set[bool]] = defaultdict(set)
    for case in cases:
        _check_case(case, files, names)
        expected[case.text.clause].add(case.text.expect == GRANT)
    for clause in clauses:
        for granting, word in ((True, "grants"), (False, "refuses")):
            if granting not in expected[clause.text.id]:
                message = f"{clause.text.id!r} has no case that {word}, in {files[clause.text.id]}"
                names.folder.fault(clause, message)


def _check_case(at: Placed[CaseText], files: dict[str, str], names: Names) -> None:
    case = at.text
    if names.known(at, "clause", case.clause, files) and files[case.clause] != at.file:
        names.folder.fault(at, f"a case of {case.clause!r} belongs in {files[case.clause]}")
    if case.expect != GRANT and case.expect not in list(Reason):
        names.folder.fault(at, f"expect: {case.expect!r} is neither grant nor a reason to refuse")
    for code in (case.at, case.consumer):
        if code is not None:
            names.known(at, "institution", code, names.institutions)
    if case.flow is not None:
        names.known(at, "flow", case.flow, names.flows)
    if case.purpose is not None:
        names.known(at, "purpose", case.purpose, names.purposes)
    for period in (case.about, *case.lines):
        try:
            Period.through(period.begin, period.until)
        except WrongPeriod as wrong:
            names.folder.fault(at, f"from and until: {wrong}")
