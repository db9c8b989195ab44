"""The ledger in memory says the same as the lasting one when its trail has lost something."""

from datetime import timedelta

import pytest
from tests.house import a_hub, a_question, again

from kruispunt.vocabulary import Unavailable


async def test_a_message_whose_first_entry_is_gone_is_not_decided_anew():
    twin, question = a_hub(), a_question()
    await twin.hub.serve(question)
    twin.trail.encoded.clear()
    twin.clock.pass_by(timedelta(minutes=1))

    with pytest.raises(Unavailable, match="first entry"):
        await twin.hub.serve(again(question))

    assert len(twin.asked) == 1


async def test_while_nothing_can_be_written_a_nonce_is_not_used_up():
    twin, question = a_hub(), a_question()
    twin.ledger.away = True
    with pytest.raises(Unavailable):
        await twin.hub.serve(question)
    twin.ledger.away = False

    await twin.hub.serve(question)

    assert len(twin.entries) == 1
