"""What must hold afterwards, whatever was done: pure, from what stands and what was kept."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from typing import Final
from uuid import UUID

from kruispunt.sources import Cause
from storm.allowed import allowed
from storm.excuse import may_be_open
from storm.fits import unfit
from storm.kept import ANSWERED, LOST, REFUSED, TRUNCATED, UNHEARD, Finding, Kept, Window
from storm.lies import LIES, Lie
from storm.trail import GRANTED, Asked, Entry, Look, Outcome, SeatTrail

SHOWN: Final = 5
"""So many of each kind are told; the rest is counted."""

LATER_S: Final = 1.0
"""Beyond the time limit of a flow: a node waits so much longer, and then it is committed."""

USUAL_S: Final = 2.0
"""The time limit of flows of which no other is known."""

OTHERS: Final = ("stop-station", "slow-station", "kill-station", "lie-", "asked-twice")
"""Faults of a source: flows that do not ask it must not feel them."""

DIRECTORY: Final = "L609"
"""The flow that asks no source."""

SILENT: Final[frozenset[Cause]] = frozenset({Cause.NO_ANSWER, Cause.RESTING, Cause.BUSY})
"""A source that hangs up five times in a row is left alone for a moment."""

DEATHS: Final = ("kill-hub", "kill-node", "folder-full")
"""Faults in which a process at a door ends without a word."""

DYING_S: Final = 2.0

AGAIN: Final = frozenset({401, 409})
"""What may be said to a message that came before."""


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All that is known afterwards."""

    kept: Sequence[Kept]
    trails: Mapping[str, SeatTrail]
    hub: str
    windows: Sequence[Window] = ()
    looks: Sequence[Look] = ()
    asked: Asked = field(default_factory=Asked)
    limits: Mapping[str, float] = field(default_factory=dict[str, float])
    """The time limit of each flow, in seconds."""

    def lasts_s(self, flow: str) -> float:
        """What was asked has its end, and its outcome, so much later."""
        return self.limits.get(flow, USUAL_S) + LATER_S

    def may_be_open(self, seat: str, entry: Entry) -> bool:
        """True where a look may stand without an outcome: something died just then."""
        return may_be_open(
            entry,
            kept=self.replies[seat].get(entry.id),
            seat=seat,
            windows=self.windows,
            lasts_s=self.lasts_s(entry.flow),
        )

    @cached_property
    def replies(self) -> Mapping[str, Mapping[UUID, Kept]]:
        """What each seat replied to us, by entry; where two replies name one, the first."""
        found: dict[str, dict[UUID, Kept]] = {seat: {} for seat in self.trails}
        for kept in self.kept:
            if kept.entry is not None:
                found[kept.seat].setdefault(kept.entry, kept)
        return found

    @cached_property
    def entries(self) -> Mapping[str, Mapping[UUID | None, Entry]]:
        """The entries of each seat, by id."""
        return {
            seat: {entry.id: entry for entry in trail.entries}
            for seat, trail in self.trails.items()
        }

    @cached_property
    def outcomes(self) -> Mapping[str, Mapping[UUID, Outcome]]:
        """The outcomes of each seat, by entry."""
        return {
            seat: {outcome.entry: outcome for outcome in trail.outcomes}
            for seat, trail in self.trails.items()
        }


Rule = Callable[[Evidence], Iterator[str]]


def check(evidence: Evidence) -> list[Finding]:
    """Everything that must not be, by rule."""
    findings: list[Finding] = []
    for rule in RULES:
        name = rule.__name__.replace("_", " ")
        told = list(islice(rule(evidence), 1000))
        findings += [Finding(rule=name, what=what) for what in told[:SHOWN]]
        if len(told) > SHOWN:
            findings.append(Finding(rule=name, what=f"and {len(told) - SHOWN} more like this"))
    return findings


def every_answer_has_its_entry(evidence: Evidence) -> Iterator[str]:
    for kept in evidence.kept:
        if kept.status not in (ANSWERED, REFUSED):
            continue
        entry = evidence.entries[kept.seat].get(kept.entry)
        if kept.entry is None:
            yield f"{_name(kept)}: an answer without a receipt"
        elif entry is None:
            yield f"{_name(kept)}: no entry {kept.entry} at {kept.seat}"
        elif (entry.message, entry.consumer) != (kept.message, kept.consumer):
            yield f"{_name(kept)}: entry {kept.entry} is of another message"


def every_receipt_fits_its_leaf(evidence: Evidence) -> Iterator[str]:
    for seat, trail in evidence.trails.items():
        leaves = {leaf.entry: leaf.leaf for leaf in trail.leaves if leaf.kind == 1}
        for kept in evidence.kept:
            known = kept.seat == seat and kept.leaf and kept.entry in leaves
            if known and kept.entry and leaves[kept.entry] != kept.leaf:
                yield f"{_name(kept)}: the leaf of {kept.entry} is another"


def no_nonce_is_won_twice(evidence: Evidence) -> Iterator[str]:
    """But the questions of one set have one nonce, and each of them wins it once."""
    sets: dict[tuple[str, str, bytes], set[UUID]] = {}
    for kept in evidence.kept:
        if kept.many:
            sets.setdefault((kept.seat, kept.consumer, kept.nonce), set()).add(kept.message)
    for trail in evidence.trails.values():
        won = Counter((entry.consumer, entry.nonce) for entry in trail.entries)
        each = Counter((e.consumer, e.nonce, e.message) for e in trail.entries)
        for (consumer, nonce, message), times in each.items():
            of_set = message in sets.get((trail.seat, consumer, nonce), ())
            wins = times if of_set else won[consumer, nonce]
            if wins > 1:
                yield f"{trail.seat}: nonce {nonce.hex()} of {consumer} won {wins} times"


def no_message_is_won_twice(evidence: Evidence) -> Iterator[str]:
    for trail in evidence.trails.values():
        first = [entry for entry in trail.entries if entry.repeats is None]
        won = Counter((entry.consumer, entry.message) for entry in first)
        for (consumer, message), times in won.items():
            if times > 1:
                yield f"{trail.seat}: message {message} of {consumer} won {times} times"


def no_message_is_answered_first_twice(evidence: Evidence) -> Iterator[str]:
    answered = Counter(
        (kept.seat, kept.consumer, kept.message)
        for kept in evidence.kept
        if kept.status in (ANSWERED, REFUSED) and not kept.repeated
    )
    for (seat, _, message), times in answered.items():
        if times > 1:
            yield f"{seat}: message {message} was answered {times} times as if new"


def every_entry_stands_once(evidence: Evidence) -> Iterator[str]:
    for trail in evidence.trails.values():
        for entry, times in Counter(entry.id for entry in trail.entries).items():
            if times > 1:
                yield f"{trail.seat}: entry {entry} stands {times} times"
        for entry, times in Counter(outcome.entry for outcome in trail.outcomes).items():
            if times > 1:
                yield f"{trail.seat}: entry {entry} has {times} outcomes"


def every_look_has_its_outcome(evidence: Evidence) -> Iterator[str]:
    """Only where its process or database died may one stay open, at someone or at nobody."""
    for trail in evidence.trails.values():
        for entry in _open(trail):
            if not evidence.may_be_open(trail.seat, entry):
                at = entry.recorded_at
                yield f"{trail.seat}: look {entry.id} has no outcome, and nothing died at {at}"


def every_outcome_has_its_look(evidence: Evidence) -> Iterator[str]:
    for trail in evidence.trails.values():
        looks = {entry.id for entry in trail.entries if entry.looks}
        for outcome in trail.outcomes:
            if outcome.entry not in looks:
                yield f"{trail.seat}: an outcome of {outcome.entry}, which is no look"


def every_entry_waits_for_the_tree(evidence: Evidence) -> Iterator[str]:
    for trail in evidence.trails.values():
        wanted = Counter((1, entry.id) for entry in trail.entries)
        wanted.update((2, outcome.entry) for outcome in trail.outcomes)
        found = Counter((leaf.kind, leaf.entry) for leaf in trail.leaves)
        for kind, entry in wanted.keys() | found.keys():
            if wanted[kind, entry] != found[kind, entry]:
                yield f"{trail.seat}: {found[kind, entry]} leaves of kind {kind} for {entry}"


def every_look_has_its_entry(evidence: Evidence) -> Iterator[str]:
    """Asked under an entry of the hub, about its person where it was granted, else nobody."""
    entries = evidence.entries[evidence.hub]
    for asked in evidence.asked.entries:
        if asked not in entries:
            yield f"a source was asked under {asked}, which is no entry"
    for look in evidence.looks:
        entry = entries.get(look.entry)
        if entry is None:
            yield f"a station looked under {look.entry}, which is no entry"
        elif not entry.looks:
            yield f"a station looked under {look.entry}, a refusal that is told"
        elif look.ssin != (entry.ssin if entry.reason == GRANTED else None):
            yield f"a station looked at someone else than {look.entry} is about"


def every_answer_fits_its_outcome(evidence: Evidence) -> Iterator[str]:
    for kept in evidence.kept:
        if kept.entry is None:
            continue
        entry = evidence.entries[kept.seat].get(kept.entry)
        if entry is None:
            if kept.status not in (ANSWERED, REFUSED):
                yield f"{_name(kept)}: failed under {kept.entry}, which is no entry"
            continue
        wrong = unfit(
            kept,
            entry,
            evidence.outcomes[kept.seat].get(entry.id),
            may_be_open=evidence.may_be_open(kept.seat, entry),
        )
        if wrong:
            yield f"{_name(kept)}: {wrong}"


def entries_keep_their_order(evidence: Evidence) -> Iterator[str]:
    """What was answered before another was asked stands before it, whatever the clocks said."""
    for seat, trail in evidence.trails.items():
        seq = {leaf.entry: leaf.seq for leaf in trail.leaves if leaf.kind == 1}
        mine = [
            kept
            for kept in evidence.kept
            if kept.seat == seat and kept.status in (ANSWERED, REFUSED) and kept.entry in seq
        ]
        ended = iter(sorted(mine, key=lambda kept: kept.ended))
        before, last = next(ended, None), 0
        for kept in sorted(mine, key=lambda kept: kept.began):
            while before is not None and before.ended < kept.began:
                last = max(last, seq[before.entry] if before.entry else 0)
                before = next(ended, None)
            if kept.entry and seq[kept.entry] < last:
                yield f"{_name(kept)}: stands before what was answered before it was asked"


def nothing_stands_in_an_answer_that_should_not(evidence: Evidence) -> Iterator[str]:
    for kept in evidence.kept:
        for fault in kept.faults:
            yield f"{_name(kept)}: {fault}"


def nothing_fails_but_by_its_fault(evidence: Evidence) -> Iterator[str]:
    """In calm weather all is answered or refused; in a storm it fails as this one can cause."""
    for kept in evidence.kept:
        if kept.status == LOST:
            continue
        may = allowed(kept, evidence.windows, lasts_s=evidence.lasts_s(kept.flow))
        if kept.status not in may:
            yield f"{_name(kept)}, {kept.kind}: {kept.status} {kept.detail}{_when(evidence, kept)}"


def _when(evidence: Evidence, kept: Kept) -> str:
    """The last fault before a question, and how long after its beginning and end that came."""
    before = [window for window in evidence.windows if window.began <= kept.ended]
    if not before:
        return ", before any fault"
    since, over = kept.began - before[-1].began, kept.began - before[-1].over
    return f", asked {since:.1f} s after {before[-1].fault} began, {over:.1f} after all was well"


def nothing_is_lost_but_with_its_process(evidence: Evidence) -> Iterator[str]:
    """A connection may end with the process at its other end; all else gets an answer."""
    deaths = [w for w in evidence.windows if w.fault in DEATHS]
    for kept in evidence.kept:
        if kept.status != LOST or kept.kind in UNHEARD:
            continue
        if not any(kept.began <= w.began + DYING_S and w.began <= kept.ended for w in deaths):
            yield f"{_name(kept)}: no answer came in {kept.ended - kept.began:.1f} s"


def nothing_is_answered_again_by_its_bytes(evidence: Evidence) -> Iterator[str]:
    """The same bytes later, or another content under the same id, are never answered."""
    for kept in evidence.kept:
        if kept.kind in ("replayed", "other-content") and kept.status not in AGAIN:
            yield f"{_name(kept)}: {kept.kind}, and {kept.status} came"


def nothing_is_made_of_half_a_message(evidence: Evidence) -> Iterator[str]:
    messages = {s: {e.message for e in t.entries} for s, t in evidence.trails.items()}
    for kept in evidence.kept:
        if kept.kind == TRUNCATED and kept.message in messages[kept.seat]:
            yield f"{_name(kept)}: half a message became an entry"


def other_flows_are_answered(evidence: Evidence) -> Iterator[str]:
    """What happens to a source is nothing to a flow that does not ask it."""
    for window in evidence.windows:
        if not window.fault.startswith(OTHERS):
            continue
        for kept in evidence.kept:
            mine = kept.flow == DIRECTORY and kept.kind == "load" and window.holds(kept)
            if mine and kept.status not in (ANSWERED, REFUSED):
                yield f"{_name(kept)}: {kept.status} during {window.fault}"


def every_lie_is_caught(evidence: Evidence) -> Iterator[str]:
    for window in evidence.windows:
        lie = LIES.get(window.fault.removeprefix("lie-"))
        if lie is None:
            continue
        for kept in evidence.kept:
            own = kept.asked_data and kept.kind in ("load", "probe") and window.holds(kept)
            wrong = _believed(evidence, kept, lie) if own else ""
            if wrong:
                yield f"{_name(kept)}: {window.fault}: {wrong}"


def _believed(evidence: Evidence, kept: Kept, lie: Lie) -> str:
    """What is wrong with what came of a question to a source that lied; nothing: it is right."""
    if not lie.causes:
        return "" if kept.status == ANSWERED else f"expected an answer, found {kept.status}"
    if kept.status not in (502, 503):
        return f"expected a failure, found {kept.status}"
    outcome = None if kept.entry is None else evidence.outcomes[kept.seat].get(kept.entry)
    if outcome is None or outcome.ending != "failed":
        return "expected the entry to be marked as failed"
    # A source that rests is not asked, so it told no lie.
    allowed = lie.causes | (SILENT if lie.cut else {Cause.RESTING})
    if kept.seat == evidence.hub and outcome.cause not in allowed:
        return f"expected {' or '.join(sorted(allowed))}, found {outcome.cause} in the trail"
    return ""


def no_station_answers_twice(evidence: Evidence) -> Iterator[str]:
    for status in evidence.asked.twice:
        if status not in (401, 503):
            yield f"a station said {status} to a request that came again"


RULES: Final[tuple[Rule, ...]] = (
    every_answer_has_its_entry,
    every_receipt_fits_its_leaf,
    no_nonce_is_won_twice,
    no_message_is_won_twice,
    no_message_is_answered_first_twice,
    every_entry_stands_once,
    every_look_has_its_outcome,
    every_outcome_has_its_look,
    every_entry_waits_for_the_tree,
    every_look_has_its_entry,
    every_answer_fits_its_outcome,
    entries_keep_their_order,
    nothing_stands_in_an_answer_that_should_not,
    nothing_fails_but_by_its_fault,
    nothing_is_lost_but_with_its_process,
    nothing_is_answered_again_by_its_bytes,
    nothing_is_made_of_half_a_message,
    other_flows_are_answered,
    every_lie_is_caught,
    no_station_answers_twice,
)


def open_grants(trail: SeatTrail) -> list[UUID]:
    """Grants of which nobody knows what came."""
    return [entry.id for entry in _open(trail) if entry.reason == GRANTED]


def _open(trail: SeatTrail) -> list[Entry]:
    """Looks without an outcome: grants, and refusals for which nobody was looked at."""
    ended = {outcome.entry for outcome in trail.outcomes}
    return [entry for entry in trail.entries if entry.looks and entry.id not in ended]


def _name(kept: Kept) -> str:
    return f"{kept.flow} at {kept.seat}, message {kept.message}"
