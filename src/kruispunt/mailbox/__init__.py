"""Mailboxes: durable mail for each recipient, in order, until its recipient says it has it."""

from kruispunt.mailbox.arrivals import Arrivals
from kruispunt.mailbox.carrying import carry_alone
from kruispunt.mailbox.letter import (
    EXPIRED,
    MOST_MAILS,
    MOST_REASON,
    Batch,
    Box,
    DeadLetter,
    Ended,
    Letter,
    Mode,
)
from kruispunt.mailbox.memory import MemoryMailboxes
from kruispunt.mailbox.store import MOST_BYTES, PUT, Mailboxes, put_mail

__all__ = [
    "EXPIRED",
    "MOST_BYTES",
    "MOST_MAILS",
    "MOST_REASON",
    "PUT",
    "Arrivals",
    "Batch",
    "Box",
    "DeadLetter",
    "Ended",
    "Letter",
    "Mailboxes",
    "MemoryMailboxes",
    "Mode",
    "carry_alone",
    "put_mail",
]
