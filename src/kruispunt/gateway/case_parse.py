"""Bodies and queries about cases become events here; every field that is wrong is named."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Final, TypeVar
from urllib.parse import parse_qsl
from uuid import UUID

from kruispunt.circuits import Event, Opening, RulesOn
from kruispunt.circuits import benefits as b
from kruispunt.circuits import reimbursement as r
from kruispunt.client import (
    INVALID_INPUT,
    MOST_LISTED,
    UNKNOWN_INPUT,
    CaseRequest,
    ContactBody,
    NewsRequest,
    Reader,
    read_period,
    read_ssin,
)
from kruispunt.gateway.declared import read_enterprise
from kruispunt.gateway.inquiry_parse import Opened, read_income, read_inquiry
from kruispunt.gateway.many import Faults
from kruispunt.gateway.said_once import check_said_once
from kruispunt.vocabulary import Issue, Malformed

LAST_STEP: Final = 2**31 - 1
KINDS: Final = ("risk", "application", "own_files")
"""Fields of which one says what kind of case is opened."""

T = TypeVar("T")

_read_case: Final = Reader(CaseRequest).read
_read_news: Final = Reader(NewsRequest).read


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a query asks for."""

    after: UUID | None = None
    limit: int = 50
    open_only: bool = False


def read_opening(sent: bytes, by: Opened) -> Opening:
    """What opens a case: a declared risk, or an inquiry into incomes.

    Raises:
        Malformed: one issue for each field that is wrong.
    """
    body = _read_case(sent)
    check_said_once(sent, body)
    kinds = [name for name in KINDS if getattr(body, name) is not None]
    if len(kinds) != 1:
        raise _wrong("risk", "expected exactly one of risk, application and ownFiles")
    return _read_declared(body, by) if body.risk is not None else read_inquiry(body, by)


def read_news(sent: bytes, *, at: datetime) -> Event:
    """What a clerk says happened.

    Raises:
        Malformed: one issue for each field that is wrong, missing, or not said of such news.
    """
    body = _read_news(sent)
    check_said_once(sent, body)
    _check_fields(body)
    match body.what:
        case "holder-sheet-returned":
            return b.HolderSheetReturned(id=body.id, at=at, action=_given(body.action))
        case "holder-sheet-undeliverable":
            return b.HolderSheetUndeliverable(id=body.id, at=at, action=_given(body.action))
        case "letter-undeliverable":
            return b.LetterUndeliverable(id=body.id, at=at, action=_given(body.action))
        case "clerk-answered":
            answer = b.Answer(_given(body.answer))
            return b.ClerkAnswered(id=body.id, at=at, notice=_given(body.notice), answer=answer)
        case "number-replaced":
            successor = read_ssin(_given(body.successor), name="successor")
            return b.NumberReplaced(id=body.id, at=at, successor=successor)
        case "person-moved":
            return b.PersonMoved(id=body.id, at=at)
        case "case-withdrawn":
            return b.CaseWithdrawn(id=body.id, at=at)
        case "declaration-received":
            return _on_paper(body, at)
        case "income-proved":
            return r.IncomeProved(
                id=body.id,
                at=at,
                action=_given(body.action),
                unemployment=read_income(_given(body.proved)),
            )


def read_asked(query: str) -> Asked:
    """What the query of a list asks for.

    Raises:
        Malformed: one issue for each part that is unknown, said twice, or not of its form.
    """
    found = _query(query, {"after": _uuid, "limit": _limit, "open": _flag})
    after, limit = found.get("after"), found.get("limit", 50)
    assert after is None or isinstance(after, UUID)
    assert isinstance(limit, int)
    return Asked(after=after, limit=limit, open_only=found.get("open") is True)


def read_after(query: str) -> int:
    """After which step a case is told on.

    Raises:
        Malformed: as `read_asked`.
    """
    after = _query(query, {"after": _step}).get("after", 0)
    assert isinstance(after, int)
    return after


def read_last_event(text: str) -> int:
    """After which event a follower goes on; empty: from the first.

    Raises:
        Malformed: no event ever had such an id.
    """
    found = _step(text) if text else 0
    if found is None:
        raise _wrong("Last-Event-ID", _STEP_WORDS, where="header")
    return found


def read_case_id(text: str) -> UUID:
    """The case that a path names.

    Raises:
        Malformed: it is no id.
    """
    found = _uuid(text)
    if found is None:
        raise _wrong("case", "expected the id of a case", where="path")
    return found


_STEP_WORDS: Final = "expected the number of a step, as told"
_WORDS: Final[Mapping[str, str]] = {
    "after": "expected what a reply told to go on after",
    "limit": f"expected a whole number from 1 to {MOST_LISTED}",
    "open": "expected true or false",
}
_NEEDS: Final[Mapping[str, frozenset[str]]] = {
    "holder-sheet-returned": frozenset({"action"}),
    "holder-sheet-undeliverable": frozenset({"action"}),
    "letter-undeliverable": frozenset({"action"}),
    "clerk-answered": frozenset({"notice", "answer"}),
    "number-replaced": frozenset({"successor"}),
    "person-moved": frozenset(),
    "case-withdrawn": frozenset(),
    "declaration-received": frozenset({"employer"}),
    "income-proved": frozenset({"action", "proved"}),
}
_MAY: Final[Mapping[str, frozenset[str]]] = {
    "declaration-received": frozenset({"request", "content"}),
}
_FIELDS: Final = (
    "action",
    "notice",
    "answer",
    "successor",
    "request",
    "employer",
    "content",
    "proved",
)

Parsed = UUID | int | bool | None


def _read_declared(body: CaseRequest, by: Opened) -> b.RiskDeclared:
    sent = _given(body.risk)
    wrong = Faults()
    person = wrong.read(partial(read_ssin, body.ssin))
    period = wrong.read(partial(read_period, sent.period, name="risk.period"))
    employer = wrong.read(partial(read_enterprise, sent.employer, name="risk.employer"))
    contact = wrong.read(partial(_contact, body.contact, by.contact))
    lawful = wrong.read(partial(_rules, by.rules, sent.period.begin_date, by.today))
    if wrong.issues:
        raise Malformed("the case is not valid", issues=wrong.issues)
    risk = b.Risk(
        type=b.RiskType(sent.type),
        period=_given(period),
        employer=employer,
        accident=b.Accident(sent.accident),
        mini_dmfa=sent.mini_dmfa,
        direct=sent.direct,
        insurability_only=sent.insurability_only,
        card_number=sent.card_number,
        language=sent.language,
    )
    return b.RiskDeclared(
        id=body.id,
        at=by.at,
        person=_given(person),
        risk=risk,
        contact=_given(contact),
        rules=_given(lawful),
    )


def _check_fields(body: NewsRequest) -> None:
    """What each kind of news must say, and may."""
    needs = _NEEDS[body.what]
    may = needs | _MAY.get(body.what, frozenset())
    issues: list[Issue] = []
    for name in _FIELDS:
        is_given = getattr(body, name) not in (None, {})
        if name in needs and not is_given:
            issues.append(_issue(name, f"expected with {body.what}"))
        elif is_given and name not in may:
            issues.append(_issue(name, f"not said with {body.what}"))
    if issues:
        raise Malformed("the news is not valid", issues=issues)


def _on_paper(body: NewsRequest, at: datetime) -> b.DeclarationReceived:
    """R-FREE-CHANNEL (05/022 §3): a declaration on paper, typed over by a clerk."""
    employer = read_enterprise(body.employer, name="employer")
    return b.DeclarationReceived(
        id=body.id,
        at=at,
        request=body.request,
        employer=_given(employer),
        means=b.Means.PAPER,
        content=body.content,
    )


def _contact(body: ContactBody | None, usual: b.Contact | None) -> b.Contact:
    if body is None:
        if usual is None:
            raise _wrong("contact", "the field is missing: no contact person is named here")
        return usual
    return b.Contact(
        last_name=body.last_name,
        first_name=body.first_name,
        address=body.address,
        email=body.email,
        phone=body.phone,
        mobile=body.mobile,
        fax=body.fax,
    )


def _rules(rules: RulesOn, risk_on: date, today: date) -> b.Rules:
    try:
        return rules.risk(risk_on, today)
    except LookupError:
        raise _wrong("risk.period.beginDate", "the law has no rules for this day") from None


def _query(query: str, readers: Mapping[str, Callable[[str], Parsed]]) -> dict[str, Parsed]:
    found: dict[str, Parsed] = {}
    issues: list[Issue] = []
    for name, text in parse_qsl(query, keep_blank_values=True):
        if name not in readers:
            issues.append(
                _issue("?", "the parameter is unknown", where="query", kind=UNKNOWN_INPUT)
            )
        elif name in found:
            issues.append(_issue(name, "the parameter stands there twice", where="query"))
        else:
            found[name] = value = readers[name](text)
            if value is None:
                words = _STEP_WORDS if readers[name] is _step else _WORDS[name]
                issues.append(_issue(name, words, where="query"))
    if issues:
        raise Malformed("the query is not valid", issues=issues)
    return found


def _uuid(text: str) -> UUID | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None


def _limit(text: str) -> int | None:
    found = _step(text)
    return found if found is not None and 1 <= found <= MOST_LISTED else None


def _flag(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


def _step(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):
        return None
    return int(text) if int(text) <= LAST_STEP else None


def _given(value: T | None) -> T:
    assert value is not None, "expected what was checked to be there"
    return value


def _issue(name: str, detail: str, *, where: str = "body", kind: str = INVALID_INPUT) -> Issue:
    return Issue(type=kind, where=where, name=name, detail=detail)


def _wrong(name: str, detail: str, *, where: str = "body") -> Malformed:
    return Malformed("the request is not valid", issues=(_issue(name, detail, where=where),))
