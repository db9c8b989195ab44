"""What a hub did not hear of a change is brought to it later, as lines stand then."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from tests.bringing_house import (
    FILE,
    JANUARY,
    OTHER,
    YEAR,
    Bringing,
    HubAbove,
    a_file,
    a_node,
    bring,
    remove,
)
from tests.house import NOON
from tests.law.inventing import FUND, OTHER_FUND, SUCCESSOR

from kruispunt.exchange import EVER, Owing
from kruispunt.sources import Cause, RefusedUpstream, SilentSource
from kruispunt.vocabulary import LinesAsked, Reason, Refusal

SOMETHING = UUID(int=99)
SILENT = SilentSource(Cause.NO_ANSWER)
LATER = NOON + timedelta(minutes=2)


def an_owing(node: Bringing, above: HubAbove) -> Owing:
    laws = node.integration.laws
    return Owing(laws=laws, trail=node.trail, files=node.files, above=above)


async def unheard(node: Bringing, above: HubAbove, asked: LinesAsked, *, message: int = 1) -> None:
    """The node does it, and the hub does not hear of it."""
    above.wrong = SILENT
    with pytest.raises(SilentSource):
        await node.do(asked, consumer=FUND, message=message)
    above.wrong = None


async def caught_up(node: Bringing, above: HubAbove, at: datetime = LATER) -> int:
    return await an_owing(node, above).sweep(at)


async def test_what_the_hub_heard_is_not_owed():
    node, above = a_node()

    await node.do(bring(), consumer=FUND)
    await node.do(remove(), consumer=FUND, message=2)

    assert node.files.owed == {}
    assert await caught_up(node, above) == 0


async def test_a_line_that_the_hub_did_not_hear_of_comes_there_later_once():
    node, above = a_node()
    await unheard(node, above, bring())

    too_early = await caught_up(node, above, NOON)
    due = await caught_up(node, above)
    again = await caught_up(node, above, LATER + timedelta(hours=1))

    assert (too_early, due, again) == (0, 1, 0)
    assert above.hub.kept == {a_file()}
    assert node.kept == {a_file(member=FUND)}


async def test_a_removal_that_the_hub_did_not_hear_of_comes_there_later():
    node, above = a_node()
    await node.do(bring(), consumer=FUND)
    await unheard(node, above, remove(None, whole=True), message=2)

    await caught_up(node, above)

    assert above.hub.kept == set()
    assert node.files.owed == {}


async def test_while_the_hub_stays_silent_it_is_owed_and_a_repeat_settles_it():
    node, above = a_node()
    await unheard(node, above, bring())
    above.wrong = SILENT
    await caught_up(node, above)
    still = dict(node.files.owed)
    above.wrong = None

    await node.do(bring(), consumer=FUND)

    assert len(still) == 1
    assert node.files.owed == {}
    assert above.hub.kept == {a_file()}


async def test_what_the_hub_refuses_later_is_taken_back_and_written_down():
    node, above = a_node()
    await unheard(node, above, bring())
    above.wrong = RefusedUpstream(Refusal(reason=Reason.NUMBER_REPLACED, successor=SUCCESSOR))

    await caught_up(node, above)

    assert node.kept == set()
    assert node.files.owed == {}
    assert len(node.files.told) == 2


@pytest.mark.parametrize("repeat", [True, False])
async def test_a_line_that_went_meanwhile_does_not_come_to_the_hub(repeat: bool):
    node, above = a_node()
    await unheard(node, above, bring())
    await node.do(remove(), consumer=FUND, message=2)

    if repeat:
        await node.do(bring(), consumer=FUND)
    else:
        await caught_up(node, above)

    assert node.kept == above.hub.kept == set()
    assert node.files.owed == {}


async def test_days_that_another_brought_meanwhile_do_not_go_at_the_hub():
    node, above = a_node()
    await node.do(bring(), consumer=FUND)
    await unheard(node, above, remove(None, whole=True), message=2)
    await node.do(bring(), consumer=OTHER_FUND, about=JANUARY, message=3)

    await caught_up(node, above)

    assert above.hub.kept == {a_file(period=JANUARY)}


async def test_a_line_that_went_while_it_was_brought_goes_there_too():
    node, above = a_node()

    def meanwhile(_asked: LinesAsked) -> None:
        node.files.lines.kept = frozenset()

    above.meanwhile = meanwhile
    await node.do(bring(), consumer=FUND)

    assert above.hub.kept == set()


async def test_a_removal_of_which_the_hub_heard_half_is_made_right():
    node, above = a_node()
    await node.do(bring(), consumer=FUND)
    await unheard(node, above, remove(None, whole=True), message=2)
    # The hub did it, and somebody's line that came meanwhile did not come back before the end.
    above.hub.files.lines.kept = frozenset()
    node.files.lines.kept = frozenset({a_file(FILE, JANUARY, member=OTHER_FUND)})

    await caught_up(node, above)

    assert above.hub.kept == {a_file(period=JANUARY)}


async def test_one_that_can_not_be_told_holds_no_other_up():
    node, above = a_node()
    await unheard(node, above, bring())
    await unheard(node, above, bring(OTHER), message=2)
    first = node.trail.entries[0]
    node.files.owed = {
        ticket: (owed, at)
        if owed.entry != first.id
        else (type(owed)(ticket=ticket, entry=SOMETHING, recorded_at=NOON, asked=owed.asked), at)
        for ticket, (owed, at) in node.files.owed.items()
    }

    await caught_up(node, above)

    assert above.hub.kept == {a_file(OTHER)}
    assert set(node.files.owed) == {first.ticket}


@pytest.mark.parametrize("whole", [True, False])
async def test_whichever_message_is_told_last_the_hub_has_what_the_node_has(whole: bool):
    node, above = a_node()
    about = EVER if whole else YEAR
    above.wrong = SILENT
    for message, asked in enumerate((bring(), remove(whole=whole), bring(OTHER)), start=1):
        days = about if whole and message == 2 else YEAR
        with pytest.raises(SilentSource):
            await node.do(asked, consumer=FUND, message=message, about=days)
    above.wrong = None

    await caught_up(node, above)

    assert node.kept == {a_file(OTHER, member=FUND)}
    assert above.hub.kept == {a_file(OTHER)}
    assert node.files.owed == {}
