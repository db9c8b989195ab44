"""A question that asks fewer fields than are granted is answered with those alone."""

import pytest
from tests.circuit_house import a_circuit, content_of
from tests.law.inventing import FIELDS
from tests.post_house import ONE

from kruispunt.vocabulary import MailKind

ROW = dict.fromkeys(FIELDS, True)


@pytest.mark.parametrize(("said", "fields"), [("true", FIELDS[1:2]), ("false", FIELDS[:2])])
async def test_a_detail_that_says_so_leaves_only_its_fields_at_every_seat(
    said: str, fields: tuple[str, ...]
):
    """05/022 §37: what a station sends beyond the insurability data passes no seat."""
    circuit = a_circuit(ONE)
    await circuit.ask(details=(("brief", said),))
    await circuit.carry()
    (mail,) = circuit.asks()
    await circuit.answer(mail, ROW)
    await circuit.carry()

    asked = [*circuit.hub.mails(MailKind.REQUEST), mail]
    assert [content_of(one)["fields"] for one in asked] == [list(fields)] * 2
    for seat in circuit.seats:
        for told in seat.mails(MailKind.ANSWER):
            assert content_of(told)["rows"] == [dict.fromkeys(fields, True)]
    assert len(circuit.told(MailKind.ANSWER)) == 1
