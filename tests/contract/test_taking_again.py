"""A file that comes again, and what the trail tells of the changes of files."""

from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.bringing_house import FILE, OTHER, OURS, YEAR
from tests.contract.taking_house import TakingHub, a_taking_hub
from tests.contract.test_taking_files import GOOD, LINE, a_csv, told
from tests.law.inventing import PERSON, PURPOSE

from kruispunt.audit import Made, Part
from kruispunt.directory import UNSEEN, Lines, Removal, take_many
from kruispunt.exchange import Order
from kruispunt.exchange.file_order import NUMBERED
from kruispunt.vocabulary import Act, FlowId, InstitutionCode, PurposeId


@pytest.fixture
async def hub(empty_database: str) -> AsyncGenerator[TakingHub]:
    async with a_taking_hub(empty_database) as hub:
        await hub.register(PERSON)
        yield hub


async def test_a_file_that_was_taken_is_not_taken_again(hub: TakingHub, tmp_path: Path):
    file = a_csv(tmp_path, GOOD)
    await hub.run(file).take()
    await Lines(hub.database, UNSEEN).end(Removal(ssin=PERSON, sector=OURS))

    again = await hub.run(file).take()

    assert (again.lines, again.before, again.done) == (1, 1, 0)
    assert again.again
    assert await hub.lines(PERSON) == set()
    assert await hub.entries() == 1


async def test_the_same_file_is_taken_again_by_another_order_as_other_messages(
    hub: TakingHub, tmp_path: Path
):
    file = a_csv(tmp_path, GOOD)
    await hub.run(file).take()
    await Lines(hub.database, UNSEEN).end(Removal(ssin=PERSON, sector=OURS))

    second = await hub.run(file, order="june").take()
    again = await hub.run(file, order="june").take()

    assert (second.before, second.done, second.again) == (0, 1, False)
    assert (again.before, again.again) == (1, True)
    assert await hub.lines(PERSON) == {LINE}
    assert await hub.count("select count(distinct message_id) from audit.decision") == 2


@given(
    orders=st.lists(
        st.builds(
            Order,
            institution=st.sampled_from(("A", "B")).map(InstitutionCode),
            flow=st.sampled_from(("x", "xy")).map(FlowId),
            purpose=st.sampled_from(("y", "")).map(PurposeId),
            digest=st.sampled_from((b"1" * 32, b"2" * 32)),
            name=st.just("n"),
            account=st.just("a"),
            act=st.sampled_from((None, Act.INTEGRATE, Act.REMOVE)),
            id=st.sampled_from(("", "y")),
        ),
        min_size=2,
        max_size=2,
        unique_by=lambda order: order.key,
    )
)
def test_message_ids_of_two_orders_differ_in_more_than_the_line(orders: list[Order]):
    one, other = (order.messages for order in orders)

    assert one >> 48 != other >> 48
    assert one & NUMBERED == other & NUMBERED == 0
    message = UUID(int=one | 7)
    assert (message.version, message.variant) == (8, RFC_4122)


async def test_a_change_that_a_file_makes_stands_in_the_trail(hub: TakingHub, tmp_path: Path):
    await hub.run(a_csv(tmp_path, GOOD, GOOD.replace(",002,", ",007,"))).take()
    whole = a_csv(tmp_path, f"{PERSON.digits},5,,,,", name="whole.csv")
    await hub.run(whole, Act.REMOVE).take()

    changes = {change.made: change for change in await hub.changes(PERSON)}
    came, went = changes[Made.INTEGRATION], changes[Made.DEINTEGRATION]
    assert came.user == "somebody"
    assert came.part == Part(sector=OURS, quality=FILE, phase=0, period=YEAR)
    assert went.part == Part(sector=OURS, quality=FILE, phase=None, period=None)
    entry = told(tmp_path / "lines.csv")[0]["entry"]
    assert came.why == f"{PURPOSE}, {entry}"


async def test_changes_of_lines_that_are_not_looked_at_are_not_made(hub: TakingHub):
    others = {(OURS, OTHER)}

    async with hub.database.transaction() as connection:
        with pytest.raises(ValueError, match="of the kinds"):
            await take_many(
                connection, [LINE], kinds=others, names_members=False, may=lambda _, __: True
            )

    assert await hub.lines(PERSON) == set()
