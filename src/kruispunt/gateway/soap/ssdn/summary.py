"""How a service request, and the envelope around them, went: the details of a `ResultSummary`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kruispunt.gateway.reply import WORDS
from kruispunt.gateway.soap.reasons import (
    ENVELOPE_FAILED,
    ENVELOPE_WARNED,
    MISSING,
    NO_DATA,
    RETURN_CODES,
    Severity,
    Ssdn,
    for_problem,
    for_reason,
)
from kruispunt.gateway.soap.ssdn.names import COMMON
from kruispunt.gateway.soap.ssdn.writing import Xml, joined, leaf, node
from kruispunt.vocabulary import Malformed, NoAnswer, Problem, Reason

MOST_DETAILS: Final = 30
MOST_FIELDS: Final = 5
AUTHOR: Final = "CBSS"

_WEIGHT: Final = {Severity.INFORMATION: 0, Severity.WARNING: 1, Severity.ERROR: 2}
_OK: Final = {Severity.INFORMATION: "YES", Severity.WARNING: "WARNING", Severity.ERROR: "NO"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One remark: what it is called, in words, and which fields it is about."""

    what: Ssdn
    words: str
    fields: tuple[tuple[str, str], ...] = ()
    """Names of elements, and a value where it is ours to tell. Never what was sent."""


def missing(field: str) -> Detail:
    """A mandatory value that was not given."""
    return Detail(
        what=MISSING,
        words="a mandatory value is missing or empty",
        fields=((field, ""),),
    )


def wrong(field: str, words: str) -> Detail:
    """A value, or a structure, that can't be read."""
    fields = ((field, ""),) if field else ()
    return Detail(what=for_problem(Malformed).ssdn, words=words, fields=fields)


def no_data() -> Detail:
    """The answer is empty: the supplier has nothing, or may not say."""
    return Detail(what=NO_DATA.ssdn, words="no data for this question")


def told(refused: NoAnswer | Problem) -> Detail:
    """What a refusal or a problem says here: no more than the same question hears by REST."""
    if isinstance(refused, Problem):
        return _problem(refused)
    refusal = refused.refusal
    reason = refusal.reason.told or Reason.NO_FILE
    fields: tuple[tuple[str, str], ...] = ()
    if reason is Reason.NUMBER_REPLACED and refusal.successor is not None:
        fields = (("newSSIN", refusal.successor.digits),)
    return Detail(what=for_reason(reason).ssdn, words=WORDS[reason], fields=fields)


def _problem(problem: Problem) -> Detail:
    issues = problem.issues[:MOST_FIELDS]
    return Detail(
        what=for_problem(problem).ssdn,
        words=problem.detail or problem.title,
        fields=tuple((issue.name, "") for issue in issues),
    )


def worst(details: Iterable[Detail]) -> Severity:
    """How much the heaviest of them weighs."""
    found = (detail.what.severity for detail in details)
    return max(found, key=_WEIGHT.__getitem__, default=Severity.INFORMATION)


def of_services(found: Sequence[Severity]) -> tuple[Detail, ...]:
    """What the envelope says of its service requests."""
    match max(found, key=_WEIGHT.__getitem__, default=Severity.INFORMATION):
        case Severity.ERROR:
            return (Detail(what=ENVELOPE_FAILED, words="a service request failed"),)
        case Severity.WARNING:
            return (Detail(what=ENVELOPE_WARNED, words="a service request warned"),)
        case Severity.INFORMATION:
            return ()


def summary(prefix: str, details: Sequence[Detail]) -> Xml:
    """The `ResultSummary`, under the prefix that stands for it in its place."""
    severity = worst(details)
    return node(
        f"{prefix}:ResultSummary",
        leaf(f"{prefix}:ReturnCode", RETURN_CODES[severity]),
        *(_detail(prefix, detail) for detail in details[:MOST_DETAILS]),
        **{f"xmlns_{prefix}": COMMON, "ok": _OK[severity]},
    )


def _detail(prefix: str, detail: Detail) -> Xml:
    return node(
        f"{prefix}:Detail",
        leaf(f"{prefix}:Severity", detail.what.severity.value),
        leaf(f"{prefix}:ReasonCode", detail.what.code),
        leaf(f"{prefix}:Diagnostic", detail.words),
        leaf(f"{prefix}:AuthorCodeList", AUTHOR),
        joined(
            node(
                f"{prefix}:Information",
                leaf(f"{prefix}:FieldName", name),
                leaf(f"{prefix}:FieldValue", value),
            )
            for name, value in detail.fields[:MOST_FIELDS]
        ),
    )
