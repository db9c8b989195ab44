"""Bodies of declarations (ASR): those that quote a request, and those that nobody asked for."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID, uuid5

from kruispunt.circuits import Unasked
from kruispunt.circuits import benefits as b
from kruispunt.client import (
    INVALID_INPUT,
    DeclarationRequest,
    EnterpriseBody,
    Reader,
    read_period,
    read_ssin,
)
from kruispunt.gateway.many import Faults
from kruispunt.gateway.said_once import check_said_once
from kruispunt.vocabulary import (
    EnterpriseNumber,
    InstitutionCode,
    Issue,
    Malformed,
    Period,
    Ssin,
    WrongNumber,
)

INSTEAD: Final = ("worker", "employer", "risk")
"""What is said where no request is quoted."""

_read: Final = Reader(DeclarationRequest).read


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoting:
    """A declaration that answers a request."""

    id: UUID
    request: UUID
    content: dict[str, b.Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnInitiative:
    """A declaration that quotes no request."""

    id: UUID
    worker: Ssin
    employer: b.Enterprise
    risk: b.RiskType
    period: Period
    content: dict[str, b.Cell]


def read_declaration(sent: bytes) -> Quoting | OwnInitiative:
    """A declaration of either kind.

    Raises:
        Malformed: one issue for each field that is wrong, missing, or not said beside a reference.
    """
    body = _read(sent)
    check_said_once(sent, body)
    given = [name for name in INSTEAD if getattr(body, name) is not None]
    if body.request is not None:
        _refuse(*(_issue(name, "not said beside a request") for name in given))
        return Quoting(id=body.id, request=body.request, content=body.content)
    if not given:
        _refuse(_issue("request", "expected a reference, or worker, employer and risk"))
    missing = [name for name in INSTEAD if name not in given]
    _refuse(*(_issue(name, "expected where no request is quoted") for name in missing))
    assert body.worker
    assert body.risk
    wrong = Faults()
    worker = wrong.read(partial(read_ssin, body.worker, name="worker"))
    employer = wrong.read(partial(read_enterprise, body.employer, name="employer"))
    period = wrong.read(partial(read_period, body.risk.period, name="risk.period"))
    _refuse(*wrong.issues)
    assert worker
    assert employer
    assert period
    return OwnInitiative(
        id=body.id,
        worker=worker,
        employer=employer,
        risk=b.RiskType(body.risk.type),
        period=period,
        content=body.content,
    )


def unasked(
    body: OwnInitiative, *, declarant: InstitutionCode, means: b.Means, at: datetime
) -> Unasked:
    """It as it is kept, in the name of whoever signed it."""
    event = b.DeclarationReceived(
        id=uuid5(body.id, declarant),
        at=at,
        request=None,
        employer=body.employer,
        means=means,
        content=body.content,
        declarant=b.Enterprise(cbe=declarant),
    )
    return Unasked(person=body.worker, risk=body.risk, period=body.period, event=event)


def read_enterprise(body: EnterpriseBody | None, *, name: str) -> b.Enterprise | None:
    """An enterprise by its numbers; None: not said.

    Raises:
        Malformed: neither number is there, or the enterprise number is wrong.
    """
    if body is None:
        return None
    if body.cbe is None and body.nsso is None:
        _refuse(_issue(name, "expected an enterprise number or a registration number"))
    if body.cbe is not None:
        try:
            EnterpriseNumber(body.cbe)
        except WrongNumber as wrong:
            _refuse(_issue(f"{name}.cbe", str(wrong)))
    return b.Enterprise(cbe=body.cbe, nsso=body.nsso)


def _refuse(*issues: Issue) -> None:
    if issues:
        raise Malformed("the request is not valid", issues=issues)


def _issue(name: str, detail: str) -> Issue:
    return Issue(type=INVALID_INPUT, where="body", name=name, detail=detail)
