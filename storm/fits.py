"""Whether what we were told is what is written under the entry that was named to us."""

from storm.kept import ANSWERED, REFUSED, Kept
from storm.trail import GRANTED, NO_FILE_AT_SUPPLIER, Entry, Outcome


def unfit(kept: Kept, entry: Entry, outcome: Outcome | None, *, may_be_open: bool) -> str:
    """What of a reply does not fit what is written under its entry; nothing: it fits."""
    # A repeat that failed tells the ticket of its first time, which may have ended well.
    if kept.status not in (ANSWERED, REFUSED) and kept.kind not in ("load", "probe"):
        return ""
    wrong = _unlike_refusal(kept, entry) if entry.reason != GRANTED else ""
    if wrong or not entry.looks:
        return wrong
    if outcome is None:
        return "" if may_be_open else f"{kept.status} came, and no outcome is written"
    if kept.status == ANSWERED:
        wanted = ("given" if kept.given else "empty", kept.rows)
        fits = (outcome.ending, outcome.shown) == wanted
        return "" if fits else f"{kept.rows} rows came, {outcome.ending} is written"
    if kept.status == REFUSED:
        fits = outcome.ending == "refused-upstream"
        return "" if fits else f"refused, and {outcome.ending} is written"
    fits = outcome.ending in ("failed", "cancelled")
    return "" if fits else f"failed, and {outcome.ending} is written"


def _unlike_refusal(kept: Kept, entry: Entry) -> str:
    """A refusal is told as one; that for a supplier's control, as a look that found nothing."""
    if entry.reason != NO_FILE_AT_SUPPLIER:
        return "" if kept.status == REFUSED else f"{kept.status} came, and a refusal is written"
    if kept.status == REFUSED or kept.rows:
        return f"{kept.status} with {kept.rows} rows tells what a supplier's control came to"
    return ""
