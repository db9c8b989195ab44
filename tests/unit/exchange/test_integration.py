"""Lines come and go by message: the law says whose, the entry stands first, nothing twice."""

from datetime import date, timedelta

import pytest
from msgspec import structs
from tests.bringing_house import (
    ELSEWHERE,
    JANUARY,
    OTHER,
    YEAR,
    a_file,
    a_node,
    a_seat,
    bring,
    remove,
)
from tests.law.inventing import FUND, NODE, OFFICE, OTHER_FUND, PERSON, SUCCESSOR, a_number

from kruispunt.authorisation import decide
from kruispunt.exchange import EVER, Integrated
from kruispunt.sources import Cause, RefusedUpstream, SilentSource
from kruispunt.vocabulary import (
    Act,
    Ending,
    Grant,
    LinesAsked,
    NoAnswer,
    NumberFact,
    NumberStatus,
    Period,
    Quality,
    Reason,
    Refusal,
    SameMessageOtherContent,
    Sector,
    Settled,
    Unavailable,
)

FEBRUARY = Period(date(2031, 2, 1), date(2031, 3, 1))
LATER = Period(date(2031, 2, 1), date(2032, 1, 1))


async def test_a_line_that_the_law_lets_one_bring_stands_and_is_told():
    hub = a_seat()

    done = await hub.do(bring())

    assert done.lines == (a_file(),)
    assert hub.kept == {a_file()}
    assert done.answer.rows == (
        {"sector": "005", "quality": "002", "begin_date": "2031-01-01", "end_date": "2031-12-31"},
    )


async def test_the_entry_stands_before_the_line_with_who_is_proven_and_what_was_asked():
    hub = a_seat()

    done = await hub.do(bring())

    (entry,) = hub.trail.entries
    assert entry.id == done.answer.ticket
    assert entry.question.proof.nonce != b""
    assert entry.facts.lines == (a_file(),)
    assert hub.files.told == [(entry.id, a_file())]
    (outcome,) = hub.trail.outcomes.values()
    assert (outcome.ending, outcome.rows) == (Ending.GIVEN, 1)


async def test_where_the_trail_can_t_be_written_no_line_changes():
    hub = a_seat()
    hub.ledger.away = True

    with pytest.raises(Unavailable):
        await hub.do(bring())

    assert hub.kept == set()


@pytest.mark.parametrize(
    "asked",
    [
        bring(Quality(7)),
        bring(sector=ELSEWHERE),
        remove(Quality(7)),
        remove(None, sector=ELSEWHERE),
    ],
)
async def test_lines_that_no_clause_names_are_refused_and_the_refusal_is_an_entry(
    asked: LinesAsked,
):
    hub = a_seat()

    refused = await hub.refused(asked)

    assert refused.refusal == Refusal(reason=Reason.NO_CLAUSE)
    assert len(hub.trail.entries) == 1
    assert hub.kept == set()


async def test_an_institution_without_a_clause_brings_nothing():
    hub = a_seat()

    refused = await hub.refused(bring(), consumer=OFFICE)

    assert refused.refusal.reason is Reason.NO_CLAUSE


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (NumberStatus.UNKNOWN, Reason.NUMBER_UNKNOWN),
        (NumberStatus.REPLACED, Reason.NUMBER_REPLACED),
        (NumberStatus.CANCELLED, Reason.NUMBER_CANCELLED),
    ],
)
async def test_no_line_stands_on_a_number_that_is_not_in_order(
    status: NumberStatus, reason: Reason
):
    successor = SUCCESSOR if status is NumberStatus.REPLACED else None
    hub = a_seat(number=NumberFact(status=status, successor=successor))

    refused = await hub.refused(bring())

    assert refused.refusal.reason is reason
    assert hub.kept == set()


async def test_a_message_that_comes_again_brings_nothing_again_and_is_marked():
    hub = a_seat()
    first = await hub.do(bring())
    await hub.do(remove(), message=2)

    again = await hub.do(bring())

    assert again.answer.repeated
    assert again.answer.ticket == first.answer.ticket
    assert again.lines == ()
    assert hub.kept == set()
    assert [entry.repeats for entry in hub.trail.entries] == [None, None, first.answer.ticket]


async def test_a_message_of_the_same_id_that_says_something_else_does_nothing():
    hub = a_seat()
    await hub.do(bring())

    with pytest.raises(SameMessageOtherContent):
        await hub.do(bring(OTHER), content="other")

    assert hub.kept == {a_file()}


async def test_a_refused_message_that_comes_again_is_refused_again():
    hub = a_seat()
    await hub.refused(bring(Quality(7)))

    again = await hub.refused(bring(Quality(7)))

    assert again.repeated
    assert again.refusal.reason is Reason.NO_CLAUSE


async def test_what_is_recorded_is_decided_the_same_again():
    hub = a_seat()
    await hub.do(bring())
    await hub.refused(bring(Quality(7)), message=2)

    for entry in hub.trail.entries:
        settled = Settled(question=entry.question, number=entry.facts.number)
        again = decide(settled, entry.facts, hub.integration.laws.now)
        first = isinstance(again, Grant)
        assert first == (entry.question.message_id.int == 1)


async def test_days_out_of_the_middle_of_a_line_leave_two():
    hub = a_seat()
    await hub.do(bring())

    done = await hub.do(remove(), about=FEBRUARY, message=2)

    assert hub.kept == {
        a_file(period=JANUARY),
        a_file(period=Period(date(2031, 3, 1), date(2032, 1, 1))),
    }
    assert done.lines == ()


async def test_of_a_whole_sector_go_the_lines_that_one_may_bring_and_none_other():
    hub = a_seat()
    foreign = structs.replace(a_file(), quality=Quality(0))
    hub.files.lines.kept = frozenset({foreign})
    await hub.do(bring())
    await hub.do(bring(OTHER), message=2)

    await hub.do(remove(None, whole=True), about=EVER, message=3)

    assert hub.kept == {foreign}


async def test_a_list_tells_one_s_own_lines_of_the_period_and_changes_nothing():
    hub = a_seat()
    foreign = structs.replace(a_file(), sector=ELSEWHERE)
    hub.files.lines.kept = frozenset({foreign, a_file(), a_file(OTHER, LATER)})

    told = await hub.do(LinesAsked(act=Act.LIST), about=JANUARY)
    only = await hub.do(LinesAsked(act=Act.LIST, quality=OTHER), about=YEAR, message=2)

    assert told.lines == (a_file(),)
    assert only.lines == (a_file(OTHER, LATER),)
    assert hub.files.told == []


async def test_behind_a_node_a_line_stands_there_first_and_then_at_the_hub_without_its_member():
    node, above = a_node()

    done = await node.do(bring(), consumer=FUND)

    assert node.kept == {a_file(member=FUND)}
    assert above.hub.kept == {a_file()}
    assert done.lines == (a_file(member=FUND), a_file())
    assert len(done.answer.rows) == 1


async def test_what_the_hub_refuses_does_not_stay_at_the_node_and_both_are_written_down():
    node, above = a_node()
    node.files.lines.kept = frozenset({a_file(period=JANUARY, member=FUND)})
    above.wrong = RefusedUpstream(Refusal(reason=Reason.NUMBER_REPLACED, successor=SUCCESSOR))

    refused = await node.refused(bring(), consumer=FUND)

    assert refused.refusal.successor == SUCCESSOR
    assert node.kept == {a_file(period=JANUARY, member=FUND)}
    assert len(node.files.told) == 2
    (outcome,) = node.trail.outcomes.values()
    assert outcome.ending is Ending.REFUSED_UPSTREAM


async def test_what_others_brought_meanwhile_stays_where_the_hub_refuses_a_message():
    node, above = a_node()
    other = a_file(OTHER, JANUARY, member=FUND)

    def meanwhile(_asked: LinesAsked) -> None:
        node.files.lines.kept |= {other}
        raise RefusedUpstream(Refusal(reason=Reason.NO_CLAUSE))

    above.meanwhile = meanwhile
    await node.refused(bring(), consumer=FUND)

    assert node.kept == {other}


async def test_what_the_hub_refuses_is_taken_back_also_where_we_heard_of_it_by_a_repeat():
    node, above = a_node()
    node.files.lines.kept = frozenset({a_file(period=JANUARY, member=FUND)})
    above.wrong = SilentSource(Cause.NO_ANSWER)
    with pytest.raises(SilentSource):
        await node.do(bring(), consumer=FUND)
    above.wrong = RefusedUpstream(Refusal(reason=Reason.NO_CLAUSE))

    for _ in range(2):
        await node.refused(bring(), consumer=FUND)

        assert node.kept == {a_file(period=JANUARY, member=FUND)}
    assert len(node.files.told) == 2


async def test_what_the_hub_does_not_let_go_stands_again():
    node, above = a_node()
    mine = a_file(member=FUND)
    node.files.lines.kept = frozenset({mine})
    above.wrong = RefusedUpstream(Refusal(reason=Reason.NO_CLAUSE))

    await node.refused(remove(), consumer=FUND, about=FEBRUARY)

    assert node.kept == {mine}


async def test_a_silent_hub_is_asked_again_by_the_same_message_until_it_took_the_line():
    node, above = a_node()
    above.wrong = SilentSource(Cause.NO_ANSWER)
    with pytest.raises(SilentSource):
        await node.do(bring(), consumer=FUND)
    above.wrong = None

    again = await node.do(bring(), consumer=FUND)

    assert again.answer.repeated
    assert above.hub.kept == {a_file()}
    assert len(node.files.told) == 1


async def test_days_that_another_member_has_stay_at_the_hub():
    node, above = a_node()
    await node.do(bring(), consumer=FUND)
    await node.do(bring(), consumer=OTHER_FUND, about=JANUARY, message=2)

    await node.do(remove(None, whole=True), consumer=FUND, about=EVER, message=3)

    assert node.kept == {a_file(period=JANUARY, member=OTHER_FUND)}
    assert above.hub.kept == {a_file(period=JANUARY)}


async def test_a_member_is_never_told_what_another_brought():
    node, _ = a_node()
    await node.do(bring(), consumer=OTHER_FUND)
    await node.do(bring(), consumer=FUND, about=JANUARY, message=2)

    told = await node.do(LinesAsked(act=Act.LIST), consumer=FUND, message=3)

    assert told.lines == (a_file(period=JANUARY, member=FUND), a_file(period=JANUARY))


async def test_a_line_that_came_while_another_s_went_is_brought_again():
    node, above = a_node()
    await node.do(bring(), consumer=FUND)

    def meanwhile(asked: LinesAsked) -> None:
        if asked.act is Act.REMOVE:
            node.files.lines.kept |= {a_file(member=OTHER_FUND)}

    above.meanwhile = meanwhile
    await node.do(remove(), consumer=FUND, message=2)

    assert above.hub.kept == {a_file()}


async def test_a_node_that_asks_in_its_own_name_is_behind_nobody():
    node, above = a_node()

    refused = await node.refused(bring(), consumer=NODE)

    assert refused.refusal.reason is Reason.NO_CLAUSE
    assert above.heard == []


async def test_someone_who_died_has_lines_for_days_of_life_alone():
    died = date(2030, 5, 1)
    hub = a_seat(number=a_number(NumberStatus.DECEASED, deceased_on=died))

    late = await hub.refused(bring())
    done = await hub.do(bring(), about=Period(died - timedelta(days=9), died), message=2)

    assert late.refusal.reason is Reason.DECEASED_BEFORE
    assert isinstance(done, Integrated)
    assert not isinstance(done, NoAnswer)
    assert {line.ssin for line in hub.kept} == {PERSON}
    assert {line.sector for line in hub.kept} == {Sector(5)}
