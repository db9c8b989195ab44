"""Who lists or takes lines without one of its own hears what it hears of a number nobody has."""

import pytest
from msgspec import structs
from tests.bringing_house import ELSEWHERE, OTHER, a_file, a_node, a_seat, bring, remove
from tests.law.inventing import FUND, OTHER_FUND, SUCCESSOR

from kruispunt.authorisation import decide
from kruispunt.vocabulary import (
    Act,
    Ending,
    Grant,
    LinesAsked,
    NumberFact,
    NumberStatus,
    Reason,
    Settled,
)

LIST = LinesAsked(act=Act.LIST)


@pytest.mark.parametrize("asked", [LIST, remove(), remove(None)], ids=["list", "one", "sector"])
async def test_who_has_no_line_of_its_own_hears_what_it_hears_of_a_number_that_nobody_has(
    asked: LinesAsked,
):
    others = structs.replace(a_file(), sector=ELSEWHERE)
    known, unknown = a_seat(), a_seat(number=NumberFact(status=NumberStatus.UNKNOWN))
    known.files.lines.kept = frozenset({others})

    no_file, nobody = await known.refused(asked), await unknown.refused(asked)

    assert no_file.refusal.reason is Reason.NO_FILE
    assert nobody.refusal.reason.told is Reason.NO_FILE
    assert no_file.refusal.ground == nobody.refusal.ground
    assert len(known.trail.entries) == len(unknown.trail.entries) == 1
    assert known.kept == {others}


async def test_a_file_of_another_member_is_none_of_the_asker_s_and_the_hub_is_not_asked():
    node, above = a_node()
    await node.do(bring(), consumer=OTHER_FUND)
    sent = len(above.heard)

    told = await node.refused(LIST, consumer=FUND, message=2)
    gone = await node.refused(remove(), consumer=FUND, message=3)

    assert told.refusal.reason is gone.refusal.reason is Reason.NO_FILE
    assert len(above.heard) == sent
    assert node.kept == {a_file(member=OTHER_FUND)}


async def test_who_has_no_line_does_not_hear_that_a_number_was_replaced():
    replaced = NumberFact(status=NumberStatus.REPLACED, successor=SUCCESSOR)
    stranger, keeper = a_seat(number=replaced), a_seat(number=replaced)
    keeper.files.lines.kept = frozenset({structs.replace(a_file(), ssin=SUCCESSOR)})

    silent, told = await stranger.refused(LIST), await keeper.refused(LIST)

    assert (silent.refusal.reason, silent.refusal.successor) == (Reason.NO_FILE, None)
    assert told.refusal.successor == SUCCESSOR


async def test_what_goes_is_decided_on_the_lines_that_stand_and_a_repeat_on_those_of_then():
    hub = a_seat()
    hub.files.lines.kept = frozenset({a_file(), a_file(OTHER)})

    gone = await hub.do(remove(None))
    again = await hub.do(remove(None))
    after = await hub.refused(remove(None), message=2)

    assert hub.trail.entries[0].facts.lines == (a_file(), a_file(OTHER))
    assert (gone.lines, again.lines, again.answer.repeated) == ((), (), True)
    assert after.refusal.reason is Reason.NO_FILE
    for entry in hub.trail.entries:
        settled = Settled(question=entry.question, number=entry.facts.number)
        decided = decide(settled, entry.facts, hub.integration.laws.now)
        assert isinstance(decided, Grant) == (entry.question.message_id.int == 1)


@pytest.mark.parametrize("asked", [LIST, remove()])
async def test_a_hub_that_has_no_file_of_ours_has_nothing_there(asked: LinesAsked):
    node, above = a_node()
    node.files.lines.kept = frozenset({a_file(member=FUND)})

    done = await node.do(asked, consumer=FUND)

    assert len(above.hub.trail.entries) == 1
    assert done.lines == ((a_file(member=FUND),) if asked is LIST else ())
    assert [one.ending for one in node.trail.outcomes.values()] != [Ending.REFUSED_UPSTREAM]
