"""How long a line may be that comes by message: alone, and with those that it joins."""

from datetime import date

import pytest
from msgspec import structs
from tests.bringing_house import JANUARY, OURS, SHORT, a_file, a_node, a_seat, bring, bringing_law
from tests.law.inventing import FUND, OTHER_FUND

from kruispunt.vocabulary import Act, Ending, LinesAsked, Malformed, Period

FEBRUARY = Period(date(2031, 2, 1), date(2031, 3, 1))
MARCH = Period(date(2031, 3, 1), date(2031, 4, 1))
JANUARY_AND_FEBRUARY = Period(JANUARY.begin, FEBRUARY.end)


@pytest.mark.parametrize("end", [None, date(2031, 3, 2)])
async def test_a_line_is_no_longer_than_the_law_has_it(end: date | None):
    hub = a_seat()

    with pytest.raises(Malformed) as wrong:
        await hub.do(bring(SHORT), about=Period(date(2031, 1, 1), end))

    assert [issue.name for issue in wrong.value.issues] == ["period"]
    assert hub.trail.entries == []


async def test_a_line_as_long_as_the_law_has_it_stands():
    hub = a_seat()

    done = await hub.do(bring(SHORT), about=Period(date(2031, 1, 1), date(2031, 3, 1)))

    assert len(done.lines) == 1


@pytest.mark.parametrize("phase", [0, 1])
async def test_a_line_is_no_longer_than_the_law_has_it_with_those_that_it_joins(phase: int):
    node, above = a_node()
    await node.do(bring(SHORT), consumer=FUND, about=JANUARY_AND_FEBRUARY)
    longer = structs.replace(bring(SHORT), phase=phase)

    for _ in range(2):
        with pytest.raises(Malformed) as wrong:
            await node.do(longer, consumer=FUND, about=MARCH, message=2)

        assert [issue.name for issue in wrong.value.issues] == ["period"]
    assert node.kept == {a_file(SHORT, JANUARY_AND_FEBRUARY, member=FUND)}
    assert above.hub.kept == {a_file(SHORT, JANUARY_AND_FEBRUARY)}
    assert len(node.files.told) == 1
    endings = [outcome.ending for outcome in node.trail.outcomes.values()]
    assert endings == [Ending.GIVEN, Ending.FAILED, Ending.FAILED]


async def test_at_a_hub_that_knows_whose_line_it_is_too_it_is_no_longer():
    hub = a_seat(law=bringing_law(members=()))
    await hub.do(bring(SHORT), about=MARCH)

    with pytest.raises(Malformed):
        await hub.do(bring(SHORT), about=JANUARY_AND_FEBRUARY, message=2)

    assert hub.kept == {a_file(SHORT, MARCH)}


async def test_a_line_apart_from_another_is_not_longer_by_it():
    node, _ = a_node()
    await node.do(bring(SHORT), consumer=FUND, about=JANUARY)

    await node.do(bring(SHORT), consumer=FUND, about=MARCH, message=2)

    assert len(node.kept) == 2


async def test_at_the_hub_days_of_one_member_go_on_where_those_of_another_end():
    node, above = a_node()
    await node.do(bring(SHORT), consumer=FUND, about=JANUARY_AND_FEBRUARY)

    await node.do(bring(SHORT), consumer=OTHER_FUND, about=MARCH, message=2)

    assert above.hub.kept == {a_file(SHORT, Period(JANUARY.begin, MARCH.end))}


async def test_two_months_after_the_end_of_a_long_month_are_the_end_of_a_short_one():
    hub = a_seat()

    done = await hub.do(bring(SHORT), about=Period(date(2030, 12, 31), date(2031, 2, 28)))

    assert len(done.lines) == 1


async def test_a_line_longer_than_a_message_may_ask_is_brought_again_in_parts():
    node, above = a_node()
    await node.do(bring(SHORT), consumer=FUND, about=JANUARY)
    loaded = a_file(SHORT, Period(date(2031, 1, 15), date(2031, 6, 20)), member=OTHER_FUND)

    def meanwhile(asked: LinesAsked) -> None:
        if asked.act is Act.REMOVE:
            node.files.lines.kept |= {loaded}

    above.meanwhile = meanwhile
    gone = LinesAsked(act=Act.REMOVE, sector=OURS, quality=SHORT)
    await node.do(gone, consumer=FUND, message=2)

    assert above.hub.kept == {a_file(SHORT, loaded.period)}
    assert [days.begin.month for _, days in above.heard[2:]] == [1, 3, 5]
