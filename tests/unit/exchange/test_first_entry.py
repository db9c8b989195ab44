"""What a request began with is at hand while its answers come, and for a minute only."""

from datetime import timedelta

from tests.circuit_house import a_circuit
from tests.law.inventing import FIELDS
from tests.post_house import ONE, TWO

from kruispunt.vocabulary import Accepted, MailKind, Unavailable

ROW = dict.fromkeys(FIELDS, True)


async def test_the_first_entry_is_read_once_in_a_minute_for_all_that_is_said_of_a_request():
    circuit = a_circuit(ONE, TWO)
    assert isinstance(await circuit.ask(ticket="case 7"), Accepted)
    await circuit.carry()
    one, two = circuit.asks()
    await circuit.answer(one, ROW)
    await circuit.carry()
    for seat in circuit.seats:
        del seat.trail.encoded[seat.entries[0].id]  # nobody reads it there any more

    await circuit.answer(two, ROW)
    await circuit.carry()
    assert len(circuit.told(MailKind.ANSWER)) == 2

    circuit.clock.pass_by(timedelta(minutes=2))
    assert isinstance(await circuit.answer(two, ROW, mail=78), Unavailable)
