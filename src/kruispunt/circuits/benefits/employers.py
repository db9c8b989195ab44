"""Which employers a risk concerns, and what the personnel file says of the worker there."""

from datetime import date, timedelta
from typing import Final

from kruispunt.circuits.benefits.case import Case
from kruispunt.circuits.benefits.content import Worker
from kruispunt.circuits.benefits.facts import Relation
from kruispunt.circuits.benefits.risk import Enterprise
from kruispunt.circuits.benefits.rules import Rules

OUT_OF_SERVICE: Final = "OUT_OF_SERVICE"


def employers_of(case: Case) -> list[Enterprise]:
    """R-DIMONA (05/022 §13): the employers on the day of the risk, each once.

    NG1 (§23): the one that the insurer determined, instead. Who had left has the employers of the
    last day of service (NG2).
    """
    assert case.risk, "expected an open case"
    if case.risk.employer is not None:
        return [case.risk.employer]
    found: list[Enterprise] = []
    for relation in case.facts.relations:
        if _counts(case, relation) and not any(one.meets(relation.employer) for one in found):
            found.append(relation.employer)
    return found


def left(case: Case, employer: Enterprise) -> bool:
    """NG2 (§23, §28): the worker was out of service on the day of the risk."""
    worker = worker_of(case, employer)
    return case.left_on is not None or (
        worker is not None and worker.employment_status_at_risk == OUT_OF_SERVICE
    )


def last_day_of(case: Case, rules: Rules) -> date | None:
    """The last day of service of who had left shortly before the risk (§28); else None.

    The relation with that day tells who the employer was. How long ago is ours (assumption).
    """
    assert case.risk, "expected an open case"
    begin = case.risk.period.begin
    first = begin - timedelta(days=rules.delays.left_days)
    days = [
        day
        for one in case.facts.workers
        if one.employment_status_at_risk == OUT_OF_SERVICE
        and (day := _day(one.service_end_date)) is not None
        and first <= day < begin
    ]
    return max(days, default=None)


def worker_of(case: Case, employer: Enterprise) -> Worker | None:
    """The row of the personnel file that is about this employer.

    §28 has no employer, so it is known by its last day of service, which Dimona tells too. Where
    none or several could be meant, only what is the same of the person in all is kept: without
    Dimona (NG1) a row may be about another employment, which is nothing to this employer.
    """
    rows = case.facts.workers
    if not rows:
        return None
    ends = {one.period.last_day for one in case.facts.relations if one.employer.meets(employer)}
    same = [one for one in rows if _day(one.service_end_date) in ends]
    if len(same) == 1:
        return same[0]
    return _person_only(rows[0])


def _counts(case: Case, relation: Relation) -> bool:
    assert case.risk, "expected an open case"
    return (case.left_on or case.risk.period.begin) in relation.period


def _person_only(worker: Worker) -> Worker:
    return Worker(
        ssin=worker.ssin,
        last_name=worker.last_name,
        first_name=worker.first_name,
        second_name_initial=worker.second_name_initial,
        birth_date=worker.birth_date,
        birth_municipality=worker.birth_municipality,
        birth_country=worker.birth_country,
        sex=worker.sex,
        nationality=worker.nationality,
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
