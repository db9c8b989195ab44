"""One table: what a refusal or a problem is called in A1, SSDN, SOA and Belgif.

The order of controls is one, so is the table. Codes are those that the network's own lists and
samples show; where none was seen, the code is ours, `seen` is false, and it is made by rule:

- an error of SSDN is `31` and the six digits of A1, a result of SSDN is its severity, `2` and the
  six last digits of what SOA says;
- whatever a vocabulary has no code for takes that of the nearest thing it has.

Promise 5 holds in each column: what a consumer may not tell apart has one row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kruispunt.vocabulary import (
    AnsweredBefore,
    FileSentBefore,
    Forbidden,
    Malformed,
    MessageInFlight,
    NotAuthenticated,
    NotFound,
    Problem,
    Reason,
    SameMessageOtherContent,
    SourceSilent,
    SourceWrong,
    TooLarge,
    TooLate,
    TooMany,
    Unavailable,
    WrongMode,
    WrongSignature,
)
from kruispunt.web import TooSlow, WrongMediaType, WrongMethod

REPLACED_SSIN: Final = "urn:problem-type:cbss:input-validation:replacedSsin"


class Severity(StrEnum):
    """How much a detail of SSDN weighs."""

    INFORMATION = "INFORMATION"
    WARNING = "WARNING"
    ERROR = "ERROR"


class Status(StrEnum):
    """What a SOA reply says of its result; FAULT: there is no reply, only a SOAP fault."""

    DATA_FOUND = "DATA_FOUND"
    NO_DATA_FOUND = "NO_DATA_FOUND"
    NO_RESULT = "NO_RESULT"
    FAULT = "FAULT"


@dataclass(frozen=True, slots=True, kw_only=True)
class A1:
    """A return code of the classic prefix: six digits."""

    code: str
    seen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ssdn:
    """A reason code of a `ResultSummary`: eight digits, the first of which is the severity."""

    severity: Severity
    code: str
    seen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Soa:
    """A status of SOA, or the reason code of a fault."""

    value: Status
    code: str
    seen: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One row: the same thing in four vocabularies. `belgif` empty: REST answers with 200."""

    a1: A1
    ssdn: Ssdn
    soa: Soa
    belgif: str = ""


def _error(code: str) -> Ssdn:
    return Ssdn(severity=Severity.ERROR, code="31" + code, seen=False)


def _words(a1: A1, soa: Soa, belgif: type[Problem] | str) -> Words:
    type_ = belgif if isinstance(belgif, str) else belgif.type
    return Words(a1=a1, ssdn=_error(a1.code), soa=soa, belgif=type_)


_FAULT: Final = Soa(value=Status.FAULT, code="MSG00003")
_OUR_FAULT: Final = Soa(value=Status.FAULT, code="MSG00003", seen=False)
_INVALID: Final = Soa(value=Status.NO_RESULT, code="MSG00008")
_NOT_ALLOWED: Final = Soa(value=Status.NO_RESULT, code="MSG00013")
_SILENT: Final = Soa(value=Status.NO_RESULT, code="MSG00002", seen=False)

FOUND: Final = Words(
    a1=A1(code="000000"),
    ssdn=Ssdn(severity=Severity.INFORMATION, code="12000000", seen=False),
    soa=Soa(value=Status.DATA_FOUND, code="MSG00000"),
)
NO_DATA: Final = Words(
    a1=A1(code="000000"),
    ssdn=Ssdn(severity=Severity.INFORMATION, code="12000100", seen=False),
    soa=Soa(value=Status.NO_DATA_FOUND, code="MSG00100"),
)
"""The supplier has nothing, or its control failed: nobody outside can tell which."""

NO_LEAVE: Final = _words(A1(code="300010"), _NOT_ALLOWED, Forbidden)
NO_FILE: Final = _words(A1(code="300020"), Soa(value=Status.NO_RESULT, code="MSG00012"), Forbidden)

BY_REASON: Final[Mapping[Reason, Words]] = MappingProxyType(
    {
        Reason.NO_CLAUSE: NO_LEAVE,
        Reason.NOT_YET_IN_FORCE: NO_LEAVE,
        Reason.NO_LONGER_IN_FORCE: NO_LEAVE,
        Reason.NO_FILE: NO_FILE,
        Reason.NUMBER_UNKNOWN: NO_FILE,
        Reason.NUMBER_REPLACED: Words(
            a1=A1(code="300020", seen=False),
            ssdn=Ssdn(severity=Severity.ERROR, code="32000006", seen=False),
            soa=Soa(value=Status.NO_RESULT, code="MSG00006"),
            belgif=REPLACED_SSIN,
        ),
        Reason.NUMBER_CANCELLED: Words(
            a1=A1(code="300020", seen=False),
            ssdn=Ssdn(severity=Severity.ERROR, code="32000005", seen=False),
            soa=Soa(value=Status.NO_RESULT, code="MSG00005", seen=False),
            belgif=Forbidden.type,
        ),
        Reason.DECEASED_BEFORE: Words(
            a1=A1(code="000000", seen=False),
            ssdn=Ssdn(severity=Severity.WARNING, code="22000009", seen=False),
            soa=Soa(value=Status.NO_DATA_FOUND, code="MSG00009"),
            belgif=Forbidden.type,
        ),
        Reason.NO_FILE_AT_SUPPLIER: NO_DATA,
    }
)
"""By exact reason: read it through `for_reason`, which lets through what may be told."""

BY_PROBLEM: Final[Mapping[type[Problem], Words]] = MappingProxyType(
    {
        Malformed: _words(A1(code="000050"), _INVALID, Malformed),
        NotAuthenticated: _words(A1(code="300010", seen=False), _OUR_FAULT, NotAuthenticated),
        WrongSignature: _words(A1(code="300010", seen=False), _OUR_FAULT, WrongSignature),
        Forbidden: NO_LEAVE,
        NotFound: _words(A1(code="300000"), _OUR_FAULT, NotFound),
        WrongMethod: _words(A1(code="300000", seen=False), _OUR_FAULT, WrongMethod),
        TooSlow: _words(A1(code="000050", seen=False), _OUR_FAULT, TooSlow),
        SameMessageOtherContent: _words(
            A1(code="200000", seen=False), _OUR_FAULT, SameMessageOtherContent
        ),
        MessageInFlight: _words(A1(code="100000", seen=False), _OUR_FAULT, MessageInFlight),
        AnsweredBefore: _words(A1(code="200000"), _OUR_FAULT, AnsweredBefore),
        FileSentBefore: _words(A1(code="200000", seen=False), _OUR_FAULT, FileSentBefore),
        WrongMode: _words(A1(code="200001", seen=False), _OUR_FAULT, WrongMode),
        TooLate: _words(A1(code="200002"), _OUR_FAULT, TooLate),
        TooLarge: _words(A1(code="000050", seen=False), _OUR_FAULT, TooLarge),
        WrongMediaType: _words(A1(code="000050", seen=False), _OUR_FAULT, WrongMediaType),
        TooMany: _words(A1(code="100000", seen=False), _OUR_FAULT, TooMany),
        SourceWrong: _words(A1(code="000051"), _SILENT, SourceWrong),
        SourceSilent: _words(
            A1(code="100004"), Soa(value=Status.NO_RESULT, code="MSG00002"), SourceSilent
        ),
        Unavailable: _words(A1(code="100000"), _FAULT, Unavailable),
        Problem: _words(A1(code="100000"), _FAULT, Problem),
    }
)
"""By kind of problem; one that is not here is told as the kind that it is a kind of."""


def for_reason(reason: Reason) -> Words:
    """What a refused consumer is told: the row of the reason that it may hear."""
    told = reason.told
    return NO_DATA if told is None else BY_REASON[told]


def for_problem(problem: Problem | type[Problem]) -> Words:
    """What is told of a problem: its own row, or the nearest kind's."""
    kind = problem if isinstance(problem, type) else type(problem)
    return next(BY_PROBLEM[one] for one in kind.__mro__ if one in BY_PROBLEM)


OK: Final = "0"
WARNED: Final = "1"
FAILED: Final = "10000"
RETURN_CODES: Final[Mapping[Severity, str]] = MappingProxyType(
    {Severity.INFORMATION: OK, Severity.WARNING: WARNED, Severity.ERROR: FAILED}
)
"""The return code of a summary whose worst detail weighs this."""

ENVELOPE_WARNED: Final = Ssdn(severity=Severity.WARNING, code="20000001")
ENVELOPE_FAILED: Final = Ssdn(severity=Severity.ERROR, code="30000001")
"""What the envelope says when one of its service requests warned, or failed."""

VALIDATED: Final = Ssdn(severity=Severity.INFORMATION, code="12007001")
MISMATCH: Final = Ssdn(severity=Severity.WARNING, code="22007007")
PHONETIC_IGNORED: Final = Ssdn(severity=Severity.WARNING, code="21007001")
MISSING: Final = Ssdn(severity=Severity.ERROR, code="31000007")
TOLERANCE_NEEDED: Final = Ssdn(severity=Severity.ERROR, code="31009001")

BY_REMARK: Final[Mapping[str, Ssdn]] = MappingProxyType(
    {
        "a service request of the envelope warned": ENVELOPE_WARNED,
        "a service request of the envelope failed": ENVELOPE_FAILED,
        "the identity of the person is validated": VALIDATED,
        "what was given to verify does not match": MISMATCH,
        "number and phonetic criteria together: the criteria are ignored": PHONETIC_IGNORED,
        "a mandatory value is missing or empty": MISSING,
        "an incomplete date of birth needs a tolerance": TOLERANCE_NEEDED,
    }
)
"""What SSDN alone remarks."""

NOT_A_NUMBER: Final = Soa(value=Status.NO_RESULT, code="MSG00011")

BY_SOA_REMARK: Final[Mapping[str, Soa]] = MappingProxyType(
    {"the digits of the person's number do not fit": NOT_A_NUMBER}
)
"""What SOA alone says."""
