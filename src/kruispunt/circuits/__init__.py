"""Cases that span messages, as pure state machines: case and event give a case and actions."""

from kruispunt.circuits import benefits

__all__ = [
    "benefits",
]
