"""The stored forms of a case: events and actions for ever, its state as a shortcut to them.

Events and actions are JSON. The state is what the events make; where it can't be read any more,
since it was written by another release, the events are played again.
"""

from typing import Final

import msgspec

from kruispunt.circuits.benefits import Case, Event
from kruispunt.circuits.filed import Task

KIND: Final = "benefits"

encode: Final = msgspec.json.Encoder(order="deterministic").encode
"""An event or an action."""

decode_event: Final = msgspec.json.Decoder(Event).decode
decode_task: Final = msgspec.json.Decoder(Task).decode
encode_state: Final = msgspec.msgpack.Encoder().encode
_decode_state: Final = msgspec.msgpack.Decoder(Case).decode


def decode_state(state: bytes) -> Case | None:
    """The state of a case; None where it has another form by now."""
    try:
        return _decode_state(state)
    except (msgspec.DecodeError, ValueError):
        return None
