"""Details of a question: what the flow lets it tell beside the person and the period."""

from collections.abc import Iterator, Mapping
from datetime import date

from kruispunt.client import INVALID_INPUT, UNKNOWN_INPUT
from kruispunt.law import Flow
from kruispunt.vocabulary import Details, Issue, Malformed, Period, PurposeId


def read_details(
    flow: Flow,
    said: Mapping[str, str],
    *,
    about: Period,
    purpose: PurposeId | None = None,
    shortened: bool = False,
) -> Details:
    """What was told, in the order of the names.

    `purpose` None: what only some purposes must tell may be missing, since the question was
    accepted before, maybe under an earlier law. `shortened`: a seat before this one may have left
    only some of the days that were asked about.

    Raises:
        Malformed: a detail that the flow has not, one that is missing, or a value that does not
            fit: one issue for each, with its rule.
    """
    issues = tuple(_issues(flow, said, purpose))
    issues += tuple(_other_days(flow, said, about, shortened))
    if issues:
        raise Malformed("the question is not valid", issues=issues)
    return tuple(sorted(said.items()))


def _issues(flow: Flow, said: Mapping[str, str], purpose: PurposeId | None) -> Iterator[Issue]:
    known = {one.name: one for one in flow.details}
    unknown = sum(name not in known for name in said)
    if unknown:
        detail = f"expected only {', '.join(known)}" if known else "the flow has no details"
        yield Issue(type=UNKNOWN_INPUT, where="body", name="details", detail=detail)
    for one in flow.details:
        value = said.get(one.name)
        if value is None and (one.required or purpose in one.required_for):
            yield _wrong(one.name, f"the detail is missing: {one.said} ({one.paragraph})")
        elif value is not None and not one.fits(value):
            yield _wrong(one.name, f"{one.said} ({one.paragraph})")
        elif value is not None and purpose and purpose not in (one.required_for or (purpose,)):
            yield _wrong(one.name, f"expected only for {', '.join(one.required_for)}")


def _other_days(
    flow: Flow, said: Mapping[str, str], about: Period, shortened: bool
) -> Iterator[Issue]:
    """INVARIANT: what is told depends on no day that the controls have not seen."""
    for one in flow.details:
        value = said.get(one.name)
        if not one.begins or value is None or not one.fits(value):
            continue
        day = date.fromisoformat(value)
        if not (day <= about.begin if shortened else day == about.begin):
            yield _wrong(one.name, f"expected the first day asked about ({one.paragraph})")


def _wrong(name: str, detail: str) -> Issue:
    return Issue(type=INVALID_INPUT, where="body", name=f"details.{name}", detail=detail)
