"""Bodies that open an inquiry into incomes become events here; every wrong field is named."""

from dataclasses import dataclass
from datetime import date, datetime

from kruispunt.circuits import RulesOn
from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.client import (
    INVALID_INPUT,
    ApplicationBody,
    CaseRequest,
    IncomeBody,
    OwnFilesBody,
    read_ssin,
)
from kruispunt.gateway.many import Faults
from kruispunt.vocabulary import Issue, Malformed


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """When a case is opened, and by which rules. `contact`: of cases that name nobody."""

    at: datetime
    today: date
    rules: RulesOn
    contact: b.Contact | None


def read_inquiry(body: CaseRequest, by: Opened) -> r.InquiryBegun:
    """What opens an inquiry: an application, or what the insurer's own files say.

    Raises:
        Malformed: one issue for each field that is wrong.
    """
    if body.contact is not None:
        raise _wrong("contact", "not said of increased reimbursement: nobody is written to")
    wrong = Faults()
    person = wrong.read(lambda: read_ssin(body.ssin))
    begun = wrong.read(lambda: _begun(body, by.today))
    rules = wrong.read(lambda: _rules(by, begun) if begun else None)
    if wrong.issues:
        raise Malformed("the case is not valid", issues=wrong.issues)
    assert person
    assert begun
    assert rules
    return r.InquiryBegun(id=body.id, at=by.at, person=person, begun=begun, rules=rules)


def read_income(body: IncomeBody) -> r.Income:
    """An income in whole cents."""
    return r.Income(taxed_cents=body.taxed_cents, deducted_cents=body.deducted_cents)


def _begun(body: CaseRequest, today: date) -> r.Applied | r.Noticed:
    if body.application is not None:
        return _applied(body.application, today)
    assert body.own_files is not None, "expected one of the two"
    return _noticed(body.own_files, today)


def _applied(body: ApplicationBody, today: date) -> r.Applied:
    return r.Applied(
        on=_come("application.on", body.on, today) or today,
        household=body.household,
        basis=r.Basis(body.basis),
        incomes=tuple(map(read_income, body.incomes)),
        has_unemployment=body.has_unemployment,
    )


def _noticed(body: OwnFilesBody, today: date) -> r.Noticed:
    return r.Noticed(
        on=_come("ownFiles.on", body.on, today) or today,
        has_right=body.has_right,
        single_since=_come("ownFiles.singleSince", body.single_since, today),
        replaced_by=None if body.replaced_by is None else r.Replacement(body.replaced_by),
        replaced_since=_come("ownFiles.replacedSince", body.replaced_since, today),
        has_company_supplement=body.has_company_supplement,
        is_fully_unemployed=body.is_fully_unemployed,
        incomes=tuple(map(read_income, body.incomes)),
    )


def _come(name: str, day: date | None, today: date) -> date | None:
    """A day that has come, where one is said."""
    if day is not None and day > today:
        raise _wrong(name, "expected a day that has come")
    return day


def _rules(by: Opened, begun: r.Applied | r.Noticed) -> r.InquiryRules:
    try:
        rules = by.rules.inquiry(by.today)
        r.check_begun(begun, rules)
    except LookupError:
        name = "application.on" if isinstance(begun, r.Applied) else "ownFiles"
        raise _wrong(name, "the law sets no amounts for this day") from None
    return rules


def _wrong(name: str, detail: str) -> Malformed:
    issue = Issue(type=INVALID_INPUT, where="body", name=name, detail=detail)
    return Malformed("the case is not valid", issues=(issue,))
