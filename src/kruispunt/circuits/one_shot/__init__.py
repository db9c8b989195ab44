"""The one-time file (05/022 §7.4, §41-44): who is in it, what it says, who gets it."""

from kruispunt.circuits.one_shot.delivery import (
    AlreadySent,
    Delivery,
    Hop,
    Kept,
    PersonLook,
    Sent,
    Withholding,
    deliver,
    integrate,
    last_looks,
    looks,
    send_once,
)
from kruispunt.circuits.one_shot.file import (
    Amount,
    Freeze,
    OneShotFile,
    OneShotRecord,
    Paid,
    bundle,
    frozen_cents,
    select,
)

__all__ = [
    "AlreadySent",
    "Amount",
    "Delivery",
    "Freeze",
    "Hop",
    "Kept",
    "OneShotFile",
    "OneShotRecord",
    "Paid",
    "PersonLook",
    "Sent",
    "Withholding",
    "bundle",
    "deliver",
    "frozen_cents",
    "integrate",
    "last_looks",
    "looks",
    "select",
    "send_once",
]
