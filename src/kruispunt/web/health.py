"""How a process is: UP, DEGRADED or DOWN (Belgif health), and which part of it says so."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import msgspec


class Health(StrEnum):
    """How we are (Belgif health): DOWN is answered with 503, so that balancers turn away."""

    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"


WORST_FIRST: Final = (Health.DOWN, Health.DEGRADED, Health.UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One part of a process. `why` is for operators: it names no person and no key."""

    status: Health = Health.UP
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReport:
    """All parts; the whole is as its worst part."""

    components: Mapping[str, Component] = field(default_factory=dict[str, Component])

    @property
    def status(self) -> Health:
        found = {component.status for component in self.components.values()}
        return next((status for status in WORST_FIRST if status in found), Health.UP)


Feel = Callable[[], Awaitable[Health | HealthReport]]
"""Says how we are, now."""


def health_body(found: Health | HealthReport) -> bytes:
    """The body of `/health`: a status, and with a report that of each component."""
    if isinstance(found, Health):
        return msgspec.json.encode({"status": found.value})
    details = {name: _told(component) for name, component in found.components.items()}
    return msgspec.json.encode({"status": found.status.value, "details": details})


def _told(component: Component) -> dict[str, str | dict[str, str]]:
    told: dict[str, str | dict[str, str]] = {"status": component.status.value}
    return told | {"details": {"reason": component.why}} if component.why else told
