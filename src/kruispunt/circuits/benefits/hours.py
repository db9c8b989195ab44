"""Full time or part time: whether a message goes to the unemployment sector (05/022 §16-20)."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from kruispunt.circuits.benefits.facts import Employment
from kruispunt.circuits.benefits.rules import Rules


class Verdict(StrEnum):
    """What one employment, or all of them, say about routing."""

    FORCED = "forced"
    """R-JC: its joint committee forces routing."""

    PART_TIME = "part-time"
    UNDETERMINED = "undetermined"
    """The hours are not known: routed, and a clerk is told (assumption)."""

    FULL_TIME = "full-time"
    STOPPED = "stopped"
    """R-JC: its joint committee stops routing."""

    NO_EMPLOYMENT = "no-employment"

    @property
    def routes(self) -> bool:
        """True where a message goes to the unemployment sector."""
        return self not in {Verdict.FULL_TIME, Verdict.STOPPED}


def judge(employments: Sequence[Employment], day: date, rules: Rules) -> Verdict:
    """R-QS (§19), over all employments on the day of the risk.

    Without any, the message is routed. One full-time employment stops it; but a joint committee
    takes precedence over hours, and one that forces over one that stops (assumption).
    R-EMPLOYMENT (§16): an employment goes beyond quarters. So rows are looked at by the day and
    never counted: one whole and the same one cut up by quarter say the same.
    """
    verdicts = {verdict_of(one, rules) for one in employments if day in one.period}
    order = (
        Verdict.FORCED,
        Verdict.STOPPED,
        Verdict.FULL_TIME,
        Verdict.UNDETERMINED,
        Verdict.PART_TIME,
    )
    return next((one for one in order if one in verdicts), Verdict.NO_EMPLOYMENT)


def verdict_of(employment: Employment, rules: Rules) -> Verdict:
    """R-JC, then R-QS (§18-19): Q/S as exact decimals, without dividing; Q above S is as 1."""
    if in_table(employment.committee, rules.forcing):
        return Verdict.FORCED
    if in_table(employment.committee, rules.stopping):
        return Verdict.STOPPED
    q, s = employment.hours_q, employment.hours_s
    if q is None or s is None or s == 0:
        return Verdict.UNDETERMINED
    return Verdict.FULL_TIME if q >= s else Verdict.PART_TIME


def in_table(committee: str | None, table: Iterable[str]) -> bool:
    """R-JC (§19): a committee stands for its sub-committees too (`327` for `327.01`)."""
    return committee is not None and any(
        committee == row or committee.startswith(f"{row}.") for row in table
    )
