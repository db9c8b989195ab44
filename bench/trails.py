"""Everything that was answered stands in a trail: counted in SQL, before and after a load."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from bench.figures import Figure
from bench.house import DECISIONS, GIVEN, OPEN_LOOKS, Running
from bench.legs import HUB, NODE, Counts

OUTCOME_S = 1.0
"""Within which every outcome must be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trails:
    """What stands in the trails of hub and node."""

    hub: int
    node: int
    given: int
    open_looks: int


async def trails(place: Running) -> Trails:
    """What stands there now."""
    return Trails(
        hub=await place.count(place.hub, DECISIONS),
        node=await place.count(place.node, DECISIONS),
        given=await place.count(place.hub, GIVEN),
        open_looks=await place.count(place.hub, OPEN_LOOKS)
        + await place.count(place.node, OPEN_LOOKS),
    )


async def settled_trails(place: Running) -> Trails:
    """What stands there once every outcome has had its time."""
    await asyncio.sleep(OUTCOME_S)
    return await trails(place)


def counted(counts: Counts, before: Trails, after: Trails) -> dict[str, int]:
    """What was asked and answered, beside what was written of it."""
    answered = counts.answered
    return {
        "exchanges": answered[HUB] + answered[NODE],
        "entries": after.hub - before.hub,
        "node_exchanges": answered[NODE],
        "node_entries": after.node - before.node,
        "given": after.given - before.given,
        "outcomes_missing": after.open_looks - before.open_looks,
        "failed": counts.failed,
    }


def faults(figures: Mapping[str, Figure]) -> list[str]:
    """What makes the figures worthless, in words."""
    found = {
        "exchanges and entries differ": figures["exchanges"] != figures["entries"],
        "the node's differ": figures["node_exchanges"] != figures["node_entries"],
        "not every answer held rows": figures["given"] != figures["entries"],
        "looks have no outcome": bool(figures["outcomes_missing"]),
        "questions failed": bool(figures["failed"]),
        "forgeries passed": bool(figures.get("forged_passed")),
        "the hub was started anew": bool(figures.get("hub_restarts")),
    }
    return [what for what, is_so in found.items() if is_so]
