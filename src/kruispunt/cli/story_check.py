"""Is what came of a story right? Held against the story, the law, and what the trails gained."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from kruispunt.authorisation import find_clause
from kruispunt.cli.network import Network
from kruispunt.cli.story import NOTHING, Exchange, Noted, Story
from kruispunt.law import Clause
from kruispunt.vocabulary import Ending, FlowId, InstitutionCode, PurposeId, Reason

SOURCE_FAILED: Final = (502, 503)
"""Statuses of a look that was granted, and for which no source answered as agreed."""


def faults(story: Story, exchange: Exchange, *, network: Network, asked_on: date) -> Iterator[str]:
    """Everything that is not as it should be; nothing: the exchange ended rightly."""
    yield from _as_told(story, exchange)
    if exchange.outcome != "failed":
        yield from _as_law_says(story, exchange, network=network, asked_on=asked_on)
    yield from _as_trail_says(story, exchange, hub=network.hub)


def _as_told(story: Story, exchange: Exchange) -> Iterator[str]:
    """The outcome that the story expects, with its status and its reason."""
    if exchange.outcome != story.expect:
        yield f"expected {story.expect}, found {exchange.outcome}"
    status = 403 if story.expect == "refused" else story.status
    if exchange.status != status:
        yield f"expected status {status}, found {exchange.status}"
    if story.reason and story.reason not in (exchange.reason, exchange.detail):
        yield f"expected reason {story.reason}, found {exchange.reason}"
    if exchange.repeated != (story.sends == "again"):
        yield f"expected repeated {story.sends == 'again'}, found {exchange.repeated}"


def _as_law_says(
    story: Story, exchange: Exchange, *, network: Network, asked_on: date
) -> Iterator[str]:
    """The clause that the law has in force: its ground and exactly its fields, or none."""
    consumer = InstitutionCode(exchange.consumer)
    node = network.node_of(consumer)
    clause = find_clause(
        network.lawbook.jurisdiction(node.institution if node else network.hub),
        consumer=consumer,
        flow=FlowId(exchange.flow),
        purpose=PurposeId(story.purpose),
        asked_on=asked_on,
    )
    if isinstance(clause, Reason):
        if exchange.reason != clause.value:
            yield f"the law has no clause ({clause.value}), found {exchange.reason}"
    elif exchange.outcome == "refused":
        if exchange.reason in (Reason.NO_CLAUSE, Reason.NOT_YET_IN_FORCE):
            yield f"the law has the clause {clause.id}, found {exchange.reason}"
    else:
        yield from _as_clause_says(exchange, clause)


def _as_clause_says(exchange: Exchange, clause: Clause) -> Iterator[str]:
    if exchange.clause != clause.id:
        yield f"expected ground {clause.id}, found {exchange.clause}"
    if exchange.fields != list(clause.ground.fields):
        yield "the fields are not those of the clause"
    if any(set(row) != set(exchange.fields) for row in exchange.rows):
        yield "a row has other fields than the clause gives"
    if exchange.withheld != [one.field for one in clause.ground.withheld]:
        yield "the fields withheld are not those of the clause"


def _as_trail_says(story: Story, exchange: Exchange, *, hub: InstitutionCode) -> Iterator[str]:
    """Every look has its entry, and the entry says what happened, more exactly than was told."""
    trail = exchange.trail
    if story.trail == NOTHING:
        yield from (f"expected nothing in the trail of {one.at}" for one in trail)
        return
    if not trail:
        yield "expected an entry in the trail, found none"
        return
    if any(one.at == hub and one.consumer == exchange.consumer for one in trail[1:]):
        yield f"the trail of {hub} names who stands behind the node"
    if len(trail) != len({one.at for one in trail}):
        yield "expected one new entry in each trail"
    if story.trail and trail[-1].exactly != story.trail:
        yield f"expected {story.trail} in the trail, found {trail[-1].exactly or 'no fault'}"
    yield from _ended_as_told(exchange, trail[0], trail[-1])


def _ended_as_told(exchange: Exchange, first: Noted, last: Noted) -> Iterator[str]:
    """The first entry is that of who was asked, the last that of who stood nearest the source."""
    match exchange.outcome:
        case "granted":
            right = all(
                _ended(one, Ending.GIVEN, rows=len(exchange.rows)) for one in (first, last)
            )
        case "empty":
            hidden = last.reason == Reason.NO_FILE_AT_SUPPLIER
            ended = last.outcome == Ending.EMPTY.value and (hidden or last.granted)
            right = ended and _ended(first, Ending.EMPTY)
        case "refused":
            told = None if last.reason is None else Reason(last.reason).told
            right = told is not None and told.value == exchange.reason
        case "failed":
            right = exchange.status in SOURCE_FAILED and all(
                _ended(one, Ending.FAILED) and one.cause for one in (first, last)
            )
    if not right:
        yield f"the trail says otherwise: {last.at} has {last.outcome or last.reason}"


def _ended(one: Noted, ending: Ending, *, rows: int | None = None) -> bool:
    return one.granted and one.outcome == ending.value and rows in (None, one.rows)
