"""Values of requests: each form is checked where it is read, as its type in the schema says."""

import re
from datetime import date
from typing import Final

from kruispunt.client import INVALID_INPUT, PeriodBody, read_period
from kruispunt.gateway.soap.soa.taking import Taking
from kruispunt.vocabulary import Issue, Malformed, Period

SSIN: Final = re.compile(r"\d{1,11}", re.ASCII)
DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})?", re.ASCII)
"""Some clients write a zone behind a day: it says nothing."""

FLAG: Final = re.compile("true|false|1|0")


def read_day(body: Taking, name: str, *, required: bool = True) -> date | None:
    """The day that the next child says. What is wrong stands in the issues of `body`."""
    rule = "a day as 2026-01-31"
    text = body.text(name, DAY, rule) if required else body.maybe(name, DAY, rule)
    found = DAY.fullmatch(text or "")
    if found is None:
        return None
    try:
        return date.fromisoformat(found[1])
    except ValueError:
        wrong = Issue(type=INVALID_INPUT, where="body", name=name, detail=f"expected {rule}")
        body.issues.append(wrong)
        return None


def read_days(body: Taking) -> PeriodBody | None:
    """The period in the next child, as it was said: it may still end before it begins."""
    said = body.must("period")
    if said is None:
        return None
    begin = read_day(said, "beginDate")
    end = read_day(said, "endDate", required=False)
    said.close()
    return None if begin is None else PeriodBody(begin_date=begin, end_date=end)


def limited(said: PeriodBody, *, most: int | None) -> Period:
    """The period, with no more days than a flow allows.

    Raises:
        Malformed: it ends before it begins, or has more.
    """
    about = read_period(said)
    if most is not None and (about.end is None or (about.end - about.begin).days > most):
        detail = f"expected at most {most} days, with a last day"
        issue = Issue(type=INVALID_INPUT, where="body", name="period", detail=detail)
        raise Malformed("the question is not valid", issues=(issue,))
    return about
