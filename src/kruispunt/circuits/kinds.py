"""The kinds of cases that there are."""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from kruispunt.circuits.circuit import Circuit, Event, State
from kruispunt.circuits.declared_risk import DeclaredRisk
from kruispunt.circuits.income_inquiry import IncomeInquiry

CIRCUITS: Final[Mapping[str, Circuit]] = {
    circuit.kind: circuit for circuit in (DeclaredRisk(), IncomeInquiry())
}


def opened_by(event: Event) -> Circuit | None:
    """The kind of case that an event opens; None: it opens none."""
    return next((one for one in CIRCUITS.values() if one.opens(event)), None)


def replay(circuit: Circuit, case: UUID, events: Iterable[Event]) -> State:
    """The case that its events make."""
    state = circuit.new(case)
    for event in events:
        state, _ = circuit.advance(state, event)
    return state
