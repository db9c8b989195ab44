"""Cases that span messages, as pure state machines: case and event give a case and actions."""

from kruispunt.circuits import benefits, letters, one_shot, reimbursement

__all__ = [
    "benefits",
    "letters",
    "one_shot",
    "reimbursement",
]
