"""Cases that span messages, as pure state machines: case and event give a case and actions."""

from kruispunt.circuits import benefits, one_shot, reimbursement

__all__ = [
    "benefits",
    "one_shot",
    "reimbursement",
]
