"""The stored forms of a case: events and actions for ever, its state as a shortcut to them.

Events and actions are JSON. The state is what the events make; where it can't be read any more,
since it was written by another release, the events are played again.
"""

from typing import Final

import msgspec

from kruispunt.circuits.circuit import Circuit, Event, State, Task
from kruispunt.vocabulary import UNREADABLE

encode: Final = msgspec.json.Encoder(order="deterministic").encode
"""An event or an action."""

decode_event: Final = msgspec.json.Decoder(Event).decode
decode_task: Final = msgspec.json.Decoder(Task).decode
encode_state: Final = msgspec.msgpack.Encoder().encode


def decode_state(circuit: Circuit, state: bytes) -> State | None:
    """The state of a case of this kind; None where it has another form by now."""
    try:
        return circuit.decode(state)
    except UNREADABLE:
        return None
