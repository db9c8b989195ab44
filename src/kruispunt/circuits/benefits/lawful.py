"""The rules of the circuit out of the lawbook: what is dated there, as it is on one day."""

from datetime import date
from typing import Final

from kruispunt.circuits.benefits.rules import Delays, Role, Rules
from kruispunt.law import Lawbook, Parameter, ParameterId
from kruispunt.vocabulary import FlowId, PurposeId

PREFIX: Final = "asr-benefits"


def rules_of(lawbook: Lawbook, *, risk_on: date, asked_on: date, zone: str) -> Rules:
    """The rules of a case: delays and flows of the day of asking, R-JC of the day of the risk.

    Raises:
        KeyError: the lawbook does not set one of them.
        NoValue: it sets none for that day.
    """

    def count(name: str) -> int:
        return _of(lawbook, name).count_on(asked_on)

    def flow(name: str) -> FlowId:
        return FlowId(_one(_of(lawbook, f"flow.{name}"), asked_on))

    return Rules(
        law=lawbook.digest,
        purpose=PurposeId(_one(_of(lawbook, "purpose"), asked_on)),
        flows={role: flow(role) for role in Role},
        unemployment=flow("unemployment"),
        zone=zone,
        delays=Delays(
            consultation_minutes=count("consultation-minutes"),
            retry_minutes=count("retry-minutes"),
            attempts=count("attempts"),
            holder_days=count("holder-days"),
            declaration_days=count("declaration-days"),
            reminders=count("reminders"),
            unemployment_days=count("unemployment-days"),
            left_days=count("left-days"),
        ),
        forcing=_committees(lawbook, "force-routing", risk_on),
        stopping=_committees(lawbook, "stop-routing", risk_on),
    )


def _committees(lawbook: Lawbook, name: str, risk_on: date) -> tuple[str, ...]:
    """R-JC (05/022 §19): which joint committees force or stop routing on the day of the risk."""
    return tuple(sorted(_of(lawbook, f"joint-committees.{name}").codes_on(risk_on)))


def _of(lawbook: Lawbook, name: str) -> Parameter:
    return lawbook.parameters[ParameterId(f"{PREFIX}.{name}")]


def _one(parameter: Parameter, day: date) -> str:
    (code,) = parameter.codes_on(day)
    return code
