"""Cases that span messages, as pure state machines: case and event give a case and actions."""

from kruispunt.circuits import one_shot, reimbursement

__all__ = [
    "one_shot",
    "reimbursement",
]
