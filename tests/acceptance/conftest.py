"""One real network for all who ask it: started once, never reset, its logs searched at last."""

from collections.abc import Generator

import pytest
from tests.acceptance.standing import House, a_standing_house


@pytest.fixture(scope="session")
def house() -> Generator[House]:
    """Database, station, two hub processes and a node, with people in them."""
    with a_standing_house(workers=2) as house:
        yield house
        # Whatever the tests asked, rightly or wrongly, nobody's number came into a log.
        assert house.numbers_in_logs() == []
